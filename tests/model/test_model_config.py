"""Settings of a model: defaults by architecture, one line for what cannot be."""

import re
from dataclasses import asdict

import pytest
from omegaconf import OmegaConf

from groundup.model.config import ARCHITECTURES, ModelConfig, default_n_ff, exportable, resolve
from groundup.utils.errors import UserError


def test_reads_from_a_file_with_nulls() -> None:
    merged = OmegaConf.merge(OmegaConf.structured(ModelConfig), {"architecture": "phi", "n_ff": None, "bias": True})
    assert OmegaConf.to_object(merged) == ModelConfig("phi", bias=True)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_resolving_leaves_nothing_open_and_changes_nothing_twice(architecture: str) -> None:
    resolved = resolve(ModelConfig(architecture))
    assert None not in asdict(resolved).values()
    assert resolve(resolved) == resolved
    assert exportable(resolved) is None


def test_the_default_is_a_model_that_llama_cpp_knows() -> None:
    resolved = resolve(ModelConfig())
    assert (resolved.architecture, resolved.positions, resolved.activation) == ("qwen3", "rotary", "swiglu")
    assert (resolved.n_kv_head, resolved.head_size, resolved.qk_norm) == (4, 64, True)


def test_feed_forward_width_keeps_the_parameters() -> None:
    assert default_n_ff(256, "gelu") == 1024
    assert default_n_ff(256, "swiglu") == 704
    assert default_n_ff(768, "swiglu") == 2048
    assert resolve(ModelConfig(n_ff=100)).n_ff == 100


WRONG = {
    'model.architecture is "qwen33", which is unknown. Did you mean "qwen3"?': ModelConfig("qwen33"),
    'model.activation is "swiglo", which is unknown. Did you mean "swiglu"?': ModelConfig(activation="swiglo"),
    'model.positions is "alibi", which is unknown. Valid: learned, rotary, sinusoidal.': ModelConfig(positions="alibi"),
    "model.n_embd (100) is not a multiple of model.n_head (3).": ModelConfig(n_embd=100, n_head=3),
    "model.n_head (4) is not a multiple of model.n_kv_head (3).": ModelConfig(n_kv_head=3),
    "model.n_layer is 0; it must be at least 1.": ModelConfig(n_layer=0),
    "model.n_ff is -1; it must be at least 1.": ModelConfig(n_ff=-1),
    "model.dropout is 1.0; it must be in [0, 1).": ModelConfig(dropout=1.0),
    "model.rotary_share is 1.5; it must be in (0, 1].": ModelConfig(rotary_share=1.5),
    "rotates 15 components; rotation works on pairs": ModelConfig(head_size=15),
    "rotates 0 components": ModelConfig(rotary_share=0.01),
    "sinusoidal positions need an even width": ModelConfig(positions="sinusoidal", n_embd=33, n_head=1),
    "parallel_residual has no post-norm form": ModelConfig("phi", norm_position="post"),
    "model.norm_eps is 0.0": ModelConfig(norm_eps=0.0),
}


@pytest.mark.parametrize("message", WRONG)
def test_what_cannot_be_is_said_with_the_limit(message: str) -> None:
    with pytest.raises(UserError, match=re.escape(message)):
        resolve(WRONG[message])


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (ModelConfig(activation="relu2"), "qwen3 with activation=relu2"),
        (ModelConfig(mlp_bias=True), "mlp_bias=True"),
        (ModelConfig(rotary_share=0.5), "rotary_share=0.5"),
        (ModelConfig(norm_position="post"), "norm_position=post"),
        (ModelConfig("llama", qk_norm=True), "llama with qk_norm=True"),
        (ModelConfig("llama", n_embd=250, head_size=64), "n_head=4"),
        (ModelConfig("gpt2", bias=False), "attention_bias=False, mlp_bias=False"),
        (ModelConfig("gpt2", n_kv_head=2), "n_kv_head=2"),
        (ModelConfig("phi", head_size=32), "head_size=32"),
        (ModelConfig("llama", bias=True), None),
        (ModelConfig("gpt2", activation="gelu", tied_embeddings=False), None),
        (ModelConfig("phi", rotary_share=0.25, n_kv_head=2), None),
    ],
    ids=str,
)
def test_departures_from_what_transformers_has(config: ModelConfig, reason: str | None) -> None:
    if reason is None:
        assert exportable(config) is None
    else:
        assert reason in str(exportable(config))
