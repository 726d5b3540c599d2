"""What a file of this folder provides, and what several of them use."""

from dataclasses import dataclass
from typing import Any, Protocol

from groundup.model.config import ModelConfig, ResolvedConfig
from groundup.utils.errors import UserError


@dataclass(frozen=True)
class Entry:
    """One tensor of the folder, and which of our parameters it holds, stacked along their first axis."""

    theirs: str
    ours: tuple[str, ...]
    transposed: bool = False
    """Stored (in, out), as GPT-2's Conv1D does; ours are (out, in)."""


class Architecture(Protocol):
    """Implemented by the modules of this folder."""

    MODEL_TYPE: str
    """`model_type` in config.json."""
    CLASS_NAME: str
    """`architectures` in config.json."""
    PREFIX: str
    """What stands before the tensors of the model without head; folders of the bare model leave it out."""
    IGNORED: tuple[str, ...]
    """Ends of tensor names that hold no weights: masks and tables that older versions saved."""

    def read_config(self, hf: dict[str, Any]) -> ModelConfig:
        """Ours from config.json. Raises UserError for a setting that we cannot compute."""

    def write_config(self, config: ResolvedConfig) -> dict[str, Any]:
        """The architecture's own part of config.json."""

    def entries(self, config: ResolvedConfig) -> list[Entry]:
        """Every tensor of the folder. A tied head is not among them."""


def pairs(names: dict[str, str], *, bias: bool) -> list[Entry]:
    """Entries of layers with a weight each, and a bias each if `bias`: {theirs: ours}, without the last part."""
    kinds = ("weight", "bias") if bias else ("weight",)
    return [Entry(f"{theirs}.{kind}", (f"{ours}.{kind}",)) for theirs, ours in names.items() for kind in kinds]


def norm_pair(theirs: str, ours: str) -> list[Entry]:
    """Gain and bias of a LayerNorm."""
    return [Entry(f"{theirs}.weight", (f"{ours}.gain",)), Entry(f"{theirs}.bias", (f"{ours}.bias",))]


def rotary_settings(config: ResolvedConfig) -> dict[str, Any]:
    """The wavelengths in both spellings: `rope_theta` up to transformers 4 and in other programs, and version 5's."""
    parameters = {"rope_type": "default", "rope_theta": config.rotary_base}
    if config.rotary_share != 1.0:
        parameters["partial_rotary_factor"] = config.rotary_share
    return {"rope_theta": config.rotary_base, "rope_parameters": parameters}


def read_rotary(hf: dict[str, Any], *, default_share: float = 1.0) -> dict[str, Any]:
    """`rotary_base` and `rotary_share` from either spelling. Raises UserError for stretched wavelengths."""
    spellings = [hf.get(key) or {} for key in ("rope_parameters", "rope_scaling")]
    for parameters in spellings:  # a file with both may mean either
        kind = parameters.get("rope_type", parameters.get("type", "default"))
        require(kind == "default", f'rope_type "{kind}" stretches the context, which is not supported')
    parameters = spellings[0] or spellings[1]
    share = parameters.get("partial_rotary_factor", hf.get("partial_rotary_factor", default_share))
    base = parameters.get("rope_theta", hf.get("rope_theta", 10_000.0))
    return {"rotary_base": float(base), "rotary_share": float(share)}


def read_gelu(name: str) -> str:
    """Our name of a GELU that Hugging Face calls `name`."""
    names = {"gelu": "gelu", "gelu_new": "gelu_tanh", "gelu_pytorch_tanh": "gelu_tanh", "gelu_fast": "gelu_tanh"}
    require(name in names, f'activation "{name}" is not supported ({", ".join(names)} are)')
    return names[name]


GELU_NAMES = {"gelu": "gelu", "gelu_tanh": "gelu_new"}


def require(condition: bool, complaint: str) -> None:
    """Refuse a folder whose model we would compute wrongly."""
    if not condition:
        raise UserError(f"config.json: {complaint}.")
