"""Recipes: every one is whole, takes a local copy in any form, and says what to fetch where there is none."""

import json
import os
import socket
import subprocess
import sys

import pyarrow
import pyarrow.parquet
import pytest

from groundup.data import recipes, time_left
from groundup.data.recipes import Recipe, find_recipe, hub_recipe, load_recipes, prepare_recipe, text_of
from groundup.utils.errors import UserError


def texts(path):
    return [json.loads(line)["text"] for line in path.read_text().splitlines()]


def test_every_recipe_is_whole():
    known = load_recipes()
    assert {
        "tinystories",
        "fineweb-edu",
        "fineweb-10bt",
        "wikitext",
        "alpaca",
        "dolly",
        "smoltalk",
        "chit-chat",
    } <= known.keys()
    for recipe in known.values():
        assert bool(recipe.template) != bool(recipe.turns)
        assert recipe.licence
        assert recipe.good_for
    with pytest.raises(UserError, match='"tinystories"'):
        find_recipe("tinystorys")


def test_texts_of_rows():
    alpaca = find_recipe("alpaca")
    assert text_of(alpaca, {"instruction": "Add.", "input": "", "output": "2"}) == "Add.\n2"
    assert text_of(alpaca, {"instruction": "Add.", "input": "1 {output}", "output": "2"}) == "Add.\n1 {output}\n2"
    assert (
        text_of(find_recipe("smoltalk"), {"messages": [{"role": "user", "content": "Hi "}, {"content": "Ho"}]})
        == "Hi\nHo"
    )
    assert text_of(find_recipe("dailydialog"), {"dialog": ["A", " B"]}) == "A\nB"
    with pytest.raises(UserError, match='no column "input"; its columns are: instruction'):
        text_of(alpaca, {"instruction": "x"})


def test_a_local_copy_in_any_form(tmp_path):
    rows = [{"text": f"story {n}", "id": n} for n in range(5)]
    recipe = find_recipe("tinystories")
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "a.parquet")
    wanted = [row["text"] for row in rows]
    assert texts(prepare_recipe(recipe, print, folder=tmp_path)) == wanted
    assert texts(prepare_recipe(recipe, print, folder=tmp_path, sample_rows=2)) == wanted[:2]
    (tmp_path / "a.parquet").unlink()
    (tmp_path / "a.json").write_text(json.dumps(rows))
    assert texts(prepare_recipe(recipe, print, folder=tmp_path)) == wanted
    (tmp_path / "a.json").unlink()
    (tmp_path / "a.txt").write_text("\n<|endoftext|>\n".join(wanted))
    assert [text.strip() for text in texts(prepare_recipe(recipe, print, folder=tmp_path))] == wanted


def test_chit_chat_as_it_is_published(tmp_path):
    turns = [
        [{"text": "Hello", "sender": "a"}],
        [{"text": "Wow ", "sender": "b"}, {"text": "a corgi?", "sender": "b"}],
        [],
    ]
    (tmp_path / "dataset.json").write_text(json.dumps({"id-1": {"prompt": "x", "messages": turns}}))
    assert texts(prepare_recipe(find_recipe("chit-chat"), print, folder=tmp_path)) == ["Hello\nWow a corgi?"]
    with pytest.raises(UserError, match=r"chitchat_dataset/dataset\.json where there is a network, put them into"):
        prepare_recipe(find_recipe("chit-chat"), print, folder=tmp_path / "none")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.jsonl", b'{"text": "One."}\n{"text": \n', "row 2"),
        ("a.jsonl", b'{"text": "One."}\n["text"]\n', "row 2 (it is no object"),
        ("a.json", b'["text"]', "row 1 (it is no object"),
        ("a.txt", b"One\xff.\n", "row 1"),
        ("a.parquet", b"PAR1 and no more", "row 1"),
        ("a.arrow", b"nothing", "row 1"),
    ],
)
def test_a_damaged_copy_is_named(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError) as caught:
        prepare_recipe(find_recipe("tinystories"), print, folder=tmp_path)
    assert str(tmp_path / name) in str(caught.value)
    assert said in str(caught.value)
    assert not (tmp_path / "texts.jsonl").exists()


def test_rows_and_time_left_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(time_left, "SECONDS_BETWEEN_LINES", 0.0)
    (tmp_path / "a.jsonl").write_text('{"text": "One."}\n' * 4)
    lines = []
    prepare_recipe(find_recipe("tinystories"), lines.append, folder=tmp_path, sample_rows=4)
    assert lines[1].startswith("roneneldan/TinyStories: 1 rows of 4, about 0:0")


def test_whether_there_is_a_way_to_the_hub(monkeypatch):
    monkeypatch.setattr(recipes, "getproxies", dict)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        assert recipes._reachable(address)
    assert not recipes._reachable(address)
    monkeypatch.setattr(recipes, "getproxies", lambda: {"https": "http://127.0.0.1:9"})
    assert recipes._reachable(address)  # through the proxy: not for us to say


def test_any_set_is_streamed_by_name_up_to_the_rows_wanted(tmp_path):
    pytest.importorskip("datasets", reason="the extra datasets is not installed")
    (tmp_path / "set").mkdir()
    rows = [{"body": f"text {n}", "id": n} for n in range(5)]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "set/train-0.parquet")
    recipe = hub_recipe(str(tmp_path / "set"), "body")  # a folder in the place of a name: all but the network
    path = prepare_recipe(recipe, print, folder=tmp_path / "local", sample_rows=3)
    assert texts(path) == ["text 0", "text 1", "text 2"]
    with pytest.raises(UserError, match='no column "text"; its columns are: body, id'):
        prepare_recipe(hub_recipe(str(tmp_path / "set"), "text"), print, folder=tmp_path / "other")
    named = hub_recipe("org/set:part-1", "text", "test")
    assert (named.key, named.name, named.config, named.split) == ("org--set--part-1", "org/set", "part-1", "test")


def test_without_network_one_line_says_what_to_fetch(tmp_path):
    pytest.importorskip("datasets", reason="the extra datasets is not installed")
    words = ["corpus", "--recipe", "dolly", "--output-file", "c.jsonl"]
    result = subprocess.run(
        [sys.executable, "-m", "groundup", *words],
        cwd=tmp_path,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "home")},
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert result.returncode == 1
    lines = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    assert "databricks/databricks-dolly-15k cannot be streamed" in lines[0]
    assert "put them into data/recipes/dolly, and run this again." in lines[0]
    assert "Traceback" not in result.stderr


def test_without_copy_and_library_it_says_what_to_fetch_and_where(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    monkeypatch.setattr("groundup.data.recipes.find_spec", lambda name: None)
    folder = tmp_path / "set"
    with pytest.raises(UserError) as caught:
        prepare_recipe(Recipe("x", "some/set", "{text}"), print, folder=folder)
    assert f"put them into {folder}" in str(caught.value)
    assert "some/set" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (folder / "texts.jsonl").exists()
