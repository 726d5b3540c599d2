"""Reading the corpus file back."""

import hashlib
import json

import pytest

from groundup.data import documents
from groundup.data.documents import document_id, read_corpus
from groundup.utils.errors import UserError


def test_id_is_the_hash_of_the_text():
    assert document_id("Grüße") == hashlib.sha256("Grüße".encode()).hexdigest()[:32]


def test_txt_records_are_parted_by_marker_lines(tmp_path):
    path = tmp_path / "c.txt"
    path.write_text(
        "One.\n\nStill one.\n<|endoftext|>\ntwo <|endoftext|>\n<|endoftext|>  \n\n<|endoftext|>\nthree\u2028\x85end"
    )
    records = list(read_corpus(path))
    assert [r.text for r in records] == ["One.\n\nStill one.", "two <|endoftext|>", "three\u2028\x85end"]
    assert [r.source for r in records] == ["c.txt#line=1", "c.txt#line=5", "c.txt#line=9"]
    assert [r.id for r in records] == [document_id(r.text) for r in records]


def test_jsonl_id_follows_the_text_even_when_edited(tmp_path):
    path = tmp_path / "c.jsonl"
    rows = [{"text": "edited", "source": "a.txt", "id": "0" * 32}, {"text": "bare"}, {"text": " "}]
    path.write_text("\n".join(map(json.dumps, rows)) + "\n\n")
    assert [(r.text, r.source, r.id) for r in read_corpus(path)] == [
        ("edited", "a.txt", document_id("edited")),
        ("bare", "c.jsonl#line=2", document_id("bare")),
    ]


@pytest.mark.parametrize(
    "line", ["{", "[]", '"text"', '{"x": 1}', '{"text": 3}', '{"text": "\\ud800"}', "\x00", "[" * 9999]
)
def test_damaged_jsonl_names_file_and_line(tmp_path, line):
    path = tmp_path / "c.jsonl"
    path.write_text(json.dumps({"text": "fine"}) + "\n" + line + "\n")
    with pytest.raises(UserError, match=r"c\.jsonl: line 2 "):
        list(read_corpus(path))


def test_damaged_txt_names_file_and_line(tmp_path):
    path = tmp_path / "c.txt"
    path.write_bytes(b"fine\n<|endoftext|>\nbad \xff\n")
    with pytest.raises(UserError, match=r"c\.txt: line 3 .* not UTF-8"):
        list(read_corpus(path))


@pytest.mark.parametrize("name", ["c.txt", "c.jsonl"])
def test_a_record_too_large_for_memory_is_refused(tmp_path, monkeypatch, name):
    monkeypatch.setattr(documents, "RECORD_LIMIT", 1000)
    (tmp_path / name).write_text('{"text": "' + "word\\n " * 400 + '"}\n')
    with pytest.raises(UserError, match=r"line 1 .* MB"):
        list(read_corpus(tmp_path / name))


def test_not_a_corpus(tmp_path):
    with pytest.raises(UserError, match=r"does not exist.*groundup corpus"):
        list(read_corpus(tmp_path / "c.txt"))
    with pytest.raises(UserError, match="no corpus file"):
        list(read_corpus(tmp_path / "c.csv"))
