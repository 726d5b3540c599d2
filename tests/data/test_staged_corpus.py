"""The corpus in stages: the same bytes as in one pass, after any interruption, and with what is added only added."""

import json
import random
import shutil
import sqlite3

import pytest

from groundup.data import chunks, file_cleaner
from groundup.data.corpus import CorpusConfig, build_corpus
from groundup.data.corpus_report import report_path
from groundup.data.currency import corpus_is_current
from groundup.data.documents import read_corpus
from groundup.data.split import SplitRule
from groundup.data.store import Store
from groundup.utils.errors import UserError

WORDS = [
    "the",
    "lamp",
    "and",
    "boat",
    "of",
    "letter",
    "to",
    "garden",
    "bridge",
    "with",
    "window",
    "teacher",
    "that",
    "river",
    "kettle",
    "violin",
    "market",
    "have",
    "found",
    "carried",
    "painted",
    "followed",
    "mended",
    "remembered",
    "lifted",
    "counted",
    "under",
    "behind",
    "before",
    "after",
    "slowly",
    "often",
    "never",
    "house",
    "stone",
    "winter",
]


def story(seed, sentences=12):
    """Sentences of common words that differ from those of other seeds."""
    chance = random.Random(seed)
    return " ".join(" ".join(chance.choices(WORDS, k=9)).capitalize() + "." for _ in range(sentences))


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    for n in range(6):
        (folder / f"b{n}.txt").write_text(story(n))
    rows = [story(n) for n in range(20, 60)]
    rows[7] = rows[3] + " Only this."  # a near-duplicate
    rows[9] = rows[4]
    rows[11] = "Too short."
    rows[13] += " Write to anna@example.com."
    lines = [json.dumps({"text": row}) for row in rows] + ["{}", json.dumps({"text": " "})]
    (folder / "rows.jsonl").write_text("\n".join(lines))
    return folder


def build(folder, output, *inputs, **settings):
    lines = []
    report = build_corpus(
        list(inputs) or [folder], output, CorpusConfig(**{"cleaning": "web", "workers": 1, **settings}), lines.append
    )
    documents, characters = report.documents, report.characters
    assert documents["read"] == sum(count for kind, count in documents.items() if kind != "read")
    assert characters["read"] == sum(count for kind, count in characters.items() if kind != "read")
    return report, lines


def outputs(output):
    return {path.name: path.read_bytes() for path in output.parent.iterdir() if "sqlite" not in path.name}


def test_every_document_has_its_place(folder, tmp_path):
    output = tmp_path / "out/c.jsonl"
    report, lines = build(folder, output)
    left_out = {"duplicate": 0, "empty": 1, "bad": 1, "dropped": 1, "near_duplicate": 2}
    assert report.documents == {"read": 48, "kept": 43, **left_out}
    explained = [json.loads(line) for line in (tmp_path / "out/c.explain.jsonl").read_text().splitlines()]
    by_source = {row["source"]: row for row in explained}
    near = by_source["rows.jsonl#line=8"]
    assert near["action"] == "near-duplicate"
    assert near["findings"][0]["rule"] == "resembles rows.jsonl#line=4"
    assert near["findings"][0]["value"] >= near["findings"][0]["limit"] == 0.72
    short = by_source["rows.jsonl#line=12"]
    assert short["findings"] == [{"step": "length", "rule": "words", "value": 2, "limit": 25, "count": 1}]
    changed = by_source["rows.jsonl#line=14"]
    assert changed["action"] == "changed"
    assert any("length: words: dropped 1" in line for line in lines)
    text = "".join(document.text for document in read_corpus(output))
    assert "<email>" in text
    assert "anna@" not in text


def test_light_in_stages_gives_the_same_corpus(folder, tmp_path, monkeypatch):
    long = "\n\n\n".join(f"Paragraph {n} \t\nof {n * n}.  " for n in range(40_000))
    (folder / "long.md").write_text(long)
    monkeypatch.setattr(chunks, "PART_CHARACTERS", 100_000)
    monkeypatch.setattr(chunks, "CHUNK_CHARACTERS", 50_000)
    one, _ = build(folder, tmp_path / "one/c.jsonl", cleaning="light")
    two, _ = build(folder, tmp_path / "two/c.jsonl", cleaning="light", explain=True)
    assert (tmp_path / "one/c.jsonl").read_bytes() == (tmp_path / "two/c.jsonl").read_bytes()
    assert {k: two.documents[k] for k in one.documents} == one.documents
    assert {k: two.characters[k] for k in one.characters} == one.characters
    assert sorted(path.name for path in (tmp_path / "two").iterdir()) == ["c.explain.jsonl", "c.jsonl", "c.report.json"]


def test_light_says_what_it_changed(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "a.txt").write_text("A clean text.\n")
    (folder / "b.txt").write_bytes("Two\nlines \nand cafe\u0301.\n".encode())
    _, lines = build(folder, tmp_path / "out/c.jsonl", cleaning="light", explain=True)
    rows = [json.loads(line) for line in (tmp_path / "out/c.explain.jsonl").read_text().splitlines()]
    assert [(row["source"], row["action"]) for row in rows] == [("b.txt", "changed")]
    assert (rows[0]["before"], rows[0]["after"]) == ("Two\nlines \nand cafe\u0301.\n", "Two\nlines\nand caf\u00e9.")
    assert {finding["step"] for finding in rows[0]["findings"]} == {"light"}
    assert any("light: spaces before a line end: changed 1" in line for line in lines)


@pytest.mark.parametrize("stop", [1, 2, 4, 7])
def test_interrupted_anywhere_a_restart_gives_the_same_output(folder, tmp_path, monkeypatch, stop):
    monkeypatch.setattr(chunks, "CHUNK_CHARACTERS", 8_000)
    build(folder, tmp_path / "whole/c.jsonl")
    output = tmp_path / "out/c.jsonl"
    calls = 0
    original = Store.put_chunk

    def killed(self, *arguments):
        nonlocal calls
        calls += 1
        if calls > stop:
            raise KeyboardInterrupt
        original(self, *arguments)

    monkeypatch.setattr(Store, "put_chunk", killed)
    with pytest.raises(KeyboardInterrupt):
        build(folder, output)
    assert outputs(output) == {}
    calls = -1000
    cleaned = []
    monkeypatch.setattr(file_cleaner, "chunked", lambda documents: counted(chunks.chunked(documents), cleaned))
    build(folder, output)
    assert outputs(output) == outputs(tmp_path / "whole/c.jsonl")
    assert calls + 1000 == len(database(output)) - stop


def counted(items, into):
    for item in items:
        into.append(item)
        yield item


def database(output):
    with sqlite3.connect(output.with_suffix(".parts.sqlite")) as db:
        return db.execute("SELECT key, number, body FROM chunks ORDER BY key, number").fetchall()


def test_an_added_folder_is_all_that_is_cleaned_and_nothing_before_it_changes(folder, tmp_path, monkeypatch):
    output = tmp_path / "out/c.jsonl"
    build(folder, output)
    before, old_chunks = output.read_bytes(), database(output)
    ids = [document.id for document in read_corpus(output)]
    added = tmp_path / "added"
    added.mkdir()
    (added / "a.txt").write_text(story(700))
    (added / "again.txt").write_text(story(2) + " Only this.")  # resembles what is in
    written = []
    original = Store.put_chunk

    def put_chunk(self, *arguments):
        written.append(arguments)
        original(self, *arguments)

    monkeypatch.setattr(Store, "put_chunk", put_chunk)
    _, lines = build(folder, output, added, folder)
    assert len(written) == 2
    assert lines[0] == "Since the last time: 7 files as before, 2 new"
    assert output.read_bytes().startswith(before)
    after = list(read_corpus(output))
    assert [document.id for document in after[: len(ids)]] == ids
    assert [document.source for document in after[len(ids) :]] == ["a.txt"]
    assert set(old_chunks) <= set(database(output))
    rule = SplitRule(1 << 62)
    assert [rule.side(i) for i in ids] == [rule.side(document.id) for document in after[: len(ids)]]


def test_what_is_gone_or_changed_is_named(folder, tmp_path):
    output = tmp_path / "out/c.jsonl"
    build(folder, output)
    (folder / "b1.txt").unlink()
    (folder / "b2.txt").write_text(story(800))
    _, lines = build(folder, output)
    assert lines[:3] == [
        "Since the last time: 5 files as before, 0 new",
        "  changed: b2.txt",
        "  no longer there: b1.txt (1 documents, 1 sections)",
    ]
    assert "b1.txt" not in {document.source for document in read_corpus(output)}


def test_a_paragraph_of_another_document_is_cut_out_and_explained(tmp_path):
    folder, output = tmp_path / "raw", tmp_path / "out/c.jsonl"
    folder.mkdir()
    notice = story(900, 6)
    refrain = story(901, 4)
    (folder / "a.txt").write_text("\n\n".join([story(1, 40), notice, refrain, story(2, 40), refrain]))
    (folder / "b.txt").write_text("\n\n".join([story(3), notice.replace("lamp", "lantern", 1), story(4)]))
    (folder / "c.txt").write_text("\n\n".join([notice, refrain]))
    report, _ = build(folder, output)
    texts = {document.source: document.text for document in read_corpus(output)}
    assert texts == {
        "a.txt": (folder / "a.txt").read_text(),  # a refrain belongs to its song
        "b.txt": "\n\n".join([story(3), story(4)]),
    }
    assert report.documents["near_duplicate"] == 1  # nothing is left of it
    explained = {
        row["source"]: row for row in map(json.loads, (tmp_path / "out/c.explain.jsonl").read_text().splitlines())
    }
    finding = explained["b.txt"]["findings"][0]
    assert explained["b.txt"]["action"] == "changed"
    assert (finding["step"], finding["rule"]) == ("near-duplicates", "paragraph resembles a.txt")
    assert finding["value"] >= finding["limit"] == 0.72
    assert explained["b.txt"]["before"] == notice.replace("lamp", "lantern", 1)[:160]
    assert explained["c.txt"]["findings"][0]["count"] == 2
    before = output.read_bytes()
    (folder / "d.txt").write_text("\n\n".join([story(4), story(5)]))
    (folder / "a2.txt").write_text(story(3))  # a document, compared as one: not with paragraphs
    report, lines = build(folder, output)
    assert lines[0] == "Since the last time: 3 files as before, 2 new"
    assert output.read_bytes().startswith(before)
    assert {d.source: d.text for d in read_corpus(output)} == {**texts, "a2.txt": story(3), "d.txt": story(5)}
    allow = tmp_path / "allow.txt"
    allow.write_text("b.txt\n")
    build(folder, output, allow=str(allow))
    assert "lantern" in {d.source: d.text for d in read_corpus(output)}["b.txt"]
    report, _ = build(folder, tmp_path / "all/c.jsonl", near_paragraphs=0)
    assert report.documents["near_duplicate"] == 0


def test_workers_make_no_difference(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK_CHARACTERS", 8_000)
    build(folder, tmp_path / "one/c.jsonl")
    build(folder, tmp_path / "two/c.jsonl", workers=2)
    assert outputs(tmp_path / "one/c.jsonl") == outputs(tmp_path / "two/c.jsonl")


def test_the_allow_list_brings_documents_back(folder, tmp_path):
    allow = tmp_path / "allow.txt"
    allow.write_text("# kept by hand\nrows.jsonl#line=12\n")
    build(folder, tmp_path / "out/c.jsonl")
    report, lines = build(folder, tmp_path / "out/c.jsonl", allow=str(allow))
    assert report.documents["dropped"] == 0
    assert report.cleaning["allowed"] == 1
    assert "  allow-list: kept 1 that a rule would have dropped or cut" in lines
    assert not any("(0 places)" in line for line in lines)
    assert "Too short." in {document.text for document in read_corpus(tmp_path / "out/c.jsonl")}
    with pytest.raises(UserError, match="allow-list"):
        build(folder, tmp_path / "out/c.jsonl", allow=str(tmp_path / "gone"))


def test_currency_knows_all_settings(folder, tmp_path):
    output = tmp_path / "out/c.jsonl"
    config = CorpusConfig(cleaning="web", workers=1)
    build(folder, output)
    assert corpus_is_current([folder], output, config)
    for other in ({"cleaning": "light"}, {"languages": ["en"]}, {"personal_data": "drop"}, {"near_duplicates": 0.9}):
        assert not corpus_is_current([folder], output, CorpusConfig(**{"cleaning": "web", **other}))
    shutil.copy(folder / "b1.txt", folder / "c.txt")
    assert not corpus_is_current([folder], output, config)


def test_a_store_that_is_none_is_refused(folder, tmp_path):
    (tmp_path / "x.sqlite").write_text("no database, whatever its name says" * 10)
    with pytest.raises(UserError, match="cannot be used"):
        build(folder, tmp_path / "out/c.jsonl", parts=str(tmp_path / "x.sqlite"))
    assert not report_path(tmp_path / "out/c.jsonl").exists()
