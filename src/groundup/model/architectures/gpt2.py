"""GPT-2: learned positions, LayerNorm, GELU, biases, tied embeddings.

Its weights are stored transposed (Conv1D), and q, k and v as one.
"""

from typing import Any

from groundup.model.architectures.interface import GELU_NAMES, Entry, norm_pair, read_gelu, require
from groundup.model.config import ModelConfig, ResolvedConfig

MODEL_TYPE = "gpt2"
CLASS_NAME = "GPT2LMHeadModel"
PREFIX = "transformer."
IGNORED: tuple[str, ...] = (".attn.bias", ".attn.masked_bias")  # causal masks that early versions saved


def read_config(hf: dict[str, Any]) -> ModelConfig:
    """Ours from config.json."""
    for name, standard in (("scale_attn_weights", True), ("scale_attn_by_inverse_layer_idx", False)):
        require(hf.get(name, standard) == standard, f"{name}={hf.get(name)} is not supported")
    return ModelConfig(
        architecture=MODEL_TYPE,
        vocab_size=hf["vocab_size"],
        block_size=hf.get("n_positions", 1024),
        n_layer=hf["n_layer"],
        n_head=hf["n_head"],
        n_embd=hf["n_embd"],
        n_ff=hf.get("n_inner"),
        dropout=float(hf.get("resid_pdrop", 0.1)),
        activation=read_gelu(hf.get("activation_function", "gelu_new")),
        tied_embeddings=bool(hf.get("tie_word_embeddings", True)),
        norm_eps=hf.get("layer_norm_epsilon", 1e-5),
    )


def write_config(config: ResolvedConfig) -> dict[str, Any]:
    """The architecture's own part of config.json."""
    return {
        "vocab_size": config.vocab_size,
        "n_positions": config.block_size,
        "n_ctx": config.block_size,
        "n_layer": config.n_layer,
        "n_head": config.n_head,
        "n_embd": config.n_embd,
        "n_inner": config.n_ff,
        "resid_pdrop": config.dropout,
        "embd_pdrop": config.dropout,
        "attn_pdrop": config.dropout,
        "activation_function": GELU_NAMES[config.activation],
        "tie_word_embeddings": config.tied_embeddings,
        "layer_norm_epsilon": config.norm_eps,
    }


def entries(config: ResolvedConfig) -> list[Entry]:
    """Every tensor of the folder."""
    found = [
        Entry("transformer.wte.weight", ("embed.weight",)),
        Entry("transformer.wpe.weight", ("position_embed.weight",)),
    ]
    found += norm_pair("transformer.ln_f", "norm")
    if not config.tied_embeddings:
        found.append(Entry("lm_head.weight", ("head.weight",)))
    layer_names = {
        "attn.c_attn": ("attention.q", "attention.k", "attention.v"),
        "attn.c_proj": ("attention.out",),
        "mlp.c_fc": ("mlp.up",),
        "mlp.c_proj": ("mlp.down",),
    }
    for layer in range(config.n_layer):
        theirs, ours = f"transformer.h.{layer}", f"blocks.{layer}"
        found += norm_pair(f"{theirs}.ln_1", f"{ours}.attention_norm") + norm_pair(f"{theirs}.ln_2", f"{ours}.mlp_norm")
        for their, parts in layer_names.items():
            for kind in ("weight", "bias"):
                names = tuple(f"{ours}.{part}.{kind}" for part in parts)
                found.append(Entry(f"{theirs}.{their}.{kind}", names, transposed=kind == "weight"))
    return found
