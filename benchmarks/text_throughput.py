"""Corpus, tokenizer training and tokenisation on much text, against `tokenizers` used directly on the same cores.

    python benchmarks/text_throughput.py --data FOLDER [--megabytes 100 1000] [--work DIR] [--json FILE]

The text is that of the folder's .txt files, repeated until it suffices, the paragraphs of each file shuffled anew every
time, so that no cache is flattered. Each step is a process of its own: the command as a user types it; and for
comparison a short program that does nothing but hand the same documents to `tokenizers`. Time is told per second on the
clock and per second of processor time (of all cores), which other work on the machine hardly changes; memory is the
process's peak.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

VOCAB_SIZE = 8000
GROUNDUP = [sys.executable, "-m", "groundup"]

DIRECT_READ = """
import json, sys, tokenizers
def batches(path):
    batch, characters = [], 0
    with open(path, encoding="utf-8") as f:
        for line in f:
            batch.append(json.loads(line)["text"])
            characters += len(batch[-1])
            if characters >= 1 << 20:
                yield batch
                batch, characters = [], 0
    yield batch
"""
DIRECT_ENCODE = (
    DIRECT_READ
    + """
tokenizer = tokenizers.Tokenizer.from_file(sys.argv[2])
count = 0
for batch in batches(sys.argv[1]):
    count += sum(len(encoding.ids) for encoding in tokenizer.encode_batch_fast(batch, add_special_tokens=True))
print(count)
"""
)
DIRECT_TRAIN = (
    DIRECT_READ
    + """
from groundup.tokenizer.byte_level import byte_level_backend
tokenizer = byte_level_backend(tokenizers.models.BPE())
trainer = tokenizers.trainers.BpeTrainer(vocab_size=int(sys.argv[2]), min_frequency=2, show_progress=False,
    initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet())
tokenizer.train_from_iterator((text for batch in batches(sys.argv[1]) for text in batch), trainer=trainer)
print(tokenizer.get_vocab_size())
"""
)


@dataclass(frozen=True)
class Row:
    """One step on one amount of text."""

    step: str
    megabytes: float
    seconds: float
    processor_seconds: float
    peak_mib: float

    @property
    def per_second(self) -> float:
        """Megabytes a second on the clock."""
        return self.megabytes / self.seconds

    @property
    def per_processor_second(self) -> float:
        """Megabytes a second of processor time."""
        return self.megabytes / self.processor_seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with .txt files, also in folders below")
    parser.add_argument("--megabytes", type=int, nargs="+", default=[100, 1000], help="amounts of text")
    parser.add_argument("--work", type=Path, help="folder for temporary files (needs three times the text)")
    parser.add_argument("--json", type=Path, help="write the rows into this file")
    arguments = parser.parse_args()
    rows: list[Row] = []
    for megabytes in arguments.megabytes:
        with tempfile.TemporaryDirectory(dir=arguments.work) as folder:
            rows += measure(arguments.data, megabytes, Path(folder))
        print_table(rows)
    print_plot(rows)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")


def measure(data: Path, megabytes: int, work: Path) -> list[Row]:
    """All steps on so much text."""
    raw, corpus, tokenizer = work / "raw", work / "corpus.jsonl", work / "tokenizer"
    size = write_text(data, megabytes * 1_000_000, raw) / 1e6
    rows = [timed("corpus", size, [*GROUNDUP, "corpus", "--input-dir", str(raw), "--output-file", str(corpus)])]
    shutil.rmtree(raw)
    with open(corpus, encoding="utf-8") as f:
        kept = sum(len(json.loads(line)["text"].encode()) for line in f) / 1e6
    print(f"{size:,.0f} MB written, {kept:,.0f} MB in the corpus", file=sys.stderr)
    train = [*GROUNDUP, "tokenizer", "train", "--input-file", str(corpus), "--output-dir", str(tokenizer)]
    rows.append(timed("tokenizer train", kept, [*train, "--vocab-size", str(VOCAB_SIZE)]))
    direct_train = [sys.executable, "-c", DIRECT_TRAIN, str(corpus), str(VOCAB_SIZE)]
    rows.append(timed("  tokenizers directly", kept, direct_train))
    tokenize = [*GROUNDUP, "tokenize", "--input-file", str(corpus), "--tokenizer", str(tokenizer)]
    rows.append(timed("tokenize", kept, [*tokenize, "--output-dir", str(work / "tokens")]))
    shutil.rmtree(work / "tokens")
    direct = [sys.executable, "-c", DIRECT_ENCODE, str(corpus), str(tokenizer / "tokenizer.json")]
    rows.append(timed("  tokenizers directly", kept, direct))
    return rows


def write_text(data: Path, size: int, folder: Path) -> int:
    """Write files of shuffled paragraphs of `data` into `folder` until they have `size` bytes; return the bytes."""
    folder.mkdir()
    files = [path.read_text(encoding="utf-8", errors="replace").split("\n\n") for path in sorted(data.rglob("*.txt"))]
    chance, written, number = random.Random(1), 0, 0
    while written < size:
        for paragraphs in files:
            if written >= size:
                break
            chance.shuffle(paragraphs)
            text = "\n\n".join(paragraphs).encode()[: size - written]
            (folder / f"{number:05}.txt").write_bytes(text.decode(errors="ignore").encode())
            written += len(text)
            number += 1
    return written


def timed(step: str, megabytes: float, command: Sequence[str]) -> Row:
    """Run a command to its end; its clock time, processor time and peak memory. Raises on failure."""
    print(f"{step.strip()}: {megabytes:,.0f} MB", file=sys.stderr)
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    told = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(told.decode())
    seconds = time.perf_counter() - start
    return Row(step, megabytes, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def print_table(rows: Sequence[Row]) -> None:
    """As Markdown."""
    print("\n| step | MB | seconds | MB/s | MB per processor second | peak MiB |\n|---|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row.step.strip()} | {row.megabytes:,.0f} | {row.seconds:.1f} | {row.per_second:.1f} | "
            f"{row.per_processor_second:.2f} | {row.peak_mib:,.0f} |"
        )


def print_plot(rows: Sequence[Row]) -> None:
    """Bars of speed and memory, for a log file."""
    for title, value in (("MB per processor second", "per_processor_second"), ("peak MiB", "peak_mib")):
        print(f"\n{title}")
        most = max(getattr(row, value) for row in rows)
        for row in rows:
            number = getattr(row, value)
            print(
                f"  {row.step:22} {row.megabytes:5,.0f} MB  {'#' * max(1, round(40 * number / most)):40}  {number:,.1f}"
            )


if __name__ == "__main__":
    main()
