"""What a report tells of a run's beginnings, and what it says when they are no longer what they were."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from groundup.report.ancestry import GONE, OTHER, SAME, read_ancestors
from groundup.report.page import how_to_reproduce, render_page
from groundup.report.record import read_record
from groundup.runs.origin import is_tuned
from groundup.training.config import default_settings
from groundup.utils.files import sha256_file


def begin_from(run: Path, bundle: Path) -> None:
    """Let `run` tell that it began with the weights of `bundle`, as tuning does."""
    sha256 = sha256_file(bundle / "model.safetensors")
    (run / "origin.json").write_text(json.dumps({"checkpoint": str(bundle), "sha256": sha256}))


def change(path: Path, **values: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def shown(run: Path) -> str:
    return render_page([read_record(run)], default_settings())


def test_text_corpus_and_token_files_stand_in_the_report(run: Path) -> None:
    record = read_record(run)
    [file] = record.text_files
    assert (file.name, file.state) == ("a.txt", SAME)
    assert file.sha256 == sha256_file(Path("texts/a.txt"))
    html = shown(run)
    for told in (file.sha256[:12], record.corpora[0]["output_sha256"][:12], record.token_files[0]["name"]):
        assert told in html
    assert "other content" not in html


def test_a_text_that_is_another_one_by_now_is_told(run: Path) -> None:
    report = next(Path("artifacts/tiny").glob("corpus.report.json"))
    files = json.loads(report.read_text())["files"]
    change(report, files=[{**files[0], "sha256": "0" * 64}])
    assert read_record(run).text_files[0].state == OTHER
    assert OTHER in shown(run)
    change(report, files=[])
    assert read_record(run).text_files[0].state == GONE


def test_a_prepared_corpus_is_found_through_the_token_files(run: Path) -> None:
    config = (run / "config.yaml").read_text().replace("output: artifacts/tiny/corpus.jsonl", "output: elsewhere.jsonl")
    (run / "config.yaml").write_text(config)
    assert [corpus["path"] for corpus in read_record(run).corpora] == ["artifacts/tiny/corpus.jsonl"]


def test_documents_that_rules_dropped_have_their_column(run: Path) -> None:
    report = next(Path("artifacts/tiny").glob("corpus.report.json"))
    documents = json.loads(report.read_text())["documents"]
    change(report, documents={**documents, "dropped": 4321, "near_duplicate": 765})
    html = shown(run)
    assert "4,321" in html
    assert ">near duplicate<" in html


def test_the_weights_that_a_run_began_with(run: Path, other: Path) -> None:
    bundle = run / "step-00000012" / "model"
    begin_from(other, bundle)
    assert is_tuned(other)
    [ancestor] = read_ancestors(other)
    assert (ancestor.folder, ancestor.state) == (str(bundle), SAME)
    assert ancestor.ledger[0]["tokens"] > 0
    assert list(ancestor.files) == ["a.txt"]
    assert ancestor.weights["model.safetensors"][:12] in shown(other)
    manifest = run / "step-00000012" / "manifest.json"
    files = json.loads(manifest.read_text())["files"]
    change(manifest, files={**files, "model/model.safetensors": {"size_bytes": 1, "sha256": "0" * 64}})
    assert read_ancestors(other)[0].state == OTHER
    shutil.rmtree(run)
    assert read_ancestors(other)[0].state == GONE
    assert GONE in shown(other)


def test_paths_that_were_relative_are_found_from_another_folder(
    run: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_from(other, run / "step-00000012" / "model")
    whole = other.resolve()
    (whole.parents[1] / "elsewhere").mkdir()
    monkeypatch.chdir(whole.parents[1] / "elsewhere")
    record = read_record(whole)
    assert record.ancestors[0].state == SAME
    assert record.token_files
    assert [corpus["path"] for corpus in record.corpora] == ["artifacts/tiny/corpus.jsonl"]


def test_ancestors_are_followed_and_a_circle_ends(run: Path, other: Path) -> None:
    imported = Path("imported")
    shutil.copytree(run / "step-00000012" / "model", imported / "model")
    source = {"source": "theirs", "weights": {"model.safetensors": "1" * 64}, "tokens_added": {"<|tool|>": 300}}
    (imported / "origin.json").write_text(json.dumps(source))
    begin_from(run, imported / "model")
    begin_from(other, run / "step-00000012" / "model")
    assert [ancestor.folder for ancestor in read_ancestors(other)] == [
        str(run / "step-00000012" / "model"),
        "imported/model",
        "theirs",
    ]
    assert "&lt;|tool|&gt;" in shown(other)
    assert not is_tuned(imported)
    begin_from(run, other / "step-00000012" / "model")
    assert len(read_ancestors(other)) < 100


def test_how_to_make_a_run_again(run: Path) -> None:
    record = read_record(run)
    assert how_to_reproduce(record)[1].startswith(f"groundup train --config {run}/config.yaml")
    assert "groundup==" not in how_to_reproduce(record)[0]
    record.environment["processes"] = 4
    assert "train --nproc 4 " in how_to_reproduce(record)[1]
    record.settings["tuning.checkpoint"] = "checkpoints/tiny"
    assert "groundup tune --config" in how_to_reproduce(record)[1]
    change(run / "seen_datasets.json", datasets=[*record.ledger, {**record.ledger[0], "phase": 1}])
    assert "2 phases" in shown(run)
