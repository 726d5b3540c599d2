"""What several tests need: one thread a process (tests run side by side), and small texts made on the spot."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported

import random
from collections.abc import Callable
from pathlib import Path

import pytest

WORDS = [
    "the",
    "a",
    "cat",
    "dog",
    "bird",
    "sees",
    "likes",
    "finds",
    "ball",
    "tree",
    "house",
    "big",
    "small",
    "red",
    "runs",
]


def make_text(n_documents: int, seed: int = 0) -> list[str]:
    """Documents of random words: enough like text for a tokenizer and a tiny model."""
    chance = random.Random(seed)
    return [
        " ".join(" ".join(chance.choices(WORDS, k=chance.randint(4, 9))).capitalize() + "." for _ in range(5))
        for _ in range(n_documents)
    ]


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def write_texts(in_folder: Path) -> Callable[..., Path]:
    """Write documents as texts/<name>.txt and return the path."""

    def write(name: str = "a", n_documents: int = 120, seed: int = 0) -> Path:
        path = in_folder / "texts" / f"{name}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n<|endoftext|>\n".join(make_text(n_documents, seed)), encoding="utf-8")
        return path

    return write


TINY = """
corpus: {input: texts, validation: 0.1}
tokenizer: {vocab_size: 300}
model: {n_layer: 2, n_head: 2, n_embd: 32}
training:
  block_size: 32
  batch_size: 4
  max_steps: 12
  checkpoint_interval: 3
  eval_interval: 6
  precision: float32
  attention: explicit
  threads: 1
  sample_tokens: 8
  device: cpu
logging: {tensorboard: false}
"""


@pytest.fixture
def tiny_config(in_folder: Path) -> Path:
    """A configuration that trains in about a second; write the texts first."""
    path = in_folder / "tiny.yaml"
    path.write_text(TINY, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a tiny run was trained once, as checkpoints/tiny, and another as checkpoints/other: copy it."""
    from groundup.training.config import load_config
    from groundup.training.pretrain import pretrain

    folder = tmp_path_factory.mktemp("trained")
    (folder / "texts").mkdir()
    (folder / "texts" / "a.txt").write_text("\n<|endoftext|>\n".join(make_text(120)), encoding="utf-8")
    (folder / "tiny.yaml").write_text(TINY, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        pretrain(load_config(Path("tiny.yaml")))
        pretrain(load_config(Path("tiny.yaml"), ["training.output_dir=checkpoints/other", "training.seed=2"]))
    return folder
