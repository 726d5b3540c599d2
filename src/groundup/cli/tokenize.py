"""groundup tokenize."""

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer


def tokenize(
    *,
    input_file: Annotated[list[Path], typer.Option(help="Corpus file (.jsonl or .txt); may be repeated.")],
    tokenizer: Annotated[Path, typer.Option(help="Tokenizer folder.")],
    output_dir: Annotated[Path, typer.Option(help="Folder for the token files.")],
    method: Annotated[str, typer.Option(help="pack, split or truncate.")] = "pack",
    seq_len: Annotated[
        Optional[int],  # noqa: UP045 - Typer reads these at run time, on Python 3.10 too
        typer.Option(help="Tokens in a full row of split and truncate; the block size unless given."),
    ] = None,
    format: Annotated[Optional[list[str]], typer.Option(help="bin or jsonl; may be repeated.")] = None,  # noqa: UP045
    validation: Annotated[str, typer.Option(help="Share kept for validation, or a corpus file for it.")] = "0.05",
    block_size: Annotated[int, typer.Option(help="Context length that there must be enough text for.")] = 256,
) -> None:
    """Turn corpus files into token files; only documents that have none yet are tokenised."""
    from groundup.data.tokenize import DatasetConfig, tokenize_corpus
    from groundup.tokenizer.loading import load_tokenizer

    tokenize_corpus(
        input_file,
        load_tokenizer(tokenizer),
        DatasetConfig(dir=str(output_dir), method=method, formats=format or ["bin"], seq_len=seq_len),
        validation=validation,
        block_size=block_size,
        tokenizer_path=tokenizer,
        say=lambda message: print(message, file=sys.stderr),
    )
