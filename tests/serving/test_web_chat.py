"""The page in a real browser: Debian's Chromium, driven by Playwright. GROUNDUP_SCREENSHOTS: folder for pictures."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (apt-get install chromium)"),
]

DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator:  # type: ignore[type-arg]
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser, server) -> Iterator:  # type: ignore[type-arg]
    """A fresh browser profile on the page. Whatever goes elsewhere, and every error in the page, fails the test."""
    context = browser.new_context(viewport=DESKTOP, color_scheme="light")
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    opened.problems = problems
    opened.on("request", lambda asked: None if asked.url.startswith(server.url) else problems.append(asked.url))
    opened.goto(server.url)
    playwright.expect(opened.locator("#model-name")).to_have_text("tiny")
    yield opened
    context.close()
    assert problems == []


def picture(page, name: str) -> None:
    if folder := os.environ.get("GROUNDUP_SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def settings(page, **values: str) -> None:
    page.get_by_role("button", name="Settings").click()
    for name, value in values.items():
        page.locator(f"#set-{name}").fill(value)
    page.get_by_role("button", name="Close").click()


def say(page, text: str) -> None:
    page.get_by_label("Message", exact=True).fill(text)
    page.keyboard.press("Enter")


def answers(page):  # type: ignore[no-untyped-def]
    return page.locator(".message.assistant")


def finished(page, n: int) -> None:
    """The n-th answer is whole."""
    playwright.expect(answers(page)).to_have_count(n)
    playwright.expect(answers(page).nth(n - 1).locator(".count")).to_contain_text("token", timeout=30_000)
    playwright.expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()


def text_of(page, n: int) -> str:
    return answers(page).nth(n).locator(".text").inner_text()


def test_a_conversation(page, server) -> None:
    picture(page, "desktop-empty")
    settings(page, seed="3", max_tokens="30", temperature="0.7", system="Be kind.")
    say(page, "Where is the fox?")
    finished(page, 1)
    playwright.expect(answers(page).locator(".count")).to_have_text(re.compile(r"\d+ tokens? · \d+ tokens/s"))
    say(page, "And the owl?\nTell me.")
    finished(page, 2)
    picture(page, "desktop-chat")
    first = text_of(page, 0)
    page.reload()  # conversations and settings are kept in the browser
    playwright.expect(answers(page)).to_have_count(2)
    assert text_of(page, 0) == first
    assert page.locator("#set-seed").input_value() == "3"
    playwright.expect(page.locator("#conversations .pick")).to_have_text(["Where is the fox?"])
    assert server.idle()


def test_regenerate_and_edit(page) -> None:
    settings(page, max_tokens="30", temperature="1.5")
    say(page, "Where is the fox?")
    finished(page, 1)
    first = text_of(page, 0)
    page.get_by_role("button", name="Regenerate").click()
    finished(page, 1)
    playwright.expect(answers(page)).to_have_count(1)
    assert text_of(page, 0) != first
    page.get_by_role("button", name="Edit").click()
    box = page.get_by_label("Edit your message")
    assert box.input_value() == "Where is the fox?"
    page.keyboard.press("Escape")
    playwright.expect(box).to_have_count(0)
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Edit your message").fill("Where is the owl?")
    picture(page, "desktop-edit")
    page.get_by_role("button", name="Send again").click()
    finished(page, 1)
    playwright.expect(page.locator(".message.user .text")).to_have_text("Where is the owl?")


def test_stopping(page, server) -> None:
    settings(page, max_tokens="220", temperature="2")
    page.route("**/v1/chat/completions", lambda route: route.continue_())
    for way in ("button", "Escape"):
        say(page, "Tell me a long story.")
        stop = page.get_by_role("button", name="Stop", exact=True)
        try:
            if way == "button":
                stop.click(timeout=3000)
            else:
                playwright.expect(stop).to_be_visible(timeout=3000)
                page.keyboard.press("Escape")
        except (AssertionError, playwright.TimeoutError):
            pass  # a tiny model may be done before a finger moves
        playwright.expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    assert server.idle()


def test_what_the_model_considered(page) -> None:
    settings(page, seed="3", max_tokens="25")
    say(page, "Where is the fox?")
    finished(page, 1)
    page.get_by_role("button", name="Look inside").click()
    tokens = page.locator("#inside-tokens button.token")
    playwright.expect(tokens.first).to_have_attribute("aria-pressed", "true")
    playwright.expect(page.locator("#inside-detail h2")).to_contain_text("%")
    page.get_by_role("tab", name="Look inside").click()
    page.locator("#inside-prompt").fill("The fox")
    page.get_by_role("button", name="Write on").click()
    playwright.expect(page.locator("#inside-status")).to_contain_text("bits a token", timeout=30_000)
    tokens.nth(2).click()
    page.keyboard.press("ArrowRight")
    playwright.expect(tokens.nth(3)).to_have_attribute("aria-pressed", "true")
    playwright.expect(tokens.nth(3)).to_be_focused()
    rows = page.locator("#inside-detail tbody tr")
    assert rows.count() >= 5
    playwright.expect(page.locator("#inside-detail tr.chosen")).to_have_count(1)
    shares = [
        float(value) for value in page.locator("#inside-detail meter").evaluate_all("all => all.map(m => m.value)")
    ]
    assert sum(shares) <= 1.0001
    picture(page, "desktop-inside")


def test_markup_in_texts_stays_text(page) -> None:
    settings(page, max_tokens="3")
    say(page, "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>")
    finished(page, 1)
    assert page.title() == "Groundup chat"
    assert "<img src=x" in page.locator(".message.user .text").inner_text()


def test_several_conversations_and_deleting(page) -> None:
    settings(page, max_tokens="5")
    for text in ("First", "Second"):
        page.get_by_role("button", name="New conversation").first.click()
        say(page, text)
        finished(page, 1)
    picks = page.locator("#conversations .pick")
    playwright.expect(picks).to_have_text(["Second", "First"])
    picks.nth(1).click()
    playwright.expect(page.locator(".message.user .text")).to_have_text("First")
    page.get_by_role("button", name="Delete “First”").click()
    playwright.expect(picks).to_have_text(["Second"])
    playwright.expect(page.locator(".empty")).to_be_visible()


def test_errors_are_said_and_can_be_tried_again(page, server) -> None:
    page.route(
        "**/v1/chat/completions", lambda route: route.fulfill(status=429, json={"error": {"message": "Too busy."}})
    )
    say(page, "Hello")
    playwright.expect(page.get_by_role("alert")).to_contain_text("Too busy.")
    assert "429" in page.problems.pop()  # the browser's own line about it
    picture(page, "desktop-error")
    page.unroute("**/v1/chat/completions")
    page.get_by_role("button", name="Try again").click()
    finished(page, 1)
    playwright.expect(page.get_by_role("alert")).to_have_count(0)


def test_dark_keyboard_and_names(page) -> None:
    page.get_by_role("button", name="Change to dark").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    settings(page, max_tokens="20", seed="1")
    say(page, "Where is the fox?")
    finished(page, 1)
    picture(page, "desktop-dark")
    page.get_by_role("button", name="Settings").click()
    picture(page, "desktop-settings-dark")
    page.keyboard.press("Escape")
    playwright.expect(page.locator("#settings")).to_be_hidden()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, input, textarea')].filter(e =>
           !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels.length)).map(e => e.outerHTML)"""
    )
    assert nameless == [], "a screen reader has nothing to say for these"
    page.evaluate("document.body.focus()")
    seen = set()
    for _ in range(14):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert {"open-settings", "theme", "new-chat", "tab-chat"} <= seen


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_can_be_read(page, theme: str) -> None:
    """Text against its ground, WCAG 2 level AA: 4.5 to 1."""
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    colours = page.evaluate(
        """() => { const s = getComputedStyle(document.documentElement);
           return Object.fromEntries(['--back', '--pane', '--card', '--text', '--quiet', '--main', '--main-text',
             '--mine', '--danger'].map(n => [n, s.getPropertyValue(n).trim()])); }"""
    )

    def light(name: str) -> float:
        parts = [int(colours[name][i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    pairs = [(text, ground) for text in ("--text", "--quiet") for ground in ("--back", "--pane", "--card")]
    for text, ground in [*pairs, ("--main-text", "--main"), ("--text", "--mine"), ("--danger", "--back")]:
        lighter, darker = sorted((light(text), light(ground)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (text, ground)


def test_phone_width(page) -> None:
    page.set_viewport_size(PHONE)
    settings(page, max_tokens="40", seed="2")
    picture(page, "phone-empty")
    say(page, "Where is the fox? I have looked everywhere in the forest and could not find it.")
    finished(page, 1)
    picture(page, "phone-chat")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], "nothing sticks out"
    page.get_by_role("button", name="Conversations").click()
    playwright.expect(page.get_by_role("button", name="New conversation").first).to_be_focused()
    page.wait_for_timeout(250)
    picture(page, "phone-list")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Look inside").first.click()
    page.locator("#inside-tokens button.token").nth(1).click()
    picture(page, "phone-inside")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="Settings").click()
    picture(page, "phone-settings")


def test_a_server_with_a_key_asks_for_it(browser, serve) -> None:
    with serve(api_keys=("sesame",)) as running:
        context = browser.new_context(viewport=DESKTOP)
        page = context.new_page()
        page.goto(running.url)
        playwright.expect(page.locator("#set-key")).to_be_focused()
        page.locator("#set-key").fill("sesame")
        page.keyboard.press("Escape")
        playwright.expect(page.locator("#model-name")).to_have_text("tiny")
        say(page, "Hello")
        finished(page, 1)
        context.close()
