"""Greedy text of another program beside our own: where the two part, and whether rounding explains it."""

import torch
from torch import Tensor

from groundup.inference.generation import end_ids
from groundup.model.transformer import Transformer
from groundup.tokenizer.interface import Tokenizer


def parting(
    model: Transformer, tokenizer: Tokenizer, prompt: list[int], theirs: list[int], near: float
) -> int | bool | None:
    """Where another program's text leaves ours: None nowhere; the place, if both tokens are `near`; else False."""
    ends = end_ids(tokenizer)
    ids = list(prompt)
    for place, token in enumerate(theirs):
        log_p = next_log_probabilities(model, ids)
        best = int(log_p.argmax())
        if best != token:
            return place if float(log_p[best] - log_p[token]) <= near else False
        if token in ends:
            return None
        ids.append(token)
    return None


@torch.inference_mode()
def next_log_probabilities(model: Transformer, ids: list[int]) -> Tensor:
    """Log-probabilities of the next token, (V,)."""
    return model(torch.tensor([ids], device=model.embed.weight.device))[0, -1].float().log_softmax(-1).cpu()
