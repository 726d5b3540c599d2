import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from groundup.cli.main import main
from groundup.model.config import ModelConfig, resolve
from groundup.training.config import Config, load_config
from groundup.training.loss_law import load_law
from groundup.training.plan import (
    CHOSEN,
    DROPOUT,
    LEAST_TEXT_FOR,
    PASSES_WITHOUT_DROPOUT,
    Prediction,
    Text,
    make_plan,
    measure_text,
    multiplying,
    parse_budget,
    refuse_chosen,
    write_choice,
)
from groundup.training.quickstart import configure, go_on_with
from groundup.utils.errors import UserError
from groundup.utils.progress import quiet


def fast_config() -> Config:
    """Settings that make timing a shape cheap."""
    config = Config()
    config.training.block_size, config.training.batch_size = 16, 2
    config.training.precision, config.training.threads, config.training.device = "float32", 1, "cpu"
    return config


def test_budgets_are_read_as_people_write_them() -> None:
    found = [parse_budget(budget) for budget in ("90s", "10m", "10", "1.5h", "2d", "10 min")]
    assert found == [90, 600, 600, 5400, 172800, 600]
    for wrong in ("soon", "3s", "-5m", "", "10 parsecs"):
        with pytest.raises(UserError, match="Write it like 90s"):
            parse_budget(wrong)


def test_a_plan_is_a_whole_configuration_with_reasons() -> None:
    config = fast_config()
    plan = make_plan(config, Text(4_000_000, 1000, 1.9), 60.0, quiet)
    chosen = plan.config
    assert chosen.tokenizer.vocab_size == 4096
    assert 0.25 <= float(chosen.training.max_minutes or 0) < 1
    assert plan.wall_seconds == pytest.approx(60, rel=0.02)
    assert (chosen.model.n_layer, chosen.model.n_embd) in {(p.config.n_layer, p.config.n_embd) for p in plan.considered}
    assert plan.bits_per_byte == min(p.bits_per_byte for p in plan.considered)
    assert all(choice.reason for choice in plan.choices)
    assert plan.memory_bytes > 4e8
    assert plan.disk_bytes > 4_000_000
    json.dumps(plan.to_dict())
    assert config.model.n_layer == Config().model.n_layer, "the configuration that was given stays"


def test_little_text_gets_a_small_vocabulary_and_a_far_prediction_is_called_a_guess() -> None:
    plan = make_plan(fast_config(), Text(200_000, 10, 7.9), 60.0, quiet)
    assert plan.config.tokenizer.vocab_size == min(LEAST_TEXT_FOR)
    assert any("is a guess" in line for line in plan.warnings)


def test_many_passes_bring_dropout_and_a_step_timed_with_it() -> None:
    plan = make_plan(fast_config(), Text(5_000, 10, 1.9), 60.0, quiet)
    with_dropout = [one for one in plan.considered if one.config.dropout == DROPOUT]
    assert with_dropout
    assert all(one.passes <= PASSES_WITHOUT_DROPOUT for one in plan.considered if one not in with_dropout)


def test_the_configuration_gets_what_was_timed() -> None:
    config, shape = Config(), resolve(ModelConfig(dropout=0.1))
    write_choice(config, Prediction(shape, 0.1, 1, 100, 1e6, 50.0, 2.0), 1024)
    assert (config.model.dropout, config.training.workers) == (0.1, 1)


def test_parameters_that_multiply_are_matrices_and_head() -> None:
    assert (
        multiplying(ModelConfig(vocab_size=10, n_layer=1, n_embd=64, n_head=1, n_ff=32))
        == 4 * 64 * 64 + 3 * 64 * 32 + 640
    )


def test_the_command_writes_a_configuration_that_train_takes(
    write_texts: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_texts()
    words = ["training.block_size=16", "training.batch_size=2", "training.threads=1", "training.precision=float32"]
    command = ["plan", "--text", str(folder), "--budget", "40s", "--json", *words]
    with pytest.raises(SystemExit) as ended:
        main(command)
    assert ended.value.code == 0
    printed = json.loads(capsys.readouterr().out)
    path = Path(printed["config"])
    config = load_config(path)
    assert config.corpus.input == [str(folder)]
    assert config.training.max_minutes is not None
    assert Path(str(config.corpus.output)).is_file()
    assert printed["bits_per_byte"] > 0
    assert measure_text(Path(str(config.corpus.output))).bytes > 0
    with pytest.raises(SystemExit) as ended:
        main(command)
    assert ended.value.code == 1
    assert "--force" in capsys.readouterr().err


def test_the_law_is_there() -> None:
    assert load_law().runs >= 5


def test_more_minutes_keep_the_model_of_the_folder(tmp_path: Path) -> None:
    earlier = configure(tmp_path, minutes=3, text=None, seed=1)
    earlier.model.n_embd = 192
    asked = configure(tmp_path, minutes=30, text=None, seed=1)
    config = go_on_with(earlier, asked)
    assert config.training.max_minutes == 30
    assert config.model.n_embd == 192


def test_a_folder_of_another_text_is_refused(tmp_path: Path) -> None:
    earlier = configure(tmp_path, minutes=3, text=None, seed=1)
    with pytest.raises(UserError, match="Give another --out"):
        go_on_with(earlier, configure(tmp_path, minutes=3, text=tmp_path / "mine", seed=1))


def test_what_a_plan_would_overwrite_is_refused() -> None:
    refuse_chosen(["training.seed=3", "training.block_size=512", "training.batch_size=4"])
    for word in ("model.n_layer=2", "tokenizer.vocab_size = 600", "training.eval_tokens=512"):
        with pytest.raises(UserError, match=word.partition("=")[0].strip()):
            refuse_chosen([word])


def test_only_what_is_named_as_chosen_differs_from_what_was_given() -> None:
    config = fast_config()
    found = make_plan(config, Text(3_000_000, 900, 2.2), 60, quiet)
    assert "2 x 16 tokens" in {choice.value for choice in found.choices}
    for part in ("tokenizer", "model", "training", "corpus", "dataset"):
        before, after = asdict(getattr(config, part)), asdict(getattr(found.config, part))
        changed = {f"{part}.{key}" for key in before if before[key] != after[key]}
        assert changed <= set(CHOSEN)
