"""The format of token files: what is on disk is what was meant, and what is damaged is refused."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from toy_corpus import documents_of, make_sets, make_texts, tokenize, write_corpus
from toy_tokenizer import ByteTokenizer

from groundup.data.documents import document_id
from groundup.data.token_files import TokenMeta, dtype_for, find_leftovers, find_token_sets
from groundup.utils.errors import UserError
from groundup.utils.files import sha256_file


@pytest.mark.parametrize(("vocab_size", "dtype"), [(260, "<u2"), (65536, "<u2"), (65537, "<u4")])
def test_the_bytes_are_as_documented(tmp_path: Path, vocab_size: int, dtype: str) -> None:
    """Read with nothing but numpy and json, as a user would."""
    texts = make_texts(20)
    tokenizer = ByteTokenizer(vocab_size)
    tokenize(write_corpus(tmp_path / "my.stories.jsonl", texts), tmp_path / "t", tokenizer=tokenizer)
    seen = []
    for split in ("train", "val"):
        (meta_file,) = (tmp_path / "t").glob(f"my.stories.{split}.cached.16.*.meta.json")
        assert re.fullmatch(rf"my\.stories\.{split}\.cached\.16\.\d{{8}}-\d{{6}}\.meta\.json", meta_file.name)
        stem = meta_file.name.removesuffix(".meta.json")
        meta = json.loads(meta_file.read_text())
        tokens = np.fromfile(meta_file.with_name(f"{stem}.bin"), dtype)
        offsets = np.fromfile(meta_file.with_name(f"{stem}.idx"), "<u8")
        ids = meta_file.with_name(f"{stem}.docs").read_bytes()
        assert (meta["split"], meta["dtype"]) == (split, {"<u2": "uint16", "<u4": "uint32"}[dtype])
        assert (meta["tokens"], meta["rows"], meta["documents"]) == (len(tokens), len(offsets) - 1, len(ids) // 16)
        assert meta["tokenizer_fingerprint"] == tokenizer.fingerprint
        assert offsets[0] == 0
        assert offsets[-1] == len(tokens)
        assert meta["files"]["bin"]["checksum"] == sha256_file(meta_file.with_name(f"{stem}.bin"))
        for number in range(meta["documents"]):
            document = tokens[int(offsets[number]) : int(offsets[number + 1])].tolist()
            text = tokenizer.decode(document[1:])
            assert document == [0, *tokenizer.encode(text)]
            assert document_id(text) == ids[16 * number : 16 * number + 16].hex()
            seen.append(text)
        assert meta["bytes"] == sum(len(text.encode()) for text in seen[-meta["documents"] :])
    assert sorted(seen) == sorted(texts)


def test_the_smallest_type_that_holds_every_id() -> None:
    assert [dtype_for(size) for size in (4, 65536, 65537)] == ["uint16", "uint16", "uint32"]


@pytest.mark.parametrize("method", ["pack", "split", "truncate"])
def test_bin_and_jsonl_hold_the_same_under_one_fingerprint(tmp_path: Path, method: str) -> None:
    settings = {"method": method, "seq_len": 9}
    (binary,) = make_sets(tmp_path / "bin", **settings)
    (text,) = make_sets(tmp_path / "jsonl", formats=["jsonl"], **settings)
    (both,) = make_sets(tmp_path / "both", formats=["bin", "jsonl"], **settings)
    assert (binary.format, text.format, both.format) == ("bin", "jsonl", "bin")
    assert not text.path("bin").exists()
    assert binary.fingerprint == text.fingerprint == both.fingerprint
    assert documents_of(binary) == documents_of(text)
    lines = [json.loads(line) for line in both.path("jsonl").read_text().splitlines()]
    assert lines == [{"input_ids": row} for row in documents_of(binary)]
    assert not text.tokens.flags.writeable


def test_the_fingerprint_knows_the_content_and_not_its_type(tmp_path: Path) -> None:
    sets = {
        "first": make_sets(tmp_path / "a")[0],
        "wide": make_sets(tmp_path / "b", tokenizer=ByteTokenizer(70_000))[0],
        "other text": make_sets(tmp_path / "c", seed=1)[0],
        "other tokenizer": make_sets(tmp_path / "d", tokenizer=ByteTokenizer(fingerprint="c" * 64))[0],
        "rows": make_sets(tmp_path / "e", method="split", seq_len=1000)[0],
        "longer rows": make_sets(tmp_path / "f", method="split", seq_len=1001)[0],
        "packed under another length": make_sets(tmp_path / "g", seq_len=99)[0],
        "validation": find_token_sets(tmp_path / "a", split="val")[0],
    }
    same = {name for name, token_set in sets.items() if token_set.fingerprint == sets["first"].fingerprint}
    assert same == {"first", "wide", "packed under another length"}
    others = [token_set.fingerprint for name, token_set in sets.items() if name not in same]
    assert len(set(others)) == len(others)


def test_equal_content_is_given_once_and_as_bin(tmp_path: Path) -> None:
    (text,) = make_sets(tmp_path / "x", formats=["jsonl"])
    (binary,) = make_sets(tmp_path / "y")
    for path in (tmp_path / "y").glob("*.cached.*"):
        path.rename(tmp_path / "x" / f"z{path.name}")
    found = find_token_sets(tmp_path / "x", split="train")
    assert [(token_set.fingerprint, token_set.format) for token_set in found] == [(text.fingerprint, "bin")]
    assert binary.fingerprint == text.fingerprint


def test_when_one_of_two_formats_is_gone_the_other_serves(tmp_path: Path) -> None:
    (token_set,) = make_sets(tmp_path, formats=["bin", "jsonl"])
    rows = documents_of(token_set)
    token_set.path("bin").unlink()
    (found,) = find_token_sets(tmp_path, split="train")
    assert found.format == "jsonl"
    assert documents_of(found) == rows
    found.path("jsonl").unlink()
    with pytest.raises(UserError, match=r"\.bin is damaged: expected \d+ bytes, found no file"):
        find_token_sets(tmp_path, split="train")


@pytest.mark.parametrize("suffix", ["bin", "idx"])
def test_a_truncated_file_is_refused_by_name_and_size(tmp_path: Path, suffix: str) -> None:
    (token_set,) = make_sets(tmp_path)
    path = token_set.path(suffix)
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(UserError) as caught:
        find_token_sets(tmp_path)
    message = str(caught.value)
    assert all(part in message for part in (str(path), f"{size} bytes", f"{size - 2} bytes", "groundup tokenize"))
    assert "\n" not in message


@pytest.mark.parametrize("formats", [["bin"], ["jsonl"]])
def test_an_altered_byte_is_found_by_the_checksum(tmp_path: Path, formats: list[str]) -> None:
    (token_set,) = make_sets(tmp_path, formats=formats)
    token_set.verify(deep=True)
    path = token_set.path(formats[0])
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    (found,) = find_token_sets(tmp_path, split="train")
    with pytest.raises(UserError, match=f"{path.name}.*expected checksum"):
        found.verify(deep=True)


def test_another_tokenizer_is_refused_with_both_named(tmp_path: Path) -> None:
    make_sets(tmp_path)
    with pytest.raises(UserError, match=f"{'b' * 12}.*{'c' * 12}"):
        find_token_sets(tmp_path, tokenizer_fingerprint="c" * 64)
    assert find_token_sets(tmp_path, tokenizer_fingerprint="b" * 64)


def test_sets_come_oldest_first_and_by_method(tmp_path: Path) -> None:
    for seed in range(3):
        make_sets(tmp_path, seed=seed)  # within one second: a counter tells them apart
    found = find_token_sets(tmp_path, split="train")
    assert [token_set.name.split(".")[0] for token_set in found] == ["texts0", "texts1", "texts2"]
    make_sets(tmp_path, seed=0, method="truncate", seq_len=12)
    assert len(find_token_sets(tmp_path, split="train")) == 4
    assert len(find_token_sets(tmp_path, split="train", method="pack", seq_len=99)) == 3
    assert len(find_token_sets(tmp_path, split="train", method="truncate", seq_len=12)) == 1
    assert not find_token_sets(tmp_path, split="train", method="truncate", seq_len=13)


def test_files_without_meta_do_not_exist(tmp_path: Path) -> None:
    (token_set,) = make_sets(tmp_path)
    token_set.path("meta.json").unlink()
    assert find_token_sets(tmp_path, split="train") == []
    assert {path.suffix for path in find_leftovers(tmp_path)} == {".bin", ".idx", ".docs"}
    assert find_token_sets(tmp_path / "nowhere") == find_leftovers(tmp_path / "nowhere") == []


def test_a_meta_of_another_version_or_with_a_key_missing_is_refused(tmp_path: Path) -> None:
    (token_set,) = make_sets(tmp_path)
    meta = token_set.meta.to_dict()
    assert TokenMeta.from_dict(meta, tmp_path) == token_set.meta
    with pytest.raises(UserError, match="format_version 2"):
        TokenMeta.from_dict({**meta, "format_version": 2}, tmp_path)
    del meta["tokens"]
    with pytest.raises(UserError, match="lacks tokens"):
        TokenMeta.from_dict(meta, tmp_path)


def test_a_jsonl_line_that_is_none_is_named(tmp_path: Path) -> None:
    (token_set,) = make_sets(tmp_path, formats=["jsonl"])
    path = token_set.path("jsonl")
    content = path.read_text()
    path.write_text(content[:-4] + "x" * 4)  # the size stays
    (found,) = find_token_sets(tmp_path, split="train")
    with pytest.raises(UserError, match=f"in line {token_set.meta.rows}"):
        _ = found.tokens
