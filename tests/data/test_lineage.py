"""What hangs on a source: found through hashes alone, shown before anything is written."""

import json

import pytest
from toy_corpus import tokenize

from groundup.data.corpus import CorpusConfig, build_corpus
from groundup.data.lineage import trace
from groundup.data.preview import preview
from groundup.data.token_files import find_token_sets
from groundup.runs.ledger import Entry, Ledger
from groundup.utils.errors import UserError
from groundup.utils.files import fingerprint, sha256_file, write_json


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A corpus of four files, its token files, and two runs: one trained on them at its second checkpoint only."""
    monkeypatch.chdir(tmp_path)
    raw = tmp_path / "raw"
    (raw / "sub").mkdir(parents=True)
    words = [f"word{n}" for n in range(60)]
    (raw / "a.txt").write_text(" ".join(words))
    (raw / "b.txt").write_text(" ".join([*words[:-1], "other"]))  # nearly a.txt
    (raw / "c.txt").write_text(" ".join(words))  # a copy of it
    (raw / "sub/d.txt").write_text("Something else stands here.")
    output = tmp_path / "corpus.jsonl"
    config = CorpusConfig(near_duplicates=0.72, explain=True, workers=1)
    build_corpus([raw], output, config)
    tokenize(output, tmp_path / "tokens", validation=0.5)
    sets = find_token_sets(tmp_path / "tokens")
    holding = next(s for s in sets if _ids(s) & {_id_of(output, "a.txt")})
    for name, entries in (("one", [[], [holding.fingerprint]]), ("two", [["0" * 64]])):
        run = tmp_path / "checkpoints" / name
        run.mkdir(parents=True)
        (run / "config.yaml").write_text("dataset:\n  dir: tokens\n")
        for step, datasets in enumerate(entries, 1):
            ledger = Ledger([Entry(dataset, "x", 1, 0, 0, step) for dataset in datasets]).to_dict()
            (run / f"step-{step:08d}/training").mkdir(parents=True)
            write_json(run / f"step-{step:08d}/training/ledger.json", ledger)
            write_json(run / "seen_datasets.json", ledger)
    return raw, output, config


def _ids(token_set):
    data = token_set.document_ids()
    return {data[n : n + 16].hex() for n in range(0, len(data), 16)}


def _id_of(output, source):
    return next(row["id"] for row in map(json.loads, output.read_text().splitlines()) if row["source"] == source)


def test_a_source_is_traced_to_the_checkpoints_trained_on_it(made, tmp_path):
    _, output, _ = made
    found = trace(output, ["a.txt"], [tmp_path / "checkpoints"])
    assert (found.files, found.documents, found.sections) == (["a.txt"], 1, 1)
    assert found.held_back == ["b.txt", "c.txt"]
    assert [count for _, count in found.token_sets] == [1]
    assert [(run.run.name, run.sections, run.checkpoints) for run in found.runs] == [("one", 1, ["step-00000002"])]
    assert any("two was trained on 1 token files that are gone" in line for line in found.unknown)
    assert trace(output, ["sub"], [tmp_path / "checkpoints"]).files == ["sub/d.txt"]
    with pytest.raises(UserError, match=r"has no source e\.txt\. Its files: \w\.txt"):
        trace(output, ["e.txt"], [])


def test_a_preview_names_what_would_go_and_writes_nothing(made, tmp_path):
    raw, output, config = made
    (raw / "a.txt").unlink()
    (raw / "b.txt").write_text("changed")
    (raw / "z.txt").write_text("new")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    lines = preview([raw], output, config, [tmp_path / "checkpoints"])
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert lines[:4] == ["As before: 2 files", "new: z.txt", "changed: b.txt", "no longer there: a.txt"]
    assert any("trained on 1 of its sections; checkpoints: step-00000002" in line for line in lines)
    other = preview([raw], output, CorpusConfig(cleaning="none"), [])
    assert any(line.startswith("settings that differ") and "cleaning" in line for line in other)
    assert preview([raw], tmp_path / "new.jsonl", config, []) == [
        f"{tmp_path / 'new.jsonl'} is not there yet: all 4 files are new."
    ]


def test_the_report_names_all_that_the_corpus_was_made_from(made):
    _, output, _ = made
    report = json.loads(output.with_suffix(".report.json").read_text())
    assert report["made_from"]["settings_sha256"] == fingerprint(report["settings"])
    names = [[record["input"], record["path"], record["sha256"]] for record in report["files"]]
    assert report["made_from"]["inputs_sha256"] == fingerprint(names)
    assert {"groundup", "cleaning_code"} <= report["made_from"].keys()
    assert report["output_sha256"] == sha256_file(output)
    assert report["explain_sha256"] == sha256_file(output.with_suffix(".explain.jsonl"))
