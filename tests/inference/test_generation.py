"""Generation against a slow twin that reads the whole text again for every token; how texts begin and end."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from groundup.inference.generation import (
    TEXT_BORDER,
    GenerationConfig,
    check_generation,
    complete,
    generate_text,
    generate_texts,
    load_generation,
    new_cache,
    next_logits,
    prompt_ids,
    stream_tokens,
)
from groundup.inference.sampling import next_tokens
from groundup.model.bundle import save_bundle
from groundup.model.config import ModelConfig
from groundup.model.transformer import Transformer
from groundup.tokenizer.huggingface import HuggingFaceTokenizer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.utils.errors import UserError
from groundup.utils.progress import quiet
from groundup.utils.seeding import derive_seed

CONTEXT = 24
SHAPE = {"block_size": CONTEXT, "n_layer": 2, "n_head": 4, "n_embd": 32}
CONFIGS = {
    "qwen3": ModelConfig("qwen3", **SHAPE, n_kv_head=2),
    "llama": ModelConfig("llama", **SHAPE),
    "gpt2": ModelConfig("gpt2", **SHAPE),
    "phi": ModelConfig("phi", **SHAPE),
    "post-norm, sinusoidal, relu2": ModelConfig(
        "gpt2", **SHAPE, norm_position="post", positions="sinusoidal", activation="relu2"
    ),
}
SAMPLED = GenerationConfig(max_new_tokens=15, temperature=1.0, top_k=50, top_p=0.95, seed=3)


@pytest.fixture(scope="module")
def tokenizer() -> HuggingFaceTokenizer:
    texts = ["The fox went home. The owl said: good night! " * 3, "Where is the fox? In the forest, said the owl. "]
    return train_tokenizer(texts, TokenizerConfig(vocab_size=320))


def build(tokenizer: HuggingFaceTokenizer, name: str = "qwen3", *, extra_rows: int = 0, seed: int = 5) -> Transformer:
    """A model whose random weights all matter, in evaluation mode."""
    model = Transformer(replace(CONFIGS[name], vocab_size=tokenizer.vocab_size + extra_rows))
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            around = 1.0 if parameter.dim() == 1 else 0.0
            parameter.copy_(around + 0.3 * torch.randn(parameter.shape, generator=generator))
    return model.eval()


class Scripted(Transformer):
    """A real model whose next tokens are laid down, so that a test decides how a text ends."""

    def __init__(self, tokenizer: HuggingFaceTokenizer, *script: int) -> None:
        super().__init__(replace(CONFIGS["llama"], vocab_size=tokenizer.vocab_size))
        self.script = list(script)
        self.read: list[list[int]] = []

    def hidden(self, ids: Tensor, **rest: object) -> Tensor:
        self.read.append(ids[0].tolist())
        self.next = self.script[min(len(self.read), len(self.script)) - 1]
        return super().hidden(ids, **rest)  # type: ignore[arg-type]

    def forward(self, *arguments: object, **named: object) -> Tensor:
        raise AssertionError("the whole (B, T, V) is not needed")


def script(tokenizer: HuggingFaceTokenizer, *script: int) -> Scripted:
    model = Scripted(tokenizer, *script).eval()

    class Head(torch.nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.nn.functional.one_hot(torch.tensor([model.next]), tokenizer.vocab_size) * 1000.0

    model.head = Head()  # type: ignore[assignment]
    return model


def slow_ids(model: Transformer, ids: list[int], settings: GenerationConfig, sample: int) -> list[int]:
    """No cache, no slicing, the whole (B, T, V): as the textbook has it. Returns prompt and completion."""
    generator = torch.Generator().manual_seed(derive_seed(settings.seed or 0, "sample", sample))
    for _ in range(settings.max_new_tokens):
        if len(ids) > CONTEXT:
            break
        with torch.no_grad():
            logits = model(torch.tensor([ids]))[:, -1]
        ids = ids + next_tokens(
            logits, [generator], temperature=settings.temperature, top_k=settings.top_k, top_p=settings.top_p
        )
    return ids


@pytest.mark.parametrize("attention", ["explicit", "sdpa"])
@pytest.mark.parametrize("settings", [SAMPLED, replace(SAMPLED, temperature=0.0)], ids=["sampled", "greedy"])
@pytest.mark.parametrize("name", CONFIGS)
def test_the_cache_changes_no_token(
    name: str, settings: GenerationConfig, attention: str, tokenizer: HuggingFaceTokenizer
) -> None:
    model = build(tokenizer, name)
    model.set_compute(attention=attention)
    prefix = prompt_ids(tokenizer, "The fox")
    for sample in range(3):
        written = [tokens[0] for tokens in stream_tokens(model, tokenizer, "The fox", settings, [sample], quiet)]
        assert settings.temperature == 0 or len(set(written)) > 3, "a model that repeats itself proves nothing"
        assert prefix + written == slow_ids(model, prefix, settings, sample)


@pytest.mark.parametrize("name", CONFIGS)
def test_texts_side_by_side_are_those_written_alone(name: str, tokenizer: HuggingFaceTokenizer) -> None:
    model = build(tokenizer, name)
    texts = generate_texts(model, tokenizer, "The owl", replace(SAMPLED, num_samples=4, stop=["fox"]))
    assert len(set(texts)) == 4
    for number, text in enumerate(texts):
        alone = generate_text(model, tokenizer, "The owl", replace(SAMPLED, stop=["fox"]), sample=number)
        assert text == alone


def test_a_sample_does_not_depend_on_how_many_there_are(tokenizer: HuggingFaceTokenizer) -> None:
    model = build(tokenizer)
    five = generate_texts(model, tokenizer, "", replace(SAMPLED, num_samples=5))
    assert generate_texts(model, tokenizer, "", replace(SAMPLED, num_samples=2)) == five[:2]


def test_the_same_seed_writes_the_same_and_no_seed_something_else(tokenizer: HuggingFaceTokenizer) -> None:
    model = build(tokenizer)
    before = torch.random.get_rng_state()
    assert generate_text(model, tokenizer, "", SAMPLED) == generate_text(model, tokenizer, "", SAMPLED)
    unseeded = replace(SAMPLED, seed=None, top_k=None, top_p=None, temperature=5.0)
    assert generate_text(model, tokenizer, "", unseeded) != generate_text(model, tokenizer, "", unseeded)
    assert torch.equal(torch.random.get_rng_state(), before), "nobody else's chance is touched"


def test_pieces_are_the_text(tokenizer: HuggingFaceTokenizer) -> None:
    """Random tokens of a byte-level vocabulary: broken characters everywhere."""
    pieces: list[str] = []
    settings = replace(SAMPLED, temperature=3.0, top_k=None, top_p=None, nonstop=True, max_new_tokens=60)
    text = generate_text(build(tokenizer), tokenizer, "", settings, on_text=pieces.append)
    assert "".join(pieces) == text
    assert "�" in text


@pytest.mark.parametrize("role", ["end_of_text", "im_end"])
def test_an_end_marker_ends_the_text_and_is_not_shown(role: str, tokenizer: HuggingFaceTokenizer) -> None:
    fox = tokenizer.encode("The fox")
    completion = complete(script(tokenizer, *fox, tokenizer.specials.ids[role], fox[0]), tokenizer, "", SAMPLED)
    assert (completion.text, completion.ended_by, completion.n_tokens) == ("The fox", "end_of_text", len(fox) + 1)


def test_a_stop_string_ends_the_text(tokenizer: HuggingFaceTokenizer) -> None:
    words = tokenizer.encode("The fox went home. The owl")
    settings = replace(SAMPLED, stop=["zebra", "t home"])
    completion = complete(script(tokenizer, *words), tokenizer, "", settings)
    assert (completion.text, completion.ended_by) == ("The fox wen", "stop")


def test_max_new_tokens_ends_the_text_and_what_was_held_back_is_shown(tokenizer: HuggingFaceTokenizer) -> None:
    words = tokenizer.encode("The fox")
    settings = replace(SAMPLED, max_new_tokens=len(words), stop=["fox!"])
    completion = complete(script(tokenizer, *words), tokenizer, "", settings)
    assert (completion.text, completion.ended_by, completion.n_tokens) == ("The fox", "max_new_tokens", len(words))


def test_the_end_of_the_context_is_said(tokenizer: HuggingFaceTokenizer) -> None:
    said: list[str] = []
    a = tokenizer.encode("a")
    prefix = prompt_ids(tokenizer, "The fox")
    completion = complete(
        script(tokenizer, *a), tokenizer, "The fox", replace(SAMPLED, max_new_tokens=99), say=said.append
    )
    assert completion.ended_by == "context"
    assert completion.n_tokens == CONTEXT - len(prefix) + 1  # the last one need not be read any more
    assert said == ["the context of 24 tokens is full; --nonstop goes on"]


def test_nonstop_rolls_on_with_the_newer_half(tokenizer: HuggingFaceTokenizer) -> None:
    letters = [tokenizer.encode(letter)[0] for letter in "abcdefghij"] * 8
    model = script(tokenizer, *letters)
    settings = replace(SAMPLED, max_new_tokens=70, nonstop=True)
    completion = complete(model, tokenizer, "", settings)
    assert completion.text == ("abcdefghij" * 7)
    assert completion.ended_by == "max_new_tokens"
    rolled = [ids for ids in model.read[1:] if len(ids) > 1]
    assert [len(ids) for ids in rolled] == [CONTEXT // 2] * 4
    for ids in rolled:  # each is the end of what was written before it
        start = letters.index(ids[0])
        assert ids == letters[start : start + CONTEXT // 2]


def test_nonstop_rolls_on_as_if_the_half_were_a_new_text(tokenizer: HuggingFaceTokenizer) -> None:
    """A real model: after the roll, tokens are those of the slow twin that begins with the kept half."""
    model = build(tokenizer)
    greedy = GenerationConfig(temperature=0.0, max_new_tokens=CONTEXT + 8, nonstop=True)
    written = [tokens[0] for tokens in stream_tokens(model, tokenizer, "", greedy, [0], quiet)]
    kept = written[CONTEXT - CONTEXT // 2 : CONTEXT]  # the context held <|endoftext|> and all but the last of these
    assert kept + written[CONTEXT : CONTEXT + 8] == slow_ids(model, kept, replace(greedy, max_new_tokens=8), 0)


def test_nonstop_writes_on_after_the_end_of_a_text(tokenizer: HuggingFaceTokenizer) -> None:
    fox, end = tokenizer.encode("fox"), tokenizer.specials.ids["end_of_text"]
    settings = replace(SAMPLED, nonstop=True, max_new_tokens=2 * len(fox) + 1)
    completion = complete(script(tokenizer, *fox, end, *fox), tokenizer, "", settings)
    assert completion.text == f"fox{TEXT_BORDER}fox"


def test_a_prompt_longer_than_the_context_keeps_its_end(tokenizer: HuggingFaceTokenizer) -> None:
    prompt = "fox " * 60
    ids = prompt_ids(tokenizer, prompt)
    for max_new_tokens, kept in ((4, CONTEXT - 4), (500, CONTEXT // 2)):
        said: list[str] = []
        model = script(tokenizer, ids[-1])
        complete(model, tokenizer, prompt, replace(SAMPLED, max_new_tokens=max_new_tokens), say=said.append)
        assert model.read[0] == ids[-kept:]
        assert said[0] == f"the prompt has {len(ids)} tokens and the context 24: only its last {kept} are read"


def test_a_prompt_that_fills_the_context_still_gets_a_token(tokenizer: HuggingFaceTokenizer) -> None:
    prompt = "a" * (CONTEXT - 1)
    assert len(prompt_ids(tokenizer, prompt)) == CONTEXT
    completion = complete(script(tokenizer, *tokenizer.encode("b")), tokenizer, prompt, SAMPLED)
    assert (completion.text, completion.ended_by) == ("b", "context")


def test_prompts_begin_with_end_of_text_and_their_markers_stay_text(tokenizer: HuggingFaceTokenizer) -> None:
    specials = set(tokenizer.specials.ids.values())
    ids = prompt_ids(tokenizer, "<|im_start|>user\n<|endoftext|>")
    assert ids[0] == tokenizer.specials.ids["end_of_text"]
    assert not specials & set(ids[1:])
    assert tokenizer.decode(ids[1:]) == "<|im_start|>user\n<|endoftext|>"
    assert prompt_ids(tokenizer, "") == ids[:1]


def test_ids_beyond_the_tokenizer_are_never_written(tokenizer: HuggingFaceTokenizer) -> None:
    """Published models often have more embedding rows than tokens."""
    model = build(tokenizer, extra_rows=2000)
    settings = GenerationConfig(temperature=50.0, max_new_tokens=300, seed=1, nonstop=True)
    for (token,) in stream_tokens(model, tokenizer, "", settings, [0], quiet):
        assert token < tokenizer.vocab_size


def test_the_model_writes_without_dropout_and_stays_in_its_mode(tokenizer: HuggingFaceTokenizer) -> None:
    model = build(tokenizer)
    expected = generate_text(model, tokenizer, "", SAMPLED)
    dropping = Transformer(replace(model.config, dropout=0.5)).train()
    dropping.load_state_dict(model.state_dict())
    assert generate_text(dropping, tokenizer, "", SAMPLED) == expected
    assert dropping.training
    assert dropping.blocks[0].training
    generate_text(model, tokenizer, "", SAMPLED)
    assert not model.training


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
def test_half_precision_writes(dtype: torch.dtype, tokenizer: HuggingFaceTokenizer) -> None:
    model = build(tokenizer).to(dtype)
    assert new_cache(model, 1).keys.dtype == dtype
    exact = next_logits(build(tokenizer), [[1, 5, 9]], new_cache(build(tokenizer), 1))
    halved = next_logits(model, [[1, 5, 9]], new_cache(model, 1))
    torch.testing.assert_close(halved.float(), exact, atol=0.1 * float(exact.std()), rtol=0)
    assert complete(model, tokenizer, "The fox", SAMPLED).n_tokens > 0


def test_numbers_that_overflow_are_an_error_and_not_a_text(tokenizer: HuggingFaceTokenizer) -> None:
    model = build(tokenizer)
    with torch.no_grad():
        model.head.weight.mul_(1e5)
    with pytest.raises(UserError, match=r"overflow in float16.*--dtype"):
        generate_text(model.half(), tokenizer, "", SAMPLED)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("temperature", -0.1),
        ("temperature", float("nan")),
        ("temperature", float("inf")),
        ("top_k", -1),
        ("top_p", 0.0),
        ("top_p", 1.5),
        ("max_new_tokens", 0),
        ("num_samples", 0),
    ],
)
def test_a_value_that_cannot_work_is_named(key: str, value: float) -> None:
    with pytest.raises(UserError, match=f"{key} is {value}; it must be"):
        check_generation(replace(GenerationConfig(), **{key: value}))


def test_what_a_bundle_recommends_comes_back(tokenizer: HuggingFaceTokenizer, tmp_path: Path) -> None:
    settings = GenerationConfig(max_new_tokens=7, temperature=0.5, top_k=12, top_p=0.9)
    save_bundle(build(tokenizer), tokenizer, tmp_path, generation=vars(settings))
    assert load_generation(tmp_path) == settings
    save_bundle(build(tokenizer), tokenizer, tmp_path, generation={"temperature": 0.0})
    assert load_generation(tmp_path).temperature == 0.0


def test_a_folder_that_recommends_nothing_gets_our_defaults(tmp_path: Path) -> None:
    assert load_generation(tmp_path) == GenerationConfig()
    (tmp_path / "generation_config.json").write_text('{"_from_model_config": true, "eos_token_id": 50256}')
    assert load_generation(tmp_path) == GenerationConfig()


@pytest.mark.parametrize("content", ["[]", '{"temperature": "hot"}', '{"top_p": 3}', "{"])
def test_a_damaged_recommendation_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / "generation_config.json").write_text(content)
    with pytest.raises(UserError, match=r"generation_config\.json"):
        load_generation(tmp_path)


def test_the_recommendation_is_what_transformers_reads(tokenizer: HuggingFaceTokenizer, tmp_path: Path) -> None:
    save_bundle(build(tokenizer), tokenizer, tmp_path, generation={"temperature": 0.7, "top_k": None, "top_p": None})
    saved = json.loads((tmp_path / "generation_config.json").read_text())
    assert (saved["top_k"], saved["top_p"], saved["do_sample"]) == (0, 1.0, True)
    assert load_generation(tmp_path) == GenerationConfig(temperature=0.7)
