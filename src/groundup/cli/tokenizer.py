"""`groundup tokenizer`: train."""

from pathlib import Path
from typing import Annotated

import typer

from groundup.cli.options import ConfigOption, ModelOption, SettingsArgument


def train(
    settings: SettingsArgument = None,
    config: ConfigOption = None,
    model: ModelOption = None,
    input_file: Annotated[list[Path] | None, typer.Option(help="Corpus file (.jsonl, .txt); may be repeated.")] = None,
    output_dir: Annotated[Path | None, typer.Option(help="Folder for the tokenizer.")] = None,
    vocab_size: Annotated[int, typer.Option(help="Number of tokens, special tokens included.")] = 4096,
    min_frequency: Annotated[int, typer.Option(help="A pair is merged only if it occurs this often.")] = 2,
    special_token: Annotated[list[str] | None, typer.Option(help="Further special token; may be repeated.")] = None,
    kind: Annotated[str, typer.Option(help="How text is cut: bpe.")] = "bpe",
    force: Annotated[bool, typer.Option(help="Replace another tokenizer in the folder.")] = False,
) -> None:
    """Train a tokenizer on corpus files.

    Either --input-file and --output-dir say what to do, or a configuration does.
    """
    from groundup.cli.display import say
    from groundup.data.documents import read_corpus
    from groundup.tokenizer.loading import save_tokenizer
    from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
    from groundup.utils.errors import UserError

    if config is not None or model is not None:
        from groundup.training.config import find_config, load_config
        from groundup.training.prepare import prepare_corpus, prepare_tokenizer, prepare_validation

        resolved = load_config(find_config(path=config, model=model), settings or [])
        prepare_tokenizer(resolved, prepare_corpus(resolved, say), prepare_validation(resolved, say), say)
        return
    if not input_file or output_dir is None:
        raise UserError("give --input-file and --output-dir; or --config FILE; or --model NAME.")
    missing = [path for path in input_file if not path.is_file()]
    if missing:
        raise UserError(f"{missing[0]} is not a file. Make a corpus file with `groundup corpus`.")
    config = TokenizerConfig(kind, str(output_dir), vocab_size, min_frequency, list(special_token or ()))
    texts = (document.text for path in input_file for document in read_corpus(path))
    text_bytes = sum(path.stat().st_size for path in input_file)
    tokenizer = train_tokenizer(texts, config, say, text_bytes=text_bytes)
    save_tokenizer(tokenizer, output_dir, force=force, say=say)
    say(f"Tokenizer with {tokenizer.vocab_size} tokens in {output_dir} (fingerprint {tokenizer.fingerprint[:12]}).")
