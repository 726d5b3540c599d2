"""Recipes: every one is whole, takes a local copy in any form, and says what to fetch where there is none."""

import json
import sys

import pyarrow
import pyarrow.parquet
import pytest

from groundup.data.recipes import Recipe, find_recipe, load_recipes, prepare_recipe, text_of
from groundup.utils.errors import UserError


def texts(path):
    return [json.loads(line)["text"] for line in path.read_text().splitlines()]


def test_every_recipe_is_whole():
    recipes = load_recipes()
    assert {"tinystories", "fineweb-edu", "fineweb-10bt", "wikitext", "alpaca", "dolly", "smoltalk"} <= recipes.keys()
    for recipe in recipes.values():
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
