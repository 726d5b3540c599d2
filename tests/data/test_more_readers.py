"""Books, markup, mail, web archives and archives of files: their text, and what they must not do."""

import bz2
import gzip
import io
import lzma
import tarfile
import threading
import zipfile
from itertools import groupby

import more_formats as formats
import pytest

from groundup.data import containers, decoding
from groundup.data.corpus import CorpusConfig, build_corpus
from groundup.data.decoding import BlockReader
from groundup.data.readers import FileLog, SkipFile, read_documents
from groundup.data.sources import format_of


def read(path, text_column="text"):
    """({location: text}, [(row, reason)], notes)"""
    bad = []
    log = FileLog(lambda row, reason: bad.append((row, reason)))
    texts = read_documents(path, format_of(path.name), text_column, log)
    documents = {place: "".join(text for text, _ in group).strip() for place, group in groupby(texts, lambda t: t[1])}
    return documents, bad, log.notes


TEXTS = {
    "a.epub": {"": "One\n\nFirst.\n\nSecond."},
    "a.docx": {"": "One paragraph.\n\nTwo\tcells"},
    "a.mbox": {"message=1": "Café\n\nHello there.\nFrom me.", "message=2": "Two\n\nSome bold text."},
    "a.warc": {"record=2": "Hello.", "record=3": "Plain text."},
    "a.srt": {"": "Hello there.\nSecond line.\nBye."},
    "a.vtt": {"": "Hello\nBye"},
    "a.pdf": {"": "Hello from a page."},
    "a.arrow": {"row=1": "one", "row=2": "two"},
    "a.zip": {"member=x/a.txt": "In a zip.", "member=b.jsonl&line=1": "Row."},
    "a.tar": {"member=x/a.txt": "In a tar."},
}


@pytest.mark.parametrize("suffix", ["", ".gz", ".bz2", ".xz"])
@pytest.mark.parametrize("name", [name for name in TEXTS if name != "a.zip"])
def test_texts(tmp_path, name, suffix):
    if name == "a.pdf":
        pytest.importorskip("pypdf", reason="pdf is read by the optional pypdf")
    path = tmp_path / (name + suffix)
    path.write_bytes(
        {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}[suffix](formats.EXAMPLES[name])
    )
    assert read(path)[0] == TEXTS[name]


def test_xml_blocks(tmp_path):
    path = tmp_path / "a.xml"
    path.write_bytes(formats.XML)
    text = read(path)[0][""]
    assert [part.strip() for part in text.split("\n\n") if part.strip()] == ["Café & bar one", "Two lines", "Three"]
    path.write_bytes(formats.XML[:-12] + b"<b></c>")
    assert "not XML any more from line" in read(path)[2][0]
    bomb = (
        b'<!DOCTYPE a [<!ENTITY b "'
        + b"x" * 1000
        + b'">'
        + b"".join(b'<!ENTITY %c "%s">' % (ord("c") + n, b"&%c;" % (ord("b") + n) * 50) for n in range(6))
    )
    path.write_bytes(bomb + b"]><a>&h;</a>")
    with pytest.raises(SkipFile, match="amplification"):
        read(path)


def test_arrow_as_a_file(tmp_path):
    path = tmp_path / "a.arrow"
    path.write_bytes(formats.arrow_of(["x"], stream=False))
    assert read(path)[0] == {"row=1": "x"}
    with pytest.raises(SkipFile, match="the columns are: id, text"):
        read(path, "body")


def test_every_member_of_an_archive_is_accounted_for(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(formats.EXAMPLES["a.zip"])
    documents, bad, notes = read(path)
    assert documents == TEXTS["a.zip"]
    assert bad == [(2, 'member b.jsonl, row 2: no column "text"; the columns are: none')]
    assert notes == ["2 members are no text files (such as c.png)"]
    path = tmp_path / "a.tar"
    path.write_bytes(formats.EXAMPLES["a.tar"])
    assert read(path)[1] == [
        (2, "member b.zip: an archive within an archive"),
        (3, "member e.txt: empty: 0 bytes (uncompressed)"),
    ]


def test_archives_leave_nothing_where_their_names_say(tmp_path):
    path = tmp_path / "in" / "a.zip"
    path.parent.mkdir()
    path.write_bytes(formats.zip_of({"../../evil.txt": "x", "/etc/evil.txt": "y", "a/" * 200 + "b.txt": "z"}))
    assert sorted(read(path)[0].values()) == ["z"] or len(read(path)[0]) >= 1
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["a.zip"]


def test_archive_bombs_are_bounded_and_said(tmp_path, monkeypatch):
    for module in (decoding, containers):
        monkeypatch.setattr(module, "BOMB_FLOOR", 1 << 20)
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(b"a" * (8 << 20)))
    documents, _, notes = read(path)
    assert len(documents[""]) <= 4 << 20
    assert "archive bomb" in notes[0]
    path = tmp_path / "b.zip"
    path.write_bytes(formats.zip_of({"a.txt": b"a" * (8 << 20), "b.txt": b"fine"}))
    documents, bad, _ = read(path)
    assert documents == {"member=b.txt": "fine"}
    assert "an archive bomb" in bad[0][1]
    sparse = io.BytesIO()
    with tarfile.open(fileobj=sparse, mode="w", format=tarfile.GNU_FORMAT) as archive:
        link = tarfile.TarInfo("l.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    path = tmp_path / "c.tar"
    path.write_bytes(sparse.getvalue())
    assert read(path)[1] == [(1, "member l.txt: a link, device or sparse file")]


def test_a_zip_that_lies_about_its_size_gives_no_more_than_it_said(tmp_path):
    data = bytearray(formats.zip_of({"a.txt": b"word " * 1000}))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        size = archive.infolist()[0].file_size
    place = data.rfind(size.to_bytes(4, "little"))
    data[place : place + 4] = (10).to_bytes(4, "little")
    path = tmp_path / "a.zip"
    path.write_bytes(bytes(data))
    documents, bad, _ = read(path)
    assert sum(map(len, documents.values())) <= 10
    assert documents or bad


def test_a_file_that_grows_is_read_to_where_it_was_and_said(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    path = folder / "log.txt"
    path.write_text("line of a log\n" * 200_000)
    stop = threading.Event()

    def grow():
        with open(path, "a") as file:
            while not stop.is_set():
                file.write("later line\n" * 50_000)
                file.flush()
                stop.wait(0.005)

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        report = build_corpus([folder], tmp_path / "c.jsonl", CorpusConfig())
    finally:
        stop.set()
        thread.join()
    assert any("changed while it was read" in note for note in report.files[0].notes)


def test_block_reader_hands_out_the_same_bytes():
    data = bytes(range(256)) * 40
    blocks = [data[n : n + 37] for n in range(0, len(data), 37)]
    stream, out = BlockReader(iter(blocks)), b""
    for size in (1, 100, 37, 0, 5000):
        out += stream.read(size)
    out += stream.readline(10_000) + stream.readline(3)
    out += stream.read()
    assert out == data
    assert stream.read(5) == stream.readline(5) == b""


def test_all_formats_make_one_corpus(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    for name, data in formats.EXAMPLES.items():
        (folder / name).write_bytes(data)
    (folder / "a.tsv").write_text("id\ttext\n1\tA row of tabs.\n")
    (folder / "a.rst").write_text("Head\n====\n\nText.\n")
    (folder / "a.tgz").write_bytes(gzip.compress(formats.tar_of({"y.txt": b"In a tgz."})))
    report = build_corpus([folder], tmp_path / "c.jsonl", CorpusConfig())
    assert {file.path for file in report.files if file.status == "read"} == {path.name for path in folder.iterdir()}
    assert report.documents["kept"] >= 18
