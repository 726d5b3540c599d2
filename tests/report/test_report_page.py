"""The report of a real run, and what must never come out of one."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from groundup.cli.main import app
from groundup.evaluation.suite import Accuracy
from groundup.report.evaluations import Score, read_evaluations, scores_of
from groundup.report.page import render_page, spread
from groundup.report.record import read_record, run_name
from groundup.training.config import default_settings
from groundup.utils.errors import UserError

FORGED = "</p><script>alert(1)</script><img src=http://example.invalid/x onerror=alert(1)>{{ 7*7 }}"


class Page(HTMLParser):
    """What stands in a page: tags with attributes, and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_every_run_leaves_a_report_that_tells_of_itself(run: Path) -> None:
    page = Page((run / "report.html").read_text(encoding="utf-8"))
    result = json.loads((run / "evaluation.json").read_text())
    for told in ("finished", f"{result['val_bpb']:.3f}", f"{result['val_loss']:.3f}", "training.block_size", "12"):
        assert told in page.text
    for part in ("Curves", "Where every token went", "Settings that differ", "How to make it again", "Made with"):
        assert part in page.text
    names = [attributes.get("aria-label") for tag, attributes in page.tags if tag == "svg"]
    for axis in ("steps", "tokens", "seconds"):
        for title in ("Loss", "Bits per byte", "Learning rate", "Gradient norm", "Speed", "Memory"):
            assert f"{title} against {axis}" in names
    documents = json.loads(Path("artifacts/tiny/corpus.report.json").read_text())["documents"]["read"]
    assert f"{documents:,}" in page.text


def test_a_page_asks_nothing_of_anybody(run: Path) -> None:
    html = (run / "report.html").read_text(encoding="utf-8")
    for tag, attributes in Page(html).tags:
        assert tag not in ("iframe", "object", "embed", "audio", "video", "base")
        for key in ("src", "href", "action", "poster", "srcset"):
            assert (attributes.get(key) or "data:").startswith(("data:", "#"))
    assert "url(" not in html
    assert "@import" not in html
    assert "connect-src 'none'" in html


def test_data_stays_text(run: Path) -> None:
    with open(run / "samples.jsonl", "a", encoding="utf-8") as f:
        f.write(json.dumps({"step": 12, "text": FORGED}) + "\n")
    environment = json.loads((run / "environment.json").read_text()) | {FORGED: FORGED}
    (run / "environment.json").write_text(json.dumps(environment))
    config = (run / "config.yaml").read_text().replace("text_column: text", f"text_column: '{FORGED}'")
    (run / "config.yaml").write_text(config)
    html = render_page([read_record(run)], default_settings())
    page = Page(html)
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert "img" not in [tag for tag, _ in page.tags]
    assert page.text.count(FORGED) == 5  # sample, environment's key and value, changed setting, config.yaml


def test_only_our_own_script_may_run(run: Path) -> None:
    html = (run / "report.html").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    assert re.search(r"script-src 'sha256-[A-Za-z0-9+/]{43}='", policy[1])
    assert "script-src 'unsafe-inline'" not in policy[1]


def test_several_runs_are_overlaid(run: Path, other: Path) -> None:
    done = CliRunner().invoke(app, ["report", str(run), str(other), "--output", "both.html"])
    assert done.exit_code == 0, done.stderr
    assert done.stdout.strip() == "both.html"
    page = Page(Path("both.html").read_text(encoding="utf-8"))
    lines = [attributes["data-name"] for tag, attributes in page.tags if tag == "polyline"]
    assert {"tiny training", "other training", "tiny validation", "other validation"} <= set(lines)
    assert "training.seed" in page.text


def test_evaluations_are_shown_with_chance_and_interval(run: Path) -> None:
    pairs = {**Accuracy(90, 100, 0.5).to_dict(), "by_kind": {"agreement": Accuracy(40, 50, 0.5).to_dict()}}
    record = {
        "format": "groundup-evaluation",
        "model": {"folder": str(run / "step-00000012" / "model")},
        "suites": [
            {"suite": "pairs", "scores": pairs},
            {"suite": "text", "scores": {"bits_per_byte": 1.5, "interval_95": [1.4, 1.6], "perplexity": None}},
        ],
    }
    (run / "eval.json").write_text(json.dumps(record))
    (run / "broken.json").write_text("{")
    tables = read_evaluations(run)
    assert [(table.suite, table.model, table.file) for table in tables] == [
        ("pairs", "step-00000012", "eval.json"),
        ("text", "step-00000012", "eval.json"),
    ]
    first, second = tables[0].scores
    assert (first.name, first.value, first.chance, first.n) == ("accuracy", 0.9, 0.5, 100)
    assert second.name == "by_kind, agreement, accuracy"
    assert tables[1].scores[0].interval == (1.4, 1.6)
    assert tables[1].scores[1].value == "-"
    page = Page(render_page([read_record(run)], default_settings()))
    assert "0.9000" in page.text
    assert "by kind, agreement" in page.text


def test_saved_conversations_are_shown_as_text(run: Path) -> None:
    talk = {"messages": [{"role": "user", "content": FORGED}, {"role": "assistant", "content": "No."}]}
    (run / "talk.jsonl").write_text(json.dumps(talk) + "\n" + json.dumps({"messages": "none"}) + "\n")
    (run / "broken.jsonl").write_text("{broken\n")
    record = read_record(run)
    assert [(one.file, len(one.messages)) for one in record.transcripts] == [("talk.jsonl", 2)]
    page = Page(render_page([record], default_settings()))
    assert "Conversations" in page.text
    assert FORGED in page.text


def test_nested_scores_without_intervals_are_listed_plainly() -> None:
    assert [(score.name, score.value) for score in scores_of({"a": {"b": 1, "c": True}, "d": [1, 2]})] == [
        ("a, b", 1),
        ("a, c", "true"),
    ]


def test_an_interval_beside_several_numbers_belongs_to_the_one_it_is_named_after() -> None:
    replies = {"bits_per_byte": 1.5, "answer_accuracy": 0.5, "answer_interval_95": [0.25, 0.75], "correct": "10"}
    assert list(scores_of({"after": replies})) == [
        Score("after, bits_per_byte", 1.5),
        Score("after, answer_accuracy", 0.5, (0.25, 0.75)),
    ]


def test_a_run_that_has_hardly_begun_is_shown_as_it_is(in_folder: Path) -> None:
    run = in_folder / "checkpoints" / "young"
    run.mkdir(parents=True)
    (run / "config.yaml").write_text("training: {seed: 3}\n")
    (run / ".lock").write_text("")
    text = Page(render_page([read_record(run)], default_settings())).text
    assert "No step has been trained yet" in text
    assert "training.seed" in text


def test_a_damaged_file_is_named(run: Path) -> None:
    lines = (run / "metrics.jsonl").read_text().splitlines(keepends=True)
    (run / "metrics.jsonl").write_text("".join([lines[0], "{broken\n", *lines[1:]]))
    with pytest.raises(UserError, match=r"metrics\.jsonl is damaged in line 2"):
        read_record(run)
    done = CliRunner().invoke(app, ["report", str(run)])
    assert done.exit_code == 1
    assert "metrics.jsonl" in done.stderr


def test_no_run_is_a_users_error(in_folder: Path) -> None:
    done = CliRunner().invoke(app, ["report", "nothing"])
    assert done.exit_code == 1
    assert "holds no run" in done.stderr


def test_samples_are_spread_from_first_to_last() -> None:
    rows = [{"step": i} for i in range(100)]
    shown = [row["step"] for row in spread(rows, 5)]
    assert (shown[0], shown[-1], len(shown)) == (0, 99, 5)
    assert spread(rows[:3], 5) == rows[:3]


def test_a_name_that_says_nothing_takes_its_folder_along(tmp_path: Path) -> None:
    assert run_name(tmp_path / "my-model" / "run") == "my-model/run"
    assert run_name(tmp_path / "checkpoints" / "my-llm") == "my-llm"
