"""groundup tokenize, as typed."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from groundup.cli.tokenize import tokenize
from groundup.data.token_files import find_token_sets
from groundup.tokenizer.loading import load_tokenizer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.utils.errors import UserError
from groundup.utils.progress import quiet

TEXTS = [f"Story {n}: a cat and {n} dogs went to the sea. <|endoftext|> is only text here." for n in range(60)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A corpus and a tokenizer."""
    (tmp_path / "corpus.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in TEXTS))
    train_tokenizer(TEXTS, TokenizerConfig(vocab_size=300), quiet).save(tmp_path / "tokenizer")
    return tmp_path


def run(folder: Path, *words: str, corpus: str = "corpus.jsonl", tokenizer: str = "tokenizer") -> str:
    """What it says on stderr. What a user can mend comes out as UserError."""
    app = typer.Typer()
    app.command()(tokenize)
    paths = ["--input-file", str(folder / corpus), "--tokenizer", str(folder / tokenizer)]
    result = CliRunner().invoke(app, [*paths, "--output-dir", str(folder / "tokens"), *words])
    if isinstance(result.exception, UserError):
        raise result.exception
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    return result.stderr


def test_a_corpus_becomes_token_files(folder: Path) -> None:
    words = "--seq-len 32 --method split --format bin --format jsonl --validation 0.2 --block-size 32"
    assert "documents: read 60 = training" in run(folder, *words.split())
    tokenizer = load_tokenizer(folder / "tokenizer")
    sets = find_token_sets(folder / "tokens", tokenizer_fingerprint=tokenizer.fingerprint)
    assert [(found.meta.split, found.meta.method, found.meta.seq_len) for found in sets] == [
        ("train", "split", 32),
        ("val", "split", 32),
    ]
    assert all(found.path("jsonl").exists() for found in sets)
    assert sets[0].meta.tokenizer_path == str(folder / "tokenizer")
    text = "".join(tokenizer.decode(found.tokens.tolist()) for found in sets)
    assert sorted(text.split("Story ")[1:]) == sorted(part.removeprefix("Story ") for part in TEXTS)
    assert "nothing is new" in run(folder, *words.split())


def test_every_document_begins_with_the_end_of_text_and_markers_stay_text(folder: Path) -> None:
    run(folder, "--block-size", "8")
    for found in find_token_sets(folder / "tokens"):
        begins = found.tokens == found.meta.end_of_text_id
        assert begins.nonzero()[0].tolist() == found.offsets[:-1].tolist()


def test_what_is_missing_is_named(folder: Path) -> None:
    with pytest.raises(UserError, match=r"nothing\.jsonl"):
        run(folder, corpus="nothing.jsonl")
    with pytest.raises(UserError, match="nowhere"):
        run(folder, tokenizer="nowhere")
    assert not (folder / "tokens").exists()


def test_what_would_be_left_unread_is_refused(folder: Path) -> None:
    app = typer.Typer()
    app.command()(tokenize)
    for words, told in (
        (["--config", "a.yaml", "--method", "split"], "--method is not read beside a configuration"),
        (["dataset.method=split", "--input-file", "a.jsonl"], "settings (KEY=VALUE) are read with"),
    ):
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 2
        assert told in " ".join(result.stderr.replace("│", " ").split())
