"""Finding files: order, loops, what is left out and why."""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from groundup.data.sources import expand_inputs, find_files, format_of
from groundup.utils.errors import UserError


def put(folder, *names, text="text"):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def names(found):
    return [file.name for file in found.files]


def reasons(found):
    return {skip.name: skip.reason for skip in found.skipped}


@contextlib.contextmanager
def without_rights():
    """Root may read everything: be nobody for a while."""
    if os.geteuid() == 0:
        os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(0)
    else:
        yield


@pytest.fixture
def open_folder():
    """A folder that everybody can reach."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_order_is_by_name_and_depends_on_nothing_else(tmp_path):
    put(tmp_path, "b.txt", "a/z.md", "a/B.html", "a.txt", "c/d/e.jsonl.gz")
    found = find_files([tmp_path])
    assert names(found) == ["a/B.html", "a/z.md", "a.txt", "b.txt", "c/d/e.jsonl.gz"]
    assert [file.format for file in found.files] == ["html", "md", "txt", "txt", "jsonl"]


def test_formats():
    assert [format_of(n) for n in ("a.TXT", "a.csv.ZST", "a.b.parquet.gz", "a.gz", "txt", ".txt", "a.exe", "a.7z")] == [
        *("txt", "csv", "parquet"),
        *(None, None, None, None, None),
    ]


def test_links_are_followed_once_and_loops_are_said(tmp_path):
    put(tmp_path, "in/a.txt", "in/sub/b.txt", "out/c.txt")
    (tmp_path / "in/sub/up").symlink_to(tmp_path / "in")
    (tmp_path / "in/self").symlink_to("self")
    (tmp_path / "in/gone").symlink_to("nowhere")
    (tmp_path / "in/there").symlink_to(tmp_path / "out")
    (tmp_path / "in/where").symlink_to(tmp_path / "out")
    (tmp_path / "in/z.txt").symlink_to("a.txt")
    found = find_files([tmp_path / "in"])
    assert names(found) == ["a.txt", "sub/b.txt", "there/c.txt"]
    assert reasons(found) == {
        "gone": "broken symbolic link",
        "self": "symbolic-link loop",
        "sub/up": "symbolic-link loop",
        "where": "already read",
        "z.txt": "already read",
    }


def test_what_is_no_text_is_left_out_with_its_reason(tmp_path):
    put(tmp_path, "a.txt", "image.png", "noextension", "x.train.cached.512.2026.jsonl", ".hidden.txt", ".git/b.txt")
    put(tmp_path, "empty.txt", text="")
    os.mkfifo(tmp_path / "pipe.txt")
    found = find_files([tmp_path])
    assert names(found) == ["a.txt"]
    assert found.hidden == 2
    assert reasons(found) == {
        "image.png": "unsupported extension",
        "noextension": "unsupported extension",
        "x.train.cached.512.2026.jsonl": "token file",
        "empty.txt": "empty",
        "pipe.txt": "not a regular file",
    }


def test_a_locked_folder_is_left_out(open_folder):
    put(open_folder, "a.txt", "locked/b.txt")
    (open_folder / "locked").chmod(0)
    with without_rights():
        found = find_files([open_folder])
    (open_folder / "locked").chmod(0o700)
    assert names(found) == ["a.txt"]
    assert reasons(found) == {"locked": "unreadable"}


def test_own_output_is_no_input(tmp_path):
    put(tmp_path, "a.txt", "corpus.txt", "sub/b.txt")
    (tmp_path / "link.txt").symlink_to("corpus.txt")
    found = find_files([tmp_path], exclude=[tmp_path / "sub" / ".." / "corpus.txt"])
    assert names(found) == ["a.txt", "sub/b.txt"]
    assert reasons(found) == {"corpus.txt": "own output", "link.txt": "own output"}


def test_several_inputs_keep_their_order_and_are_read_once(tmp_path):
    put(tmp_path, "z/a.txt", "b/c.txt", ".dot/d.txt")
    found = find_files([tmp_path / "z", tmp_path / "b/c.txt", tmp_path / ".dot", tmp_path / "b", tmp_path / "z"])
    assert names(found) == ["a.txt", "c.txt", "d.txt"]
    assert [skip.reason for skip in found.skipped] == ["already read", "already read"]


def test_patterns_and_missing_inputs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    put(tmp_path, "data/b.txt", "data/a.txt", "data/c.md", "odd[1].txt")
    assert expand_inputs(["data/*.txt", Path("odd[1].txt")]) == [
        Path("data/a.txt"),
        Path("data/b.txt"),
        Path("odd[1].txt"),
    ]
    with pytest.raises(UserError, match=r"data/\*\.pdf matches no file"):
        expand_inputs(["data/*.pdf"])
    with pytest.raises(UserError, match="nowhere does not exist"):
        expand_inputs(["data", "nowhere"])
    with pytest.raises(UserError, match="No input"):
        expand_inputs([])


def test_a_name_that_is_not_utf_8(tmp_path):
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))).write_text("text")
    found = find_files([tmp_path])
    assert names(found) == ["caf\ufffd.txt"]
    assert found.files[0].path.read_text() == "text"
