"""The tokenizer verbs as a user calls them."""

import json
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from groundup.cli import tokenizer as verbs
from groundup.tokenizer.loading import load_tokenizer
from groundup.utils.errors import UserError


def invoke(*arguments: str | Path, stdin: str | None = None) -> Result:
    """Run a verb; the user's errors come out as exceptions."""
    app = typer.Typer()
    for verb in (verbs.train, verbs.compare, verbs.show):
        app.command()(verb)
    result = CliRunner().invoke(app, list(map(str, arguments)), input=stdin)
    if isinstance(result.exception, UserError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result


def run(*arguments: str | Path) -> str:
    """What training says on stderr."""
    return invoke("train", *arguments).stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    text = tmp_path / "text.txt"
    text.write_text("the fox and the owl and the fox\n" * 3)
    run("--input-file", text, "--output-dir", tmp_path / "trained")
    return tmp_path / "trained"


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


def test_train_takes_over_a_tokenizer(tmp_path: Path, folder: Path) -> None:
    (folder / "tokenizer_config.json").unlink()
    said = run("--path", folder, "--output-dir", tmp_path / "taken", "--special-token", "<|tool|>")
    assert "taken" in said
    taken = load_tokenizer(tmp_path / "taken")
    assert taken.token_to_id("<|tool|>") == taken.vocab_size - 1
    with pytest.raises(UserError, match="nothing to train on"):
        run("--output-dir", tmp_path / "none")


def test_compare_prints_a_table_or_json(tmp_path: Path, folder: Path) -> None:
    chat = tmp_path / "chat.jsonl"
    chat.write_text(json.dumps({"messages": [{"role": "user", "content": "the fox"}]}) + "\n")
    arguments = ("compare", folder, "--input-file", tmp_path / "text.txt", "--chat-file", chat)
    lines = invoke(*arguments).stdout.splitlines()
    assert len(lines) == 2
    assert "bytes per token" in lines[0]
    assert lines[1].startswith(str(folder))
    assert "exact" in lines[1]
    rows = json.loads(invoke(*arguments, "--json").stdout)
    assert rows[0]["documents"] == 1
    assert rows[0]["bytes_per_token"] > 1
    assert 0 < rows[0]["marker_saving"] < 1
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    assert "p.svg" in invoke(*arguments, "--plot", tmp_path / "p.svg").stderr
    assert (tmp_path / "p.svg").exists()


def test_show_marks_tokens_in_a_pipe(tmp_path: Path, folder: Path) -> None:
    result = invoke("show", "--tokenizer", folder, "the fox")
    assert result.stdout == "the‖ fox\n"
    assert "2 tokens for 7 bytes: 3.50 bytes per token" in result.stderr
    assert invoke("show", "--tokenizer", folder, stdin="the fox").stdout == result.stdout
    (tmp_path / "t.txt").write_text("the<|im_end|>")
    special = invoke("show", "--tokenizer", folder, "--input-file", tmp_path / "t.txt", "--special", "--ids")
    assert special.stdout.splitlines()[1].split() == ["3", "'<|im_end|>'"]
    assert "<‖|‖i‖m" in invoke("show", "--tokenizer", folder, "--input-file", tmp_path / "t.txt").stdout
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="not UTF-8"):
        invoke("show", "--tokenizer", folder, "--input-file", tmp_path / "binary")
