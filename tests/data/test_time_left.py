"""Every stage of a corpus that can be long says how far it is and how much time is left."""

import gzip
import random

import pytest

from groundup.data import time_left
from groundup.data.corpus import CorpusConfig, build_corpus
from groundup.data.time_left import CountLeft, TimeLeft

WORDS = [a + b for a in ("la", "ti", "mo", "ker") for b in ("ve", "sun", "dor", "pil", "gam")]


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass as the test says."""
    now = [100.0]
    monkeypatch.setattr(time_left.time, "monotonic", lambda: now[0])
    return now


def test_time_left_follows_the_speed_so_far(clock):
    lines = []
    progress = TimeLeft("Cleaning", 1_000_000, lines.append)
    clock[0] += 9
    progress.tell(200_000, 400_000, 1, 2)
    assert lines == []  # too soon to say anything
    clock[0] += 11
    progress.tell(50_000, 400_000, 1, 2)
    progress.tell(50_000, 400_000, 1, 2)
    assert lines == ["Cleaning file 1 of 2: 0.2 MB of 1.0 MB, about 1:00 left"]
    progress.file_done(400_000)
    clock[0] += 20
    progress.tell(100_000, 600_000, 2, 2)
    assert lines[1:] == ["Cleaning file 2 of 2: 0.5 MB of 1.0 MB, about 0:40 left"]


def test_hours_and_a_beginning_that_tells_nothing(clock):
    lines = []
    progress = CountLeft("Comparing texts", 10_000, "pairs", lines.append)
    clock[0] += 10
    progress.tell(0)
    clock[0] += 30
    progress.tell(100)
    assert lines == [
        "Comparing texts: 0 of 10,000 pairs, no telling yet how long",
        "Comparing texts: 100 of 10,000 pairs, about 1:06:00 left",
    ]


def test_every_stage_of_a_corpus_tells(tmp_path, monkeypatch):
    monkeypatch.setattr(time_left, "SECONDS_BETWEEN_LINES", 0.0)
    chance = random.Random(1)
    paragraphs = [" ".join(chance.choices(WORDS, k=40)) + "." for _ in range(40)]
    (tmp_path / "raw").mkdir()
    for n in range(6):
        text = "\n\n".join([*paragraphs[6 * n : 6 * n + 6], paragraphs[0]])
        (tmp_path / "raw" / f"{n}.txt").write_text(text)
    (tmp_path / "raw" / "copy.txt").write_text("\n\n".join(paragraphs[:7]))
    lines = []
    settings = {"near_duplicates": 0.72, "near_paragraphs": 0.72, "workers": 1}
    build_corpus([tmp_path / "raw"], tmp_path / "c.jsonl", CorpusConfig(**settings), lines.append)
    told = {line.split(" file ")[0].split(" of ")[0] for line in lines if line.endswith((" left", "how long"))}
    comparing = {f"Comparing {kind}, {part}" for kind in ("documents", "paragraphs") for part in (1, 2, 3)}
    assert told == {"Looking at what is there:", "Cleaning", "Writing", *comparing}


def test_of_a_compressed_file_the_share_that_is_read_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(time_left, "SECONDS_BETWEEN_LINES", 0.0)
    chance = random.Random(1)
    text = "".join(chance.choices("abcdefgh \n", k=6_000_000))  # 6 MB, of which gzip makes 2.7
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(text.encode(), 1))
    size = (tmp_path / "a.txt.gz").stat().st_size
    lines = []
    build_corpus([tmp_path / "a.txt.gz"], tmp_path / "c.jsonl", CorpusConfig(), lines.append)
    told = [line.split(": ")[1].split(" of ")[0].split() for line in lines if line.startswith("Reading")]
    done = [float(count.replace(",", "")) * (1_000_000 if unit == "MB" else 1) for count, unit in told]
    assert done == sorted(done)
    half = [count for count in done if count < 0.6 * size]
    assert len(half) >= 2  # and not all of it after the first 2.7 MB of text
