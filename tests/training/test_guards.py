"""Each guard, with what it guards against injected: NaN, an exploding batch, lack of memory, a changed token file."""

import json
import math
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from groundup.data.documents import read_corpus
from groundup.data.order import Order
from groundup.data.token_files import find_token_sets
from groundup.model.bundle import load_bundle
from groundup.runs.metrics import read_rows
from groundup.training import loop
from groundup.training.config import load_config
from groundup.training.guards import LEAST, MOST_IN_A_ROW, RECENT, SpikeState, is_out_of_memory, judge_step
from groundup.training.observer import Observer, Progress
from groundup.training.pretrain import pretrain
from groundup.training.step import StepResult
from groundup.utils.errors import UserError

WriteTexts = Callable[..., Path]
RUN = Path("checkpoints/tiny")


class Listener(Observer):
    """Remembers what was said, and acts at a step."""

    def __init__(self, step: int = -1, act: Callable[[], None] = lambda: None) -> None:
        self.said: list[str] = []
        super().__init__(self.said.append)
        self._step, self._act = step, act

    def progress(self, progress: Progress) -> None:
        if progress.step == self._step:
            self._act()


def rows(run: Path = RUN) -> list[dict[str, Any]]:
    return list(read_rows(run / "metrics.jsonl"))


def ordinary(state: SpikeState, steps: int, seed: int = 0) -> None:
    chance = random.Random(seed)
    for _ in range(steps):
        assert judge_step(state, chance.gauss(3, 0.1), chance.gauss(1, 0.1), 6.0) is None


def test_a_spike_is_told_from_what_is_usual() -> None:
    state = SpikeState()
    ordinary(state, RECENT)
    assert judge_step(state, 3.3, 1.3, 6.0) is None  # three deviations are ordinary
    assert "loss of 4.5" in str(judge_step(state, 4.5, 1.0, 6.0))
    assert "gradient norm of 2.5" in str(judge_step(state, 3.0, 2.5, 6.0))
    assert judge_step(state, 1.0, 0.1, 6.0) is None  # better than ever is no spike
    assert state.skipped == 2
    assert len(state.losses) == len(state.norms) == RECENT
    assert 4.5 not in state.losses  # a second spike is not excused by the first


def test_nothing_is_judged_before_enough_was_seen_nor_when_the_guard_is_off() -> None:
    state = SpikeState()
    ordinary(state, LEAST - 1)
    assert judge_step(state, 100.0, 100.0, 6.0) is None
    state = SpikeState()
    ordinary(state, RECENT)
    assert judge_step(state, 100.0, 100.0, 0.0) is None


def test_equal_losses_do_not_make_a_hair_a_spike() -> None:
    state = SpikeState([0.01] * RECENT, [0.5] * RECENT)
    assert judge_step(state, 0.0101, 0.51, 6.0) is None


def test_a_new_level_is_learned_and_not_skipped_for_ever() -> None:
    state = SpikeState()
    ordinary(state, RECENT)
    for _ in range(MOST_IN_A_ROW):
        assert judge_step(state, 9.0, 5.0, 6.0) is not None
    assert all(judge_step(state, 9.0, 5.0, 6.0) is None for _ in range(300))
    assert state.skipped == MOST_IN_A_ROW


SPIKE_STEP = 70
LONG = ["training.max_steps=80", "training.checkpoint_interval=10", "training.eval_interval=80"]


def exploding_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the gradients of one step, counted by the calls of this start, be a thousand times as large."""
    real, calls = loop.measure_step, 0

    def measure(model: torch.nn.Module, *arguments: Any, **named: Any) -> StepResult:
        nonlocal calls
        calls += 1
        result = real(model, *arguments, **named)
        if calls != step:
            return result
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad *= 1000
        return StepResult(result.loss, result.tokens, 1000 * result.gradient_norm)

    monkeypatch.setattr(loop, "measure_step", measure)


def test_an_exploding_batch_is_skipped_counted_and_skipped_again_after_a_resume(
    write_texts: WriteTexts, tiny_config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_texts()
    with monkeypatch.context() as patch:
        exploding_at(SPIKE_STEP, patch)
        listener = Listener()
        pretrain(load_config(tiny_config, LONG), observer=listener)
    (told,) = [line for line in listener.said if "is not taken" in line]
    assert told.startswith(f"step {SPIKE_STEP} is not taken: its gradient norm of")
    assert [row["skipped_steps"] for row in rows()] == [0] * (SPIKE_STEP - 1) + [1] * (81 - SPIKE_STEP)
    (entry,) = json.loads((RUN / "seen_datasets.json").read_text())["datasets"]
    assert (entry["windows"], entry["skipped_windows"]) == (79 * 4, 4)

    def stop() -> None:
        raise RuntimeError("the power is gone")

    part = [*LONG, "training.output_dir=checkpoints/part"]
    with pytest.raises(RuntimeError, match="the power is gone"):
        pretrain(load_config(tiny_config, part), observer=Listener(66, stop))
    exploding_at(SPIKE_STEP - 66, monkeypatch)  # the first start saved step 66; the guard's memory comes from there
    pretrain(load_config(tiny_config, part))
    assert [row["train_loss"] for row in rows(Path("checkpoints/part"))] == [row["train_loss"] for row in rows()]
    name = "step-00000080/model/model.safetensors"
    assert Path("checkpoints/part", name).read_bytes() == (RUN / name).read_bytes()


def test_an_ordinary_run_is_the_same_with_and_without_the_guard(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts()
    pretrain(load_config(tiny_config, LONG))
    pretrain(load_config(tiny_config, [*LONG, "training.spike_deviations=0", "training.output_dir=checkpoints/off"]))
    assert rows()[-1]["skipped_steps"] == 0
    assert [row["train_loss"] for row in rows()] == [row["train_loss"] for row in rows(Path("checkpoints/off"))]


def test_nan_in_a_weight_stops_the_run_and_names_it_and_the_batch(
    write_texts: WriteTexts, tiny_config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_texts()
    models = []
    real = loop.measure_step
    monkeypatch.setattr(loop, "measure_step", lambda model, *rest: (models.append(model), real(model, *rest))[1])

    def damage() -> None:
        with torch.no_grad():
            models[-1].blocks[1].mlp.down.weight[3, 4] = math.nan

    with pytest.raises(UserError) as caught:
        pretrain(load_config(tiny_config), observer=Listener(7, damage))
    told = str(caught.value)
    assert told.startswith("training stopped before step 8: the loss is nan")
    assert "blocks.1.mlp.down.weight are damaged already" in told
    assert f"{RUN}/step-00000006 is the last good checkpoint" in told
    report = json.loads((RUN / "stopped-before-step-00000008.json").read_text())
    assert report["damaged_weights"] == ["blocks.1.mlp.down.weight"]
    check_named_batch(report, step=8)
    monkeypatch.setattr(loop, "measure_step", real)
    assert pretrain(load_config(tiny_config)).step == 12  # from the last good state
    assert [row["step"] for row in rows()] == list(range(1, 13))


def check_named_batch(report: dict[str, Any], step: int) -> None:
    """The windows are those that the order plans for the step; the documents are those whose text they show."""
    state = json.loads((RUN / "step-00000006/training/state.json").read_text())
    (token_set,) = find_token_sets(Path("artifacts/tiny/tokens"), split="train")
    (dataset,) = report["datasets"]
    order = loop_order(state)
    assert dataset["windows"] == sorted(order.at(place)[1] for place in range((step - 1) * 4, step * 4))
    shown = set()
    for window in dataset["windows"]:
        for document in range(token_set.meta.documents):
            first, end = token_set.offsets[document], token_set.offsets[document + 1]
            if first < (window + 1) * 32 and end > window * 32:
                shown.add(token_set.document_ids()[16 * document : 16 * document + 16].hex())
    assert {document["id"] for document in dataset["documents"]} == shown
    sources = {document.id: document.source for document in read_corpus(Path("artifacts/tiny/corpus.jsonl"))}
    assert all(document["source"] == sources[document["id"]] for document in dataset["documents"])


def loop_order(state: dict[str, Any]) -> Order:
    return Order.from_dict(state["phases"][0]["order"])


def test_a_step_that_gives_no_numbers_keeps_the_state_before_it(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts()
    words = ["training.learning_rate=1e30", "training.head_learning_rate=1e30", "training.checkpoint_interval=100"]
    with pytest.raises(UserError, match=r"stopped before step \d+.*the state after step \d+ is saved.*windows \d+"):
        pretrain(load_config(tiny_config, words))
    model, _ = load_bundle(RUN / Path(RUN / "last").read_text().strip() / "model")
    assert all(torch.isfinite(parameter).all() for parameter in model.parameters())


def too_big(limit: int, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every attempt with more than `limit` sequences at once run out of memory, some way into it."""
    real = loop.measure_step

    def measure(model: torch.nn.Module, micro_batches: Any, *rest: Any) -> StepResult:
        if max(len(batch.inputs) for batch in micro_batches) > limit:
            real(model, micro_batches[:1], *rest)  # leaves gradients behind, as a real attempt does
            raise error
        return real(model, micro_batches, *rest)

    monkeypatch.setattr(loop, "measure_step", measure)


CPU_ERROR = (
    "[enforce fail at alloc_cpu.cpp:127] data. DefaultCPUAllocator: can't allocate memory: you tried to allocate"
)


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError(CPU_ERROR), torch.OutOfMemoryError("CUDA out of memory.")]
)
def test_lack_of_memory_halves_the_micro_batch_and_nothing_else(
    write_texts: WriteTexts, tiny_config: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    write_texts()
    pretrain(load_config(tiny_config, ["training.output_dir=checkpoints/small", "training.micro_batch_size=1"]))
    too_big(1, error, monkeypatch)
    listener = Listener()
    pretrain(load_config(tiny_config, ["logging.windows=true"]), observer=listener)
    told = [line for line in listener.said if "memory ran out" in line]
    assert [line.split("instead of ")[1][0] for line in told] == ["4", "2"]
    assert "micro_batch_size: 1" in (RUN / "config.yaml").read_text()
    small = [row["train_loss"] for row in rows(Path("checkpoints/small"))]
    assert [row["train_loss"] for row in rows()] == small  # from the first step, since the first did not fit
    assert [len(row["windows"]) for row in read_rows(RUN / "windows.jsonl")] == [4] * 12


def test_when_not_even_one_sequence_fits_the_run_says_so(
    write_texts: WriteTexts, tiny_config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_texts()
    too_big(0, MemoryError(), monkeypatch)
    with pytest.raises(UserError, match="step 1 does not fit into memory with one sequence at a time"):
        pretrain(load_config(tiny_config))


def test_other_errors_are_not_taken_for_lack_of_memory() -> None:
    assert not is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    assert not is_out_of_memory(ValueError("out of memory"))


def overwrite(path: Path) -> None:
    """Change one token, as another program might; the size stays."""
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (overwrite, "was written to"),
        (lambda path: path.unlink(), "disappeared"),
        (lambda path: os.truncate(path, path.stat().st_size - 2), "went from"),
    ],
)
def test_a_token_file_that_changes_under_the_run_stops_it(
    write_texts: WriteTexts, tiny_config: Path, change: Callable[[Path], None], told: str
) -> None:
    write_texts()
    pretrain(load_config(tiny_config, ["training.max_steps=3"]))
    (token_set,) = find_token_sets(Path("artifacts/tiny/tokens"), split="train")
    path = token_set.path("bin")
    content = path.read_bytes()
    with pytest.raises(UserError, match=f"{path} {told}"):
        pretrain(load_config(tiny_config), observer=Listener(5, lambda: change(path)))
    assert Path(RUN / "last").read_text().strip() == "step-00000003"  # nothing that was read since is kept
    path.write_bytes(content)
    assert pretrain(load_config(tiny_config)).step == 12


def test_the_windows_of_every_step_are_recorded_if_asked_for(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts()
    pretrain(load_config(tiny_config, ["logging.windows=true"]))
    state = json.loads((RUN / "step-00000012/training/state.json").read_text())
    datasets, windows = loop_order(state).at_many(np.arange(48))
    planned = np.stack([datasets, windows], axis=1).reshape(12, 4, 2).tolist()
    assert list(read_rows(RUN / "windows.jsonl")) == [
        {"step": step, "windows": planned[step - 1]} for step in range(1, 13)
    ]
