"""A signal in whatever phase ends the program within seconds, and the same command goes on to the same end."""

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from groundup.training.config import load_config
from groundup.training.pretrain import pretrain
from groundup.training.signals import StopRequest

PROGRAM = Path(__file__).with_name("stopped_within.py")
SECONDS = 10  # 3 of them are the patience with a library that hears no signals


def stopped(config: Path, phase: str, number: int, *words: str, delay: float = 0.0) -> tuple[float, str]:
    """Stop a run inside a phase: (seconds that it took to end, what it said).

    By the clock or in processor time, whichever is less: beside other programs the clock tells little.
    """
    before = processor_seconds()
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(config), phase, str(number), str(delay), *words],
        capture_output=True,
        text=True,
        check=False,
    )
    ended, used = time.time(), processor_seconds() - before
    assert done.returncode == 128 + number, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert f"stopped by {signal.Signals(number).name}" in done.stderr
    sent, used_then = (float(word) for word in done.stdout.split("sent ")[1].split())
    return min(ended - sent, used - used_then), done.stderr


def processor_seconds() -> float:
    """Of all processes that this one has waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize(
    ("phase", "number"),
    [
        ("corpus", signal.SIGINT),
        ("token files", signal.SIGTERM),
        ("step", signal.SIGTERM),
        ("evaluation", signal.SIGINT),
        ("sampling", signal.SIGTERM),
        ("saving", signal.SIGINT),
    ],
)
def test_every_phase_ends_within_seconds_and_goes_on(
    write_texts: Callable[..., Path], tiny_config: Path, phase: str, number: int
) -> None:
    write_texts()
    seconds, _ = stopped(tiny_config, phase, number, "training.output_dir=checkpoints/stopped")
    assert seconds < SECONDS
    pretrain(load_config(tiny_config, ["training.output_dir=checkpoints/whole"]))
    pretrain(load_config(tiny_config, ["training.output_dir=checkpoints/stopped"]))
    for name in ("model/model.safetensors", "training/optimizer.safetensors", "training/ledger.json"):
        files = [Path(f"checkpoints/{run}/step-00000012", name).read_bytes() for run in ("whole", "stopped")]
        assert files[0] == files[1], name


@pytest.mark.parametrize("kind", ["bpe", "unigram"])
def test_a_tokenizer_whose_training_hears_no_signals_is_left_behind(
    in_folder: Path, tiny_config: Path, kind: str
) -> None:
    """Merging hundreds of thousands of words that all differ takes long, in one call of a library."""
    chance = random.Random(1)
    Path("texts").mkdir()
    for file in range(4):
        words = (" ".join("".join(chance.choices("abcdefghijklmnop", k=12)) for _ in range(20)) for _ in range(4000))
        Path(f"texts/{file}.txt").write_text("\n<|endoftext|>\n".join(words))
    words = [f"tokenizer.kind={kind}", "tokenizer.vocab_size=30000"]
    seconds, told = stopped(tiny_config, "tokenizer", signal.SIGINT, *words, delay=1.0)
    assert seconds < SECONDS
    assert not Path("artifacts/tiny/tokenizer/tokenizer.json").exists()
    assert "the same command goes on" in told


@pytest.mark.long
@pytest.mark.skipif(not shutil.which("g++"), reason="torch.compile needs a C++ compiler, which is not there")
def test_compilation_ends_within_seconds(
    write_texts: Callable[..., Path], tiny_config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_texts()
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path / "cold"))  # or it ends before the signal comes
    seconds, _ = stopped(tiny_config, "step", signal.SIGINT, "training.compile=true", delay=3.0)
    assert seconds < SECONDS


def test_a_signal_within_a_finaliser_raises_the_flag_and_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    class Finalised:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGTERM)
            for _ in range(1000):  # Python runs its handlers between instructions
                pass

    with StopRequest() as stop:
        with stop.abandonable():
            Finalised()
        assert stop.signal_number == signal.SIGTERM
    assert capsys.readouterr().err == ""


@pytest.mark.long
def test_a_large_corpus_ends_within_seconds(write_texts: Callable[..., Path], tiny_config: Path) -> None:
    """Inside of what reads and cleans, not only between files."""
    for file in range(3):
        write_texts(f"t{file}", n_documents=60_000, seed=file)
    seconds, told = stopped(tiny_config, "corpus", signal.SIGTERM, "corpus.cleaning=light", delay=1.5)
    assert seconds < SECONDS
    assert "4/4 training" not in told
