"""One file describes one model: the outer dataclass is the table of contents of a run.

Each part is defined beside the code that it configures. A file may leave out whatever it does not want to decide.
"""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError  # OmegaConf's own dependency, which lets these errors through

from groundup.data.corpus import CorpusConfig
from groundup.data.tokenize import DatasetConfig
from groundup.inference.generation import GenerationConfig
from groundup.model.bundle import find_bundle
from groundup.model.config import ModelConfig
from groundup.tokenizer.training import TokenizerConfig
from groundup.training.run_suite import EvaluationConfig
from groundup.training.settings import LoggingConfig, TrainingConfig
from groundup.training.tuning_settings import TuningConfig
from groundup.utils.errors import UserError, nearest_hint
from groundup.utils.files import open_atomic

CONFIG_FOLDER = Path("configs")


@dataclass
class Config:
    """Everything that decides what a run computes."""

    corpus: CorpusConfig = field(default_factory=CorpusConfig)
    tokenizer: TokenizerConfig = field(default_factory=TokenizerConfig)
    dataset: DatasetConfig = field(default_factory=DatasetConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    tuning: TuningConfig = field(default_factory=TuningConfig)
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)
    generation: GenerationConfig = field(default_factory=GenerationConfig)
    logging: LoggingConfig = field(default_factory=LoggingConfig)


def find_config(*, path: Path | None = None, model: str | None = None) -> Path:
    """Return the file that --config PATH or --model NAME means; NAME is configs/NAME.yaml or .json."""
    if (path is None) == (model is None):
        raise UserError("give either --config PATH or --model NAME (a file configs/NAME.yaml or configs/NAME.json).")
    if path is not None:
        if not path.is_file():
            raise UserError(f"there is no configuration file {path}. Check the path, or use --model NAME.")
        return path
    for suffix in (".yaml", ".yml", ".json"):
        candidate = CONFIG_FOLDER / f"{model}{suffix}"
        if candidate.is_file():
            return candidate
    known = [file.stem for file in sorted(CONFIG_FOLDER.glob("*")) if file.suffix in (".yaml", ".yml", ".json")]
    hint = nearest_hint(str(model), known) if known else f" The folder {CONFIG_FOLDER}/ has none."
    raise UserError(f'there is no configuration "{model}" in {CONFIG_FOLDER}/.{hint}')


def load_config(path: Path, overrides: Sequence[str] = ()) -> Config:
    """Read a .yaml or .json file and apply overrides such as "training.max_steps=200".

    Raises UserError for an unknown key (naming the nearest valid one) or a value of the wrong type. Paths that the file
    leaves open are set from its name: artifacts/<name>/ for what is prepared, checkpoints/<name>/ for the run.
    """
    return with_default_paths(merge_config(path, overrides), path.stem)


def merge_config(path: Path | None, overrides: Sequence[str], defaults: dict[str, Any] | None = None) -> Config:
    """`load_config` with other defaults than the dataclasses', with no path filled in, or with no file at all.

    Raises UserError as it does.
    """
    raw = {} if path is None else _read(path)
    for word in overrides:
        if "=" not in word or word.startswith("="):
            raise UserError(f'"{word}" is no setting. Write settings as key=value, such as training.max_steps=200.')
    try:
        changes = OmegaConf.to_container(OmegaConf.from_dotlist(list(overrides)))
    except OmegaConfBaseException as error:
        raise UserError(f"the settings on the command line cannot be read: {_first_line(error)}") from error
    changes = cast(dict[str, Any], changes)
    _check_keys(raw, Config, str(path))
    _check_keys(changes, Config, "the command line")
    for values in (raw, changes):
        _accept_one_for_many(values)
    try:
        merged = OmegaConf.merge(OmegaConf.structured(Config), defaults or {}, raw, changes)
        config = OmegaConf.to_object(merged)
    except OmegaConfBaseException as error:
        where = path or "the command line"
        raise UserError(f"{where}: {error.full_key or 'a setting'}: {_first_line(error)}") from error
    assert isinstance(config, Config)
    return config


def with_default_paths(config: Config, name: str) -> Config:
    """Fill in the paths that a configuration called `name` leaves open."""
    prepared = Path("artifacts") / name
    if config.training.init_from is not None and config.tokenizer.path is None:
        config.tokenizer.path = str(find_bundle(Path(config.training.init_from)))
    if config.corpus.output is None:
        config.corpus.output = str(prepared / "corpus.jsonl")
    if config.tokenizer.path is None:
        config.tokenizer.path = str(prepared / "tokenizer")
    if config.dataset.dir is None:
        config.dataset.dir = str(prepared / "tokens")
    if config.training.output_dir is None:
        config.training.output_dir = str(Path("checkpoints") / name)
    return config


def save_config(config: Config, path: Path) -> None:
    """Write a configuration that load_config reads back as it is."""
    with open_atomic(path) as f:
        f.write(OmegaConf.to_yaml(OmegaConf.structured(config)))


def flatten(config: Any, prefix: str = "") -> dict[str, Any]:
    """Every setting as key and value: {"training.seed": 1, ...}."""
    flat: dict[str, Any] = {}
    for item in dataclasses.fields(config):
        value = getattr(config, item.name)
        if dataclasses.is_dataclass(value):
            flat |= flatten(value, f"{prefix}{item.name}.")
        else:
            flat[prefix + item.name] = value
    return flat


def default_settings() -> dict[str, Any]:
    """Every setting of an empty configuration, flat, with the values that a file would hold."""
    return flatten(Config())


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        # JSON allows tabs between its tokens and YAML does not, so each is read by its own reader.
        value = json.loads(text) if path.suffix == ".json" else OmegaConf.to_container(OmegaConf.create(text))
    except (ValueError, OmegaConfBaseException, YAMLError) as error:
        raise UserError(f"{path} cannot be read as {path.suffix.lstrip('.')}: {_first_line(error)}") from error
    if not isinstance(value, dict):
        raise UserError(f"{path} must hold sections such as corpus, model and training, not a {type(value).__name__}.")
    return cast(dict[str, Any], value)


def _check_keys(values: dict[str, Any], part: type, where: str, prefix: str = "") -> None:
    known = {item.name: item for item in dataclasses.fields(part)}
    for key, value in values.items():
        if key not in known:
            raise UserError(f'{where}: there is no setting "{prefix}{key}".{nearest_hint(str(key), known)}')
        factory = known[key].default_factory
        if isinstance(factory, type) and dataclasses.is_dataclass(factory):
            if not isinstance(value, dict):
                raise UserError(
                    f"{where}: {prefix}{key} must hold settings ({', '.join(_names(factory))}), not a value."
                )
            _check_keys(value, factory, where, f"{prefix}{key}.")


def _names(part: type) -> list[str]:
    return [item.name for item in dataclasses.fields(part)]


def _accept_one_for_many(values: dict[str, Any]) -> None:
    """`input: data` means `input: [data]`, and so for every other list."""
    lists = {
        "corpus": ("input",),
        "tokenizer": ("special_tokens",),
        "dataset": ("formats", "conversations"),
        "tuning": ("data",),
        "evaluation": ("pairs", "tasks"),
    }
    for part, keys in lists.items():
        section = values.get(part)
        for key in keys:
            if isinstance(section, dict) and isinstance(section.get(key), str):
                section[key] = [section[key]]


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
