"""Tokenising is killed at any moment and started again: the same bytes as if nothing had happened."""

import errno
import json
import os
import queue
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from toy_corpus import make_texts, tokenize, write_corpus
from toy_tokenizer import ByteTokenizer

from groundup.data.token_files import find_token_sets
from groundup.utils.errors import UserError

TIME = re.compile(r"\.\d{8}-\d{6}(-\d+)?\.")


def contents(folder: Path) -> dict[str, Any]:
    """Every file by its name without the time; metas without the time at which they were made."""
    found: dict[str, Any] = {}
    for path in folder.iterdir():
        content: Any = path.read_bytes() if path.is_file() else "a folder"
        if path.name.endswith(".meta.json"):
            content = {key: value for key, value in json.loads(content).items() if key != "created"}
        name = TIME.sub(".", path.name)
        assert name not in found, f"{name} stands twice"
        found[name] = content
    return found


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes that it has forked")
@pytest.mark.parametrize(("method", "formats"), [("pack", ["bin"]), ("split", ["bin", "jsonl"])])
def test_killed_before_every_file_operation(tmp_path: Path, method: str, formats: list[str]) -> None:
    corpus = write_corpus(tmp_path / "c.jsonl", make_texts(40))
    program = Path(__file__).with_name("kill_tokenizing.py")
    command = [sys.executable, str(program), str(corpus), str(tmp_path / "t"), method, *formats]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    places = sorted((tmp_path / "t").iterdir(), key=lambda place: int(place.name))
    assert len(places) > 15
    whole = contents(places[0])
    assert len(whole) == (8 if formats == ["bin"] else 10)
    for place in places[1:]:
        assert contents(place) == whole, f"killed before file operation {place.name}"
    assert done.stdout.count("going on after") > 5  # work was reused
    assert "finished the token files of c" in done.stdout  # and half a publication completed


class Dying(ByteTokenizer):
    """Fails at a text."""

    def encode(self, text: str, *, add_special_tokens: bool = False, allow_special: bool = False) -> list[int]:
        if "40 " in text:
            raise RuntimeError("the power is gone")
        return super().encode(text, add_special_tokens=add_special_tokens)


def test_what_was_left_of_other_text_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groundup.data.encoding.BATCH_CHARACTERS", 300)
    monkeypatch.setattr("groundup.data.tokenize.SECONDS_BETWEEN_COMMITS", 0.0)
    texts, folder = make_texts(60), tmp_path / "t"
    corpus = write_corpus(tmp_path / "c.jsonl", texts)
    with pytest.raises(RuntimeError, match="the power is gone"):
        tokenize(corpus, folder, tokenizer=Dying())
    assert json.loads((folder / ".c.partial" / "state.json").read_text())["documents_done"] > 10
    assert find_token_sets(folder) == []
    write_corpus(corpus, texts[1:])
    said: list[str] = []
    tokenize(corpus, folder, say=said.append)
    assert any("interrupted run over other text" in line for line in said)
    tokenize(corpus, tmp_path / "anew")
    assert contents(folder) == contents(tmp_path / "anew")


def test_a_corpus_that_changes_under_way_is_noticed(tmp_path: Path) -> None:
    corpus, texts = tmp_path / "c.jsonl", make_texts(30)
    write_corpus(corpus, texts)

    class Meddling(ByteTokenizer):
        @property
        def vocab_size(self) -> int:  # asked for when the ids have been read
            write_corpus(corpus, [*texts[:-1], "another text"])
            return 260

        @vocab_size.setter
        def vocab_size(self, value: int) -> None:
            pass

    with pytest.raises(UserError, match="changed while it was read"):
        tokenize(corpus, tmp_path / "t", tokenizer=Meddling())
    assert find_token_sets(tmp_path / "t") == []


def test_a_full_disk_is_one_line_and_the_work_goes_on_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus, folder = write_corpus(tmp_path / "c.jsonl", make_texts(40)), tmp_path / "t"
    monkeypatch.setattr("groundup.data.encoding.BATCH_CHARACTERS", 300)
    monkeypatch.setattr("groundup.data.tokenize.SECONDS_BETWEEN_COMMITS", 0.0)
    tokenize(corpus, tmp_path / "whole")
    real, calls = os.fsync, 0

    def full(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls > 20:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match=r"disk of .* is full. Make room"):
        tokenize(corpus, folder)
    monkeypatch.setattr(os, "fsync", real)
    assert find_token_sets(folder) == []
    said: list[str] = []
    tokenize(corpus, folder, say=said.append)
    assert any("going on after" in line for line in said)
    assert contents(folder) == contents(tmp_path / "whole")


def test_a_second_process_waits_for_the_first(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    corpus, folder = write_corpus(tmp_path / "c.jsonl", make_texts(40)), tmp_path / "t"
    folder.mkdir()
    descriptor = os.open(folder, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    said: queue.Queue[str] = queue.Queue()
    second = threading.Thread(target=tokenize, args=(corpus, folder), kwargs={"say": said.put})
    second.start()
    assert "waiting for it" in said.get(timeout=20)
    assert list(folder.iterdir()) == []
    os.close(descriptor)
    second.join(timeout=20)
    assert len(find_token_sets(folder)) == 2
