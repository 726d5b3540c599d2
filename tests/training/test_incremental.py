"""New text on a trained run: old text replayed, forgetting measured, changed files reported, mixtures kept."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from groundup.runs.metrics import read_rows
from groundup.training.config import load_config
from groundup.training.observer import Observer
from groundup.training.pretrain import pretrain
from groundup.utils.errors import UserError

WriteTexts = Callable[..., Path]
RUN = Path("checkpoints/tiny")


def train(config: Path, *words: str, only_new: bool = False) -> list[str]:
    said: list[str] = []
    pretrain(load_config(config, words), only_new=only_new, observer=Observer(said.append))
    return said


def seen() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((RUN / "seen_datasets.json").read_text())["datasets"]
    return entries


def rows() -> list[dict[str, Any]]:
    return list(read_rows(RUN / "metrics.jsonl"))


def test_a_share_of_old_text_is_replayed_beside_the_new(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts("a")
    train(tiny_config)
    write_texts("b", seed=1)
    said = train(tiny_config, "training.replay_fraction=0.25", only_new=True)
    assert any("with 25% of old text" in line for line in said)
    first, new, old = seen()
    assert (new["phase"], old["phase"]) == (1, 1)
    assert old["dataset"] == first["dataset"] != new["dataset"]
    assert old["weight"] == pytest.approx(0.25, abs=0.01)
    assert old["windows"] / (old["windows"] + new["windows"]) == pytest.approx(0.25, abs=0.15)  # of 64 windows
    assert new["passes"] == pytest.approx(first["passes"], rel=0.25)  # as many as without a replay
    steps = rows()[-1]["step"] - 12
    assert old["windows"] + new["windows"] == 4 * steps


def test_the_schedule_begins_anew_with_a_warm_up(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts("a")
    words = ["training.warmup=0.25"]
    train(tiny_config, *words)
    write_texts("b", seed=1)
    train(tiny_config, *words, only_new=True)
    rates = [row["learning_rate"] for row in rows()]
    assert rates[11] < 0.3 * max(rates)  # the first phase had fallen
    assert rates[12] < rates[13] < rates[14]
    assert max(rates[12:]) == max(rates)


def test_the_old_validation_text_tells_what_was_forgotten(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts("a")
    train(tiny_config)
    before = json.loads((RUN / "evaluation.json").read_text())
    assert "old_validation" not in before
    path = write_texts("b")
    path.write_text("\n<|endoftext|>\n".join(f"{number * 977} zebras {number}" * 4 for number in range(200)))
    said = train(tiny_config, only_new=True)
    assert any(line.startswith("on the validation text of before (") for line in said)
    assert any("bits per byte forgotten" in line for line in said)
    record = json.loads((RUN / "evaluation.json").read_text())["old_validation"]
    assert record["before"]["tokens"] == record["after"]["tokens"] == before["tokens"]
    assert record["before"]["val_loss"] == pytest.approx(before["val_loss"], abs=0.05)  # the best one was measured then
    assert record["after"]["val_loss"] > record["before"]["val_loss"]
    assert json.loads((RUN / "evaluation.json").read_text())["tokens"] > before["tokens"]
    again = train(tiny_config)  # nothing to do: the same is found
    assert any("bits per byte forgotten" in line for line in again)


def test_best_is_chosen_anew_when_there_is_other_validation_text(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts("a")
    train(tiny_config)
    path = write_texts("b")
    path.write_text("\n<|endoftext|>\n".join(f"{number * 977} zebras {number}" * 4 for number in range(200)))
    train(tiny_config, only_new=True)
    assert (RUN / "best").read_text().strip() > "step-00000012"


def test_changed_and_removed_files_are_reported(write_texts: WriteTexts, tiny_config: Path) -> None:
    for name, seed in (("a", 0), ("b", 1), ("c", 2)):
        write_texts(name, seed=seed)
    assert not any("trained on" in line for line in train(tiny_config))
    write_texts("b", seed=3)
    Path("texts/c.txt").unlink()
    for _ in range(2):  # as long as nothing has been trained on the new version
        said = train(tiny_config)
        assert any(
            line.startswith("1 file(s) that this run was trained on have changed since (b.txt)") for line in said
        )
        assert any(line.startswith("1 file(s) that this run was trained on are gone (c.txt)") for line in said)
    train(tiny_config, only_new=True)
    said = train(tiny_config)
    assert not any("have changed" in line for line in said)
    assert any("are gone (c.txt)" in line for line in said)


@pytest.fixture
def two_corpora(write_texts: WriteTexts, tiny_config: Path) -> Path:
    """Token files of two corpora, stories and facts, in one folder; a configuration that reads them."""
    for name, documents, seed in (("stories", 200, 0), ("facts", 60, 1)):
        write_texts(name, documents, seed)
        words = [f"corpus.input=texts/{name}.txt", f"corpus.output=artifacts/{name}.jsonl"]
        train(tiny_config, *words, "training.output_dir=checkpoints/other", "training.max_steps=1")
    return tiny_config


def test_a_mixture_is_kept_in_tokens_and_recorded(two_corpora: Path) -> None:
    train(two_corpora, "corpus.input=[]", "dataset.mixture={stories: 1, facts: 3}", "training.max_steps=100")
    by_name = {entry["files"].split(".")[0]: entry for entry in seen()}
    assert by_name["facts"]["weight"] == pytest.approx(0.75, abs=0.002)
    tokens = {name: entry["tokens"] for name, entry in by_name.items()}
    assert tokens["facts"] / sum(tokens.values()) == pytest.approx(0.75, abs=0.06)  # 400 windows
    assert by_name["facts"]["passes"] > 2 > by_name["stories"]["passes"]


def test_another_mixture_begins_a_new_phase(two_corpora: Path) -> None:
    words = ["corpus.input=[]", "training.max_steps=8"]
    train(two_corpora, *words, "dataset.mixture={stories: 1, facts: 3}")
    said = train(two_corpora, *words, "training.max_steps=12", "dataset.mixture={stories: 1}")
    assert any("new phase, since dataset.mixture changed" in line for line in said)
    assert [(entry["phase"], entry["files"].split(".")[0]) for entry in seen()] == [
        *[(0, entry["files"].split(".")[0]) for entry in seen()[:2]],
        (1, "stories"),
    ]


@pytest.mark.parametrize(
    ("mixture", "told"),
    [
        ("{stories: 1, fact: 1}", 'names "fact", of which there are no token files. Did you mean "facts"?'),
        ("{stories: -1}", "a weight is a number of at least 0"),
        ("{stories: 0}", "gives no dataset a weight above 0"),
    ],
)
def test_a_mixture_that_cannot_be_is_refused(two_corpora: Path, mixture: str, told: str) -> None:
    with pytest.raises(UserError) as caught:
        train(two_corpora, "corpus.input=[]", f"dataset.mixture={mixture}")
    assert told in str(caught.value)
