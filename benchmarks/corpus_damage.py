"""Recall and precision of every cleaning step, over real text that this script damages.

    python benchmarks/corpus_damage.py --data DIR --evaluation DIR [--megabytes 8]

DIR holds clean .txt files (documents parted by lines `<|endoftext|>`). Clean documents are sampled; beside them stand
documents damaged in one known way each, so that what a step does can be counted: found (recall), and what it did to
documents that it should have left alone (precision, and the share of clean documents dropped).
"""

import argparse
import json
import random
import string
import tempfile
import time
from collections import Counter
from pathlib import Path

import ten_languages

from groundup.data.cleaning.personal import iban_checksum, luhn
from groundup.data.cleaning.words import hash_ngrams, hash_words, normal_words
from groundup.data.corpus import CorpusConfig, build_corpus

BOILERPLATE = [
    "Home | About us | Contact | Blog",
    "We use cookies to give you the best experience on our website.",
    "Skip to main content",
    "Share on Facebook",
    "Please enable JavaScript in your browser to view this page.",
    "© 2024 Example Media. All rights reserved.",
    "Sign up for our newsletter",
    "Leave a comment",
]
TEST_SENTENCES = 300


def clean_documents(folder, megabytes, chance):
    """Documents of 300 to 20,000 characters; of longer ones, pieces at paragraph borders."""
    found = []
    for path in sorted(folder.rglob("*.txt")):
        for document in path.read_text(encoding="utf-8").split("\n<|endoftext|>\n"):
            paragraphs = document.strip().split("\n\n")
            while paragraphs:
                piece = []
                while paragraphs and sum(map(len, piece)) < 4000:
                    piece.append(paragraphs.pop(0))
                text = "\n\n".join(piece)
                if 300 <= len(text) <= 20_000:
                    found.append(text)
    chance.shuffle(found)
    kept, size = [], 0
    for text in dict.fromkeys(found):
        kept.append(text)
        size += len(text)
        if size > megabytes * 1e6:
            break
    return kept


def card(chance):
    prefix = chance.choice(["4", "51", "55", "2221", "34", "37", "6011"])
    length = 15 if prefix in ("34", "37") else 16
    digits = prefix + "".join(chance.choices(string.digits, k=length - 1 - len(prefix)))
    digits += next(d for d in string.digits if luhn(digits + d))
    style = chance.choice(["", " ", "-"])
    return digits if not style or length == 15 else style.join(digits[n : n + 4] for n in range(0, 16, 4))


def iban(chance):
    country, length = chance.choice([("DE", 22), ("GB", 22), ("FR", 27), ("ES", 24), ("NL", 18), ("CH", 21)])
    body = "".join(chance.choices(string.digits, k=length - 4))
    value = next(f"{country}{n:02}{body}" for n in range(2, 99) if iban_checksum(f"{country}{n:02}{body}"))
    return value if chance.random() < 0.5 else " ".join(value[n : n + 4] for n in range(0, length, 4))


def email(chance):
    user = chance.choice(["anna.berg", "j.smith", "info", "o_neill", "mueller+news", "x99"]) + str(
        chance.randrange(1000)
    )
    host = chance.choice(["example", "mail.example", "uni-test", "my-shop"])
    end = chance.choice(["com", "org", "de", "co.uk", "io", "museum"])
    dots = host.replace(".", " [dot] ")
    return chance.choice([f"{user}@{host}.{end}"] * 4 + [f"<{user}@{host}.{end}>", f"{user.upper()}@{host}.{end}",
        f"{user} [at] {dots} [dot] {end.replace('.', ' [dot] ')}", f"{user}(at){host}.{end}"])  # fmt: skip


def phone(chance):
    def digits(n):
        return "".join(chance.choices(string.digits[1:], k=n))

    return chance.choice([f"+49 30 {digits(7)}", f"+1-212-555-{digits(4)}", f"(415) 555-{digits(4)}", f"415-555-{digits(4)}",
        f"+33 6 {digits(2)} {digits(2)} {digits(2)} {digits(2)}", f"020 7946 0{digits(3)}", f"+44 20 7946 0{digits(3)}"])  # fmt: skip


def address(chance):
    if chance.random() < 0.7:
        return ".".join(str(chance.randrange(130, 250)) for _ in range(4))
    return "2001:db8:" + ":".join(f"{chance.randrange(1, 65536):x}" for _ in range(6))


def key(chance):
    def letters(n):
        return "".join(chance.choices(string.ascii_letters + string.digits, k=n))

    return chance.choice(["AKIA" + "".join(chance.choices(string.ascii_uppercase + string.digits, k=16)),
        "ghp_" + letters(36), "sk-" + letters(48), "sk-proj-" + letters(40), "sk_live_" + letters(24), "AIza" + letters(35),
        "xoxb-" + letters(24), "hf_" + letters(34), "glpat-" + letters(20), f'api_key = "{letters(14)}A7b{letters(14)}"',
        f"-----BEGIN PRIVATE KEY-----\n{letters(64)}\n{letters(64)}\n-----END PRIVATE KEY-----"])  # fmt: skip


PERSONAL = {"email": email, "card": card, "iban": iban, "phone": phone, "ip": address, "key": key}
SECRET = {"email": "@", "card": "", "iban": "", "phone": "", "ip": "", "key": ""}


def plant(text, what, chance):
    """Put `what` between two sentences."""
    places = [n + 2 for n in range(len(text) - 2) if text[n : n + 2] == ". "] or [len(text)]
    place = chance.choice(places)
    return f"{text[:place].rstrip()} Contact {what} for more. {text[place:]}"


def shingles(text):
    return set(hash_ngrams(hash_words(normal_words(text)), 5).tolist())


def near_copy(text, similarity, chance):
    """Change words until about `similarity` of the word sequences are the same; returns the copy and the true Jaccard."""
    words = text.split(" ")
    changes = max(1, round(len(words) * (1 - similarity) / (5 * (1 + similarity))))
    for place in chance.sample(range(len(words)), min(changes, len(words))):
        words[place] = chance.choice(["harbour", "velvet", "seventeen", "quickly", "orchard", "pewter", "almanac"])
    copy = " ".join(words)
    one, other = shingles(text), shingles(copy)
    return copy, len(one & other) / max(1, len(one | other))


def decoded_wrongly(text):
    """UTF-8 read as cp1252; the five bytes that it leaves undefined become control characters, as browsers do it."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())


def damaged_bytes(folder, documents, chance):
    """Files of other encodings, with NULs, empty and huge: written as files, one document each."""
    made = {}
    for n, text in enumerate(documents):
        kind = ("cp1252", "utf-16", "nul", "empty", "cut utf-8", "gzip cut")[n % 6]
        path = folder / f"bytes-{n:03}.txt"
        accented = text[:3000] + " Café déjà vu, naïve façade."
        if kind == "cp1252":
            path.write_bytes(accented.encode("cp1252", "ignore"))
        elif kind == "utf-16":
            path.write_bytes(accented.encode("utf-16"))
        elif kind == "nul":
            path.write_bytes(accented.encode()[:500] + b"\0\0\0" + accented.encode()[500:])
        elif kind == "empty":
            path.write_bytes(b"")
        elif kind == "cut utf-8":
            path.write_bytes(accented.encode() + "é".encode()[:1])
        else:
            import gzip

            path = path.with_suffix(".txt.gz")
            path.write_bytes(gzip.compress(accented.encode())[:-20])
        made[path.name] = kind
    (folder / "huge.txt").write_text("\n\n".join(documents * 3)[:12_000_000], encoding="utf-8")
    return made


def evaluation_sentences(folder, chance):
    """Sentences of minimal pairs with five words or more."""
    found = []
    for path in sorted(folder.rglob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
            row = json.loads(line)
            found += [value for value in row.values() if isinstance(value, str) and len(value.split()) >= 5]
    return chance.sample(sorted(set(found)), TEST_SENTENCES)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--evaluation", type=Path, required=True)
    parser.add_argument("--megabytes", type=float, default=8)
    parser.add_argument("--workers", type=int, default=0)
    options = parser.parse_args()
    chance = random.Random(9)
    clean = clean_documents(options.data, options.megabytes, chance)
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), clean, options, chance)


def damage(raw, clean, unique, evaluation, planted, chance):
    """Write the mixture to the folder `raw`: the clean documents, and beside them ones with one known damage each.

    `unique`: documents to damage, none of them a copy of a clean one. `planted`: gets the evaluation sentences. Returns
    (kind, detail, text) of each row in its order, the kinds of the files beside them, and the true Jaccards of copies.
    """
    rows = [("clean", "", text) for text in clean]
    some = [text for text in clean if 600 <= len(text) <= 6000]
    unique = iter(unique)

    def base():
        return chance.choice(some)

    exact = [chance.choice(clean) for _ in range(400)]
    rows += [("exact", "", text + chance.choice(["", "\n", "  \n", "\r\n"])) for text in exact]
    similarities = []
    for _ in range(600):
        copy, similarity = near_copy(base(), chance.uniform(0.5, 0.98), chance)
        similarities.append(similarity)
        rows.append(("near", len(similarities) - 1, copy))
    paragraphs = [
        part for text in clean for part in text.split("\n\n") if len(part.split()) >= 40 and part != text.strip()
    ]
    for _ in range(300):
        copy, similarity = near_copy(chance.choice(paragraphs), chance.uniform(0.8, 1), chance)
        similarities.append(similarity)
        parts = next(unique).split("\n\n")
        parts.insert(chance.randrange(len(parts) + 1), copy)
        rows.append(("paragraph", (len(similarities) - 1, copy), "\n\n".join(parts)))
    for _ in range(200):
        lines = chance.sample(BOILERPLATE, 3)
        rows.append(("boilerplate", lines, f"{lines[0]}\n{lines[1]}\n\n{next(unique)}\n\n{lines[2]}"))
    for kind, make in PERSONAL.items():
        for _ in range(100):
            value = make(chance)
            rows.append((f"personal {kind}", value, plant(next(unique), value, chance)))
    sentences = evaluation_sentences(evaluation, chance)
    for sentence in sentences[:200]:
        text = next(unique)
        alone = chance.random() < 0.5
        rows.append(("evaluation", sentence, f"{text}\n{sentence}\n" if alone else plant(text, sentence, chance)))
    for _ in range(100):
        text = next(unique).replace("'", "’").replace('"', "”") + " Café “déjà vu”."
        rows.append(("mojibake", text, decoded_wrongly(text)))
    for _ in range(60):
        start = "*** START OF THE PROJECT GUTENBERG EBOOK A TITLE ***"
        rows.append(("gutenberg", "", f"The Project Gutenberg EBook of A Title\n\n{start}\n\n{next(unique)}\n\n"
            "*** END OF THE PROJECT GUTENBERG EBOOK A TITLE ***\n\nThis licence may not be sold."))  # fmt: skip
    for n in range(60):
        junk = [" ".join(f"{chance.random():.5f}" for _ in range(200)), "buy now " * 80, "#" + "=" * 60 + " x " * 30 + "%$&*+" * 90,
            "\n".join(["Menu item"] * 40 + ["Other"] * 9), "Lorem ipsum dolor sit amet, consectetur. " * 9, "too short"][n % 6]  # fmt: skip
        rows.append(("junk", n % 6, junk))
    for language, texts in ten_languages.PARAGRAPHS.items():
        rows += [("language", language, text) for text in texts]
    # The clean ones first: a copy is the copy of what comes before it.
    order = rows[: len(clean)] + chance.sample(rows[len(clean) :], len(rows) - len(clean))
    with open(raw / "a-rows.jsonl", "w", encoding="utf-8") as file:
        for _, _, text in order:
            file.write(json.dumps({"text": text}) + "\n")
    files = raw / "b-files"
    files.mkdir()
    kinds = damaged_bytes(files, [next(unique) for _ in range(60)], chance)
    planted.write_text("".join(json.dumps({"text": text}) + "\n" for text in sentences))
    return order, kinds, similarities


def measure(root, clean, options, chance):
    raw = root / "raw"
    raw.mkdir()
    some = [text for text in clean if 600 <= len(text) <= 6000]
    unique = (near_copy(chance.choice(some), 0.3, chance)[0] for _ in range(10_000))
    order, kinds, similarities = damage(raw, clean, unique, options.evaluation, root / "eval.jsonl", chance)
    size = sum(path.stat().st_size for path in raw.rglob("*") if path.is_file())
    config = CorpusConfig(cleaning="web", evaluation=[str(root / "eval.jsonl")], workers=options.workers)
    start = time.perf_counter()
    report = build_corpus([raw], root / "out" / "c.jsonl", config)
    seconds = time.perf_counter() - start
    print(f"{len(order):,} documents and {len(kinds) + 1} files, {size / 1e6:.1f} MB, in {seconds:.0f} s")
    judge(root / "out", order, kinds, similarities, report)


def contained(copy, text):
    """The words of `copy` as they stand in `text`, if they do."""
    words = normal_words(copy)
    return words if " ".join(words) in " ".join(normal_words(text)) else []


NAMED = {"duplicates": "exact", "evaluation text": "evaluation"}
JUDGES = ("length", "ratios", "gopher", "c4", "fineweb", "repetition", "language")


def meant_for(finding):
    """The kind of damage that a finding takes a document to have."""
    step, rule = finding["step"], finding["rule"]
    if step == "personal data":
        return f"personal {rule}"
    if step == "near-duplicates":
        return "paragraph" if rule.startswith("paragraph") else "near"
    return "junk" if step in JUDGES else NAMED.get(step, step)


def judge(out, order, kinds, similarities, report):
    texts: dict[str, str] = {}
    for line in (out / "c.jsonl").read_text(encoding="utf-8").split("\n")[:-1]:
        row = json.loads(line)
        name = row["source"].split("&section")[0].split("#section")[0]
        texts[name] = texts.get(name, "") + row["text"] + "\n"
    explained = {}
    for line in (out / "c.explain.jsonl").read_text(encoding="utf-8").split("\n")[:-1]:
        row = json.loads(line)
        explained[row["source"]] = row
    counts: dict[str, Counter] = {}
    wrong = Counter()
    languages = Counter()
    clean_dropped = Counter()
    near_wrong = 0
    missed = []
    harmed = (
        Counter()
    )  # clean documents (of near copies, those below 0.6 too), by the damage that they were taken to have
    for number, (kind, detail, _) in enumerate(order, 1):
        name = f"a-rows.jsonl#line={number}"
        kept, why = texts.get(name), explained.get(name, {"findings": [], "action": ""})
        tally = counts.setdefault(kind if kind != "near" else "near", Counter())
        tally["planted"] += kind != "near"
        before = tally["found"]
        if kind == "clean":
            if why["action"] in ("dropped", "near-duplicate"):
                clean_dropped[
                    f"{why['findings'][-1]['step']}: {why['findings'][-1]['rule'].split(' b-')[0].split(' a-')[0]}"
                ] += 1
            for finding in why["findings"]:
                wrong[finding["step"]] += why["action"] == "changed"
            harmed.update({meant_for(finding) for finding in why["findings"]})
        elif kind == "exact":
            tally["found"] += kept is None
        elif kind == "near":
            if similarities[detail] >= 0.8:
                tally["planted"] += 1
                tally["found"] += kept is None
            elif similarities[detail] < 0.6:
                near_wrong += why["action"] == "near-duplicate"
                harmed["near"] += why["action"] == "near-duplicate"
        elif kind == "paragraph":
            pair, copy = detail
            tally["planted"] -= similarities[pair] < 0.8
            if similarities[pair] >= 0.8:
                tally["found"] += kept is None or normal_words(copy) != contained(copy, kept)
        elif kind.startswith("personal"):
            tally["found"] += kept is None or detail not in kept
        elif kind == "evaluation":
            tally["found"] += kept is None or " ".join(normal_words(detail)) not in " ".join(normal_words(kept))
        elif kind == "boilerplate":
            tally["found"] += kept is None or not any(line in kept for line in detail)
        elif kind == "gutenberg":
            tally["found"] += kept is None or "GUTENBERG" not in kept.upper()
        elif kind == "mojibake":
            tally["found"] += kept is None or "CafÃ" not in kept  # the paragraph repaired, or cut out
        elif kind == "junk":
            tally["found"] += kept is None
        elif kind == "language":
            languages[detail, "n"] += 1
        if kind not in ("clean", "language", "near", "paragraph") and tally["found"] == before:
            missed.append((kind, detail, kept or ""))
    print("\n| what | planted | found | recall | clean documents taken for it | precision |\n|---|---|---|---|---|---|")
    for kind, tally in counts.items():
        if kind not in ("clean", "language"):
            recall, precision = (
                tally["found"] / max(1, count) for count in (tally["planted"], tally["found"] + harmed[kind])
            )
            print(
                f"| {kind} | {tally['planted']} | {tally['found']} | {recall:.3f} | {harmed[kind]} | {precision:.3f} |"
            )
    for kind, detail, text in missed[:10]:
        print(f"missed {kind}: {str(detail)[:100]!r} in {text[:1500]!r}")
    print(f"\nnear copies below Jaccard 0.6 taken for near-duplicates: {near_wrong}")
    total = counts["clean"]["planted"]
    print(
        f"clean documents dropped: {sum(clean_dropped.values())} of {total} ({sum(clean_dropped.values()) / total:.2%})"
    )
    for why, count in clean_dropped.most_common(8):
        print(f"  {count} {why}")
    print(f"clean documents changed, by step: {dict(wrong)}")  # near-duplicates: a paragraph like an earlier one
    fate = Counter()
    for record in report.files:
        if record.path == "a-rows.jsonl":
            continue
        kind = kinds.get(record.path.removeprefix("b-files/"), "huge")
        said = record.reason or (
            record.notes[0].split(":")[0].split(";")[0][:44] if record.notes else f"read as {record.encoding}"
        )
        fate[kind, record.status, said] += 1
    for (kind, status, said), count in sorted(fate.items()):
        print(f"files {kind}: {count} {status} ({said})")
    ten_languages.measure()


if __name__ == "__main__":
    main()
