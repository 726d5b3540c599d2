"""Our parameters under the names and in the order of components that llama.cpp expects.

* q and k of `llama` are stored for rotation of neighbouring components (0 1, 2 3, ...); ours and Hugging Face's rotate
  halves (0 D/2, 1 D/2 + 1, ...). The rows are put in the other order; qwen3 and phi2 rotate halves there, too.
* GPT-2's q, k and v are one tensor.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from groundup.model.config import ResolvedConfig, exportable

ARCHITECTURES = {"qwen3": "qwen3", "llama": "llama", "gpt2": "gpt2", "phi": "phi2"}
"""Ours and llama.cpp's names."""


def obstacle(config: ResolvedConfig) -> str | None:
    """Which setting llama.cpp has no place for, in words; None if it can compute a model of this shape."""
    if reason := exportable(config):
        return reason
    if config.architecture == "qwen3" and config.attention_bias:
        return "llama.cpp's qwen3 has no bias behind attention (model.attention_bias=false has none)"
    return None


def named_tensors(config: ResolvedConfig, ours: dict[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """Every tensor of the file. `ours` is the model's state by our names."""
    yield "token_embd.weight", ours["embed.weight"]
    if config.positions == "learned":
        yield "position_embd.weight", ours["position_embed.weight"]
    yield from _norm("output_norm", ours, "norm")
    if not config.tied_embeddings or config.architecture == "phi":  # llama.cpp's phi2 knows no tied head
        yield "output.weight", ours["head.weight"]
    if config.head_bias:
        yield "output.bias", ours["head.bias"]
    for layer in range(config.n_layer):
        yield from _block(f"blk.{layer}", config, ours, f"blocks.{layer}")


def _block(theirs: str, config: ResolvedConfig, ours: dict[str, Tensor], our: str) -> Iterator[tuple[str, Tensor]]:
    yield from _norm(f"{theirs}.attn_norm", ours, f"{our}.attention_norm")
    if f"{our}.mlp_norm.gain" in ours:
        yield from _norm(f"{theirs}.ffn_norm", ours, f"{our}.mlp_norm")
    for name in ("q", "k") if config.qk_norm else ():
        yield f"{theirs}.attn_{name}_norm.weight", ours[f"{our}.attention.{name}_norm.gain"]
    for kind in ("weight", "bias") if config.attention_bias else ("weight",):
        parts = {name: ours[f"{our}.attention.{name}.{kind}"] for name in ("q", "k", "v", "out")}
        if config.architecture == "llama":
            parts["q"] = neighbours(parts["q"], config.n_head)
            parts["k"] = neighbours(parts["k"], config.n_kv_head)
        if config.architecture == "gpt2":
            yield f"{theirs}.attn_qkv.{kind}", torch.cat([parts["q"], parts["k"], parts["v"]])
        else:
            for name in ("q", "k", "v"):
                yield f"{theirs}.attn_{name}.{kind}", parts[name]
        yield f"{theirs}.attn_output.{kind}", parts["out"]
    names = {"up": "ffn_up", "down": "ffn_down"} | ({"gate": "ffn_gate"} if config.activation == "swiglu" else {})
    for kind in ("weight", "bias") if config.mlp_bias else ("weight",):
        for name, their in names.items():
            yield f"{theirs}.{their}.{kind}", ours[f"{our}.mlp.{name}.{kind}"]


def neighbours(rows: Tensor, n_head: int) -> Tensor:
    """Rows of each head so that pairs which rotate together are neighbours: 0 D/2 1 D/2+1 ... (H D, ...)."""
    halves = rows.unflatten(0, (n_head, 2, -1))  # (H, 2, D/2, ...)
    return halves.transpose(1, 2).reshape(rows.shape)


def _norm(theirs: str, ours: dict[str, Tensor], our: str) -> Iterator[tuple[str, Tensor]]:
    yield f"{theirs}.weight", ours[f"{our}.gain"]
    if f"{our}.bias" in ours:
        yield f"{theirs}.bias", ours[f"{our}.bias"]
