"""The commands that the documentation promises, run as they are written, in a folder like a user's.

Training is cut short by an override; everything else stands as documented.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from groundup.data.builtin.stories import generate_corpus

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.long

SHORT = "training.max_steps=12 training.sample_tokens=8"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory with configurations, scripts and some stories."""
    folder = tmp_path_factory.mktemp("user")
    for name in ("configs", "scripts"):
        shutil.copytree(ROOT / name, folder / name)
    raw = folder / "data" / "raw"
    raw.mkdir(parents=True)
    for number, story in enumerate(generate_corpus(7, 300_000)):
        (raw / f"story{number:04}.txt").write_text(story, encoding="utf-8")
    (folder / "data" / "more.txt").write_text("\n\n".join(generate_corpus(8, 30_000)), encoding="utf-8")
    return folder


def run(folder: Path, command: str) -> str:
    """Run a documented command line; return its stdout."""
    words = command.split()
    words[0] = sys.executable if words[0] == "python" else str(Path(sys.executable).parent / words[0])
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    return done.stdout


def test_the_path_with_base(folder: Path) -> None:
    run(folder, "python scripts/prepare_corpus.py --input-dir data/raw --output-file data/processed/corpus.txt")
    run(
        folder,
        "python scripts/train_tokenizer.py --input-file data/processed/corpus.txt --output-dir artifacts/tokenizer "
        "--vocab-size 8000 --min-frequency 2",
    )
    out = run(folder, f"python scripts/train.py --config configs/base.yaml {SHORT}")
    assert all(word in out for word in ("train_loss", "val_loss", "val_ppl"))
    text = run(
        folder,
        "python scripts/generate.py --checkpoint artifacts/checkpoints --prompt Once --max-new-tokens 20 "
        "--temperature 0.7 --top-k 40",
    )
    assert text.startswith("Once")
    run(folder, "python scripts/tokenize_data.py --config configs/small.yaml")


def test_the_path_with_my_llm(folder: Path) -> None:
    run(folder, "python scripts/train_tokenizer.py --model my-llm")
    run(folder, "python scripts/tokenize_dataset.py --model my-llm")
    assert list((folder / "data").glob("*.train.cached.256.*.bin"))
    run(folder, f"python scripts/train.py --model my-llm {SHORT}")
    (folder / "data" / "added.txt").write_text("\n\n".join(generate_corpus(9, 30_000)), encoding="utf-8")
    run(folder, f"python scripts/train.py --model my-llm --only_new {SHORT}")
    seen = json.loads((folder / "checkpoints/my-llm/seen_datasets.json").read_text())["datasets"]
    assert [entry["phase"] for entry in seen] == [0, 1]
    assert run(folder, "python scripts/generate.py checkpoints/my-llm --max_tokens 10 --temp 0.5")


def test_parameters_of_gpt2(folder: Path) -> None:
    assert "124,439,808" in run(folder, "python scripts/compute_params.py --config configs/gpt2-124m.yaml")


def test_quickstart_on_built_in_text_and_on_one_book(folder: Path) -> None:
    out = run(folder, "groundup quickstart --minutes 0.1 --out built-in")
    assert "grammatical_share" in out
    summary = json.loads((folder / "built-in" / "summary.json").read_text())
    assert {"grammatical_share", "novel_share", "val_loss", "val_ppl", "val_bpb", "samples"} <= summary.keys()
    book = "\n\n".join(generate_corpus(10, 120_000))
    (folder / "book.txt").write_text(book, encoding="utf-8")
    out = run(folder, "groundup quickstart --text book.txt --minutes 0.1 --out own")
    assert "val_bpb" in out
    assert "grammatical_share" not in out
    assert run(folder, "groundup generate --checkpoint own --prompt The --max-new-tokens 5").startswith("The")
