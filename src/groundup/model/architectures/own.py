"""Shapes that no other program knows (say, Qwen3 with squared ReLU): our own names, for our own loader."""

from dataclasses import asdict
from typing import Any

from groundup.model.architectures.interface import Entry
from groundup.model.config import FIELD_NAMES, ModelConfig, ResolvedConfig
from groundup.model.transformer import empty_model

MODEL_TYPE = "groundup"
CLASS_NAME = "GroundupTransformer"
PREFIX = ""
IGNORED: tuple[str, ...] = ()


def read_config(hf: dict[str, Any]) -> ModelConfig:
    """Ours from config.json."""
    return ModelConfig(**{name: hf[name] for name in FIELD_NAMES if name in hf})


def write_config(config: ResolvedConfig) -> dict[str, Any]:
    """All fields, by their own names."""
    return asdict(config)


def entries(config: ResolvedConfig) -> list[Entry]:
    """Every parameter, by its own name."""
    return [Entry(name, (name,)) for name, _ in empty_model(config).named_parameters()]
