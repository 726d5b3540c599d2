"""The tokenizer verbs as a user calls them."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from groundup.cli import tokenizer as verbs
from groundup.tokenizer.loading import load_tokenizer
from groundup.utils.errors import UserError


def run(*arguments: str | Path) -> str:
    """What the verb says on stderr; the user's errors come out as exceptions."""
    app = typer.Typer()
    app.command()(verbs.train)
    app.callback()(lambda: None)
    result = CliRunner().invoke(app, ["train", *map(str, arguments)])
    if isinstance(result.exception, UserError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stderr


def test_train_reads_both_corpus_formats(tmp_path: Path) -> None:
    plain = tmp_path / "a.txt"
    plain.write_text("the fox and the owl\n<|endoftext|>\nthe fox\n")
    lines = tmp_path / "b.jsonl"
    lines.write_text(json.dumps({"text": "zebra " * 9, "source": "b", "id": "0" * 32}) + "\n")
    said = run("--input-file", plain, "--input-file", lines, "--output-dir", tmp_path / "t", "--special-token", "<s>")
    assert "shrunk" in said
    made = load_tokenizer(tmp_path / "t")
    assert made.specials.bos == "<s>"
    assert made.token_to_id("zebra") or made.token_to_id("Ġzebra")
    assert made.token_to_id("Ġfox") is not None
    assert "left as it is" in run(
        "--input-file", plain, "--input-file", lines, "--output-dir", tmp_path / "t", "--special-token", "<s>"
    )


def test_train_refuses_to_replace_and_replaces_with_force(tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text("the fox and the owl and the fox")
    run("--input-file", text, "--output-dir", tmp_path / "t")
    before = load_tokenizer(tmp_path / "t").fingerprint
    with pytest.raises(UserError, match="--force"):
        run("--input-file", text, "--output-dir", tmp_path / "t", "--min-frequency", "3")
    assert load_tokenizer(tmp_path / "t").fingerprint == before
    run("--input-file", text, "--output-dir", tmp_path / "t", "--min-frequency", "3", "--force")
    assert load_tokenizer(tmp_path / "t").fingerprint != before


def test_train_names_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gone\.txt"):
        run("--input-file", tmp_path / "gone.txt", "--output-dir", tmp_path / "t")
    assert not (tmp_path / "t").exists()
