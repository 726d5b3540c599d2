"""The shape of a model: what a user may set, what each architecture means, and what cannot be."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from groundup.utils.errors import UserError, nearest_hint


@dataclass
class ModelConfig:
    """What a user writes under `model:`. Whatever is None follows from the architecture (see `resolve`)."""

    architecture: str = "qwen3"
    """Named set of values that the fields below start from: qwen3, llama, gpt2 or phi."""
    vocab_size: int = 4096
    """Number of token ids; follows the tokenizer."""
    block_size: int = 256
    """Longest context in tokens; follows `training.block_size`."""
    n_layer: int = 6
    """Number of blocks."""
    n_head: int = 4
    """Number of query heads."""
    n_kv_head: int | None = None
    """Number of key/value heads; divides n_head. As many as n_head unless given."""
    n_embd: int = 256
    """Width of the residual stream."""
    head_size: int | None = None
    """Width of one head. n_embd / n_head unless given."""
    n_ff: int | None = None
    """Width of the feed-forward layer. 4 n_embd unless given; for swiglu 8/3 n_embd, rounded up to 32."""
    dropout: float = 0.0
    """Share of activations zeroed in training, in [0, 1)."""
    bias: bool | None = None
    """Biases in the linear layers of attention and feed-forward."""
    attention_bias: bool | None = None
    """Biases in the four projections of attention. Like `bias` unless given."""
    mlp_bias: bool | None = None
    """Biases in the feed-forward layer. Like `bias` unless given."""
    head_bias: bool | None = None
    """A bias on the logits."""
    positions: str | None = None
    """How a token knows its place: learned, sinusoidal or rotary."""
    norm: str | None = None
    """layernorm or rmsnorm."""
    norm_position: str | None = None
    """pre (before each sublayer, and once before the head) or post (after each addition)."""
    activation: str | None = None
    """gelu, gelu_tanh, swiglu or relu2."""
    qk_norm: bool | None = None
    """RMS-normalise each query and key head, before rotation."""
    parallel_residual: bool | None = None
    """Attention and feed-forward read the same normalised input."""
    rotary_share: float | None = None
    """Share of each head's width that is rotated, in (0, 1]."""
    rotary_base: float | None = None
    """Base of the geometric series of rotary wavelengths."""
    tied_embeddings: bool | None = None
    """The head uses the token embedding's matrix."""
    norm_eps: float | None = None
    """Added to variances before the root."""


@dataclass
class ResolvedConfig(ModelConfig):
    """A ModelConfig in which every choice is made; only the types are narrower."""

    n_kv_head: int = 0
    head_size: int = 0
    n_ff: int = 0
    bias: bool = False
    attention_bias: bool = False
    mlp_bias: bool = False
    head_bias: bool = False
    positions: str = ""
    norm: str = ""
    norm_position: str = ""
    activation: str = ""
    qk_norm: bool = False
    parallel_residual: bool = False
    rotary_share: float = 1.0
    rotary_base: float = 10_000.0
    tied_embeddings: bool = False
    norm_eps: float = 1e-5

    @property
    def rotary_size(self) -> int:
        """Leading components of each head that are rotated. transformers rounds down in the same way."""
        return int(self.head_size * self.rotary_share)


CHOICES = {
    "positions": ("learned", "sinusoidal", "rotary"),
    "norm": ("layernorm", "rmsnorm"),
    "norm_position": ("pre", "post"),
    "activation": ("gelu", "gelu_tanh", "swiglu", "relu2"),
}

_TEXTBOOK: dict[str, Any] = {
    "norm_position": "pre",
    "bias": False,
    "head_bias": False,
    "qk_norm": False,
    "parallel_residual": False,
    "rotary_share": 1.0,
    "rotary_base": 10_000.0,
    "tied_embeddings": False,
    "norm_eps": 1e-5,
}
_ROTARY_SWIGLU = _TEXTBOOK | {"positions": "rotary", "norm": "rmsnorm", "activation": "swiglu"}

ARCHITECTURES: dict[str, dict[str, Any]] = {
    "qwen3": _ROTARY_SWIGLU | {"qk_norm": True, "norm_eps": 1e-6},
    "llama": _ROTARY_SWIGLU,
    "gpt2": _TEXTBOOK
    | {"positions": "learned", "norm": "layernorm", "activation": "gelu_tanh", "bias": True, "tied_embeddings": True},
    "phi": _TEXTBOOK
    | {
        "positions": "rotary",
        "norm": "layernorm",
        "activation": "gelu_tanh",
        "bias": True,
        "head_bias": True,
        "parallel_residual": True,
        "rotary_share": 0.5,
    },
}


def resolve(config: ModelConfig) -> ResolvedConfig:
    """Fill what is None from the architecture and check the whole. Idempotent. Raises UserError."""
    if config.architecture not in ARCHITECTURES:
        raise UserError(
            f'model.architecture is "{config.architecture}", which is unknown.'
            + nearest_hint(config.architecture, ARCHITECTURES)
        )
    given = {name: value for name, value in asdict(config).items() if value is not None}
    values = ARCHITECTURES[config.architecture] | given
    _require_positive(values)
    values.setdefault("n_kv_head", values["n_head"])
    values.setdefault("attention_bias", values["bias"])
    values.setdefault("mlp_bias", values["bias"])
    values["bias"] = values["attention_bias"] and values["mlp_bias"]  # one spelling for one shape
    if "head_size" not in values:
        _require(
            values["n_embd"] % values["n_head"] == 0,
            f"model.n_embd ({values['n_embd']}) is not a multiple of model.n_head ({values['n_head']}). "
            "Change one of them or set model.head_size.",
        )
        values["head_size"] = values["n_embd"] // values["n_head"]
    values.setdefault("n_ff", default_n_ff(values["n_embd"], values["activation"]))
    resolved = ResolvedConfig(**values)
    _validate(resolved)
    return resolved


def default_n_ff(n_embd: int, activation: str) -> int:
    """Feed-forward width with the parameters of the textbook's 4 n_embd: SwiGLU has three matrices, not two."""
    return -(-8 * n_embd // (3 * 32)) * 32 if activation == "swiglu" else 4 * n_embd


def departures(config: ResolvedConfig) -> list[str]:
    """The choices that the named architecture does not have in transformers, as "name=value"."""
    standard = ARCHITECTURES[config.architecture]
    fixed = ["positions", "norm", "norm_position", "qk_norm", "parallel_residual", "head_bias"]
    if config.architecture != "phi":
        fixed.append("rotary_share")
    found = [name for name in fixed if getattr(config, name) != standard[name]]
    swiglu = standard["activation"] == "swiglu"
    if config.activation not in (("swiglu",) if swiglu else ("gelu", "gelu_tanh")):
        found.append("activation")
    if config.architecture == "qwen3" and config.mlp_bias:
        found.append("mlp_bias")
    if not swiglu:  # gpt2 and phi: biases everywhere, heads that share out the width
        found += [name for name in ("attention_bias", "mlp_bias") if not getattr(config, name)]
        if config.head_size * config.n_head != config.n_embd:
            found.append("head_size")
    if config.architecture == "llama" and config.n_embd % config.n_head:
        found.append("n_head")
    if config.architecture == "gpt2" and config.n_kv_head != config.n_head:
        found.append("n_kv_head")
    return [f"{name}={getattr(config, name)}" for name in found]


def exportable(config: ModelConfig) -> str | None:
    """Why a model of this shape is not one that transformers knows, or None if it is."""
    resolved = resolve(config)
    if found := departures(resolved):
        return f"{resolved.architecture} with {', '.join(found)} is no architecture that transformers has"
    return None


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise UserError(message)


def _require_positive(values: dict[str, Any]) -> None:
    for name in ("vocab_size", "block_size", "n_layer", "n_head", "n_kv_head", "n_embd", "head_size", "n_ff"):
        if name in values:
            whole = isinstance(values[name], int) and not isinstance(values[name], bool)
            _require(whole, f"model.{name} is {values[name]!r}; it must be a whole number.")
            _require(values[name] >= 1, f"model.{name} is {values[name]}; it must be at least 1.")


def _validate(config: ResolvedConfig) -> None:
    for name, choices in CHOICES.items():
        value = getattr(config, name)
        _require(value in choices, f'model.{name} is "{value}", which is unknown.' + nearest_hint(value, choices))
    _require(
        config.n_head % config.n_kv_head == 0,
        f"model.n_head ({config.n_head}) is not a multiple of model.n_kv_head ({config.n_kv_head}). "
        "Each key/value head serves a whole number of query heads.",
    )
    _require(0.0 <= config.dropout < 1.0, f"model.dropout is {config.dropout}; it must be in [0, 1).")
    _require(config.norm_eps > 0, f"model.norm_eps is {config.norm_eps}; it must be above 0.")
    if config.positions == "rotary":
        _require(0 < config.rotary_share <= 1, f"model.rotary_share is {config.rotary_share}; it must be in (0, 1].")
        _require(config.rotary_base > 1, f"model.rotary_base is {config.rotary_base}; it must be above 1.")
        _require(
            config.rotary_size >= 2 and config.rotary_size % 2 == 0,
            f"model.head_size {config.head_size} with rotary_share {config.rotary_share} rotates {config.rotary_size} "
            "components; rotation works on pairs, so choose an even number.",
        )
    if config.positions == "sinusoidal":
        _require(config.n_embd % 2 == 0, f"model.n_embd is {config.n_embd}; sinusoidal positions need an even width.")
    _require(
        not (config.parallel_residual and config.norm_position == "post"),
        "model.parallel_residual has no post-norm form. Set model.norm_position=pre.",
    )


FIELD_NAMES = tuple(field.name for field in fields(ModelConfig))
