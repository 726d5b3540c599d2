"""The commands that the documentation promises, run as they are written, in a folder like a user's.

Training is cut short by an override; everything else stands as documented.
"""

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from groundup.data.builtin.stories import generate_corpus
from groundup.runs.metrics import read_rows
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer

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
    done = start(folder, command)
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    return done.stdout


def start(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    words = shlex.split(command)
    words[:1] = [sys.executable] if words[0] == "python" else [sys.executable, "-m", words[0]]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


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
        'python scripts/generate.py --checkpoint artifacts/checkpoints --prompt "Once upon" --max-new-tokens 200 '
        "--temperature 0.7 --top-k 40",
    )
    assert text.startswith("Once upon")
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
    told = start(folder, "python scripts/generate.py --prompt Once --max_tokens 3")
    assert "model: checkpoints/my-llm/" in told.stderr, "without --checkpoint the newest run is taken, and named"
    run(folder, "python scripts/generate.py checkpoints/my-llm --chat")  # standard input is empty: it says goodbye
    assert "bits per byte" in run(folder, "python scripts/eval.py --checkpoint checkpoints/my-llm")


def test_phi_2_with_the_tokenizer_that_its_config_names(folder: Path) -> None:
    assert "2,779,683,840" in run(folder, "python scripts/compute_params.py --config configs/phi-2.json")
    refused = start(folder, "python scripts/tokenize_dataset.py --model phi-2")
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: There is no tokenizer at microsoft/phi-2.")
    assert refused.stderr.count("\n") == 1
    theirs = train_tokenizer(generate_corpus(7, 50_000), TokenizerConfig(vocab_size=600))
    theirs.save(folder / "microsoft/phi-2")  # stands for the real one, which is not ours to give
    (folder / "microsoft/phi-2/tokenizer_config.json").write_text('{"bos_token": "<|endoftext|>"}')
    run(folder, "python scripts/tokenize_dataset.py --model phi-2")
    (meta,) = (folder / "data" / "phi-2").glob("*.train.cached.2048.*.meta.json")
    assert json.loads(meta.read_text())["tokenizer_path"] == "microsoft/phi-2"


def test_a_small_sibling_of_phi_2_is_trained(folder: Path) -> None:
    """The same architecture and settings, the sizes apart."""
    sibling = json.loads((folder / "configs/phi-2.json").read_text())
    sibling["tokenizer"] = {"path": "data/tokenizer-sibling", "vocab_size": 1000}
    sibling["model"] |= {"vocab_size": 1024, "n_layer": 2, "n_head": 4, "n_embd": 80, "n_ff": 320}
    sibling["dataset"]["dir"] = "data/phi-sibling"
    sibling["training"] |= {"block_size": 64, "batch_size": 8, "max_tokens": 40_000, "learning_rate": 2e-3}
    (folder / "configs/phi-sibling.json").write_text(json.dumps(sibling))
    run(folder, "python scripts/train.py --model phi-sibling training.sample_tokens=8")
    losses = [row["train_loss"] for row in read_rows(folder / "checkpoints/phi-sibling/metrics.jsonl")]
    assert losses[-1] < losses[0] - 1
    best = folder / "checkpoints/phi-sibling" / (folder / "checkpoints/phi-sibling/best").read_text().strip() / "model"
    config = json.loads((best / "config.json").read_text())
    assert (config["model_type"], config["vocab_size"], config["partial_rotary_factor"]) == ("phi", 1024, 0.4)
    assert run(folder, "python scripts/generate.py checkpoints/phi-sibling --max_tokens 10")
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    assert transformers.AutoModelForCausalLM.from_pretrained(best).config.model_type == "phi"


def test_import_and_train_on(folder: Path) -> None:
    """The sibling stands for a model of others: imported, trained on, written with."""
    run(folder, "groundup import checkpoints/phi-sibling --output imported/phi --special-token <|tool|>")
    (folder / "configs/phi-on.yaml").write_text(
        "corpus: {input: data/raw, output: data/corpus-on.jsonl}\n"
        "training: {init_from: imported/phi, block_size: 64, max_steps: 12, sample_tokens: 8}\n"
    )
    run(folder, "groundup train --model phi-on")
    rows = list(read_rows(folder / "checkpoints/phi-on/metrics.jsonl"))
    first = next(read_rows(folder / "checkpoints/phi-sibling/metrics.jsonl"))
    assert rows[0]["train_loss"] < first["train_loss"] - 1
    assert "<|tool|>" in (folder / "imported/phi/origin.json").read_text()
    assert json.loads((folder / "checkpoints/phi-on/origin.json").read_text())["source"] == "imported/phi/model"
    assert run(folder, "groundup generate checkpoints/phi-on --max-new-tokens 5")


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "scripts").glob("*.py")))
def test_scripts_are_short_and_answer(folder: Path, name: str) -> None:
    assert len((ROOT / "scripts" / name).read_text().splitlines()) < 20
    assert "Usage: groundup" in run(folder, f"python scripts/{name} --help")


def test_parameters_of_gpt2(folder: Path) -> None:
    assert "124,439,808" in run(folder, "python scripts/compute_params.py --config configs/gpt2-124m.yaml")


def test_quickstart_on_built_in_text_and_on_one_book(folder: Path) -> None:
    out = run(folder, "groundup quickstart --minutes 0.6 --out built-in")
    assert "grammatical_share" in out
    summary = json.loads((folder / "built-in" / "summary.json").read_text())
    assert {"grammatical_share", "novel_share", "val_loss", "val_ppl", "val_bpb", "samples"} <= summary.keys()
    book = "\n\n".join(generate_corpus(10, 120_000))
    (folder / "book.txt").write_text(book, encoding="utf-8")
    out = run(folder, "groundup quickstart --text book.txt --minutes 0.1 --out own")
    assert "val_bpb" in out
    assert "grammatical_share" not in out
    assert run(folder, "groundup generate --checkpoint own --prompt The --max-new-tokens 5").startswith("The")
