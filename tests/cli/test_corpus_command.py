"""`groundup corpus` as a command."""

import json

import pytest
import typer
from typer.testing import CliRunner

from groundup.cli.corpus import corpus
from groundup.utils.errors import UserError

app = typer.Typer()
app.command()(corpus)


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_folders_files_and_patterns(tmp_path):
    for name in ("one/a.txt", "two/b.md", "c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"Text of {name}.")
    output = tmp_path / "out" / "corpus.jsonl"
    result = run(
        "--input-dir", tmp_path / "one", "--input-dir", tmp_path / "two", tmp_path / "*.txt", "--output-file", output
    )
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "Documents: 3 read = 3 kept" in result.stderr
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    assert [(row["source"], row["text"]) for row in rows] == [
        ("a.txt", "Text of one/a.txt."),
        ("b.md", "Text of two/b.md."),
        ("c.txt", "Text of c.txt."),
    ]


def test_text_column_and_cleaning(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"body": " x  \\n\\n\\n\\ny"}\n')
    output = tmp_path / "out" / "corpus.txt"
    assert run(tmp_path, "--output-file", output, "--text-column", "body", "--cleaning", "none").exit_code == 0
    assert output.read_text() == " x  \n\n\n\ny\n<|endoftext|>\n"


def test_errors_come_out_as_they_are(tmp_path):
    result = run("--output-file", tmp_path / "corpus.txt")
    assert isinstance(result.exception, UserError)
    assert "--input-dir" in str(result.exception)


@pytest.mark.parametrize("word", ["--input-dir", "--output-file", "--text-column", "--cleaning"])
def test_help_names_every_flag(word):
    assert word in run("--help").stdout
