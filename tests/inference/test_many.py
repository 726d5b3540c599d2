"""Many prompts side by side: each gets what it would get alone."""

import pytest
import torch

from groundup.inference.generation import GenerationConfig, complete
from groundup.inference.many import complete_many
from groundup.model.config import ModelConfig
from groundup.model.initialisation import initialise
from groundup.model.transformer import Transformer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.utils.errors import UserError


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_each_prompt_is_completed_as_it_would_be_alone(temperature: float) -> None:
    tokenizer = train_tokenizer(["The fox went home. The owl said: good night! "], TokenizerConfig(vocab_size=300))
    model = initialise(Transformer(ModelConfig("gpt2", 300, 64, n_layer=2, n_head=2, n_embd=32)), seed=1)
    settings = GenerationConfig(max_new_tokens=20, temperature=temperature, seed=5)
    generator = torch.Generator().manual_seed(2)
    prompts = [torch.randint(0, 256, (1 + 3 * number,), generator=generator).tolist() for number in range(20)]
    said: list[str] = []
    found = complete_many(model, tokenizer, prompts, settings, told_every=8, say=said.append)
    assert said == ["8 of 20 written", "16 of 20 written"]
    alone = [complete(model, tokenizer, ids, settings, sample=number) for number, ids in enumerate(prompts)]
    assert [one.text for one in found] == [one.text for one in alone]
    assert [(one.n_tokens, one.ended_by) for one in found] == [(one.n_tokens, one.ended_by) for one in alone]
    assert complete_many(model, tokenizer, [], settings) == []
    with torch.no_grad():
        model.embed.weight.fill_(float("nan"))
    with pytest.raises(UserError, match="weights are damaged"):
        complete_many(model, tokenizer, prompts[:2], settings)
