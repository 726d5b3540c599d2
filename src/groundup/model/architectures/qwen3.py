"""Qwen3: rotary, RMSNorm, SwiGLU, grouped queries, and queries and keys normalised before rotation."""

from typing import Any

from groundup.model.architectures.interface import Entry, require
from groundup.model.architectures.llama import llama_entries, llama_settings, read_llama_settings
from groundup.model.config import ModelConfig, ResolvedConfig

MODEL_TYPE = "qwen3"
CLASS_NAME = "Qwen3ForCausalLM"
PREFIX = "model."
IGNORED: tuple[str, ...] = ("rotary_emb.inv_freq",)


def read_config(hf: dict[str, Any]) -> ModelConfig:
    """Ours from config.json."""
    require(not hf.get("use_sliding_window"), "use_sliding_window is not supported")
    sliding = {kind for kind in hf.get("layer_types") or [] if kind != "full_attention"}
    require(not sliding, f"layer_types {sorted(sliding)} are not supported")
    settings = {"head_size": 128, "norm_eps": 1e-6} | read_llama_settings(hf)  # transformers' defaults
    return ModelConfig(architecture=MODEL_TYPE, **settings)


def write_config(config: ResolvedConfig) -> dict[str, Any]:
    """The architecture's own part of config.json."""
    return llama_settings(config) | {"use_sliding_window": False, "sliding_window": None}


def entries(config: ResolvedConfig) -> list[Entry]:
    """Every tensor of the folder."""
    norms = [
        Entry(f"model.layers.{layer}.self_attn.{name}.weight", (f"blocks.{layer}.attention.{name}.gain",))
        for layer in range(config.n_layer)
        for name in ("q_norm", "k_norm")
    ]
    return llama_entries(config) + norms
