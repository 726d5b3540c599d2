"""Which file of this folder reads and writes which model_type."""

from groundup.model.architectures import gpt2, llama, own, phi, qwen3
from groundup.model.architectures.interface import Architecture
from groundup.model.config import ResolvedConfig, exportable
from groundup.utils.errors import UserError

_ALL: tuple[Architecture, ...] = (qwen3, llama, gpt2, phi, own)
BY_MODEL_TYPE: dict[str, Architecture] = {architecture.MODEL_TYPE: architecture for architecture in _ALL}


def architecture_for_saving(config: ResolvedConfig) -> Architecture:
    """The standard architecture of `config`, or our own format where there is none."""
    return own if exportable(config) else BY_MODEL_TYPE[config.architecture]


def architecture_for_loading(model_type: str | None) -> Architecture:
    """The one that a config.json names. Raises UserError with the supported ones."""
    if model_type not in BY_MODEL_TYPE:
        raise UserError(
            f'config.json: model_type "{model_type}" is not supported. Supported are {", ".join(BY_MODEL_TYPE)}.'
        )
    return BY_MODEL_TYPE[model_type]
