"""Every architecture computes what transformers computes, in both directions."""

import shutil
from pathlib import Path

import pytest
import torch
import transformers
from torch import Tensor

from groundup.model.bundle import load_model, save_bundle
from groundup.model.config import ModelConfig
from groundup.model.initialisation import initialise
from groundup.model.transformer import Transformer
from groundup.tokenizer.interface import Tokenizer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.utils.progress import quiet

TOLERANCE = 1e-5  # of logits around 1 in fp32; the promise is 1e-4

OURS = {
    "qwen3": ModelConfig("qwen3", n_layer=2),
    "qwen3 grouped, tied, wide heads": ModelConfig("qwen3", n_head=6, n_kv_head=2, head_size=16, tied_embeddings=True),
    "qwen3 biased": ModelConfig("qwen3", attention_bias=True, rotary_base=500.0, norm_eps=1e-3),
    "llama": ModelConfig("llama", n_layer=2, n_kv_head=1),
    "llama biased, tied, wide heads": ModelConfig("llama", bias=True, head_size=24, tied_embeddings=True),
    "gpt2": ModelConfig("gpt2", n_layer=2),
    "gpt2 untied, exact gelu": ModelConfig("gpt2", tied_embeddings=False, activation="gelu", n_ff=80),
    "phi": ModelConfig("phi", n_layer=2),
    "phi grouped, tied": ModelConfig(
        "phi", n_head=6, n_kv_head=2, tied_embeddings=True, rotary_share=0.75, norm_eps=1e-3
    ),
}

SMALL = {"num_hidden_layers": 3, "hidden_size": 64, "intermediate_size": 96, "num_attention_heads": 4}
ROTARY = {"rope_type": "default", "rope_theta": 500.0}
THEIRS = {
    "qwen3": transformers.Qwen3Config(
        **SMALL, num_key_value_heads=2, head_dim=24, rope_parameters=ROTARY, attention_bias=True, rms_norm_eps=1e-4
    ),
    "llama": transformers.LlamaConfig(
        **SMALL, num_key_value_heads=2, mlp_bias=True, rope_parameters=ROTARY, tie_word_embeddings=True
    ),
    "gpt2": transformers.GPT2Config(n_layer=3, n_embd=64, n_head=4, n_inner=96, layer_norm_epsilon=1e-4),
    "phi": transformers.PhiConfig(
        **SMALL,
        num_key_value_heads=2,
        rope_parameters=ROTARY | {"partial_rotary_factor": 0.75},
        tie_word_embeddings=True,
    ),
}


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer(["the cat sat on the mat, the dog did not"] * 3, TokenizerConfig(vocab_size=270), quiet)


def randomise(model: torch.nn.Module) -> None:
    """Weights, gains and biases that all matter: a swapped or forgotten one shows."""
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in model.parameters():
            around = 1.0 if parameter.dim() == 1 else 0.0
            parameter.copy_(around + 0.15 * torch.randn(parameter.shape, generator=generator))


def some_ids(vocab_size: int) -> Tensor:
    return torch.randint(0, vocab_size, (2, 24), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("name", OURS)
def test_saved_folder_gives_the_same_logits_in_transformers(name: str, tokenizer: Tokenizer, tmp_path: Path) -> None:
    config = OURS[name]
    config.vocab_size, config.block_size, config.n_embd = tokenizer.vocab_size, 32, 48
    model = Transformer(config).eval()
    randomise(model)
    ids = some_ids(tokenizer.vocab_size)

    save_bundle(model, tokenizer, tmp_path)
    reference = transformers.AutoModelForCausalLM.from_pretrained(tmp_path).eval()
    reloaded = load_model(tmp_path)

    with torch.no_grad():
        expected = model(ids)
        theirs = reference(ids).logits
    print(f"{name}, ours there: {(theirs - expected).abs().max():.1e}")  # the table of LOG.md, with pytest -s
    torch.testing.assert_close(theirs, expected, atol=TOLERANCE, rtol=0)
    with torch.no_grad():
        assert torch.equal(reloaded(ids), expected)
    assert reloaded.config == model.config
    assert sum(p.numel() for p in reference.parameters()) == sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize("sharded", [False, True], ids=["one file", "shards"])
@pytest.mark.parametrize("name", THEIRS)
def test_folder_of_transformers_gives_the_same_logits_here(name: str, sharded: bool, tmp_path: Path) -> None:
    hf_config = THEIRS[name]
    hf_config.vocab_size, hf_config.max_position_embeddings = 97, 40
    reference = transformers.AutoModelForCausalLM.from_config(hf_config).eval()
    randomise(reference)
    reference.save_pretrained(tmp_path, max_shard_size="50KB" if sharded else "1GB")
    assert (tmp_path / "model.safetensors.index.json").exists() == sharded

    model = load_model(tmp_path)
    ids = some_ids(97)
    with torch.no_grad():
        ours, theirs = model(ids), reference(ids).logits
    print(f"{name}, theirs here: {(theirs - ours).abs().max():.1e}")
    torch.testing.assert_close(ours, theirs, atol=TOLERANCE, rtol=0)


def by_torch(model: Transformer, ids: Tensor) -> Tensor:
    """The logits of a model with learned or sinusoidal positions, by torch's own encoder layers."""
    c = model.config
    weights = model.state_dict()
    x = weights["embed.weight"][ids]
    places, pairs = torch.arange(ids.shape[1])[:, None], torch.arange(0, c.n_embd, 2)
    angles = places / 10_000 ** (pairs / c.n_embd)  # Vaswani et al. 2017: sines at even places, cosines at odd ones
    for i in range(c.n_embd):
        x[..., i] += (angles[:, i // 2].cos() if i % 2 else angles[:, i // 2].sin()) * (c.positions == "sinusoidal")
    if c.positions == "learned":
        x = x + weights["position_embed.weight"][: ids.shape[1]]
    act = {"relu2": lambda t: t.relu() ** 2, "gelu": torch.nn.functional.gelu}[c.activation]
    for n in range(c.n_layer):
        layer = torch.nn.TransformerEncoderLayer(
            c.n_embd, c.n_head, c.n_ff, 0.0, act, c.norm_eps, batch_first=True, norm_first=c.norm_position == "pre"
        ).eval()
        own = {name.removeprefix(f"blocks.{n}."): w for name, w in weights.items() if name.startswith(f"blocks.{n}.")}
        theirs = {"linear1": "mlp.up", "linear2": "mlp.down", "self_attn.out_proj": "attention.out"}
        state = {f"{name}.{kind}": own[f"{our}.{kind}"] for name, our in theirs.items() for kind in ("weight", "bias")}
        for name, our in (("norm1", "attention_norm"), ("norm2", "mlp_norm")):
            state |= {f"{name}.weight": own[f"{our}.gain"], f"{name}.bias": own[f"{our}.bias"]}
        for kind in ("weight", "bias"):
            state[f"self_attn.in_proj_{kind}"] = torch.cat([own[f"attention.{part}.{kind}"] for part in "qkv"])
        layer.load_state_dict(state)
        mask = torch.nn.Transformer.generate_square_subsequent_mask(ids.shape[1])
        x = layer(x, src_mask=mask, is_causal=True)
    if c.norm_position == "pre":
        x = torch.nn.functional.layer_norm(x, (c.n_embd,), weights["norm.gain"], weights["norm.bias"], c.norm_eps)
    return x @ weights["head.weight"].t()


@pytest.mark.parametrize("norm_position", ["pre", "post"])
@pytest.mark.parametrize("activation", ["relu2", "gelu"])
@pytest.mark.parametrize("positions", ["sinusoidal", "learned"])
def test_choices_that_transformers_does_not_combine_are_those_of_torch(
    positions: str, activation: str, norm_position: str
) -> None:
    choices = {"positions": positions, "activation": activation, "norm_position": norm_position}
    shape = ModelConfig("gpt2", vocab_size=97, block_size=32, n_layer=2, n_head=4, n_embd=48, n_ff=80, **choices)
    model = Transformer(shape).eval()
    randomise(model)
    ids = some_ids(97)
    with torch.no_grad():
        ours, theirs = model(ids), by_torch(model, ids)
    print(f"{positions}, {activation}, {norm_position}-norm: {(theirs - ours).abs().max():.1e}")
    torch.testing.assert_close(ours, theirs, atol=TOLERANCE, rtol=0)


def test_gpt2_folder_of_the_bare_model_loads(tmp_path: Path) -> None:
    """The folder that OpenAI published has no "transformer." before its names, and masks among its tensors."""
    config = transformers.GPT2Config(vocab_size=97, n_positions=40, n_embd=32, n_head=2, n_layer=2)
    reference = transformers.GPT2LMHeadModel(config).eval()
    reference.transformer.save_pretrained(tmp_path)

    ids = some_ids(97)
    with torch.no_grad():
        torch.testing.assert_close(load_model(tmp_path)(ids), reference(ids).logits, atol=TOLERANCE, rtol=0)


def test_ids_and_greedy_text_are_those_of_transformers(tokenizer: Tokenizer, tmp_path: Path) -> None:
    model = initialise(Transformer(ModelConfig(vocab_size=tokenizer.vocab_size, block_size=64, n_layer=1)), seed=2)
    randomise(model)
    save_bundle(model, tokenizer, tmp_path, generation={"temperature": 0.0, "max_new_tokens": 12})
    auto_tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path)
    reference = transformers.AutoModelForCausalLM.from_pretrained(tmp_path)

    prompt = auto_tokenizer("the cat <|im_end|> sat", return_tensors="pt")
    assert reference.generation_config.do_sample is False
    generated = reference.generate(**prompt)[0].tolist()

    ids = list(prompt["input_ids"][0].tolist())
    stops = {tokenizer.specials.ids["end_of_text"], tokenizer.specials.ids["im_end"]}
    for _ in range(12):
        ids.append(int(model(torch.tensor([ids]))[0, -1].argmax()))
        if ids[-1] in stops:
            break
    assert generated == ids
    shutil.rmtree(tmp_path)
