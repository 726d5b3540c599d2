"""groundup tokenize."""

from pathlib import Path
from typing import Annotated

import typer

from groundup.cli.options import ConfigOption, ModelOption, SettingsArgument, refuse_unread


def tokenize(
    context: typer.Context,
    settings: SettingsArgument = None,
    config: ConfigOption = None,
    model: ModelOption = None,
    input_file: Annotated[list[Path] | None, typer.Option(help="Corpus file (.jsonl, .txt); may be repeated.")] = None,
    tokenizer: Annotated[Path | None, typer.Option(help="Tokenizer folder.")] = None,
    output_dir: Annotated[Path | None, typer.Option(help="Folder for the token files.")] = None,
    method: Annotated[str, typer.Option(help="pack, split or truncate.")] = "pack",
    seq_len: Annotated[
        int | None,
        typer.Option(help="Tokens in a full row of split and truncate; the block size unless given."),
    ] = None,
    format: Annotated[list[str] | None, typer.Option(help="bin or jsonl; may be repeated.")] = None,
    validation: Annotated[str, typer.Option(help="Share kept for validation, or a corpus file for it.")] = "0.05",
    block_size: Annotated[int, typer.Option(help="Context length that there must be enough text for.")] = 256,
) -> None:
    """Turn corpus files into token files; only documents that have none yet are tokenised.

    Either --input-file, --tokenizer and --output-dir say what to do, or a configuration does.
    """
    from groundup.cli.display import say
    from groundup.data.tokenize import DatasetConfig, tokenize_corpus
    from groundup.tokenizer.loading import load_tokenizer
    from groundup.utils.errors import UserError

    refuse_unread(context, by_configuration=config is not None or model is not None)
    if config is not None or model is not None:
        from groundup.training.config import find_config, load_config
        from groundup.training.prepare import (
            prepare_corpus,
            prepare_tokenizer,
            prepare_tokens,
            prepare_validation,
            require_tokenizer,
        )

        resolved = load_config(find_config(path=config, model=model), settings or [])
        require_tokenizer(resolved)
        corpus = prepare_corpus(resolved, say)
        if corpus is None:
            return
        held_out = prepare_validation(resolved, say)
        prepare_tokens(resolved, corpus, held_out, prepare_tokenizer(resolved, corpus, held_out, say), say)
        return
    if not input_file or tokenizer is None or output_dir is None:
        raise UserError("give --input-file, --tokenizer and --output-dir; or --config FILE; or --model NAME.")
    tokenize_corpus(
        input_file,
        load_tokenizer(tokenizer),
        DatasetConfig(dir=str(output_dir), method=method, formats=format or ["bin"], seq_len=seq_len),
        validation=validation,
        block_size=block_size,
        tokenizer_path=tokenizer,
        say=say,
    )
