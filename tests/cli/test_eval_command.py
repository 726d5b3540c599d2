"""`groundup eval`: every suite on a tiny model, the record, and what cannot be evaluated."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner, Result

from groundup.cli.main import app
from groundup.model.bundle import load_bundle, save_bundle
from groundup.model.config import ModelConfig
from groundup.model.transformer import Transformer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.training.config import load_config
from groundup.training.pretrain import pretrain

ARC = {"question": "What is wet?", "choices": {"text": ["fire", "water"], "label": ["A", "B"]}, "answerKey": "B"}
ARC_OLD = {
    "question": {"stem": "What is hot?", "choices": [{"text": "fire", "label": "1"}, {"text": "ice", "label": "2"}]},
    "answerKey": "1",
}
HELLASWAG = {
    "ctx_a": "A man sits [header] on a roof.",
    "ctx_b": "he",
    "activity_label": "Roofing",
    "endings": ["sings.", "flies away.", "sleeps.", "swims."],
    "label": "2",
}
PIQA = {"goal": "Open a jar", "sol1": "twist the lid", "sol2": "eat the lid"}
LAMBADA = {"text": "the dog and the cat sleep in the house"}
GSM8K = {"question": "How much is 2 and 2?", "answer": "2+2 is 4.\n#### 4"}
PAIRS: list[dict[str, str]] = [
    {"sentence_good": good, "sentence_bad": bad, "UID": paradigm, "linguistics_term": paradigm[:5]}
    for good, bad, paradigm in (
        ("the cat sleeps.", "the cat sleep.", "agree_1"),
        ("the cats sleep.", "the cats sleeps.", "agree_2"),
        ("who sees it?", "who it sees?", "order_1"),
    )
]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder with random weights, of no run."""
    folder = tmp_path_factory.mktemp("models") / "foreign"
    tokenizer = train_tokenizer(
        ["the cat sleeps, and the dogs sleep in the house. "] * 5, TokenizerConfig(vocab_size=300)
    )
    model = Transformer(
        ModelConfig("llama", vocab_size=tokenizer.vocab_size, block_size=64, n_layer=2, n_head=2, n_embd=32)
    )
    chance = torch.Generator().manual_seed(1)
    for parameter in model.parameters():
        parameter.data.normal_(0, 0.3, generator=chance)
    save_bundle(model, tokenizer, folder)
    return folder


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["eval", *map(str, words)])


def record_of(*words: str | Path) -> dict[str, Any]:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.stderr
    record: dict[str, Any] = json.loads(result.stdout)
    return record


def write_rows(path: Path, *rows: dict[str, Any]) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def nats(bundle: Path, context: str, text: str) -> float:
    """-log p(text | <|endoftext|> context) in one plain forward pass."""
    model, tokenizer = load_bundle(bundle)
    ids = tokenizer.encode(context + text, add_special_tokens=True)
    n_context = len(tokenizer.encode(context, add_special_tokens=True))
    with torch.inference_mode():
        log_p = model(torch.tensor([ids[:-1]]))[0].log_softmax(-1)
    return -sum(float(log_p[n - 1, ids[n]]) for n in range(n_context, len(ids)))


def test_pairs_are_judged_as_one_sentence_after_the_other(bundle: Path, tmp_path: Path) -> None:
    folder = tmp_path / "blimp"
    write_rows(folder / "a.jsonl", *PAIRS[:2])
    write_rows(folder / "b.jsonl", PAIRS[2])
    (suite,) = record_of(bundle, "--pairs", folder)["suites"]
    expected = [nats(bundle, "", pair["sentence_good"]) < nats(bundle, "", pair["sentence_bad"]) for pair in PAIRS]
    for pair, right in zip(PAIRS, expected, strict=True):
        assert suite["items"][pair["UID"]]["correct"] == str(int(right))
        assert suite["scores"]["paradigms"][pair["UID"]]["phenomenon"] == pair["linguistics_term"]
    overall = suite["scores"]["overall"]
    assert (overall["correct"], overall["n"], overall["chance"]) == (sum(expected), 3, 0.5)
    low, high = overall["interval_95"]
    assert low < overall["accuracy"] < high or overall["accuracy"] in (low, high)
    assert suite["scores"]["phenomena"]["agree"]["n"] == 2
    assert [entry["file"] for entry in suite["data"]] == ["a.jsonl", "b.jsonl"]
    assert all(len(entry["sha256"]) == 64 for entry in suite["data"])


def test_text_is_scored_token_by_token_in_windows(bundle: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    documents = ["the dogs and the cat sleep in the house. " * 12 + "\n", "größe: 日本"]
    text.write_text("<|endoftext|>\n".join(documents), encoding="utf-8")
    (suite,) = record_of(bundle, "--text", text)["suites"]
    model, tokenizer = load_bundle(bundle)
    total, n_bytes = 0.0, sum(len(document.encode()) for document in documents)
    for document in documents:
        ids = torch.tensor([tokenizer.encode(document, add_special_tokens=True)])
        for start in range(0, ids.shape[1] - 1, 64):
            window = ids[:, start : start + 65]
            with torch.inference_mode():
                log_p = model(window[:, :-1]).log_softmax(-1)
            total -= float(log_p.gather(2, window[:, 1:, None]).sum())
    scores = suite["scores"]
    assert scores["tokens"] > 2 * 64, "several windows"
    assert (scores["documents"], scores["bytes"]) == (2, n_bytes)
    assert scores["bits_per_byte"] == pytest.approx(total / math.log(2) / n_bytes, rel=1e-5)
    assert scores["perplexity"] == pytest.approx(math.exp(total / scores["tokens"]), rel=1e-4)
    assert suite["settings"]["window_tokens"] == suite["settings"]["stride_tokens"] == 64
    assert suite["items"]["documents"]["bytes"] == [len(document.encode()) for document in documents]
    closer = record_of(bundle, "--text", text, "--stride", "8")["suites"][0]
    assert closer["scores"]["tokens"] == scores["tokens"]
    assert closer["scores"]["bits_per_byte"] != scores["bits_per_byte"]
    assert run(bundle, "--text", text, "--window", "65").exit_code == 1


def test_tasks_are_recognised_and_scored(bundle: Path, tmp_path: Path) -> None:
    files = {
        "arc": write_rows(tmp_path / "arc.jsonl", ARC, ARC_OLD),
        "hellaswag": write_rows(tmp_path / "hella.jsonl", HELLASWAG),
        "piqa": write_rows(tmp_path / "piqa.jsonl", PIQA),
        "lambada": write_rows(tmp_path / "last.jsonl", LAMBADA),
        "gsm8k": write_rows(tmp_path / "math.jsonl", GSM8K),
    }
    (tmp_path / "piqa-labels.lst").write_text("0\n")
    words = [word for file in files.values() for word in ("--tasks", str(file))]
    suites = dict(zip(files, record_of(bundle, *words)["suites"], strict=True))
    for name, suite in suites.items():
        assert suite["settings"]["format"] == name
        assert suite["scores"]["n"] == (2 if name == "arc" else 1)
    scores = [nats(bundle, "Question: What is wet?\nAnswer:", f" {text}") for text in ("fire", "water")]
    assert suites["arc"]["items"]["arc:arc.jsonl"]["correct"][0] == str(int(scores[1] < scores[0]))
    assert suites["arc"]["scores"]["chance"] == 0.5
    assert suites["hellaswag"]["scores"]["chance"] == 0.25
    context = "Roofing: A man sits on a roof. He"
    likeliest = min(HELLASWAG["endings"], key=lambda ending: nats(bundle, context, f" {ending}"))
    assert suites["hellaswag"]["scores"]["correct"] == int(likeliest == "sleeps.")
    expected = math.exp(nats(bundle, "the dog and the cat sleep in the", " house"))
    assert suites["lambada"]["scores"]["word_perplexity"] == pytest.approx(expected, rel=1e-4)


def test_the_record_names_settings_versions_and_model(bundle: Path, tmp_path: Path) -> None:
    pairs = write_rows(tmp_path / "pairs.jsonl", *PAIRS)
    out = tmp_path / "record.json"
    result = run(bundle, "--pairs", pairs, "--output", out)
    assert result.exit_code == 0
    assert "chance 0.500" in result.stdout
    record = json.loads(out.read_text())
    assert set(record["model"]["files"]) == {"config.json", "model.safetensors"}
    assert {"torch", "groundup"} <= record["environment"]["packages"].keys()
    assert record["settings"]["dtype"] == "float32"
    again = record_of(bundle, "--pairs", pairs)
    assert again["suites"] == record["suites"]


def test_a_run_is_measured_on_its_own_text(
    write_texts: Callable[..., Path], tiny_config: Path, in_folder: Path
) -> None:
    write_texts()
    result = pretrain(load_config(tiny_config))
    record = record_of("--checkpoint", result.run, "--samples", "3")
    validation, generation = record["suites"]
    assert validation["scores"]["val_bpb"] == pytest.approx(result.evaluation.bits_per_byte, rel=1e-6)
    assert validation["data"]
    assert generation["scores"]["memorisation"]["training_words"] > 1000
    assert "writing" not in generation["scores"], "the grammar of this text is not known"
    assert generation["settings"]["samples"] == 3
    assert record_of("--samples", "3")["suites"] == record["suites"], "the newest run is taken"


def test_a_foreign_folder_writes_without_its_text(bundle: Path) -> None:
    result = run(bundle, "--samples", "2")
    assert result.exit_code == 0
    assert "belongs to no run" in result.stderr
    assert "not measured" in result.stdout


BAD: dict[str, tuple[Callable[[Path], list[str]], str]] = {
    "no folder": (lambda folder: [str(folder / "none")], "is no folder"),
    "empty folder": (lambda folder: [str(folder)], "holds none of config.json"),
    "no pairs": (lambda folder: ["--pairs", str(folder)], "names no .jsonl file"),
    "other jsonl": (
        lambda folder: ["--pairs", str(write_rows(folder / "x.jsonl", {"text": "a"}))],
        'line 1 is no JSON object with "sentence_good"',
    ),
    "no text": (lambda folder: ["--text", str(folder / "none.txt")], "does not exist"),
    "unknown format": (lambda folder: ["--tasks", f"arch:{folder}/x"], 'Did you mean "arc"'),
    "unknown keys": (
        lambda folder: ["--tasks", str(write_rows(folder / "x.jsonl", {"a": 1, "b": 2}))],
        "a row with a, b belongs to no known format",
    ),
    "wrong row": (
        lambda folder: ["--tasks", str(write_rows(folder / "x.jsonl", ARC, {**ARC, "answerKey": "Z"}))],
        "row 2 is no item of arc",
    ),
    "empty task": (lambda folder: ["--tasks", str(write_rows(folder / "x.jsonl"))], "holds no items"),
    "no json": (lambda folder: ["--tasks", str(folder / "bad.jsonl")], "line 1 is no JSON"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_evaluated_is_said_in_one_line(case: str, bundle: Path, tmp_path: Path) -> None:
    make, message = BAD[case]
    if case == "no json":
        (tmp_path / "bad.jsonl").write_text("{]\n")
    words = make(tmp_path)
    result = run(*words) if "folder" in case else run(bundle, *words)
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
