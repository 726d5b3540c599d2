from pathlib import Path

import pytest

from groundup.training.config import find_config, flatten, load_config, save_config
from groundup.utils.errors import UserError


def write(folder: Path, text: str, name: str = "mine.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_three_lines_are_a_configuration(in_folder: Path) -> None:
    config = load_config(write(in_folder, "corpus:\n  input: [data]\n"))
    assert config.corpus.input == ["data"]
    assert config.training.output_dir == "checkpoints/mine"
    assert config.tokenizer.path == "artifacts/mine/tokenizer"


def test_one_input_needs_no_list(in_folder: Path) -> None:
    assert load_config(write(in_folder, "corpus: {input: data}")).corpus.input == ["data"]
    assert load_config(write(in_folder, ""), ["corpus.input=data"]).corpus.input == ["data"]
    assert load_config(write(in_folder, ""), ["corpus.input=[a,b]"]).corpus.input == ["a", "b"]


def test_json_with_tabs_is_read_as_json(in_folder: Path) -> None:
    path = write(in_folder, '{\n\t"training":\t{"max_steps": 3}\n}', "m.json")
    assert load_config(path).training.max_steps == 3


def test_overrides_win_over_the_file(in_folder: Path) -> None:
    path = write(in_folder, "training: {max_steps: 5, learning_rate: 1e-3}")
    config = load_config(path, ["training.max_steps=200", "model.n_layer=6", "training.learning_rate=3e-4"])
    assert config.training.max_steps == 200
    assert config.training.learning_rate == pytest.approx(3e-4)
    assert load_config(path).training.learning_rate == pytest.approx(1e-3)


@pytest.mark.parametrize(
    ("text", "overrides", "message"),
    [
        ("training: {max_step: 3}", [], 'no setting "training.max_step". Did you mean "max_steps"'),
        ("trainig: {}", [], 'no setting "trainig". Did you mean "training"'),
        ("", ["model.n_layers=3"], 'command line: there is no setting "model.n_layers". Did you mean "n_layer"'),
        ("model: {n_layer: many}", [], "model.n_layer"),
        ("model: 3", [], "model must hold settings"),
        ("", ["restart"], '"restart" is no setting'),
        ("training: [", [], "cannot be read as yaml"),
        ("- a\n- b", [], "must hold sections"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(
    in_folder: Path, text: str, overrides: list[str], message: str
) -> None:
    with pytest.raises(UserError, match=r"(?s).*") as error:
        load_config(write(in_folder, text), overrides)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_saved_configuration_reads_back_as_it_is(in_folder: Path) -> None:
    config = load_config(
        write(in_folder, "training: {max_minutes: 1.5}"), ["corpus.input=[x, y]", "corpus.validation=v.txt"]
    )
    save_config(config, Path("saved.yaml"))
    assert flatten(load_config(Path("saved.yaml"))) == flatten(config)


def test_model_names_are_files_in_configs(in_folder: Path) -> None:
    (in_folder / "configs").mkdir()
    (in_folder / "configs" / "my-llm.json").write_text("{}")
    assert find_config(model="my-llm") == Path("configs/my-llm.json")
    with pytest.raises(UserError, match='Did you mean "my-llm"'):
        find_config(model="my-lm")
    with pytest.raises(UserError, match="no configuration file"):
        find_config(path=Path("absent.yaml"))
    with pytest.raises(UserError, match="either --config"):
        find_config()
