"""Every kind of tokenizer against the program that it must agree with: lines whose ids differ.

    python benchmarks/tokenizer_parity.py --text FILE ... [--lines N]

Lines are half real ones, taken evenly from the files, half random text in many scripts; `<|endoftext|>`, which
separates documents, is none. Each tokenizer is trained on the real ones; tiktoken and sentencepiece must be
installed for their rows. A normalising sentencepiece model (nmt_nfkc) differs on unusual sequences of combining
characters, which `tokenizers` normalises differently.
"""

import argparse
import base64
import io
import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import sentencepiece
import tiktoken
import transformers

from groundup.tokenizer.byte_level import SPLIT_PATTERN
from groundup.tokenizer.interface import Tokenizer
from groundup.tokenizer.loading import load_tokenizer
from groundup.tokenizer.readable_bpe import ReadableBPE
from groundup.tokenizer.sentencepiece_model import convert, parse_model
from groundup.tokenizer.special_tokens import END_OF_TEXT
from groundup.tokenizer.tiktoken_files import ENCODINGS
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer

Encode = Callable[[str], list[int]]
VOCAB_SIZE = 4000
BLOCKS = [
    (0x20, 0x7F), (0xA0, 0x250), (0x370, 0x500), (0x590, 0x700), (0x900, 0xA00), (0xE00, 0xE80), (0x1780, 0x17FF),
    (0x2000, 0x2070), (0x2150, 0x2190), (0x3000, 0x3100), (0x4E00, 0x5200), (0xAC00, 0xAE00), (0x1D400, 0x1D500),
    (0x1F300, 0x1F650), (0x09, 0x0E), (0x20, 0x21), (0x0A, 0x0B), (0x01, 0x20), (0x300, 0x370), (0x200D, 0x200E),
]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, nargs="+", required=True, help="text files")
    parser.add_argument("--lines", type=int, default=10_000, help="how many lines to compare")
    arguments = parser.parse_args()

    texts = (path.read_text(encoding="utf-8") for path in arguments.text)
    everything = [line for text in texts for line in text.split("\n") if line and line != END_OF_TEXT]
    real = everything[:: max(1, 2 * len(everything) // arguments.lines)]
    lines = real + list(random_lines(arguments.lines - len(real)))
    print(f"{len(lines):,} lines, {sum(len(line.encode()) for line in lines):,} bytes\n")
    print(f"{'tokenizer':40}{'against':24}{'lines that differ':>18}")
    for name, reference, ours, theirs in pairs(real):
        print(f"{name:40}{reference:24}{sum(ours(line) != theirs(line) for line in lines):>18,}")


def random_lines(count: int) -> Iterator[str]:
    """Short texts of characters from one to four blocks of Unicode."""
    chance = random.Random(1)
    for _ in range(count):
        blocks = chance.sample(BLOCKS, chance.randint(1, 4))
        characters = (chr(chance.randrange(*chance.choice(blocks))) for _ in range(chance.randint(1, 40)))
        yield "".join(characters)


def pairs(real: list[str]) -> Iterator[tuple[str, str, Encode, Encode]]:
    """(tokenizer, reference, ids by the one, ids by the other)."""
    bpe = train_tokenizer(real, TokenizerConfig(vocab_size=VOCAB_SIZE))
    yield "bpe", "readable BPE", bpe.encode, ReadableBPE.train(real, VOCAB_SIZE).encode
    unigram = train_tokenizer(real, TokenizerConfig(kind="unigram", vocab_size=VOCAB_SIZE))
    spm = train_tokenizer(real, TokenizerConfig(kind="sentencepiece", vocab_size=VOCAB_SIZE))
    for name, tokenizer in {"bpe": bpe, "unigram": unigram, "sentencepiece": spm}.items():
        yield name, "transformers, saved", tokenizer.encode, in_transformers(tokenizer)

    tokens = [bpe.token_bytes(id) for id in range(bpe.vocab_size)]
    ranks = {token: rank for rank, token in enumerate(token for token in tokens if token)}
    patterns = {"r50k_base", "cl100k_base", "o200k_base"}
    for name in sorted(patterns):
        yield f"tiktoken file, {name}", "tiktoken", *tiktoken_pair(name, ENCODINGS[name].pattern, ranks)
    same = tiktoken.Encoding("bpe", pat_str=SPLIT_PATTERN, mergeable_ranks=ranks, special_tokens={})
    yield "bpe", "tiktoken", lambda line: [id - 4 for id in bpe.encode(line)], same.encode_ordinary

    keeps = {"normalization_rule_name": "identity", "remove_extra_whitespaces": False, "byte_fallback": True}
    for name, options in {"bpe": keeps, "unigram": keeps, "unigram, nmt_nfkc": {"byte_fallback": True}}.items():
        output = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(real), model_writer=output, vocab_size=VOCAB_SIZE, hard_vocab_limit=False,
            model_type=name.split(",")[0], minloglevel=2, **options,
        )  # fmt: skip
        theirs = sentencepiece.SentencePieceProcessor(model_proto=output.getvalue())
        yield (
            f"sentencepiece model, {name}",
            "sentencepiece",
            convert(parse_model(output.getvalue())).encode,
            theirs.encode,
        )


def in_transformers(tokenizer: Tokenizer) -> Encode:
    """What transformers makes of the saved tokenizer. The lines hold no markers, which it would take for special."""
    with tempfile.TemporaryDirectory() as folder:
        tokenizer.save(Path(folder))
        theirs = transformers.AutoTokenizer.from_pretrained(folder)
    return lambda line: list(theirs.encode(line, add_special_tokens=False))


def tiktoken_pair(name: str, pattern: str, ranks: dict[bytes, int]) -> tuple[Encode, Encode]:
    """Ours, from a file, and tiktoken's, from the same ranks."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.tiktoken"
        path.write_text("".join(f"{base64.b64encode(token).decode()} {rank}\n" for token, rank in ranks.items()))
        ours = load_tokenizer(path)
    theirs = tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    return ours.encode, theirs.encode_ordinary


if __name__ == "__main__":
    main()
