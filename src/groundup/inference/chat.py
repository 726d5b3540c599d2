"""A conversation as a model sees it: the prompt that fits its context, and the reply.

system | user 1 | assistant 1 | user 2 | assistant 2 | user 3 | ...room for the reply...
         ^^^^^^^^^^^^^^^^^^^^ these go first when the context is full; the system message and the last turn stay
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from groundup.inference.generation import GenerationConfig, complete
from groundup.model.transformer import Transformer
from groundup.tokenizer.chat_format import Message, render, without_oldest_turn
from groundup.tokenizer.interface import Tokenizer
from groundup.utils.errors import UserError

LEAST_ROOM_SHARE = 4
"""A quarter of the context is kept free for a reply that may be longer than that, before turns are left out."""


@dataclass(frozen=True)
class ChatPrompt:
    """What the model reads before it answers."""

    ids: list[int]  # ends with the header of the assistant's turn
    left_out: int  # oldest messages that did not fit
    room: int  # tokens of the context that are left for the reply, at least 1


@dataclass(frozen=True)
class Reply:
    """What the model said, and what it had read."""

    text: str
    n_tokens: int  # generated, the one that ended the reply included
    ended_by: str  # "end_of_text" (the model ended it) | "stop" | "max_new_tokens" | "context"
    prompt_tokens: int
    left_out: int  # oldest messages that did not fit into the context


def fit_prompt(messages: Sequence[Message], tokenizer: Tokenizer, *, context: int, max_new_tokens: int) -> ChatPrompt:
    """Render a conversation that waits for the assistant, without as many of its oldest turns as do not fit.

    Room is kept for max_new_tokens or a quarter of the context, whichever is less, as long as there are older turns
    to leave out. A turn goes whole: a user message with the replies to it. The system message stays.
    Raises UserError for what is no conversation and for a last message that fills the context by itself.
    """
    wanted = min(max_new_tokens, max(1, context // LEAST_ROOM_SHARE))
    kept = list(messages)
    ids, _ = render(kept, tokenizer, add_generation_prompt=True)
    while len(ids) + wanted > context:
        shorter = without_oldest_turn(kept)
        if shorter is None:
            break
        kept = shorter
        ids, _ = render(kept, tokenizer, add_generation_prompt=True)
    if len(ids) >= context:
        raise UserError(
            f"the last message (with the system message, if there is one) takes {len(ids):,} tokens and the model's "
            f"context is {context:,}: nothing is left for an answer. Shorten it."
        )
    return ChatPrompt(ids, len(messages) - len(kept), context - len(ids))


def answer(
    model: Transformer,
    tokenizer: Tokenizer,
    messages: Sequence[Message],
    settings: GenerationConfig,
    *,
    sample: int = 0,
    on_text: Callable[[str], None] = lambda text: None,
) -> Reply:
    """The model's reply to a conversation; `on_text` gets each piece as soon as it is certain.

    Raises UserError as `fit_prompt` does.
    """
    context = model.config.block_size
    prompt = fit_prompt(messages, tokenizer, context=context, max_new_tokens=settings.max_new_tokens)
    completion = complete(model, tokenizer, prompt.ids, settings, sample=sample, on_text=on_text)
    return Reply(completion.text, completion.n_tokens, completion.ended_by, len(prompt.ids), prompt.left_out)
