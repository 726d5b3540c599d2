"""The report, live: a small server on this machine that reads the run folders anew whenever a page asks.

    /                  all runs
    /run?run=PATH      one of them
    /compare?run=A&run=B

Only runs that were found under the given folders are served, and only to this machine: other hosts cannot connect, and
a page from elsewhere that names this address in disguise (DNS rebinding) is refused by the name that it asks for.
"""

import sys
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from groundup.report.page import render, render_page
from groundup.report.record import RunRecord, read_record
from groundup.runs.folder import RunFolder
from groundup.runs.listing import find_runs, summarize
from groundup.utils.errors import UserError
from groundup.utils.progress import Say

HOST = "127.0.0.1"
NAMES = (HOST, "localhost")
MOST_OVERLAID = 6  # as many as there are colours


class Pages:
    """What the server answers: (status, HTML) for a path with its query."""

    def __init__(self, roots: Sequence[Path], defaults: Mapping[str, Any]) -> None:
        self._roots, self._defaults = roots, defaults
        self._records: dict[str, tuple[Any, RunRecord]] = {}

    def answer(self, target: str) -> tuple[HTTPStatus, str]:
        """The page at `target`."""
        url = urlsplit(target)
        try:
            if url.path == "/":
                return HTTPStatus.OK, self._list()
            if url.path in ("/run", "/compare"):
                return HTTPStatus.OK, self._runs(parse_qs(url.query).get("run", []))
        except UserError as error:
            return HTTPStatus.NOT_FOUND, self._message(str(error))
        return HTTPStatus.NOT_FOUND, self._message("There is no such page here.")

    def _list(self) -> str:
        found = sorted((summarize(run) for run in find_runs(self._roots)), key=lambda run: run.changed, reverse=True)
        return render("runs.html", live=True, title="Runs", runs=found, roots=[f"{root}/" for root in self._roots])

    def _runs(self, names: Sequence[str]) -> str:
        known = {str(run): run for run in find_runs(self._roots)}
        unknown = [name for name in names if name not in known]
        if unknown:
            raise UserError(f"There is no run {unknown[0]} here (any more). All runs has those that there are.")
        if not names:
            raise UserError("No run is marked. Go back and mark some.")
        records = [self._read(known[name]) for name in dict.fromkeys(names)]
        return render_page(records[:MOST_OVERLAID], self._defaults, live=True)

    def _read(self, run: Path) -> RunRecord:
        """The run as it is now; read again only when its metrics, samples or results have changed."""
        folder = RunFolder(run)
        files = (folder.metrics, folder.samples, folder.config, folder.seen_datasets, folder.evaluation)
        state = tuple((file.stat().st_mtime_ns, file.stat().st_size) if file.is_file() else None for file in files)
        held = self._records.get(str(run))
        if held is not None and held[0] == state and held[1].summary.state != "running":
            return held[1]
        record = read_record(run)
        self._records[str(run)] = (state, record)
        return record

    def _message(self, text: str) -> str:
        return render("message.html", live=True, title="Groundup", text=text)


class Server(ThreadingHTTPServer):
    """Answers with what Pages gives."""

    daemon_threads = True

    def __init__(self, pages: Pages, port: int) -> None:
        self.pages = pages
        super().__init__((HOST, port), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away in the middle of a page is no error."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server

    def do_GET(self) -> None:
        """Answer with a page."""
        host = (self.headers.get("Host") or "").rpartition(":")[0] or self.headers.get("Host")
        if host not in NAMES:
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST, "ask for 127.0.0.1")
            return
        status, html = self.server.pages.answer(self.path)
        body = html.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of each request."""


def serve(roots: Sequence[Path], port: int, defaults: Mapping[str, Any], say: Say) -> None:
    """Serve until Ctrl-C. Raises UserError for a port that is taken."""
    try:
        server = Server(Pages(roots, defaults), port)
    except OSError as error:
        raise UserError(f"port {port} cannot be used ({error.strerror}). Choose another --port, or 0.") from error
    with server:
        say(f"dashboard at http://{HOST}:{server.server_address[1]}/ - Ctrl-C ends it")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say("dashboard ended")
