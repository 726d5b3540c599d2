"""Benchmarks by name: a local copy, the Hub's set through `datasets`, and what is said where neither is there."""

import json
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from groundup.evaluation import task_sets
from groundup.evaluation.task_sets import SETS
from groundup.evaluation.tasks import Task
from groundup.utils.errors import UserError

ROWS: dict[str, dict[str, Any]] = {
    "arc_easy": {"question": "Wet?", "choices": {"text": ["fire", "water"], "label": ["A", "B"]}, "answerKey": "B"},
    "hellaswag": {"ctx_a": "A man", "ctx_b": "he", "activity_label": "x", "endings": ["a", "b"], "label": "1"},
    "piqa": {"goal": "Open a jar", "sol1": "twist", "sol2": "eat", "label": 0},
    "lambada_openai": {"text": "the dog and the cat"},
    "gsm8k": {"question": "2 and 2?", "answer": "It is 4.\n#### 4"},
}


@pytest.mark.parametrize("name", ROWS)
def test_local_copies(name: str, in_folder: Path) -> None:
    folder = in_folder / "data" / "tasks"
    folder.mkdir(parents=True)
    (folder / f"{name}.jsonl").write_text(json.dumps(ROWS[name]) + "\n")
    from_lines = Task(name)
    (folder / f"{name}.jsonl").unlink()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([ROWS[name]]), folder / f"{name}.parquet")
    from_table = Task(name)
    assert from_lines.questions == from_table.questions
    assert (from_table.name, from_table.format.name) == (name, SETS[name].format)
    assert from_table.path == Path("data/tasks") / f"{name}.parquet"


def test_a_file_of_that_name_comes_first(in_folder: Path) -> None:
    (in_folder / "piqa").mkdir()
    with pytest.raises(UserError, match=r"piqa was not saved by datasets|piqa is a folder"):
        Task("piqa")


def test_a_set_through_datasets(in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`datasets` reads a folder of the set's name in the working directory exactly as it would read the Hub's."""
    datasets = pytest.importorskip("datasets", reason="the package datasets is not installed")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", in_folder / "cache")
    hub = in_folder / "allenai" / "ai2_arc"
    (hub / "ARC-Easy").mkdir(parents=True)
    rows = [ROWS["arc_easy"], ROWS["arc_easy"] | {"answerKey": "A"}]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), hub / "ARC-Easy" / "test-00000-of-00001.parquet")
    files = "data_files: [{split: test, path: ARC-Easy/test-*}]"
    (hub / "README.md").write_text(f"---\nconfigs: [{{config_name: ARC-Easy, {files}}}]\n---\n")
    task = Task("arc_easy")
    assert [item.answer for item in task.questions] == [1, 0]
    (about,) = task.data
    assert (about["set"], about["config"], about["split"], about["items"]) == ("allenai/ai2_arc", "ARC-Easy", "test", 2)
    assert about["fingerprint"]


def test_without_network_one_line_says_what_to_fetch(in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    datasets = pytest.importorskip("datasets", reason="the package datasets is not installed")
    hub = pytest.importorskip("huggingface_hub")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", in_folder / "cache")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", True)
    wanted = r"Fetch split test of openai/gsm8k \(main\) where there is a network, as data/tasks/gsm8k.parquet"
    with pytest.raises(UserError, match=wanted):
        Task("gsm8k")


def test_without_the_package_one_line_says_so(in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_sets, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"needs pip install 'groundup\[datasets\]'. Fetch split validation of Rowan"):
        Task("hellaswag")


def test_what_is_neither_file_nor_set(in_folder: Path) -> None:
    with pytest.raises(UserError, match="or the name of a known set"):
        Task("arc_esay")
