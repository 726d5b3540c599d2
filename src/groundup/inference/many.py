"""Many prompts at once, for measuring: the engine reads and writes them side by side."""

import queue
from collections.abc import Sequence
from functools import partial

import torch

from groundup.inference.engine import Engine
from groundup.inference.generation import Completion, GenerationConfig
from groundup.inference.requests import Progress, Request
from groundup.inference.stepper import open_stepper, room_for
from groundup.model.transformer import Transformer
from groundup.tokenizer.interface import Tokenizer
from groundup.utils.errors import UserError
from groundup.utils.progress import Say, quiet

SIDE_BY_SIDE = 16


def complete_many(
    model: Transformer,
    tokenizer: Tokenizer,
    prompts: Sequence[Sequence[int]],
    settings: GenerationConfig,
    *,
    told_every: int = 100,
    say: Say = quiet,
) -> list[Completion]:
    """The completion of each prompt: what `generation.complete` gives for it as that sample's number, up to rounding.

    prompts: ids, each shorter than the context. `say` hears of every `told_every`-th that is done.
    Raises UserError where a prompt cannot be read or the model's numbers overflow.
    """
    requests = [Request(tuple(ids), settings, sample=number) for number, ids in enumerate(prompts)]
    if not requests:
        return []
    room = room_for(model, min(SIDE_BY_SIDE, len(requests)))
    stepper = open_stepper(model, n_slots=room.n_slots, n_threads=torch.get_num_threads())
    engine = Engine(stepper, tokenizer, context=model.config.block_size, max_queue=len(requests))
    told: queue.SimpleQueue[tuple[int, Progress]] = queue.SimpleQueue()
    done: dict[int, Completion] = {}
    try:
        for number, request in enumerate(requests):
            # Each alone: together they would be taken for samples of one prompt, of which the later ones wait.
            engine.submit([request], partial(_tell, told, number))
        while len(done) < len(requests):
            number, progress = told.get()
            if progress.error:
                raise UserError(progress.error)
            if progress.completion is not None:
                done[number] = progress.completion
                if len(done) % told_every == 0:
                    say(f"{len(done)} of {len(requests)} written")
    finally:
        engine.close()
    return [done[number] for number in range(len(requests))]


def _tell(told: queue.SimpleQueue[tuple[int, Progress]], number: int, _: int, progress: Progress) -> None:
    told.put((number, progress))
