"""Megabytes a second and peak memory of corpus cleaning: each step alone, the whole, and a million near-duplicates.

    python benchmarks/corpus_speed.py steps --data DIR [--megabytes 20]     each step in a process of its own, two at a
                                                                            time, libraries beside them
    python benchmarks/corpus_speed.py whole --data DIR [--megabytes 200]    groundup corpus --cleaning web, all cores
    python benchmarks/corpus_speed.py near [--documents 1000000]            signatures and decision, two processes

Text is what DIR holds, repeated with every word changed a little until there is enough (copies would all be duplicates).
"""

import argparse
import json
import multiprocessing
import random
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from groundup.data.cleaning import language, mojibake, personal, quality
from groundup.data.cleaning.boilerplate import collapse_repeats, strip_boilerplate
from groundup.data.cleaning.gutenberg import strip_gutenberg
from groundup.data.cleaning.light import clean
from groundup.data.cleaning.minhash import NearDuplicates, signature
from groundup.data.cleaning.paragraphs import sign
from groundup.data.cleaning.repetition import repetition
from groundup.data.cleaning.words import Measures, hash_words
from groundup.data.corpus import CorpusConfig, build_corpus


def documents(folder, megabytes):
    """Documents of real text; from the second round on, words get another ending, so that no two rounds are alike."""
    size, rounds = 0, 0
    while True:
        for path in sorted(folder.rglob("*.txt")):
            for text in path.read_text(encoding="utf-8").split("\n<|endoftext|>\n"):
                if not text.strip():
                    continue
                changed = text.replace("e ", f"e{chr(96 + rounds)} ") if rounds else text
                yield changed
                size += len(changed.encode())
                if size > megabytes * 1e6:
                    return
        rounds += 1


def peak_megabytes():
    own, children = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return f"{own / 1024:.0f} MiB (largest other process {children / 1024:.0f} MiB)"


def step_functions():
    """Every step, and libraries used directly, as functions of a document's measures."""
    rows = {
        "light": lambda m: clean(m.text, "light"),
        "mojibake": lambda m: mojibake.repair_mojibake(m.text),
        "gutenberg": lambda m: strip_gutenberg(m.text),
        "boilerplate": lambda m: strip_boilerplate(m.text),
        "repeated lines": lambda m: collapse_repeats(m.text),
        "personal data": lambda m: personal.mask_personal(m.text),
        "words and their hashes": lambda m: hash_words(Measures(m.text).normal),
        "ratios, gopher, c4, fineweb": lambda m: [
            f(m) for f in (quality.ratios, quality.gopher, quality.c4, quality.fineweb)
        ],
        "repetition": repetition,
        "language": lambda m: language.identify(m.text),
        "signatures of documents and paragraphs": lambda m: sign(m, paragraphs=True) if len(m.hashes) else None,
    }
    try:
        import ftfy
        import py3langid
        import rensa
    except ImportError as error:
        print(f"not measured: {error}")
        return rows

    def rensa_signature(m):
        made = rensa.RMinHash(num_perm=120, seed=1)
        made.update([" ".join(m.normal[n : n + 5]) for n in range(max(1, len(m.normal) - 4))])

    rows["ftfy.fix_encoding used directly"] = lambda m: ftfy.fix_encoding(m.text)
    rows["py3langid.classify used directly"] = lambda m: py3langid.classify(m.text[:20_000])
    rows["signature of documents by rensa"] = rensa_signature
    return rows


NEEDS_WORDS = ("ratios", "repetition", "signature")


def measure_step(task):
    """(name, MB, processor seconds of the step alone, peak MiB of a process that streams through the text)."""
    name, folder, megabytes = task
    run, spent, size = step_functions()[name], 0.0, 0
    for text in documents(folder, megabytes):
        measures = Measures(text)
        if name.startswith(NEEDS_WORDS):  # what the steps before have made
            assert measures.words is not None
            assert measures.hashes is not None
            assert measures.lines is not None
            assert measures.paragraphs is not None
        start = time.process_time()
        run(measures)
        spent += time.process_time() - start
        size += len(text.encode())
    return name, size / 1e6, spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def steps(options):
    print("| step | MB | MB per processor second | peak MiB |\n|---|---|---|---|")
    names = [name for name in step_functions() if not options.only or name.startswith(tuple(options.only))]
    tasks = [(name, options.data, options.megabytes) for name in names]
    with multiprocessing.get_context("spawn").Pool(2, maxtasksperchild=1) as pool:
        for name, size, spent, peak in pool.imap(measure_step, tasks, chunksize=1):
            print(f"| {name} | {size:,.0f} | {size / spent:.1f} | {peak:.0f} |", flush=True)


def whole(options):
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw"
        raw.mkdir()
        size = part = 0
        file = None
        for text in documents(options.data, options.megabytes):
            if file is None or file.tell() > 20e6:
                file = open(raw / f"{part:03}.jsonl", "w", encoding="utf-8")  # noqa: SIM115
                part += 1
            size += file.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")
        file.close()
        for cleaning in options.cleaning:
            start = time.perf_counter()
            report = build_corpus([raw], Path(folder) / f"{cleaning}/c.jsonl", CorpusConfig(cleaning=cleaning), print)
            seconds = time.perf_counter() - start
            print(
                f"{cleaning}: {size / 1e6:.0f} MB in {seconds:.0f} s, {size / 1e6 / seconds:.2f} MB/s; peak {peak_megabytes()}"
            )
            used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
            spent = sum(usage.ru_utime + usage.ru_stime for usage in used)
            print(f"  {size / 1e6 / spent:.2f} MB per processor second (making the text included); {report.documents}")


WORDS = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in ("", "n", "r", "st", "lo", "mi", "ke", "ta")]


def signed(task):
    """Signatures of a block of made-up documents of 100 words; every tenth is a near-copy of one in its block."""
    block, count = task
    chance = random.Random(block)
    texts = []
    for n in range(count):
        if n % 10 == 9:
            words = list(texts[n - 5])
            words[chance.randrange(len(words))] = "changed"
        else:
            words = chance.choices(WORDS, k=100)
        texts.append(words)
    return np.stack([signature(hash_words(words)) for words in texts])


def near(options):
    start = time.perf_counter()
    found = NearDuplicates()
    block = 10_000
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        for signatures in pool.imap(signed, [(n, block) for n in range(options.documents // block)]):
            found.add(signatures)
    middle = time.perf_counter()
    decision = found.decide()
    end = time.perf_counter()
    copies = (np.arange(len(decision.original)) % 10) == 9
    print(
        f"{len(copies):,} documents: signatures {middle - start:.0f} s, decision {end - middle:.0f} s; peak {peak_megabytes()}; "
        f"{(decision.original[copies] >= 0).mean():.4f} of the near-copies found, "
        f"{(decision.original[~copies] >= 0).sum():,} others left out"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["steps", "whole", "near"])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--only", nargs="+", help="steps whose names begin so")
    parser.add_argument("--cleaning", nargs="+", default=["web"])
    options = parser.parse_args()
    {"steps": steps, "whole": whole, "near": near}[options.what](options)


if __name__ == "__main__":
    main()
