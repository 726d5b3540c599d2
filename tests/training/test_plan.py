from pathlib import Path

import pytest

from groundup.training.config import Config
from groundup.training.plan import apply_shape, choose_shape
from groundup.training.quickstart import configure, go_on_with
from groundup.utils.errors import UserError


def test_few_minutes_get_a_small_model_and_little_text_a_small_vocabulary() -> None:
    few, many = choose_shape(10_000_000, 3), choose_shape(10_000_000, 10)
    assert few.n_embd < many.n_embd
    assert choose_shape(200_000, 3).vocab_size < few.vocab_size
    assert choose_shape(200_000, 3).dropout > 0


def test_a_shape_is_written_into_the_configuration() -> None:
    config = Config()
    shape = choose_shape(10_000_000, 3)
    apply_shape(config, shape)
    assert (config.model.n_layer, config.model.n_embd) == (shape.n_layer, shape.n_embd)
    assert config.tokenizer.vocab_size == shape.vocab_size


def test_more_minutes_keep_the_model_of_the_folder(tmp_path: Path) -> None:
    earlier = configure(tmp_path, minutes=3, text=None, seed=1)
    apply_shape(earlier, choose_shape(10_000_000, 3))
    asked = configure(tmp_path, minutes=30, text=None, seed=1)
    config = go_on_with(earlier, asked)
    assert config.training.max_minutes == 30
    assert config.model.n_embd == earlier.model.n_embd


def test_a_folder_of_another_text_is_refused(tmp_path: Path) -> None:
    earlier = configure(tmp_path, minutes=3, text=None, seed=1)
    with pytest.raises(UserError, match="Give another --out"):
        go_on_with(earlier, configure(tmp_path, minutes=3, text=tmp_path / "mine", seed=1))
