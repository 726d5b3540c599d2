"""Report and dashboard as a browser shows them: nothing fails, nothing is fetched, nothing sticks out on a phone."""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from groundup.report.dashboard import Pages, Server
from groundup.runs.metrics import RowWriter
from groundup.training.config import default_settings

pytestmark = pytest.mark.long

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with sync_api.sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()


class Watched:
    """A page that remembers what it asked for and what went wrong."""

    def __init__(self, browser: Any, size: str, target: str) -> None:
        width, height = SIZES[size]
        self.page = browser.new_page(viewport={"width": width, "height": height})
        self.requests: list[str] = []
        self.problems: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.problems.append(message.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.goto(target)

    def sticks_out(self) -> int:
        found: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return found


@pytest.mark.parametrize("size", SIZES)
def test_the_report(browser: Any, run: Path, size: str) -> None:
    target = (run / "report.html").resolve().as_uri()
    watched = Watched(browser, size, target)
    page = watched.page
    assert page.is_visible(".by-steps figure")
    assert not page.is_visible(".by-tokens figure")
    page.click("label[for=by-tokens]")
    assert page.is_visible(".by-tokens figure")
    assert not page.is_visible(".by-steps figure")
    page.hover(".by-tokens figure > svg")
    told = page.inner_text("#readout")
    assert "tokens" in told
    assert "training" in told
    assert watched.sticks_out() <= 0
    assert watched.requests == [target]
    assert watched.problems == []
    page.close()


def test_on_paper_everything_is_open(browser: Any, run: Path) -> None:
    watched = Watched(browser, "desktop", (run / "report.html").resolve().as_uri())
    watched.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert watched.page.get_attribute("#config", "open") is not None
    assert watched.page.pdf(format="A4").startswith(b"%PDF")
    watched.page.close()


@pytest.mark.parametrize("size", SIZES)
def test_the_dashboard(browser: Any, run: Path, size: str) -> None:
    server = Server(Pages([Path("checkpoints")], default_settings()), 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    home = f"http://127.0.0.1:{server.server_address[1]}/"
    try:
        watched = Watched(browser, size, home)
        page = watched.page
        page.wait_for_timeout(2500)  # a renewal must not take the boxes away
        for name in ("tiny", "other"):
            page.check(f"input[value='checkpoints/{name}']")
        page.click("button")
        page.wait_for_selector("h1:has-text('2 runs')")
        assert watched.sticks_out() <= 0
        page.goto(home)
        page.click("text=checkpoints/tiny")
        page.wait_for_selector("h1:has-text('tiny')")
        page.click("label[for=by-seconds]")
        writer = RowWriter(run / "metrics.jsonl")
        writer.write({"step": 13, "tokens": 98_765, "elapsed_seconds": 99.0, "train_loss": 1.0})
        writer.close()
        page.wait_for_selector("text=98,765", timeout=20_000)  # it follows by itself
        assert page.is_visible(".by-seconds figure")  # and keeps the axis that was chosen
        assert all(request.startswith(home) for request in watched.requests)
        assert watched.problems == []
        page.close()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
