"""`groundup corpus`: files of text become one clean corpus."""

from pathlib import Path
from typing import Annotated

import typer

from groundup.cli.display import say


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
    workers: Annotated[int, typer.Option(help="Processes that clean; 0: as many as cores.")] = 0,
) -> None:
    """Read text from files and folders, clean it, drop duplicates, and write one corpus file.

    What cannot be read is skipped, and the report beside the corpus accounts for every file and document.
    """
    from groundup.data.corpus import CorpusConfig, build_corpus

    paths = [*(input_dir or ()), *(inputs or ())]
    config = CorpusConfig(
        [str(path) for path in paths],
        str(output_file),
        text_column,
        cleaning,
        languages=language or [],
        personal_data=personal_data,
        near_duplicates=near_duplicates,
        evaluation=[str(path) for path in evaluation or ()],
        allow=str(allow) if allow else None,
        explain=explain,
        parts=parts,
        workers=workers,
    )
    build_corpus(paths, output_file, config, say)
