"""From corpus to token files: only what is new, every document and token accounted for."""

from pathlib import Path

import pytest
from toy_corpus import documents_of, make_texts, tokenize, write_corpus
from toy_tokenizer import ByteTokenizer

from groundup.data.documents import document_id
from groundup.data.selection import HELD_OUT, KNOWN, REPEATED, TRAIN, VAL, as_array, choose_documents
from groundup.data.split import SplitRule
from groundup.data.token_files import find_token_sets
from groundup.data.tokenize import DatasetConfig, check_dataset, recorded_rule
from groundup.utils.errors import UserError


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def texts_of(folder: Path, split: str) -> list[str]:
    rows = (row for token_set in find_token_sets(folder, split=split) for row in documents_of(token_set))
    return [ByteTokenizer().decode(row) for row in rows]


def test_both_sides_in_the_order_of_the_corpus(tmp_path: Path) -> None:
    texts = make_texts(100)
    report = tokenize(write_corpus(tmp_path / "c.jsonl", texts), tmp_path / "t", workers=3)
    train, val = texts_of(tmp_path / "t", "train"), texts_of(tmp_path / "t", "val")
    assert len(val) == report.documents.val > 0
    assert sorted(train + val) == sorted(texts)
    assert train == [text for text in texts if text in train]
    assert val == [text for text in texts if text in val]
    assert not list((tmp_path / "t").glob(".*"))  # no work is left


def test_adding_text_changes_no_file_and_no_side(tmp_path: Path) -> None:
    texts, folder = make_texts(150), tmp_path / "t"
    corpus = write_corpus(tmp_path / "c.jsonl", texts[:60])
    tokenize(corpus, folder)
    first = contents(folder)
    train, val = set(texts_of(folder, "train")), set(texts_of(folder, "val"))
    write_corpus(corpus, texts[60:] + texts[:60])  # new text before the old
    report = tokenize(corpus, folder)
    assert (report.documents.read, report.documents.known) == (150, 60)
    assert report.documents.train + report.documents.val == 90
    assert contents(folder).items() > first.items()
    assert train <= set(texts_of(folder, "train"))
    assert val <= set(texts_of(folder, "val"))
    tokenize(corpus, tmp_path / "whole")
    rule, anew = recorded_rule(folder), recorded_rule(tmp_path / "whole")
    assert rule == anew is not None
    assert sorted(texts_of(folder, "val")) == sorted(texts_of(tmp_path / "whole", "val"))
    assert sorted(texts_of(folder, "train")) == sorted(texts_of(tmp_path / "whole", "train"))


def test_nothing_new_says_so_and_writes_nothing(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "c.jsonl", make_texts(30))
    tokenize(corpus, tmp_path / "t")
    before = contents(tmp_path / "t")
    said: list[str] = []
    assert tokenize(corpus, tmp_path / "t", say=said.append).sets == []
    assert contents(tmp_path / "t") == before
    assert "nothing is new" in said[-1]


def test_the_recorded_share_is_kept_and_another_one_ignored_aloud(tmp_path: Path) -> None:
    corpus, folder = write_corpus(tmp_path / "c.jsonl", make_texts(60)), tmp_path / "t"
    tokenize(corpus, folder, validation=0.3)
    rule = recorded_rule(folder)
    write_corpus(corpus, make_texts(60) + make_texts(60, seed=1))
    said: list[str] = []
    tokenize(corpus, folder, validation=0.01, say=said.append)
    assert any("0.3" in line and "0.01 is ignored" in line for line in said)
    assert {SplitRule.from_dict(token_set.meta.split_rule) for token_set in find_token_sets(folder)} == {rule}


def test_documents_with_the_same_text_are_tokenised_once(tmp_path: Path) -> None:
    texts = make_texts(40)
    report = tokenize(write_corpus(tmp_path / "c.jsonl", [*texts, *texts[:7], texts[0]]), tmp_path / "t")
    assert (report.documents.read, report.documents.repeated) == (48, 8)
    assert sorted(texts_of(tmp_path / "t", "train") + texts_of(tmp_path / "t", "val")) == sorted(texts)


def test_several_corpora_each_have_files_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    first = write_corpus(tmp_path / "c.jsonl", make_texts(40))
    second = write_corpus(tmp_path / "other" / "c.jsonl", make_texts(40, seed=1) + make_texts(5))
    report = tokenize([first, second], tmp_path / "t")
    assert (report.documents.read, report.documents.known) == (85, 5)
    names = {token_set.name.split(".")[0] for token_set in find_token_sets(tmp_path / "t", split="train")}
    assert names == {"c", "c-2"}


@pytest.mark.parametrize("method", ["pack", "split", "truncate"])
def test_the_ledger_adds_up(tmp_path: Path, method: str) -> None:
    texts, seq_len, folder = make_texts(80), 10, tmp_path / "t"
    said: list[str] = []
    corpus = write_corpus(tmp_path / "c.jsonl", texts)
    report = tokenize(corpus, folder, method=method, seq_len=seq_len, say=said.append)
    read = sum(1 + len(text.encode()) for text in texts)  # `<|endoftext|>` and bytes
    assert sum(ledger.read for ledger in report.tokens.values()) == read
    assert sum(report.bytes.values()) == read - len(texts)
    for split, ledger in report.tokens.items():
        (token_set,) = find_token_sets(folder, split=split)
        rows = documents_of(token_set)
        assert token_set.meta.ledger == ledger
        assert ledger.read == ledger.kept + ledger.truncated + ledger.discarded
        assert ledger.kept == sum(map(len, rows)) == token_set.meta.tokens
        padding = 0 if method == "pack" else sum(seq_len - len(row) for row in rows)
        assert ledger.padded == padding
        assert (ledger.truncated > 0) == (method == "truncate")
        assert any(f"read {ledger.read:,} = kept {ledger.kept:,} + truncated {ledger.truncated:,}" in x for x in said)
    if method != "pack":
        assert all(len(row) <= seq_len for split in ("train", "val") for row in texts_as_rows(folder, split))


def texts_as_rows(folder: Path, split: str) -> list[list[int]]:
    return [row for token_set in find_token_sets(folder, split=split) for row in documents_of(token_set)]


def test_split_cuts_documents_and_loses_nothing(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "c.jsonl", make_texts(50))
    tokenize(corpus, tmp_path / "pack")
    tokenize(corpus, tmp_path / "split", method="split", seq_len=7)
    (packed,) = find_token_sets(tmp_path / "pack", split="train")
    (cut,) = find_token_sets(tmp_path / "split", split="train")
    assert cut.tokens.tolist() == packed.tokens.tolist()
    assert cut.meta.documents == packed.meta.rows < cut.meta.rows


def test_a_validation_file_is_all_validation_and_leaves_training(tmp_path: Path) -> None:
    texts, folder = make_texts(60), tmp_path / "t"
    corpus = write_corpus(tmp_path / "c.jsonl", texts)
    held_out = write_corpus(tmp_path / "v.jsonl", texts[:5] + make_texts(5, seed=1))
    report = tokenize(corpus, folder, validation=held_out)
    assert sorted(texts_of(folder, "val")) == sorted(texts[:5] + make_texts(5, seed=1))
    assert sorted(texts_of(folder, "train")) == sorted(texts[5:])
    assert report.documents.held_out == 5
    assert report.documents.read == 70
    assert {token_set.name.split(".")[0] for token_set in find_token_sets(folder, split="val")} == {"v"}
    # Asked for a share later, all that is new is for training.
    said: list[str] = []
    write_corpus(corpus, texts + make_texts(30, seed=2))
    later = tokenize(corpus, folder, validation=0.5, say=said.append).documents
    assert (later.train, later.val, later.known) == (30, 0, 60)
    assert any(str(held_out) in line and "0.5 is ignored" in line for line in said)


def test_a_validation_file_that_was_trained_on_is_not_validation(tmp_path: Path) -> None:
    texts, folder = make_texts(60), tmp_path / "t"
    corpus = write_corpus(tmp_path / "c.jsonl", texts)
    tokenize(corpus, folder)
    trained, val = texts_of(folder, "train"), texts_of(folder, "val")
    fresh = make_texts(5, seed=1)
    said: list[str] = []
    held_out = write_corpus(tmp_path / "v.jsonl", trained[:3] + fresh)
    report = tokenize(corpus, folder, validation=str(held_out), say=said.append)
    assert sorted(texts_of(folder, "val")) == sorted(val + fresh)
    assert report.documents.held_out == 3
    assert any("3 documents" in line and "trained on earlier" in line for line in said)


def test_another_tokenizer_is_refused(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "c.jsonl", make_texts(30))
    tokenize(corpus, tmp_path / "t")
    before = contents(tmp_path / "t")
    with pytest.raises(UserError, match=f"{'b' * 12}.*{'c' * 12}"):
        tokenize(corpus, tmp_path / "t", tokenizer=ByteTokenizer(fingerprint="c" * 64))
    assert contents(tmp_path / "t") == before


@pytest.mark.parametrize(
    ("texts", "block_size", "message"),
    [
        (
            ["ab", "cd", "ef"],
            64,
            r"Not enough tokens for training: found \d, needed at least 65\. Add",
        ),
        (["only one"], 4, "Not enough text"),
        ([], 4, "Not enough text"),
    ],
)
def test_too_little_text_leaves_nothing_behind(tmp_path: Path, texts: list[str], block_size: int, message: str) -> None:
    with pytest.raises(UserError, match=message):
        tokenize(write_corpus(tmp_path / "c.jsonl", texts), tmp_path / "t", block_size=block_size)
    assert not (tmp_path / "t").exists()


def test_an_empty_validation_file_is_too_little(tmp_path: Path) -> None:
    corpus, empty = write_corpus(tmp_path / "c.jsonl", make_texts(30)), tmp_path / "v.txt"
    empty.write_text("\n")
    with pytest.raises(UserError, match="Not enough tokens for validation: found 0, needed at least 2"):
        tokenize(corpus, tmp_path / "t", validation=empty)
    with pytest.raises(UserError, match=r"missing\.jsonl does not exist"):
        tokenize(corpus, tmp_path / "t", validation=tmp_path / "missing.jsonl")


def test_text_in_portions_may_lack_validation_text_later(tmp_path: Path) -> None:
    """Only all of a folder together must suffice."""
    texts, folder = make_texts(60), tmp_path / "t"
    corpus = write_corpus(tmp_path / "c.jsonl", texts)
    tokenize(corpus, folder, validation=0.02)
    rule = recorded_rule(folder)
    assert rule is not None
    more = [text for text in make_texts(9, seed=1) if rule.side(document_id(text)) == "train"][:3]
    report = tokenize(write_corpus(corpus, texts + more), folder, validation=0.02)
    assert (report.documents.train, report.documents.val) == (3, 0)
    assert len(report.sets) == 1


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (DatasetConfig(dir="t", method="packed"), 'Did you mean "pack"'),
        (DatasetConfig(dir="t", formats=["jsonlines"]), 'Did you mean "jsonl"'),
        (DatasetConfig(dir="t", formats=[]), "formats is empty"),
        (DatasetConfig(dir="t", seq_len=1), "at least 2"),
        (DatasetConfig(), "dataset.dir"),
    ],
)
def test_settings_that_cannot_work_are_named(config: DatasetConfig, message: str) -> None:
    with pytest.raises(UserError, match=message):
        check_dataset(config)


def test_ids_that_end_in_zero_bytes_are_told_apart() -> None:
    ids = [bytes(15) + b"\1", b"\1" + bytes(15), bytes(16), b"\1" + bytes(14) + b"\1", b"\1" + bytes(15), bytes(16)]
    known, held_out = as_array(ids[0]), as_array(ids[3] + ids[0])
    fates = choose_documents(
        b"".join(ids), lambda hex_id: VAL if hex_id == "00" * 16 else TRAIN, known=known, held_out=held_out
    )
    assert fates.tolist() == [KNOWN, TRAIN, VAL, HELD_OUT, REPEATED, REPEATED]
