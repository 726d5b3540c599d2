"""`groundup corpus`: files of text become one clean corpus."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def corpus(
    output_file: Annotated[
        Path,
        typer.Option(help="The corpus to write: .txt or .jsonl. Its report is written beside it (.report.json)."),
    ],
    inputs: Annotated[
        list[Path] | None,
        typer.Argument(help="Files, folders or patterns such as 'data/*.txt'.", show_default=False),
    ] = None,
    input_dir: Annotated[
        list[Path] | None,
        typer.Option(help="File or folder to read; may be repeated.", show_default=False),
    ] = None,
    text_column: Annotated[str, typer.Option(help="Column that holds the text, in jsonl, csv and parquet.")] = "text",
    cleaning: Annotated[
        str,
        typer.Option(help="none (line ends only) or light (Unicode, control characters, spaces, blank lines)."),
    ] = "light",
) -> None:
    """Read text from files and folders, clean it, drop exact duplicates, and write one corpus file.

    Reads txt, md, html, jsonl, csv and parquet, each also .gz or .zst. What cannot be read is skipped, and the report
    beside the corpus accounts for every file and document.
    """
    from groundup.data.corpus import CorpusConfig, build_corpus

    def say(message: str) -> None:
        print(message, file=sys.stderr)

    paths = [*(input_dir or ()), *(inputs or ())]
    config = CorpusConfig([str(path) for path in paths], str(output_file), text_column, cleaning)
    build_corpus(paths, output_file, config, say)
