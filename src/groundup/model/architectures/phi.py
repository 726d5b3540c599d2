"""Phi (1, 1.5, 2): partial rotary, LayerNorm, GELU, biases everywhere, attention and feed-forward side by side."""

from typing import Any

from groundup.model.architectures.interface import (
    GELU_NAMES,
    Entry,
    norm_pair,
    pairs,
    read_gelu,
    read_rotary,
    require,
    rotary_settings,
)
from groundup.model.config import ModelConfig, ResolvedConfig

MODEL_TYPE = "phi"
CLASS_NAME = "PhiForCausalLM"
PREFIX = "model."
IGNORED: tuple[str, ...] = ("rotary_emb.inv_freq",)


def read_config(hf: dict[str, Any]) -> ModelConfig:
    """Ours from config.json."""
    require(not hf.get("qk_layernorm"), "qk_layernorm is not supported")
    return ModelConfig(
        architecture=MODEL_TYPE,
        vocab_size=hf["vocab_size"],
        block_size=hf["max_position_embeddings"],
        n_layer=hf["num_hidden_layers"],
        n_head=hf["num_attention_heads"],
        n_kv_head=hf.get("num_key_value_heads"),
        n_embd=hf["hidden_size"],
        n_ff=hf["intermediate_size"],
        dropout=float(hf.get("resid_pdrop") or 0.0),
        activation=read_gelu(hf.get("hidden_act", "gelu_new")),
        tied_embeddings=bool(hf.get("tie_word_embeddings", False)),
        norm_eps=hf.get("layer_norm_eps", 1e-5),
        **read_rotary(hf, default_share=0.5),
    )


def write_config(config: ResolvedConfig) -> dict[str, Any]:
    """The architecture's own part of config.json."""
    return {
        "vocab_size": config.vocab_size,
        "max_position_embeddings": config.block_size,
        "num_hidden_layers": config.n_layer,
        "num_attention_heads": config.n_head,
        "num_key_value_heads": config.n_kv_head,
        "hidden_size": config.n_embd,
        "intermediate_size": config.n_ff,
        "resid_pdrop": config.dropout,
        "embd_pdrop": config.dropout,
        "attention_dropout": config.dropout,
        "hidden_act": GELU_NAMES[config.activation],
        "tie_word_embeddings": config.tied_embeddings,
        "layer_norm_eps": config.norm_eps,
        "qk_layernorm": False,
        "partial_rotary_factor": config.rotary_share,
        **rotary_settings(config),
    }


def entries(config: ResolvedConfig) -> list[Entry]:
    """Every tensor of the folder."""
    found = [Entry("model.embed_tokens.weight", ("embed.weight",)), Entry("lm_head.bias", ("head.bias",))]
    found += norm_pair("model.final_layernorm", "norm")
    if not config.tied_embeddings:
        found.append(Entry("lm_head.weight", ("head.weight",)))
    layer_names = {
        "self_attn.q_proj": "attention.q",
        "self_attn.k_proj": "attention.k",
        "self_attn.v_proj": "attention.v",
        "self_attn.dense": "attention.out",
        "mlp.fc1": "mlp.up",
        "mlp.fc2": "mlp.down",
    }
    for layer in range(config.n_layer):
        theirs, ours = f"model.layers.{layer}", f"blocks.{layer}"
        found += norm_pair(f"{theirs}.input_layernorm", f"{ours}.attention_norm")
        found += pairs({f"{theirs}.{their}": f"{ours}.{our}" for their, our in layer_names.items()}, bias=True)
    return found
