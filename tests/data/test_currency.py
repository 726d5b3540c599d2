from pathlib import Path

import pytest

from groundup.data.corpus import CorpusConfig, build_corpus
from groundup.data.currency import corpus_is_current


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text("The first text.")
    (folder / "b.md").write_text("The second text.")
    (folder / "binary.txt").write_bytes(bytes(range(256)))
    return folder


def test_a_corpus_is_current_until_something_changes(folder: Path, tmp_path: Path) -> None:
    output, config = tmp_path / "corpus.jsonl", CorpusConfig()
    assert not corpus_is_current([folder], output, config)
    build_corpus([folder], output, config)
    assert corpus_is_current([folder], output, config)
    assert not corpus_is_current([folder], output, CorpusConfig(cleaning="none"))


def test_a_new_a_changed_and_a_removed_file_are_noticed(folder: Path, tmp_path: Path) -> None:
    output, config = tmp_path / "corpus.jsonl", CorpusConfig()
    build_corpus([folder], output, config)
    (folder / "c.txt").write_text("The third text.")
    assert not corpus_is_current([folder], output, config)
    (folder / "c.txt").unlink()
    assert corpus_is_current([folder], output, config)
    (folder / "a.txt").write_text("The first texT.")  # the same size
    assert not corpus_is_current([folder], output, config)
    (folder / "a.txt").unlink()
    assert not corpus_is_current([folder], output, config)
