"""Megabytes a second and peak memory of corpus cleaning: each step alone, the whole, and a million near-duplicates.

    python benchmarks/corpus_speed.py text --data DIR --work DIR [--megabytes 1000]     writes the text for these two:
    python benchmarks/corpus_speed.py steps --work DIR [--evaluation DIR]   each step in a process of its own, two at a
                                                                            time, libraries used directly beside them
    python benchmarks/corpus_speed.py whole --work DIR                      groundup corpus --cleaning web, all cores
    python benchmarks/corpus_speed.py near [--documents 1000000]            signatures and decision, two processes

Text is what the .txt files of DIR hold: first as it is, then again and again with the sentences (and lines) of each file
shuffled into the same documents and paragraphs, until there is enough. Copies would all be duplicates, and caches of
sentences would be flattered.
"""

import argparse
import html
import html.parser
import json
import multiprocessing
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np

from groundup.data.cleaning import language, mojibake, personal, quality
from groundup.data.cleaning.boilerplate import collapse_repeats, strip_boilerplate
from groundup.data.cleaning.contamination import read_evaluation, remove_evaluation
from groundup.data.cleaning.gutenberg import strip_gutenberg
from groundup.data.cleaning.light import clean
from groundup.data.cleaning.minhash import NearDuplicates, signature
from groundup.data.cleaning.paragraphs import sign
from groundup.data.cleaning.repetition import repetition
from groundup.data.cleaning.words import Measures, hash_words
from groundup.data.documents import document_id
from groundup.data.html_text import HtmlText
from groundup.data.sections import cut_sections

UNIT = re.compile(r"((?<=[.!?]) +|\n+)")
"""What parts two sentences or lines."""
FILE_BYTES = 50e6


def documents(folder, megabytes):
    """Documents of real text; from the second round on, with the sentences of each file in another order."""
    size, chance, rounds = 0, random.Random(9), 0
    files = {
        path: [UNIT.split(text) for text in path.read_text(encoding="utf-8").split("\n<|endoftext|>\n") if text.strip()]
        for path in sorted(folder.rglob("*.txt"))
    }
    while True:
        for parted in files.values():
            sentences = [sentence for parts in parted for sentence in parts[::2]]
            if rounds:
                chance.shuffle(sentences)
            place = 0
            for parts in parted:
                count = (len(parts) + 1) // 2
                mixed = [*parts]
                mixed[::2] = sentences[place : place + count]
                place += count
                text = "".join(mixed)
                yield text
                size += len(text.encode())
                if size > megabytes * 1e6:
                    return
        rounds += 1


def write_text(options):
    """The text as jsonl files, so that no step has to make it."""
    options.work.mkdir(parents=True, exist_ok=True)
    size = count = part = 0
    file = None
    for text in documents(options.data, options.megabytes):
        if file is None or file.tell() > FILE_BYTES:
            file = open(options.work / f"{part:03}.jsonl", "w", encoding="utf-8")  # noqa: SIM115
            part += 1
        file.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")
        size, count = size + len(text.encode()), count + 1
    file.close()
    print(f"{size / 1e6:,.0f} MB of text in {count:,} documents, {part} files in {options.work}")


def read_text(folder):
    """What write_text has written, document by document."""
    for path in sorted(folder.glob("*.jsonl")):
        with open(path, encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)["text"]


def page_of(text):
    """A document as a web page."""
    body = "".join(f"<p>{html.escape(part)}</p>\n" for part in text.split("\n\n"))
    return f"<html><head><title>A page</title></head><body><nav><a href=x>Home</a></nav>{body}</body></html>"


def main_text(page):
    """Our reader of web pages."""
    parser = HtmlText()
    parser.feed(page)
    parser.finish()
    return parser.take()


class Texts(html.parser.HTMLParser):
    """The standard library's parser, used directly: all text of a page."""

    def __init__(self):
        super().__init__()
        self.found = []
        self.handle_data = self.found.append


def all_text(page):
    parser = Texts()
    parser.feed(page)
    parser.close()
    return "".join(parser.found)


def step_functions(evaluation):
    """Every step as a function of a document's measures (or of its page); the name of what it is compared with, too."""
    steps: dict[str, Callable] = {
        "reading alone": lambda m: None,
        "light": lambda m: clean(m.text, "light"),
        "mojibake": lambda m: mojibake.repair_mojibake(m.text),
        "gutenberg": lambda m: strip_gutenberg(m.text),
        "boilerplate": lambda m: strip_boilerplate(m.text),
        "repeated lines": lambda m: collapse_repeats(m.text),
        "main text of pages": main_text,
        "personal data": lambda m: personal.mask_personal(m.text),
        "words and their hashes": lambda m: m.hashes,
        "ratios, gopher, c4, fineweb": lambda m: [
            f(m) for f in (quality.ratios, quality.gopher, quality.c4, quality.fineweb)
        ],
        "repetition": repetition,
        "language": lambda m: language.identify(m.text),
        "signatures of documents and paragraphs": lambda m: sign(m, paragraphs=True) if len(m.hashes) else None,
        "sections and their ids": lambda m: [document_id(part) for part in cut_sections([m.text])],
    }
    if evaluation:
        texts = read_evaluation(sorted(evaluation.rglob("*.jsonl")))
        steps["evaluation texts"] = lambda m: remove_evaluation(m.text, texts)
    return steps


def library_functions():
    """Libraries used directly, by the name of the step that they are to be compared with."""
    import ftfy
    import lxml.html
    import py3langid
    import rensa
    from datatrove.data import Document
    from datatrove.pipeline import filters
    from datatrove.pipeline.filters import fineweb_quality_filter, gopher_quality_filter, gopher_repetition_filter
    from datatrove.pipeline.formatters import PIIFormatter

    for module in (fineweb_quality_filter, gopher_quality_filter, gopher_repetition_filter):
        module.split_into_words = lambda text, language: text.split()  # its own needs a large package and is slower

    def judged_by(*made):
        return lambda m: [f.filter(Document(text=m.text, id="1")) for f in made]

    def rensa_signature(m):
        made = rensa.RMinHash(num_perm=120, seed=1)
        made.update([" ".join(m.normal[n : n + 5]) for n in range(max(1, len(m.normal) - 4))])

    pii = PIIFormatter()
    quality_filters = filters.GopherQualityFilter(), filters.FineWebQualityFilter()
    lines = filters.C4QualityFilter(filter_no_terminal_punct=False, min_num_sentences=-1)
    return {
        "light: unicodedata.normalize": lambda m: unicodedata.normalize("NFC", m.text),
        "mojibake: ftfy.fix_encoding": lambda m: ftfy.fix_encoding(m.text),
        "boilerplate: datatrove, C4's rules on lines": judged_by(lines),
        "main text of pages: html.parser, all text": all_text,
        "main text of pages: lxml, all text": lambda page: lxml.html.document_fromstring(page).text_content(),
        "personal data: datatrove, e-mail and IP only": lambda m: pii.format(m.text),
        "ratios, gopher, c4, fineweb: datatrove, words by spaces": judged_by(*quality_filters, lines),
        "repetition: datatrove, words by spaces": judged_by(filters.GopherRepetitionFilter()),
        "language: py3langid.classify, up to 20,000 characters": lambda m: py3langid.classify(m.text[:20_000]),
        "language: py3langid.classify, 400 characters": lambda m: py3langid.classify(m.text[:400]),
        "signatures: rensa, documents only": rensa_signature,
    }


NEEDS_WORDS = ("ratios, gopher, c4, fineweb", "repetition", "signatures")
NEEDS_PAGES = "main text"


def measure_step(task):
    """(name, MB, processor seconds of the step alone, peak MiB of a process that streams through the text)."""
    name, folder, evaluation, most_seconds = task
    library = ":" in name
    run, spent, size = (library_functions() if library else step_functions(evaluation))[name], 0.0, 0
    for text in read_text(folder):
        measures = Measures(text)
        subject = page_of(text) if name.startswith(NEEDS_PAGES) else measures
        if name.startswith(NEEDS_WORDS):  # what the steps before have made
            assert measures.normal is not None
            if not library:
                assert measures.words is not None
                assert measures.hashes is not None
                assert measures.lines is not None
                assert measures.paragraphs is not None
        start = time.process_time()
        run(subject)
        spent += time.process_time() - start
        size += len(text.encode())
        if library and spent > most_seconds:
            break
    return name, size / 1e6, spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def steps(options):
    print("| step, or library used directly | MB | MB per processor second | peak MiB |\n|---|---|---|---|")
    ours = list(step_functions(None)) + (["evaluation texts"] if options.evaluation else [])
    try:
        libraries = list(library_functions())
    except ImportError as error:
        print(f"no libraries beside them: {error}")
        libraries = []
    names = [name for name in ours + libraries if not options.only or name.startswith(tuple(options.only))]
    names = sorted(
        names, key=lambda name: next(n for n, step in enumerate(ours) if step.startswith(name.split(":")[0]))
    )
    tasks = [(name, options.work, options.evaluation, options.library_seconds) for name in names]
    with multiprocessing.get_context("spawn").Pool(2, maxtasksperchild=1) as pool:
        for name, size, spent, peak in pool.imap(measure_step, tasks, chunksize=1):
            speed = f"{size / spent:,.1f}" if name != "reading alone" else ""
            print(f"| {name} | {size:,.0f} | {speed} | {peak:.0f} |", flush=True)


def whole(options):
    """The command as a user types it, over the text that write_text has written."""
    size = sum(path.stat().st_size for path in options.work.glob("*.jsonl"))
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        for cleaning in options.cleaning:
            output = Path(folder) / cleaning / "c.jsonl"
            command = [sys.executable, "-m", "groundup", "corpus", *map(str, sorted(options.work.glob("*.jsonl")))]
            start = time.perf_counter()
            process = subprocess.Popen([*command, "--output-file", str(output), "--cleaning", cleaning])
            peaks = watch(process.pid)
            _, status, used = os.wait4(process.pid, 0)
            seconds, spent = time.perf_counter() - start, used.ru_utime + used.ru_stime
            kept = sum(path.stat().st_size for path in output.parent.iterdir())
            print(
                f"{cleaning}: {size / 1e6:,.0f} MB in {seconds:.0f} s, {size / 1e6 / seconds:.2f} MB/s; {spent:.0f} processor "
                f"seconds, {size / 1e6 / spent:.2f} MB each; peak of the command {peaks[0]:.0f} MiB, of all its processes "
                f"together {peaks[1]:.0f} MiB; {kept / 1e6:,.0f} MB on disk; status {status}"
            )


def watch(process):
    """Until a process ends: the most memory that it held, and that it and its children held together, in MiB."""
    own = together = 0.0
    while True:
        held = memory_of(process)
        if held == 0:  # a process that has ended holds none
            return own, together
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        own, together = max(own, held), max(together, held + sum(map(memory_of, children)))
        time.sleep(0.5)


def memory_of(process):
    """Resident memory in MiB; pages that processes share count in each."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0.0


def peak_megabytes():
    own, children = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return f"{own / 1024:.0f} MiB (largest other process {children / 1024:.0f} MiB)"


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
    parser.add_argument("what", choices=["text", "steps", "whole", "near"])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--evaluation", type=Path)
    parser.add_argument("--megabytes", type=float, default=1000)
    parser.add_argument("--library-seconds", type=float, default=60, help="a library reads no further than that")
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--only", nargs="+", help="steps whose names begin so")
    parser.add_argument("--cleaning", nargs="+", default=["web"])
    options = parser.parse_args()
    {"text": write_text, "steps": steps, "whole": whole, "near": near}[options.what](options)


if __name__ == "__main__":
    main()
