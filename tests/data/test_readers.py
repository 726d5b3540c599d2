"""One reader a format: what it yields, what it tells."""

import bz2
import contextlib
import csv
import gzip
import io
import json
import lzma
from itertools import groupby

import more_formats
import pyarrow
import pyarrow.parquet
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from groundup.data import readers
from groundup.data.readers import FileLog, SkipFile, read_documents, split_txt
from groundup.data.sources import FORMATS, format_of

ROWS = ["first, with comma", 'second "quoted"\n\nand a paragraph', "Łódź 你好 👋", " "]


def read(path, text_column="text"):
    """([(location, whole text)], {row: why it is bad}, remarks)"""
    bad = {}
    log = FileLog(bad.__setitem__)
    texts = read_documents(path, format_of(path.name), text_column, log)
    documents = [(place, "".join(text for text, _ in group)) for place, group in groupby(texts, key=lambda t: t[1])]
    return documents, bad, log.notes


def csv_of(rows, delimiter=","):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([["id", "text"], *([n, row] for n, row in enumerate(rows))])
    return text.getvalue().encode()


def jsonl_of(rows):
    return "".join(json.dumps({"id": n, "text": row}) + "\n" for n, row in enumerate(rows)).encode()


def parquet_of(rows, **columns):
    sink = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"id": [0] * len(rows), "text": rows, **columns}), sink)
    return sink.getvalue()


def pack(data, suffix):
    packers = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
    return packers[suffix](data)


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst", ".bz2", ".xz"])
@pytest.mark.parametrize(
    ("name", "data", "places"),
    [
        ("a.jsonl", jsonl_of(ROWS), ["line=1", "line=2", "line=3", "line=4"]),
        ("a.csv", csv_of(ROWS), ["line=2", "line=3", "line=6", "line=7"]),
        ("a.parquet", parquet_of(ROWS), ["row=1", "row=2", "row=3", "row=4"]),
        ("a.txt", "\n<|endoftext|>\n".join(ROWS).encode(), ["", "line=3", "line=7", "line=9"]),
    ],
)
def test_the_same_documents_from_every_format(tmp_path, name, data, places, suffix):
    path = tmp_path / (name + suffix)
    path.write_bytes(pack(data, suffix))
    documents, bad, notes = read(path)
    assert [text.removesuffix("\n") for _, text in documents] == ROWS
    assert [place for place, _ in documents] == places
    assert (bad, notes) == ({}, [])


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_one_document_a_file(tmp_path, suffix):
    for name, data, text in [
        ("a.md", "# Head\n\n<|endoftext|>\n*text*", "# Head\n\n<|endoftext|>\n*text*"),
        ("a.html", "<h1>Head</h1><p>caf&eacute;", "Head\n\ncafé"),
        ("a.txt", "one\n\ntwo", "one\n\ntwo"),
    ]:
        path = tmp_path / (name + suffix)
        path.write_bytes(pack(data.encode(), suffix))
        assert read(path) == ([("", text)], {}, [])


def test_html_markup_without_end_is_said(tmp_path, monkeypatch):
    path = tmp_path / "a.html"
    path.write_text("<p>text<!-- " + "no end " * 10)
    assert read(path) == (
        [("", "text")],
        {},
        ["its last 75 characters are a tag or comment without end and were left out"],
    )
    monkeypatch.setattr(readers, "MARKUP_LIMIT", 1000)
    path.write_text("<p>text<a" + " <a" * 500_000)  # each would be tried as a tag
    assert read(path) == ([("", "text")], {}, ["read up to a tag or comment of more than 1,000 characters"])


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("a\n<|endoftext|>\nb\n<|endoftext|>\n", [("", "a\n"), ("line=3", "b\n")]),
        ("<|endoftext|>\na\n<|endoftext|>  \n<|endoftext|>\nb", [("line=2", "a\n"), ("line=4", ""), ("line=5", "b")]),
        ("in a line <|endoftext|>\n <|endoftext|>\n<|endoftext|>x", None),
        ("", []),
        ("<|endoftext|>", []),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 5, 14, 1000])
def test_txt_is_parted_at_marker_lines_only(text, documents, size):
    pieces = (text[i : i + size] for i in range(0, len(text), size))
    found = [(place, "".join(t for t, _ in group)) for place, group in groupby(split_txt(pieces), key=lambda t: t[1])]
    assert found == ([("", text)] if documents is None else documents)


def test_a_marker_after_a_very_long_line_without_its_end_is_no_border():
    pieces = iter(["x" * 5000, "<|endoftext|>\nrest"])
    assert "".join(text for text, place in split_txt(pieces) if place == "") == "x" * 5000 + "<|endoftext|>\nrest"


def test_bad_rows_of_jsonl_are_told(tmp_path):
    path = tmp_path / "a.jsonl"
    lines = [
        '{"text": "good"}',
        "{oops",
        "[1]",
        "",
        '{"body": "x", "id": 1}',
        '{"text": null}',
        "[" * 9999,
        '{"text": ""}',
    ]
    path.write_text("\n".join(lines))
    documents, bad, _ = read(path)
    assert documents == [("line=1", "good"), ("line=8", "")]
    assert list(bad) == [2, 3, 5, 6, 7]
    assert "not JSON" in bad[2]
    assert bad[3] == "not a JSON object"
    assert bad[5] == 'no column "text"; the columns are: body, id'
    assert bad[6] == 'column "text" is not text but NoneType'


def test_half_a_surrogate_pair_in_jsonl_becomes_a_replacement_character(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(r'{"text": "pair \ud83d\udc4b half \ud83d"}')
    assert read(path)[0] == [("line=1", "pair 👋 half \ufffd")]


def test_another_text_column(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"body": "x"}')
    assert read(path, "body") == ([("line=1", "x")], {}, [])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_delimiters(tmp_path, delimiter):
    path = tmp_path / "a.csv"
    path.write_bytes(csv_of(ROWS, delimiter))
    assert [text for _, text in read(path)[0]] == ROWS


def test_bad_rows_of_csv_are_told(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,text\n1,good\n2\n\n3,also,more\n" + "4," + "x" * 300_000 + "\n5,end")
    documents, bad, _ = read(path)
    assert [text for _, text in documents] == ["good", "also", "x" * 300_000, "end"]
    assert bad == {3: 'no column "text": only 1 of 2 columns'}


def test_csv_with_a_quote_left_open_loses_one_field_only(tmp_path, monkeypatch):
    monkeypatch.setattr(readers, "ROW_LIMIT", 5000)
    path = tmp_path / "a.csv"
    path.write_text('id,text\n1,good\n2,"open\n' + "".join(f"{n},row {n}\n" for n in range(1000)))
    documents, bad, _ = read(path)
    assert documents[0] == ("line=2", "good")
    assert documents[-1] == ("line=1003", "row 999")
    assert bad == {3: "field larger than field limit (5000)"}
    assert len(documents) > 500


@pytest.mark.parametrize("tail", ["", "\n{}"])
def test_a_line_too_long_for_memory_is_a_bad_row(tmp_path, monkeypatch, tail):
    monkeypatch.setattr(readers, "ROW_LIMIT", 1_000_000)
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a"}\n{"text": "' + "x" * 4_000_000 + '"}' + tail)
    documents, bad, _ = read(path)
    assert documents == [("line=1", "a")]
    assert bad[2] == "longer than 1,000,000 characters"
    assert len(bad) == (2 if tail else 1)


@pytest.mark.parametrize(
    ("name", "data", "detail"),
    [
        ("a.csv", csv_of(ROWS), 'no column "body"; the columns are: id, text'),
        ("a.parquet", parquet_of(ROWS), 'no column "body"; the columns are: id, text'),
        ("a.parquet", parquet_of(ROWS, body=[1, 2, 3, 4]), 'column "body" is not text but int64'),
    ],
)
def test_a_table_without_the_column_names_those_there(tmp_path, name, data, detail):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(SkipFile) as caught:
        read(tmp_path / name, "body")
    assert (caught.value.reason, caught.value.detail) == ("no text column", detail)


def test_parquet_kinds_of_text_and_null(tmp_path):
    texts = ["a", None, "b"] * 100
    for kind in (pyarrow.string(), pyarrow.large_string(), pyarrow.dictionary(pyarrow.int32(), pyarrow.string())):
        path = tmp_path / "a.parquet"
        table = pyarrow.table({"text": pyarrow.array(texts, pyarrow.string()).cast(kind)})
        pyarrow.parquet.write_table(table, path, row_group_size=70)
        documents, bad, _ = read(path)
        assert [text for _, text in documents] == ["a", "b"] * 100
        assert list(bad) == list(range(2, 300, 3))
        assert bad[2] == 'column "text" is not text but null'


def test_damaged_parquet(tmp_path):
    path = tmp_path / "a.parquet"
    pyarrow.parquet.write_table(
        pyarrow.table({"text": [f"{n * 7919 % 10_007} row {n}" for n in range(20_000)]}),
        path,
        row_group_size=1000,
        use_dictionary=False,
    )
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SkipFile) as caught:
        read(path)
    assert caught.value.reason == "damaged"
    half = len(whole) // 2
    path.write_bytes(whole[:half] + b"\xff" * 5000 + whole[half + 5000 :])
    documents, _, notes = read(path)
    assert documents[0] == ("row=1", "0 row 0")
    assert 1000 < len(documents) < 20_000
    assert f"damaged: only the first {len(documents):,} rows" in notes[0]


@st.composite
def damaged_examples(draw):
    """A whole file of some other format, cut off or with a few bytes changed."""
    data = bytearray(draw(st.sampled_from(sorted(more_formats.EXAMPLES.values()))))
    for _ in range(draw(st.integers(0, 3))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.integers(1, len(data)))])


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    extension=st.sampled_from(sorted(FORMATS)),
    suffix=st.sampled_from(["", ".gz", ".zst", ".bz2", ".xz"]),
    packed=st.booleans(),
    data=st.one_of(
        st.binary(max_size=300),
        st.text(alphabet='{}[]"<>|,;\n\r\t/&!-text:endof \x00é', max_size=200).map(str.encode),
        st.integers(0, 3000).map(lambda cut: parquet_of(ROWS)[:cut]),
        st.sampled_from([csv_of(ROWS), jsonl_of(ROWS), b'id,text\n1,"open']),
        damaged_examples(),
    ),
)
def test_no_bytes_make_a_reader_fail(tmp_path, extension, suffix, packed, data):
    path = tmp_path / f"fuzz{extension}{suffix}"
    path.write_bytes(pack(data, suffix) if packed else data)
    with contextlib.suppress(SkipFile):  # anything else is a bug
        documents, _, _ = read(path)
        assert len({place for place, _ in documents}) == len(documents)
