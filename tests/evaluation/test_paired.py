"""Differences are tested on the same items; what was asked otherwise is refused."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

from groundup.cli.main import app
from groundup.evaluation.paired import compare_records, describe
from groundup.evaluation.statistics import sign_test
from groundup.model.bundle import save_bundle
from groundup.model.config import ModelConfig
from groundup.model.transformer import Transformer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.utils.errors import UserError


def record(items: dict[str, dict[str, Any]], suite: str = "pairs", **settings: Any) -> dict[str, Any]:
    return {"suites": [{"suite": suite, "items": items, "settings": settings, "data": []}]}


def test_right_and_wrong_answers_are_compared_pair_by_pair() -> None:
    a = record({"x": {"correct": "1100"}, "y": {"correct": "000000000000"}})
    b = record({"x": {"correct": "1010"}, "y": {"correct": "111111111110"}})
    whole, x, y = compare_records(a, b)
    assert (whole.part, whole.n, whole.only_a, whole.only_b) == ("all", 16, 1, 12)
    assert whole.difference == pytest.approx(11 / 16)
    assert whole.p == pytest.approx(sign_test(1, 12))
    assert (x.only_a, x.only_b, x.p) == (1, 1, 1.0)
    assert y.p == pytest.approx(2 * sign_test(0, 11)), "Holm: the surest of two parts counts twice"
    assert "right alone: A 1, B 12" in describe([whole, x, y])


def test_texts_are_compared_document_by_document() -> None:
    chance = random.Random(1)
    sizes = [chance.randint(100, 5000) for _ in range(60)]
    nats = [size * chance.uniform(0.4, 1.2) for size in sizes]
    better = [value * chance.uniform(0.97, 1.0) for value in nats]
    (found,) = compare_records(
        record({"documents": {"nats": nats, "bytes": sizes}}, "text"),
        record({"documents": {"nats": better, "bytes": sizes}}, "text"),
    )
    assert found.measure == "bits_per_byte"
    assert found.difference == pytest.approx(found.b - found.a)
    assert found.interval_95[1] < 0
    assert found.p < 0.01


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (record({"x": {"correct": "11"}}, window=3), "other settings"),
        (record({"x": {"correct": "111"}}), "other items"),
        (record({"z": {"correct": "11"}}), "other items"),
        (record({"x": {"correct": "11"}}, "text"), "share no items"),
    ],
)
def test_what_was_asked_otherwise_is_not_compared(other: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        compare_records(record({"x": {"correct": "11"}}), other)


def test_the_command_compares_models_and_records(tmp_path: Path) -> None:
    tokenizer = train_tokenizer(["the cat sleeps in the house " * 9], TokenizerConfig(vocab_size=280))
    for name, seed in (("a", 1), ("b", 2)):
        model = Transformer(
            ModelConfig("llama", vocab_size=tokenizer.vocab_size, block_size=32, n_layer=1, n_head=2, n_embd=16)
        )
        chance = torch.Generator().manual_seed(seed)
        for parameter in model.parameters():
            parameter.data.normal_(0, 0.5, generator=chance)
        save_bundle(model, tokenizer, tmp_path / name)
    pairs = tmp_path / "pairs.jsonl"
    rows = [{"sentence_good": f"the cat {n}", "sentence_bad": f"cat the {n}", "UID": "order"} for n in range(20)]
    pairs.write_text("".join(json.dumps(row) + "\n" for row in rows))

    def run(*words: str | Path) -> Any:
        return CliRunner().invoke(app, [str(word) for word in words])

    direct = run("compare", tmp_path / "a", tmp_path / "b", "--pairs", pairs, "--json")
    assert direct.exit_code == 0, direct.stderr
    for name in ("a", "b"):
        assert run("eval", tmp_path / name, "--pairs", pairs, "--output", tmp_path / f"{name}.json").exit_code == 0
    from_records = run("compare", tmp_path / "a.json", tmp_path / "b.json", "--json")
    assert json.loads(from_records.stdout) == json.loads(direct.stdout)
    (found,) = json.loads(direct.stdout)
    assert found["n"] == 20
    same = run("compare", tmp_path / "a", tmp_path / "a", "--pairs", pairs)
    assert "p 1.000" in same.stdout
    wrong = run("compare", pairs, tmp_path / "b.json")
    assert wrong.exit_code == 1
    assert wrong.stderr.count("\n") == 1
