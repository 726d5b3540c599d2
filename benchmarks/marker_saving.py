"""What single tokens for the chat markers save, on conversations of your own.

    python benchmarks/marker_saving.py --data FOLDER_OR_FILE ... [--tokenizer FOLDER] [--vocab-size N] [--json FILE]

The same conversations are tokenised twice: in the chat format, where `<|im_start|>` and `<|im_end|>` are one token
each, and with these markers as plain text. Saved is the share of the tokens that the first way needs less. Without
`--tokenizer`, two are trained on the conversations themselves: "words only" never saw a marker as text, as a
tokenizer trained on documents has not; "markers seen" was trained on the spelled-out form, so that its merges make
the markers as short as text can be.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from groundup.tokenizer.chat_format import Message
from groundup.tokenizer.compare import MarkerSaving, read_conversations, spelled_out
from groundup.tokenizer.interface import Tokenizer
from groundup.tokenizer.loading import load_tokenizer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders of .jsonl files, or files")
    parser.add_argument("--tokenizer", type=Path, nargs="*", help="tokenizer folders; none: trained here")
    parser.add_argument("--vocab-size", type=int, default=8000, help="size of those trained here")
    parser.add_argument("--json", type=Path, help="write the figures into this file")
    arguments = parser.parse_args()

    files = [file for path in arguments.data for file in (sorted(path.glob("*.jsonl")) if path.is_dir() else [path])]
    if arguments.tokenizer:
        tokenizers = {str(path): load_tokenizer(path) for path in arguments.tokenizer}
    else:
        tokenizers = trained(files, arguments.vocab_size)
    figures = {name: measure(tokenizer, files) for name, tokenizer in tokenizers.items()}
    for name, savings in figures.items():
        print(f"\n{name}, vocabulary {tokenizers[name].vocab_size:,}")
        print(f"{'file':32}{'conversations':>14}{'single tokens':>15}{'spelled out':>13}{'saved':>8}")
        for file, saving in savings.items():
            counts = f"{saving.conversations:>14,}{saving.single_tokens:>15,}{saving.spelled_tokens:>13,}"
            print(f"{file:32}{counts}{saving.share:>8.1%}")
    if arguments.json:
        rows = {
            name: {file: vars(s) | {"saved": s.share} for file, s in each.items()} for name, each in figures.items()
        }
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


def trained(files: Sequence[Path], vocab_size: int) -> dict[str, Tokenizer]:
    """One tokenizer that knows the words of the conversations only, one that has seen spelled-out markers too."""
    config = TokenizerConfig(vocab_size=vocab_size)

    def conversations() -> Iterator[list[Message]]:
        return (messages for file in files for messages in read_conversations(file))

    words = (message["content"] for messages in conversations() for message in messages)
    whole = (spelled_out(messages) for messages in conversations())
    return {"words only": train_tokenizer(words, config), "markers seen": train_tokenizer(whole, config)}


def measure(tokenizer: Tokenizer, files: Sequence[Path]) -> dict[str, MarkerSaving]:
    """The saving in each file, and over all."""
    savings: dict[str, MarkerSaving] = {}
    overall = MarkerSaving()
    for file in files:
        saving = savings.setdefault(file.name, MarkerSaving())
        for messages in read_conversations(file):
            saving.add(messages, tokenizer)
        overall.conversations += saving.conversations
        overall.single_tokens += saving.single_tokens
        overall.spelled_tokens += saving.spelled_tokens
    return {**savings, "all": overall}


if __name__ == "__main__":
    main()
