"""The corpus as a datatrove pipeline: the same bytes as on one machine, and programs that other executors can run."""

import ast
import contextlib
import json
import sqlite3
import subprocess
import sys

import pytest
from test_staged_corpus import story

from groundup.data.cluster import Assemble, CleanShard, program, run_pipeline, shard_path
from groundup.data.corpus import CorpusConfig, build_corpus
from groundup.utils.errors import UserError

pytest.importorskip("datatrove", reason="the extra cluster is not installed")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "raw"
    folder.mkdir()
    for n in range(5):
        (folder / f"{n}.txt").write_text("\n\n".join([story(n, 20), story(77, 5), story(n + 50, 20)]))
    (folder / "copy.txt").write_text((folder / "3.txt").read_text().replace("lamp", "lantern", 1))
    (folder / "rows.jsonl").write_text("".join(json.dumps({"text": story(n)}) + "\n" for n in range(200, 206)) + "{}\n")
    return folder


def outputs(output):
    return {path.name: path.read_bytes() for path in output.parent.iterdir() if path.suffix in (".json", ".jsonl")}


def test_shards_make_the_same_corpus_and_only_what_is_new_is_cleaned(folder, tmp_path):
    config = CorpusConfig(cleaning="web")
    build_corpus(["raw"], tmp_path / "one/c.jsonl", config)
    output = tmp_path / "many/c.jsonl"
    for shard in range(3):
        list(CleanShard(("raw",), str(output), config)(None, shard, 3))
    list(Assemble(("raw",), str(output), config, 3)(None))
    assert outputs(output) == outputs(tmp_path / "one/c.jsonl")
    assert not any(shard_path(output, shard, 3).exists() for shard in range(3))
    (folder / "new.txt").write_text(story(500))
    cleaned = []
    for shard in range(3):
        list(CleanShard(("raw",), str(output), config)(None, shard, 3))
        with contextlib.closing(sqlite3.connect(shard_path(output, shard, 3))) as db:
            cleaned += db.execute("SELECT key FROM files").fetchall()
    assert len(cleaned) == 1
    list(Assemble(("raw",), str(output), config, 3)(None))
    build_corpus(["raw"], tmp_path / "one/c.jsonl", config)
    assert outputs(output) == outputs(tmp_path / "one/c.jsonl")


@pytest.mark.long
def test_the_local_executor_runs_the_command_to_its_end(folder, tmp_path):
    build_corpus(["raw"], tmp_path / "one/c.jsonl", CorpusConfig(cleaning="web"))
    words = [
        "corpus",
        "raw",
        "--output-file",
        "many/c.jsonl",
        "--cleaning",
        "web",
        "--executor",
        "local",
        "--tasks",
        "3",
    ]
    done = subprocess.run([sys.executable, "-m", "groundup", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Corpus: many/c.jsonl" in done.stderr
    assert outputs(tmp_path / "many/c.jsonl") == outputs(tmp_path / "one/c.jsonl")
    # The program can be run by itself, and does nothing twice.
    again = subprocess.run([sys.executable, "many/c.pipeline.py"], capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert outputs(tmp_path / "many/c.jsonl") == outputs(tmp_path / "one/c.jsonl")


def test_programs_for_slurm_and_ray_make_executors_that_datatrove_takes(tmp_path, monkeypatch):
    config = CorpusConfig(cleaning="web", languages=["en"])
    options = {"time": "1:00:00", "partition": "cpu", "mem_per_cpu_gb": 4}
    text = program(["raw"], tmp_path / "c.jsonl", config, "slurm", 12, options)
    names = {}
    exec(compile(text, "c.pipeline.py", "exec"), {"__name__": "not main", **names}, names)
    assert (names["clean"].tasks, names["clean"].time, names["clean"].partition) == (12, "1:00:00", "cpu")
    assert names["write"].depends is names["clean"]
    assert names["write"].tasks == 1
    assert names["CONFIG"] == config
    text = program(["raw"], tmp_path / "c.jsonl", config, "ray", 12, {})
    assert "RayPipelineExecutor" in {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}


def test_what_is_wrong_is_said_before_anything_is_submitted(folder, tmp_path):
    def run(executor, config=None, **options):
        run_pipeline(["raw"], tmp_path / "c.jsonl", config or CorpusConfig(), executor, 2, options, print)

    with pytest.raises(UserError, match=r'no executor "slrum".*"slurm"'):
        run("slrum")
    with pytest.raises(UserError, match="needs a partition"):
        run("slurm")
    with pytest.raises(UserError, match='"wep"'):
        run("local", CorpusConfig(cleaning="wep"))
    assert not (tmp_path / "c.pipeline.py").exists()
