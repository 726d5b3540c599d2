"""The harness gives one result, whether our scorer answers or its own Hugging Face backend on the same folder."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
import torch

from groundup.model.bundle import save_bundle
from groundup.model.config import ModelConfig
from groundup.model.transformer import Transformer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer

pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore")]
pytest.importorskip("lm_eval", reason="the package lm-eval is not installed")
pytest.importorskip("accelerate", reason="the package accelerate is not installed")

WORDS = "the a cat dog bird sees likes finds ball tree house big small red runs".split()  # noqa: SIM905


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny"
    chance = random.Random(1)
    texts = [" ".join(chance.choices(WORDS, k=200)) for _ in range(5)]
    tokenizer = train_tokenizer(texts, TokenizerConfig(vocab_size=300))
    model = Transformer(
        ModelConfig("qwen3", vocab_size=tokenizer.vocab_size, block_size=64, n_layer=2, n_head=2, n_embd=32)
    )
    generator = torch.Generator().manual_seed(1)
    for name, parameter in model.named_parameters():
        parameter.data.normal_(1.0 if name.endswith("gain") else 0.0, 0.3, generator=generator)
    save_bundle(model, tokenizer, folder)
    return folder


def write_tasks(folder: Path) -> list[dict[str, Any]]:
    """Three tasks over local files: choices without a context, choices behind one, answers written out."""
    chance = random.Random(2)

    def words(n: int) -> str:
        return " ".join(chance.choices(WORDS, k=n))

    rows = {
        "pairs": [{"good": words(6) + ".", "bad": words(6) + "."} for _ in range(60)],
        "choices": [
            {
                "question": words(chance.randint(3, 90)),
                "choices": [words(chance.randint(1, 5)) for _ in range(4)],
                "gold": n % 4,
            }
            for n in range(60)
        ],
        "answers": [{"question": words(5), "answer": words(1)} for _ in range(15)],
    }  # fmt: skip
    for name, items in rows.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(item) + "\n" for item in items))

    def task(name: str, **settings: Any) -> dict[str, Any]:
        files = {"test": str(folder / f"{name}.jsonl")}
        return {"task": name, "dataset_path": "json", "dataset_kwargs": {"data_files": files}, "test_split": "test",
                "metadata": {"version": 0}, **settings}  # fmt: skip

    accuracy = [{"metric": metric, "aggregation": "mean", "higher_is_better": True} for metric in ("acc", "acc_norm")]
    return [
        task("pairs", output_type="multiple_choice", doc_to_text="", doc_to_target=0,
             doc_to_choice="{{[good, bad]}}", metric_list=accuracy),
        task("choices", output_type="multiple_choice", doc_to_text="Question: {{question}}\nAnswer:",
             doc_to_target="{{gold}}", doc_to_choice="{{choices}}", metric_list=accuracy),
        task("answers", output_type="generate_until", doc_to_text="{{question}}", doc_to_target="{{answer}}",
             generation_kwargs={"until": ["."], "max_gen_toks": 12, "do_sample": False},
             metric_list=[{"metric": "exact_match", "aggregation": "mean", "higher_is_better": True}]),
    ]  # fmt: skip


def evaluate(model: Any, tasks: list[dict[str, Any]]) -> dict[str, Any]:
    import lm_eval
    from lm_eval.tasks import TaskManager

    manager = TaskManager(include_defaults=False)
    found: dict[str, Any] = lm_eval.simple_evaluate(
        model, tasks=tasks, task_manager=manager, bootstrap_iters=0, log_samples=True
    )
    return found


def test_our_scores_are_those_of_the_hugging_face_backend(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    from lm_eval.models.huggingface import HFLM

    from groundup.evaluation.lm_eval_adapter import GroundupLM

    tasks = write_tasks(tmp_path)
    theirs = evaluate(HFLM(str(bundle), device="cpu", dtype="float32", batch_size=8), tasks)
    ours = evaluate(GroundupLM(str(bundle)), tasks)
    for name in ("pairs", "choices", "answers"):
        pairs = list(zip(ours["samples"][name], theirs["samples"][name], strict=True))
        assert ours["results"][name] == theirs["results"][name]
        for one, other in pairs:
            assert one["doc_id"] == other["doc_id"]
            if name == "answers":
                assert one["resps"] == other["resps"], "the same text"
                continue
            for (found,), (expected,) in zip(one["resps"], other["resps"], strict=True):
                assert float(found[0]) == pytest.approx(float(expected[0]), abs=2e-4)
                assert found[1] == expected[1]


def test_rolling_texts_are_scored_in_windows(bundle: Path) -> None:
    from lm_eval.api.instance import Instance

    from groundup.evaluation.lm_eval_adapter import GroundupLM

    adapter = GroundupLM(str(bundle))
    text = " ".join(random.Random(3).choices(WORDS, k=150))
    request = Instance("loglikelihood_rolling", {}, (text,), 0)
    (found,) = adapter.loglikelihood_rolling([request])
    ids = torch.tensor(adapter.tokenizer.encode(text, add_special_tokens=True))
    expected = 0.0
    for start in range(0, len(ids) - 1, 64):
        window = ids[start : start + 65]
        with torch.inference_mode():
            log_p = adapter.model(window[None, :-1])[0].log_softmax(-1)
        expected += float(log_p.gather(1, window[1:, None]).sum())
    assert found == pytest.approx(expected, abs=1e-3)
