"""The corpus as a whole: every file and document accounted for, the same every time, whole or not there."""

import contextlib
import gzip
import json
import os
import resource
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from groundup.data import corpus_writer
from groundup.data.corpus import CorpusConfig, build_corpus
from groundup.data.corpus_report import BROKEN_MARKER, is_prepared_corpus, report_path
from groundup.data.documents import document_id, read_corpus
from groundup.utils.errors import UserError

BOOK = "\n\n".join(f"Chapter {n}. " + f"It was day {n}, and on it went. " * 12 for n in range(250))


def build(folder, output="out/corpus.jsonl", **settings):
    output = Path(output) if Path(output).is_absolute() else folder.parent / output
    report = build_corpus([folder], output, CorpusConfig(**settings))
    check_account(report, output)
    return report, list(read_corpus(output))


def check_account(report, output):
    """What the report says adds up, and is what lies there."""
    documents, sections, characters = report.documents, report.sections, report.characters
    assert documents["read"] == documents["kept"] + documents["duplicate"] + documents["empty"] + documents["bad"]
    assert sections["cut"] == sections["written"] + sections["duplicate"]
    assert characters["read"] == sum(count for kind, count in characters.items() if kind != "read")
    read = [file for file in report.files if file.status == "read"]
    skipped = [file for file in report.files if file.status == "skipped"]
    assert len(read) + len(skipped) == len(report.files)
    assert sum(report.skipped_files_by_reason.values()) == len(skipped)
    assert all(file.reason and file.detail for file in skipped)
    assert sum(file.documents + file.rows_bad for file in report.files) == documents["read"]
    assert sum(file.sections for file in read) == sections["written"]
    records = list(read_corpus(output))
    assert len(records) == len({record.id for record in records}) == sections["written"]
    assert sum(len(record.text) for record in records) == characters["written"]
    written = json.loads(report_path(output).read_text())
    assert written == json.loads(json.dumps(report.to_dict()))
    assert is_prepared_corpus(output)
    assert report.output_bytes == output.stat().st_size
    assert sorted(path.name for path in output.parent.iterdir()) == sorted([output.name, report_path(output).name])


@pytest.fixture
def folder(tmp_path):
    """A folder as people have them."""
    folder = tmp_path / "raw"
    (folder / "sub").mkdir(parents=True)
    (folder / "book.txt").write_text(BOOK)
    (folder / "copy.md").write_text("\n\n" + BOOK.replace("\n", "  \r\n") + "\n")
    (folder / "many.txt").write_text("One.\n<|endoftext|>\nTwo.\n<|endoftext|>\n \n<|endoftext|>\nOne.\n")
    (folder / "rows.jsonl").write_text('{"text": "Row."}\n{"body": 1}\n{"text": "Two."}\n{"text": ""}\n')
    (folder / "sub/cafe.txt").write_bytes("Café".encode("cp1252"))
    (folder / "sub/page.html.gz").write_bytes(gzip.compress(b"<p>Page.</p>"))
    (folder / "picture.txt").write_bytes(b"\x89PNG\0\0")
    (folder / "picture.png").write_bytes(b"\x89PNG\0\0")
    (folder / "empty.txt").write_bytes(b"")
    (folder / "other.csv").write_text("id,body\n1,x\n")
    (folder / "other.jsonl").write_text('{"body": "x"}\n')
    (folder / "blank.md").write_text("\n \n")
    (folder / ".hidden.txt").write_text("hidden")
    (folder / "loop").symlink_to(folder)
    return folder


def test_every_file_and_document_is_accounted_for(folder):
    report, records = build(folder)
    assert report.documents == {"read": 14, "kept": 6, "duplicate": 3, "empty": 3, "bad": 2}
    assert report.hidden == 1
    assert report.skipped_files_by_reason == {
        "binary": 1,
        "empty": 1,
        "no readable row": 1,
        "no text column": 1,
        "symbolic-link loop": 1,
        "unsupported extension": 1,
    }
    by_path = {file.path: file for file in report.files}
    assert by_path["sub/cafe.txt"].encoding == "cp1252"
    assert "cp1252" in by_path["sub/cafe.txt"].notes[0]
    assert by_path["other.jsonl"].detail == 'row 1: no column "text"; the columns are: body'
    assert report.rows_bad[-1] == {"file": "rows.jsonl", "line": 2, "reason": 'no column "text"; the columns are: body'}
    sources = [record.source for record in records]
    assert sources[0] == "book.txt#section=1"
    assert sources[-5:] == ["many.txt", "many.txt#line=3", "rows.jsonl#line=1", "sub/cafe.txt", "sub/page.html.gz"]
    assert str(folder) not in (folder.parent / "out/corpus.jsonl").read_text()
    assert "".join("".join(r.text for r in records if "book" in r.source).split()) == "".join(BOOK.split())


def test_the_summary_says_what_should_be_looked_at(folder):
    (folder / "quoted.jsonl").write_text(json.dumps({"text": "a\n<|endoftext|>\nb"}))
    lines = []
    build_corpus([folder], folder.parent / "out/corpus.txt", say=lines.append)
    text = "\n".join(lines)
    assert "Files: 8 read" in text
    assert "6 skipped, 1 hidden passed over" in text
    assert "  skipped 1 binary (such as picture.txt: it holds NUL bytes" in text
    assert "Documents: 15 read = 7 kept + 3 duplicate + 3 empty + 2 bad rows" in text
    assert '  rows.jsonl: 1 bad rows; row 2: no column "text"; the columns are: body' in text
    assert "  sub/cafe.txt: not UTF-8: decoded as cp1252" in text
    assert f"  1 lines <|endoftext|> within documents became {BROKEN_MARKER}" in text
    assert "corpus.report.json names every file" in lines[-1]


def test_bad_rows_of_one_file_do_not_fill_the_report(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "a.jsonl").write_text('{"text": "x"}\n' + "{}\n" * 500)
    report, _ = build(folder)
    assert report.documents["bad"] == report.files[0].rows_bad == 500
    assert [row["line"] for row in report.rows_bad] == list(range(2, 22))


def test_the_same_input_gives_the_same_bytes_in_both_formats(folder):
    first, records = build(folder, "out/corpus.txt")
    again, _ = build(folder, "elsewhere/corpus.txt")
    assert first.output_sha256 == again.output_sha256
    assert (folder.parent / "out/corpus.report.json").read_bytes() == (
        folder.parent / "elsewhere/corpus.report.json"
    ).read_bytes()
    _, as_jsonl = build(folder, "third/corpus.jsonl")
    assert [(r.text, r.id) for r in as_jsonl] == [(r.text, r.id) for r in records]


@pytest.mark.parametrize("suffix", [".txt", ".jsonl"])
def test_a_corpus_made_from_a_corpus_is_the_same(folder, suffix):
    _, records = build(folder, f"out/corpus{suffix}")
    _, again = build(folder.parent / "out", f"again/corpus{suffix}")
    assert [r.id for r in again] == [r.id for r in records]


def test_text_added_later_changes_no_old_section(folder):
    _, before = build(folder)
    (folder / "a new.txt").write_text(BOOK[: len(BOOK) // 3])
    (folder / "zz.txt").write_text("New.")
    _, after = build(folder)
    assert {r.id for r in before} < {r.id for r in after}


def test_a_marker_line_within_a_document_forges_no_border(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    text = "before\n<|endoftext|> \nafter, in a line <|endoftext|>"
    (folder / "a.jsonl").write_text(json.dumps({"text": text}))
    report, records = build(folder, "out/c.txt", cleaning="none")
    assert [r.text for r in records] == [f"before\n{BROKEN_MARKER} \nafter, in a line <|endoftext|>"]
    assert (report.markers_broken, BROKEN_MARKER) == (1, "<¦endoftext¦>")
    report, records = build(folder, "out2/c.jsonl", cleaning="none")
    assert [r.text for r in records] == [text]
    assert report.markers_broken == 0


def test_parts_that_repeat_are_written_once(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "a.txt").write_text(("word " * 799 + "end.\n\n") * 20)
    report, _ = build(folder)
    assert report.documents["kept"] == 1
    assert report.sections == {"cut": 20, "written": 1, "duplicate": 19}


def test_names_that_are_not_utf_8_can_be_reported(tmp_path):
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    folder.mkdir()
    (folder / os.fsdecode(b"na\xefve.txt")).write_text("Text.")
    report, records = build(folder)
    assert report.inputs == [f"{tmp_path}/caf\ufffd"]
    assert [record.source for record in records] == ["na\ufffdve.txt"]


def test_own_output_in_the_input_folder_is_not_read(tmp_path):
    (tmp_path / "a.txt").write_text("Some text.")
    for _ in range(2):
        report = build_corpus([tmp_path], tmp_path / "corpus.txt")
        assert report.documents["read"] == 1
    assert report.skipped_files_by_reason == {"own output": 2}


def test_a_damaged_file_gives_what_can_be_read(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "a.txt.gz").write_bytes(gzip.compress("\n".join(str(n * n) for n in range(100_000)).encode())[:-9])
    report, records = build(folder)
    assert "damaged" in report.files[0].notes[0]
    assert records[0].text.startswith("0\n1\n4\n9\n")
    assert report.characters["written"] > 500_000


def test_an_unreadable_file_is_skipped():
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    try:
        (folder / "raw").mkdir()
        (folder / "raw/a.txt").write_text("Some text.")
        (folder / "raw/b.txt").write_text("Locked.")
        (folder / "raw/b.txt").chmod(0)
        with as_nobody():
            report, _ = build(folder / "raw")
        assert report.skipped_files_by_reason == {"unreadable": 1}
        assert report.files[1].detail == "Permission denied"
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def as_nobody():
    """Root may read everything: give that up for a while."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_nothing_left_says_what_was_found(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    output = tmp_path / "out" / "corpus.txt"
    with pytest.raises(UserError, match=r"No text in .*raw\. Found: nothing\. Give files of txt, md"):
        build_corpus([folder], output)
    (folder / "a.txt").write_bytes(b"\0\1")
    (folder / "b.exe").write_bytes(b"MZ")
    (folder / "c.md").write_bytes(b" ")
    (folder / ".git").mkdir()
    with pytest.raises(UserError) as caught:
        build_corpus([folder], output)
    message = str(caught.value)
    assert "\n" not in message
    assert "1 binary (such as a.txt: it holds NUL bytes" in message
    assert "1 unsupported extension (such as b.exe: " in message
    assert "1 documents without text; 1 hidden files or folders. Give files of txt," in message
    assert list(output.parent.iterdir()) == []


@pytest.mark.parametrize("name", ["corpus", "corpus.csv", "corpus.txt.gz"])
def test_other_extensions_are_refused(folder, name):
    with pytest.raises(UserError, match=r"\.txt or \.jsonl"):
        build_corpus([folder], folder.parent / name)


def test_wrong_settings_and_inputs(folder):
    with pytest.raises(UserError, match=r'no cleaning "ligt".*"light"'):
        build_corpus([folder], folder.parent / "c.txt", CorpusConfig(cleaning="ligt"))
    with pytest.raises(UserError, match=r"missing does not exist"):
        build_corpus([folder / "missing"], folder.parent / "c.txt")


def test_a_full_disk_leaves_the_old_corpus_and_nothing_else(folder):
    build(folder)
    output = folder.parent / "out/corpus.jsonl"
    before = output.read_bytes(), report_path(output).read_bytes()
    (folder / "more.txt").write_text("".join(f"{n} " for n in range(200_000)))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, hard))
    try:
        with pytest.raises(UserError, match=r"Cannot write .*corpus\.jsonl: File too large\. Make room"):
            build_corpus([folder], output)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (output.read_bytes(), report_path(output).read_bytes()) == before
    assert len(list(output.parent.iterdir())) == 2
    assert is_prepared_corpus(output)


def test_an_interrupt_leaves_nothing(folder, monkeypatch):
    calls = iter(range(1000))

    def interrupted(text):
        if next(calls) > 20:
            raise KeyboardInterrupt
        return document_id(text)

    monkeypatch.setattr(corpus_writer, "document_id", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build_corpus([folder], folder.parent / "out/corpus.txt")
    assert list((folder.parent / "out").iterdir()) == []


def test_a_corpus_is_recognised_only_as_long_as_it_is_unchanged(folder):
    build(folder)
    output = folder.parent / "out/corpus.jsonl"
    now = report_path(output).stat().st_mtime_ns
    assert output.stat().st_mtime_ns <= now
    os.utime(output, ns=(now + 1, now + 1))  # newer than its report, as after a copy: the checksum decides
    assert is_prepared_corpus(output)
    data = output.read_bytes()
    output.write_bytes(data.replace(b"Page.", b"Pages"))
    assert not is_prepared_corpus(output)
    output.write_bytes(data[:-1])
    os.utime(output, ns=(1, 1))
    assert not is_prepared_corpus(output)
    output.write_bytes(data)
    assert is_prepared_corpus(output)
    for damage in ("{", "[]", "{}"):
        report_path(output).write_text(damage)
        assert not is_prepared_corpus(output)
    assert not is_prepared_corpus(folder / "book.txt")
    assert not is_prepared_corpus(folder / "missing.txt")


def test_long_documents_in_pieces_are_cut_like_whole_ones(tmp_path, monkeypatch):
    folder = tmp_path / "raw"
    folder.mkdir()
    text = "\n\n\n".join(f"Line {n} of a long text: {n * n}.  " for n in range(100_000))
    (folder / "a.txt").write_text(text)
    (folder / "a.jsonl").write_text(json.dumps({"text": text}))
    report, records = build(folder)
    assert len(text) > 3_000_000
    assert report.documents["duplicate"] == 1
    assert "".join("".join(r.text for r in records).split()) == "".join(text.split())


names = st.sampled_from(
    ["a.txt", "b.md", "c.html", "d.jsonl", "e.csv", "f.parquet", "g.txt.gz", "h.jsonl.zst", "i.bin"]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    files=st.dictionaries(names, st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)), max_size=5)
)
def test_whatever_lies_in_a_folder_the_account_is_complete(tmp_path, files):
    shutil.rmtree(tmp_path)
    folder = tmp_path / "raw"
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    try:
        report, _ = build(folder, "out/corpus.txt")
    except UserError as error:
        assert "No text in" in str(error)  # noqa: PT017
    else:
        assert {file.path for file in report.files} == set(files)


def test_settings_work_with_omegaconf():
    merged = OmegaConf.merge(OmegaConf.structured(CorpusConfig), {"input": ["data"], "validation": "val.txt"})
    assert OmegaConf.to_object(merged) == CorpusConfig(input=["data"], validation="val.txt")
    assert OmegaConf.merge(merged, {"validation": 0.1}).validation == 0.1
