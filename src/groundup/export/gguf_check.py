"""Proof of a GGUF file: llama.cpp runs it, and what it computes is compared with our own model.

ids            of lines with emoji, CJK, code and white space, and of a conversation through the chat template
log p          of every token after each prompt, against our model holding the weights as the file rounds them
greedy text    after each prompt; where it differs, our two likeliest tokens must be as close as rounding
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from groundup.export.gguf_file import encode_tensor, import_gguf
from groundup.export.llama_cpp import Questions, ask
from groundup.export.parting import next_log_probabilities, parting
from groundup.export.probes import CONVERSATIONS, LINES, PROMPTS
from groundup.inference.generation import end_ids
from groundup.model.transformer import Transformer
from groundup.tokenizer.chat_format import render
from groundup.tokenizer.interface import Tokenizer
from groundup.utils.errors import UserError

NEW_TOKENS = 32
TOLERANCE = {"f32": 0.001, "f16": 0.02, "bf16": 0.1, "q8_0": 0.25}
"""Largest difference of a log-probability in nats, relative to the spread of all of them where that is above one.
llama.cpp rounds activations to the type of the weights in each product."""
GELU_TOLERANCE = 0.01  # its GELU is a table in f16


@dataclass(frozen=True)
class Proof:
    """What was compared."""

    lines: int
    prompts: int
    largest_difference: float  # nats
    tolerance: float
    greedy_tokens: int
    near_ties: int  # prompts whose greedy text parted at two tokens that are as close as rounding
    conversations: int

    def describe(self) -> str:
        """As one line."""
        ties = f" ({self.near_ties} parted at a near tie)" if self.near_ties else ""
        return (
            f"verified with llama.cpp: ids of {self.lines} lines equal, log-probabilities within "
            f"{self.largest_difference:.1g} nats, greedy text after {self.prompts} prompts equal{ties}, "
            "chat template equal"
        )


def check_gguf(
    path: Path, model: Transformer, tokenizer: Tokenizer, dtype: str, *, lines: Sequence[str] = LINES
) -> Proof:
    """Run the file and compare. Raises UserError naming the first thing that is not equal."""
    context = model.config.block_size
    prompts = [_fitting(tokenizer.encode(prompt, add_special_tokens=True), context) for prompt in PROMPTS]
    new_tokens = max(1, min(NEW_TOKENS, context - max(map(len, prompts))))
    answers = ask(
        Questions(
            str(path),
            context,
            model.config.vocab_size,
            next(id for id in range(tokenizer.vocab_size) if tokenizer.token_bytes(id).isalpha()),
            lines=list(lines),
            prompts=prompts,
            new_tokens=new_tokens,
            conversations=[
                [{"role": m["role"], "content": m["content"]} for m in messages] for messages in CONVERSATIONS
            ],
        )
    )
    for line, found in zip(lines, answers.line_ids, strict=True):
        _require(found == tokenizer.encode(line, add_special_tokens=True), path, f"the ids of {line!r} differ")
    for messages, found in zip(CONVERSATIONS, answers.conversation_ids, strict=True):
        expected, _ = render(messages, tokenizer, add_generation_prompt=True)
        _require(found == expected, path, f"the chat template gives other ids for {messages!r}")
    twin = rounded_twin(model, dtype)
    worst, ties = 0.0, 0
    tolerance = TOLERANCE[dtype]
    if model.config.activation in ("gelu", "gelu_tanh"):
        tolerance = max(tolerance, GELU_TOLERANCE)
    for number, prompt in enumerate(prompts):
        theirs = torch.tensor(answers.log_probabilities[number])
        difference, limit = compare_log_probabilities(next_log_probabilities(twin, prompt), theirs, tolerance)
        worst = max(worst, difference)
        _require(difference <= limit, path, f"log-probabilities differ by {difference:.3g} nats (limit {limit:.3g})")
        near = 2 * max(difference, limit / 10)
        written = answers.continuations[number]
        _require(
            len(written) == new_tokens or written[-1:] in ([id] for id in end_ids(tokenizer)), path, "it stops early"
        )
        place = parting(twin, tokenizer, prompt, written, near)
        _require(place is not False, path, f"greedy text after {PROMPTS[number]!r} differs")
        ties += place is not None
    return Proof(len(lines), len(prompts), worst, tolerance, new_tokens, ties, len(CONVERSATIONS))


def compare_log_probabilities(ours: Tensor, theirs: Tensor, tolerance: float) -> tuple[float, float]:
    """(largest difference in nats, limit). Tokens that either finds less likely than e^-30 are left aside."""
    counted = (ours > -30) & theirs.isfinite()
    spread = max(1.0, float(ours[counted].std()))
    return float((ours - theirs)[counted].abs().max()), tolerance * spread


def rounded_twin(model: Transformer, dtype: str) -> Transformer:
    """The model with its weights as the file holds them, in fp32. (The file stores the same rows in another order.)"""
    gguf = import_gguf()
    twin = Transformer(model.config)
    rounded = {}
    for name, value in model.state_dict().items():
        theirs = "position_embd.weight" if name == "position_embed.weight" else name
        data, kind, _ = encode_tensor(gguf, theirs, value.detach().cpu().float(), dtype)
        rounded[name] = torch.from_numpy(gguf.quants.dequantize(data, kind).copy()).view(value.shape)
    twin.load_state_dict(rounded)
    return twin.eval()


def _fitting(ids: list[int], context: int) -> list[int]:
    """The end of a prompt, with half of a short context left to write."""
    return ids[-max(1, context // 2) :]


def _require(condition: bool, path: Path, difference: str) -> None:
    if not condition:
        raise UserError(f"{path} does not compute what the model does: {difference}. The file is not fit for use.")
