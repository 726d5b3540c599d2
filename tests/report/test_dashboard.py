"""The dashboard over a real connection: what it serves, what it follows, whom it refuses."""

import http.client
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from groundup.report.dashboard import Pages, Server, serve
from groundup.runs.metrics import RowWriter
from groundup.training.config import default_settings
from groundup.utils.errors import UserError
from groundup.utils.progress import quiet


@pytest.fixture
def port(run: Path) -> Iterator[int]:
    server = Server(Pages([Path("checkpoints")], default_settings()), 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def ask(port: int, target: str, host: str | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", target, headers={"Host": host or f"127.0.0.1:{port}"})
        reply = connection.getresponse()
        return reply.status, reply.read().decode()
    finally:
        connection.close()


def test_it_lists_shows_and_overlays(run: Path, other: Path, port: int) -> None:
    status, html = ask(port, "/")
    assert status == 200
    assert str(run) in html
    status, html = ask(port, f"/run?run={quote(str(run))}")
    assert status == 200
    assert "Loss against steps" in html
    assert 'data-live="2"' in html
    status, html = ask(port, f"/compare?run={quote(str(run))}&run={quote(str(other))}")
    assert status == 200
    assert "2 runs" in html


def test_it_follows_a_run_that_goes_on(run: Path, port: int) -> None:
    target = f"/run?run={quote(str(run))}"
    assert "98,765" not in ask(port, target)[1]
    writer = RowWriter(run / "metrics.jsonl")
    writer.write({"step": 13, "tokens": 98_765, "elapsed_seconds": 9.0, "train_loss": 1.0, "tokens_per_second": 1.0})
    writer.close()
    assert "98,765" in ask(port, target)[1]


def test_only_found_runs_are_served(port: int, tmp_path: Path) -> None:
    for name in ("/etc", "..", "checkpoints/../tiny.yaml", str(tmp_path), "<script>"):
        status, html = ask(port, f"/run?run={quote(name)}")
        assert status == 404
        assert "<script>alert" not in html
        assert "There is no run" in html
    assert ask(port, "/tiny.yaml")[0] == 404
    assert ask(port, "/compare")[0] == 404


def test_a_name_in_disguise_is_refused(port: int) -> None:
    assert ask(port, "/", host="evil.example:80")[0] == 421
    assert ask(port, "/", host=f"localhost:{port}")[0] == 200


def test_other_machines_cannot_connect(port: int) -> None:
    with socket.socket() as other:  # another address of this machine stands for another machine
        other.settimeout(5)
        assert other.connect_ex(("127.0.0.2", port)) != 0


def test_a_port_that_is_taken_is_told(port: int) -> None:
    with pytest.raises(UserError, match=f"port {port} cannot be used"):
        serve([Path("checkpoints")], port, {}, quiet)


def test_a_browser_that_goes_away_in_the_middle_is_no_error(port: int, capfd: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closes with a reset
            connection.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    assert ask(port, "/")[0] == 200
    assert "Traceback" not in capfd.readouterr().err
