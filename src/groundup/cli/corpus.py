"""`groundup corpus`: files of text become one clean corpus."""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core

from groundup.cli.display import say
from groundup.utils.errors import UserError


class CorpusGroup(typer.core.TyperGroup):
    """`groundup corpus INPUT ...` builds; `groundup corpus inspect ...` and `report` look at what was built."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the word `build` where none of the verbs stands."""
        return super().parse_args(ctx, args if args and args[0] in self.commands else ["build", *args])


def corpus(
    output_file: Annotated[
        Path,
        typer.Option(help="The corpus to write: .txt or .jsonl. Its report is written beside it (.report.json)."),
    ],
    inputs: Annotated[
        list[Path] | None,
        typer.Argument(help="Files, folders, patterns such as 'data/*.txt'; - for standard input.", show_default=False),
    ] = None,
    input_dir: Annotated[
        list[Path] | None,
        typer.Option(help="File or folder to read; may be repeated.", show_default=False),
    ] = None,
    text_column: Annotated[str, typer.Option(help="Column that holds the text, in jsonl, csv and parquet.")] = "text",
    cleaning: Annotated[
        str,
        typer.Option(help="none (line ends), light (Unicode, control characters, spaces, blank lines) or web (all)."),
    ] = "light",
    language: Annotated[
        list[str] | None, typer.Option(help="Keep this language (en, de, ...); may be repeated.")
    ] = None,
    personal_data: Annotated[
        str, typer.Option(help="keep, mask, or drop the document; auto: mask with web, else keep.")
    ] = "auto",
    near_duplicates: Annotated[
        float | None,
        typer.Option(help="Leave out documents this similar (estimated Jaccard); 0: none. With web: 0.72."),
    ] = None,
    near_paragraphs: Annotated[
        float | None,
        typer.Option(
            help="The same for paragraphs of 25 words and more, which are cut out. With web: as for documents."
        ),
    ] = None,
    evaluation: Annotated[
        list[Path] | None, typer.Option(help="Evaluation file whose texts are cut out; may be repeated.")
    ] = None,
    allow: Annotated[Path | None, typer.Option(help="File of sources or ids, one a line, that no rule drops.")] = None,
    explain: Annotated[
        bool | None,
        typer.Option("--explain/--no-explain", help="List every dropped and changed document. With web: yes."),
    ] = None,
    parts: Annotated[
        str,
        typer.Option(help="File that keeps what is cleaned, for the next time; none: nothing. auto: with web."),
    ] = "auto",
    workers: Annotated[int, typer.Option(help="Processes that clean; 0: as many as cores.", min=0)] = 0,
    recipe: Annotated[
        list[str] | None, typer.Option(help="A known data set, such as tinystories or fineweb-edu; may be repeated.")
    ] = None,
    dataset: Annotated[
        list[str] | None,
        typer.Option(help="Any set of the Hugging Face Hub, NAME or NAME:CONFIG, streamed; --text-column is its text."),
    ] = None,
    split: Annotated[str, typer.Option(help="Split of each --dataset.")] = "train",
    sample_rows: Annotated[int | None, typer.Option(help="Take only so many rows of each recipe or set.")] = None,
    executor: Annotated[
        str | None,
        typer.Option(help="local, slurm or ray: run as a datatrove pipeline, which is also written as a program."),
    ] = None,
    tasks: Annotated[int, typer.Option(help="Tasks that clean, with --executor.", min=1)] = 8,
    executor_option: Annotated[
        list[str] | None,
        typer.Option(help="KEY=VALUE for datatrove's executor, such as partition=cpu; may be repeated."),
    ] = None,
    preview: Annotated[
        bool,
        typer.Option("--preview", help="Say what would change, and which runs have seen what would go; write nothing."),
    ] = False,
    runs: Annotated[
        list[Path] | None, typer.Option(help="Where runs lie, for --preview; checkpoints by default.")
    ] = None,
) -> None:
    """Read text from files and folders, clean it, drop duplicates, and write one corpus file.

    What cannot be read is skipped, and the report beside the corpus accounts for every file and document. Afterwards,
    `groundup corpus inspect` lists what was dropped or changed and why, `groundup corpus report` writes an HTML page.
    """
    from groundup.data.cluster import run_pipeline
    from groundup.data.corpus import CorpusConfig, build_corpus
    from groundup.data.preview import preview as tell
    from groundup.data.recipes import find_recipe, hub_recipe, prepare_recipe

    paths = [*(input_dir or ()), *(inputs or ())]
    known = [find_recipe(key) for key in recipe or ()]
    for wanted in (*known, *(hub_recipe(name, text_column, split) for name in dataset or ())):
        paths.append(prepare_recipe(wanted, say, sample_rows=sample_rows))
    config = CorpusConfig(
        [str(path) for path in paths],
        str(output_file),
        text_column,
        cleaning,
        languages=language or [],
        personal_data=personal_data,
        near_duplicates=near_duplicates,
        near_paragraphs=near_paragraphs,
        evaluation=[str(path) for path in evaluation or ()],
        allow=str(allow) if allow else None,
        explain=explain,
        parts=parts,
        workers=workers,
    )
    with tempfile.TemporaryDirectory() as folder:
        if sum(str(path) == "-" for path in paths) > 1:
            raise UserError("Standard input (-) is named twice, and can be read once. Leave one of them out.")
        given = [copy_of_stdin(Path(folder)) if str(path) == "-" else path for path in paths]
        if preview:
            print("\n".join(tell(given, output_file, config, runs or [Path("checkpoints")])))
            say("Nothing has been written.")
        elif executor:
            if any(str(path) == "-" for path in paths):
                raise UserError("A pipeline cannot read standard input. Put the text into a file.")
            options = dict(pair(word) for word in executor_option or ())
            run_pipeline([str(path) for path in given], output_file, config, executor, tasks, options, say)
        else:
            called = {copy: "-" for copy, path in zip(given, paths, strict=True) if copy != path}
            build_corpus(given, output_file, config, say, called=called)


def pair(word: str) -> tuple[str, str]:
    """KEY=VALUE, parted."""
    key, equals, value = word.partition("=")
    if not (key.isidentifier() and equals):
        raise UserError(f"--executor-option {word} is not KEY=VALUE. Write, for example, partition=cpu.")
    return key, value


def copy_of_stdin(folder: Path) -> Path:
    """Standard input as a file: text is read twice, once to find out its encoding. Rows if it begins like JSON."""
    head = sys.stdin.buffer.read(1 << 16)
    path = folder / ("stdin.jsonl" if head.lstrip().startswith(b"{") else "stdin.txt")
    with open(path, "wb") as file:
        file.write(head)
        shutil.copyfileobj(sys.stdin.buffer, file)
    return path


def inspect(
    corpus_file: Annotated[Path, typer.Argument(help="A corpus that was made with --explain (or --cleaning web).")],
    step: Annotated[str | None, typer.Option(help="Only what this step did, such as gopher.")] = None,
    source: Annotated[str | None, typer.Option(help="Only documents whose source holds this, or with this id.")] = None,
    action: Annotated[str | None, typer.Option(help="dropped, near-duplicate, duplicate, changed or allowed.")] = None,
    limit: Annotated[int, typer.Option(help="Documents to show at most; 0: all.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="Print the records as they are, one a line.")] = False,
) -> None:
    """List dropped and changed documents of a corpus: the step, the rule, the value, the limit, before and after."""
    from json import dumps

    from groundup.data.explanations import describe, read_explanations, steps_met

    count = 0
    for count, row in enumerate(read_explanations(corpus_file, step=step, source=source, action=action), 1):
        if not limit or count <= limit:
            print(dumps(row, ensure_ascii=False) if json else "\n".join(describe(row)))
    shown = min(count, limit) if limit else count
    say(f"{shown:,} of {count:,} documents shown{'' if shown == count else '; --limit 0 shows all'}.")
    if not count:
        say(f"Steps that dropped or changed a document here: {', '.join(steps_met(corpus_file)) or 'none'}.")


def report(
    corpus_file: Annotated[Path, typer.Argument(help="A corpus that groundup corpus has made.")],
    output: Annotated[Path | None, typer.Option(help="The page to write; by default <corpus>.report.html.")] = None,
) -> None:
    """Write a corpus' report as one HTML page: funnel, lengths, languages, copies, files, samples."""
    from groundup.data.corpus_page import corpus_page
    from groundup.data.corpus_report import read_report
    from groundup.data.findings_log import sections_as_they_are
    from groundup.utils.files import open_atomic

    value = read_report(corpus_file)
    page = corpus_page(value, None if value.get("cleaning") else sections_as_they_are(corpus_file))
    target = output or corpus_file.with_suffix(".report.html")
    with open_atomic(target) as file:
        file.write(page)
    say(f"Page in {target}.")


def lineage(
    corpus_file: Annotated[Path, typer.Argument(help="A corpus that groundup corpus has made.")],
    source: Annotated[list[str], typer.Option(help="A file or folder as the report names it; may be repeated.")],
    runs: Annotated[list[Path] | None, typer.Option(help="Where runs lie.", show_default="checkpoints")] = None,
    tokens: Annotated[list[Path] | None, typer.Option(help="Folder of token files that no run names.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Show what hangs on a source: its text in the corpus, what it keeps out, token files, and runs trained on it."""
    from dataclasses import asdict
    from json import dumps

    from groundup.data.lineage import trace

    found = trace(corpus_file, source, runs or [Path("checkpoints")], tokens or ())
    print(dumps(asdict(found), ensure_ascii=False, indent=2, default=str) if json else "\n".join(found.describe()))
