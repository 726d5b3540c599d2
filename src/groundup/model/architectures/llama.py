"""Llama: rotary, RMSNorm, SwiGLU, grouped queries. Qwen3 shares its settings and tensor names."""

from typing import Any

from groundup.model.architectures.interface import Entry, pairs, read_rotary, require, rotary_settings
from groundup.model.config import ModelConfig, ResolvedConfig

MODEL_TYPE = "llama"
CLASS_NAME = "LlamaForCausalLM"
PREFIX = "model."
IGNORED: tuple[str, ...] = ("rotary_emb.inv_freq",)


def read_config(hf: dict[str, Any]) -> ModelConfig:
    """Ours from config.json."""
    require(hf.get("pretraining_tp") in (None, 1), "pretraining_tp above 1 is not supported")
    settings = {"norm_eps": 1e-6} | read_llama_settings(hf)  # transformers' default
    return ModelConfig(architecture=MODEL_TYPE, mlp_bias=bool(hf.get("mlp_bias", False)), **settings)


def write_config(config: ResolvedConfig) -> dict[str, Any]:
    """The architecture's own part of config.json."""
    return llama_settings(config) | {"mlp_bias": config.mlp_bias}


def entries(config: ResolvedConfig) -> list[Entry]:
    """Every tensor of the folder."""
    return llama_entries(config)


def read_llama_settings(hf: dict[str, Any]) -> dict[str, Any]:
    """What Llama and Qwen3 say in the same words. Settings that the folder leaves out are left out here, too."""
    require(hf.get("hidden_act", "silu") == "silu", f'hidden_act "{hf.get("hidden_act")}" is not supported (silu is)')
    optional = {"num_key_value_heads": "n_kv_head", "head_dim": "head_size", "rms_norm_eps": "norm_eps"}
    return {
        "vocab_size": hf["vocab_size"],
        "block_size": hf["max_position_embeddings"],
        "n_layer": hf["num_hidden_layers"],
        "n_head": hf["num_attention_heads"],
        "n_embd": hf["hidden_size"],
        "n_ff": hf["intermediate_size"],
        "dropout": float(hf.get("attention_dropout") or 0.0),
        "attention_bias": bool(hf.get("attention_bias", False)),
        "tied_embeddings": bool(hf.get("tie_word_embeddings", False)),
        **read_rotary(hf),
        **{ours: hf[theirs] for theirs, ours in optional.items() if hf.get(theirs) is not None},
    }


def llama_settings(config: ResolvedConfig) -> dict[str, Any]:
    """The inverse of `read_llama_settings`."""
    return {
        "vocab_size": config.vocab_size,
        "max_position_embeddings": config.block_size,
        "num_hidden_layers": config.n_layer,
        "num_attention_heads": config.n_head,
        "num_key_value_heads": config.n_kv_head,
        "head_dim": config.head_size,
        "hidden_size": config.n_embd,
        "intermediate_size": config.n_ff,
        "hidden_act": "silu",
        "rms_norm_eps": config.norm_eps,
        "attention_dropout": config.dropout,
        "attention_bias": config.attention_bias,
        "tie_word_embeddings": config.tied_embeddings,
        **rotary_settings(config),
    }


def llama_entries(config: ResolvedConfig) -> list[Entry]:
    """The tensors that Llama and Qwen3 have in common."""
    found = [Entry("model.embed_tokens.weight", ("embed.weight",)), Entry("model.norm.weight", ("norm.gain",))]
    if not config.tied_embeddings:
        found.append(Entry("lm_head.weight", ("head.weight",)))
    for layer in range(config.n_layer):
        theirs, ours = f"model.layers.{layer}", f"blocks.{layer}"
        found.append(Entry(f"{theirs}.input_layernorm.weight", (f"{ours}.attention_norm.gain",)))
        found.append(Entry(f"{theirs}.post_attention_layernorm.weight", (f"{ours}.mlp_norm.gain",)))
        attention = {"q_proj": "q", "k_proj": "k", "v_proj": "v", "o_proj": "out"}
        names = {f"{theirs}.self_attn.{their}": f"{ours}.attention.{our}" for their, our in attention.items()}
        found += pairs(names, bias=config.attention_bias)
        names = {f"{theirs}.mlp.{our}_proj": f"{ours}.mlp.{our}" for our in ("gate", "up", "down")}
        found += pairs(names, bias=config.mlp_bias)
    return found
