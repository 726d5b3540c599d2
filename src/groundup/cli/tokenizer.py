"""`groundup tokenizer`: train."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def train(
    *,
    input_file: Annotated[list[Path], typer.Option(help="Corpus file (.jsonl or .txt); may be repeated.")],
    output_dir: Annotated[Path, typer.Option(help="Folder for the tokenizer.")],
    vocab_size: Annotated[int, typer.Option(help="Number of tokens, special tokens included.")] = 4096,
    min_frequency: Annotated[int, typer.Option(help="A pair is merged only if it occurs this often.")] = 2,
    special_token: Annotated[list[str] | None, typer.Option(help="Further special token; may be repeated.")] = None,
    kind: Annotated[str, typer.Option(help="How text is cut: bpe.")] = "bpe",
    force: Annotated[bool, typer.Option(help="Replace another tokenizer in the folder.")] = False,
) -> None:
    """Train a tokenizer on corpus files."""
    from groundup.data.documents import read_corpus
    from groundup.tokenizer.loading import save_tokenizer
    from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
    from groundup.utils.errors import UserError

    def say(message: str) -> None:
        print(message, file=sys.stderr)

    missing = [path for path in input_file if not path.is_file()]
    if missing:
        raise UserError(f"{missing[0]} is not a file. Make a corpus file with `groundup corpus`.")
    config = TokenizerConfig(kind, str(output_dir), vocab_size, min_frequency, list(special_token or ()))
    texts = (document.text for path in input_file for document in read_corpus(path))
    text_bytes = sum(path.stat().st_size for path in input_file)
    tokenizer = train_tokenizer(texts, config, say, text_bytes=text_bytes)
    save_tokenizer(tokenizer, output_dir, force=force, say=say)
    say(f"Tokenizer with {tokenizer.vocab_size} tokens in {output_dir} (fingerprint {tokenizer.fingerprint[:12]}).")
