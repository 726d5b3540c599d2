"""`groundup corpus` as a command."""

import json

import pytest
import typer
from typer.testing import CliRunner

from groundup.cli import main
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


def main_app(*words):
    return CliRunner().invoke(main.app, ["corpus", *map(str, words)])


@pytest.fixture
def made(tmp_path):
    sentence = "The keeper of lamp {} went to the harbour and found a letter from house {} with news of that winter. "
    rows = ["".join(sentence.format(n * 7, k * n) for k in range(9)) for n in range(1, 9)]
    rows[3] = "Too short."
    rows[5] += "Write to anna@example.com."
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.jsonl").write_text("".join(json.dumps({"text": row}) + "\n" for row in rows))
    output = tmp_path / "c.jsonl"
    options = ["--explain", "--personal-data", "mask", "--near-duplicates", "0.9"]
    result = main_app("--input-dir", tmp_path / "raw", "--output-file", output, *options)
    assert result.exit_code == 0, result.output
    return output


def test_inspect_tells_step_rule_value_and_limit(made):
    result = main_app("inspect", made)
    assert result.exit_code == 0
    assert "a.jsonl#line=6: changed" in result.stdout
    assert "  personal data: email: 1 (limit: <email>)" in result.stdout
    assert "anna@example.com" in result.stdout.split("before:")[1].splitlines()[0]
    assert "1 of 1 documents shown." in result.stderr
    assert json.loads(main_app("inspect", made, "--json").stdout)["source"] == "a.jsonl#line=6"
    nothing = main_app("inspect", made, "--step", "gopher")
    assert (nothing.stdout, nothing.exit_code) == ("", 0)
    assert "Steps that dropped or changed a document here" in nothing.stderr
    assert "personal data" in nothing.stderr
    assert main_app("inspect", made, "--action", "remvoed").exit_code == 1
    assert main_app("inspect", made.with_name("d.jsonl")).exit_code == 1


def test_report_writes_a_page_that_needs_nothing_else(made):
    result = main_app("report", made)
    assert result.exit_code == 0
    page = made.with_suffix(".report.html").read_text()
    assert "Page in" in result.stderr
    assert "personal data" in page
    assert "http" not in page
    assert page.count("<details") == 8
    assert main_app("report", made.with_name("d.jsonl")).exit_code == 1


def test_the_page_of_a_light_corpus_has_lengths_and_samples(tmp_path):
    (tmp_path / "a.txt").write_text("A <short> text.")
    (tmp_path / "b.txt").write_text("word " * 200)
    output = tmp_path / "out" / "c.txt"
    assert main_app(tmp_path, "--output-file", output).exit_code == 0
    assert main_app("report", output).exit_code == 0
    page = output.with_suffix(".report.html").read_text()
    assert "A &lt;short&gt; text." in page
    assert "<td>8 to 15<td class=n>1" in page
    assert "<td>512 to 1,023<td class=n>1" in page
    assert "left out</h2>" not in page


@pytest.mark.parametrize(
    ("data", "source"), [(b"Some text.", "stdin.txt"), (b'{"text": "Some text."}\n', "stdin.jsonl#line=1")]
)
def test_standard_input(tmp_path, data, source):
    words = ["corpus", "-", "--output-file", str(tmp_path / "c.jsonl")]
    result = CliRunner().invoke(main.app, words, input=data)
    assert result.exit_code == 0, result.output
    row = json.loads((tmp_path / "c.jsonl").read_text())
    assert (row["text"], row["source"]) == ("Some text.", source)


def test_standard_input_is_the_same_source_the_next_time(tmp_path):
    words = ["corpus", "-", "--output-file", str(tmp_path / "c.jsonl"), "--parts", str(tmp_path / "kept.sqlite")]
    reports = []
    for data in (b"Some text.", b"Some text.", b"Another text."):
        result = CliRunner().invoke(main.app, words, input=data)
        assert result.exit_code == 0, result.output
        reports.append((result.stderr, json.loads((tmp_path / "c.report.json").read_text())))
    assert "Since the last time: 1 files as before, 0 new" in reports[1][0]
    assert "changed: stdin.txt" in reports[2][0]
    assert [report["inputs"] for _, report in reports] == [["-"]] * 3
    assert reports[0][1]["made_from"] == reports[1][1]["made_from"] != reports[2][1]["made_from"]


def test_standard_input_without_text(tmp_path):
    result = CliRunner().invoke(main.app, ["corpus", "-", "--output-file", str(tmp_path / "c.txt")], input=" \n")
    assert (result.exit_code, "No text in standard input. Found: 1 documents" in result.stderr) == (1, True)


def test_standard_input_is_read_once(tmp_path):
    result = CliRunner().invoke(main.app, ["corpus", "-", "-", "--output-file", str(tmp_path / "c.txt")], input="Text.")
    assert (result.exit_code, "named twice" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--allow", "missing.txt"], "allow-list missing.txt cannot be read (No such file or directory)"),
        (["--parts", "."], ". is a folder. Give a file"),
        (["--near-duplicates", "72"], "a similarity from 0.5 to 1"),
        (["--cleaning", "wbe"], 'Did you mean "web"?'),
    ],
)
def test_wrong_settings_are_said_in_one_line(tmp_path, words, said):
    (tmp_path / "a.txt").write_text("Some text.")
    result = main_app(tmp_path / "a.txt", "--output-file", tmp_path / "c.jsonl", *words)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1), result.stderr
    assert said in result.stderr
    assert not (tmp_path / "c.jsonl").exists()
