"""`groundup tokenizer`: train, compare, show."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from groundup.cli.display import say
from groundup.cli.options import ConfigOption, ModelOption, SettingsArgument, refuse_unread


def train(
    context: typer.Context,
    settings: SettingsArgument = None,
    config: ConfigOption = None,
    model: ModelOption = None,
    input_file: Annotated[list[Path] | None, typer.Option(help="Corpus file (.jsonl, .txt); may be repeated.")] = None,
    output_dir: Annotated[Path | None, typer.Option(help="Folder for the tokenizer.")] = None,
    vocab_size: Annotated[int, typer.Option(help="Number of tokens, special tokens included.")] = 4096,
    min_frequency: Annotated[int, typer.Option(help="A pair is merged only if it occurs this often.")] = 2,
    special_token: Annotated[list[str] | None, typer.Option(help="Further special token; may be repeated.")] = None,
    kind: Annotated[str, typer.Option(help="bpe, unigram, sentencepiece; from --path: tiktoken, huggingface.")] = "bpe",
    path: Annotated[Path | None, typer.Option(help="Tokenizer that others made: take it over, train nothing.")] = None,
    force: Annotated[bool, typer.Option(help="Replace another tokenizer in the folder.")] = False,
) -> None:
    """Train a tokenizer on corpus files, or take over one that others made (--path).

    Either the options say what to do, or a configuration does.
    """
    from groundup.data.documents import read_corpus
    from groundup.tokenizer.loading import load_tokenizer, save_tokenizer
    from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
    from groundup.utils.errors import UserError

    refuse_unread(context, by_configuration=config is not None or model is not None)
    if config is not None or model is not None:
        from groundup.training.config import find_config, load_config
        from groundup.training.prepare import prepare_corpus, prepare_tokenizer, prepare_validation

        resolved = load_config(find_config(path=config, model=model), settings or [])
        prepare_tokenizer(resolved, prepare_corpus(resolved, say), prepare_validation(resolved, say), say)
        return
    if output_dir is None:
        raise UserError("give --output-dir; or --config FILE; or --model NAME.")
    further = list(special_token or ())
    if path:
        tokenizer = load_tokenizer(path, further)
    else:
        files = input_file or []
        missing = [file for file in files if not file.is_file()]
        if missing:
            raise UserError(f"{missing[0]} is not a file. Make a corpus file with `groundup corpus`.")
        if not files:
            raise UserError("There is nothing to train on. Give --input-file, or --path for a tokenizer to take over.")
        wanted = TokenizerConfig(kind, str(output_dir), vocab_size, min_frequency, further)
        texts = (document.text for file in files for document in read_corpus(file))
        text_bytes = sum(file.stat().st_size for file in files)
        tokenizer = train_tokenizer(texts, wanted, say, text_bytes=text_bytes)
    save_tokenizer(tokenizer, output_dir, force=force, say=say)
    say(f"Tokenizer with {tokenizer.vocab_size} tokens in {output_dir} (fingerprint {tokenizer.fingerprint[:12]}).")


def compare(
    *,
    tokenizers: Annotated[list[Path], typer.Argument(help="Tokenizer folders or files.")],
    input_file: Annotated[list[Path] | None, typer.Option(help="Corpus file; may be repeated.")] = None,
    chat_file: Annotated[list[Path] | None, typer.Option(help="Conversations (.jsonl); may be repeated.")] = None,
    max_mb: Annotated[float, typer.Option(help="Read at most so many megabytes of text.")] = 20,
    plot: Annotated[Path | None, typer.Option(help="Draw the figures into this file (.png, .svg).")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, not a table.")] = False,
) -> None:
    """Compare tokenizers on the same text: bytes per token, what chat markers cost, what comes back unchanged."""
    from json import dumps

    from groundup.data.documents import read_corpus
    from groundup.tokenizer import compare as comparison
    from groundup.tokenizer.loading import load_tokenizer

    texts = (document.text for file in input_file or () for document in read_corpus(file))
    conversations = (messages for file in chat_file or () for messages in comparison.read_conversations(file))
    opened = {str(path): load_tokenizer(path) for path in tokenizers}
    rows = comparison.compare(opened, texts, conversations, most_bytes=int(max_mb * 1e6))
    if json:
        print(dumps([row.to_dict() for row in rows], indent=2))
    else:
        print_table(comparison.table(rows))
    if plot:
        comparison.plot(rows, plot)
        say(f"Plot in {plot}.")


def show(
    *,
    text: Annotated[
        str | None, typer.Argument(help="Text to cut; without it and --input-file: standard input.")
    ] = None,
    tokenizer: Annotated[Path, typer.Option(help="Tokenizer folder or file.")],
    input_file: Annotated[Path | None, typer.Option(help="Show the text of this file.")] = None,
    special: Annotated[bool, typer.Option(help="Take marker strings in the text for special tokens.")] = False,
    ids: Annotated[bool, typer.Option("--ids", help="List each token with its id, one a line.")] = False,
) -> None:
    """Show a text cut into its tokens: in colours on a terminal, with marks between them in a pipe."""
    from groundup.tokenizer import display
    from groundup.tokenizer.loading import load_tokenizer
    from groundup.utils.errors import UserError

    try:
        content = input_file.read_text(encoding="utf-8") if input_file else text
    except UnicodeDecodeError as error:
        raise UserError(f"{input_file} is not UTF-8 text. Give a text file.") from error
    if content is None:
        content = sys.stdin.read()
    opened = load_tokenizer(tokenizer)
    cut = opened.encode(content, allow_special=special)
    parts = display.pieces(opened, cut)
    if ids:
        for id, part in zip(cut, parts, strict=True):
            print(f"{id:>8}  {part!r}")
    elif sys.stdout.isatty():
        from rich.console import Console
        from rich.text import Text

        Console(highlight=False).print(Text.assemble(*display.coloured(parts)))
    else:
        print(display.plain(parts))
    size = len(content.encode("utf-8", "replace"))
    say(f"{len(cut)} tokens for {size} bytes: {size / max(1, len(cut)):.2f} bytes per token.")


def print_table(lines: list[list[str]]) -> None:
    """Print cells: as a rich table on a terminal, in columns apart by two spaces in a pipe."""
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table

        table = Table(*lines[0])
        for cells in lines[1:]:
            table.add_row(*cells)
        Console().print(table)
        return
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
