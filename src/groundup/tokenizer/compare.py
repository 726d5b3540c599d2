"""What sets tokenizers apart on the same text: how many tokens it becomes, what markers cost, whether it comes back."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from groundup.tokenizer.chat_format import Message, check_messages, render
from groundup.tokenizer.interface import Tokenizer
from groundup.utils.errors import UserError

ROUND_TRIPS: Final = {
    "apostrophes": "It's the dogs' bone, isn't it? ‘It’s’ — “don’t”, rock 'n' roll",
    "emoji": "🦊🌊 👩‍👩‍👧 🏳️‍🌈 👍🏽 ✅ ❤️",
    "CJK": "我们一起去看海吧。吾輩は猫である。그는 바다로 갔다.",
    "white space": "  two\tspaces \n\n\n    indented\r\n trailing  ",
}
"""Texts that tokenizers are known to damage, by what they hold."""

_BATCH: Final = 256


@dataclass
class MarkerSaving:
    """Tokens of the same conversations with the markers of the chat format as one token each, and as plain text."""

    conversations: int = 0
    single_tokens: int = 0
    spelled_tokens: int = 0

    @property
    def share(self) -> float:
        """Share of the tokens that single markers save, 0 to 1."""
        return 1 - self.single_tokens / self.spelled_tokens if self.spelled_tokens else 0.0

    def add(self, messages: Sequence[Message], tokenizer: Tokenizer) -> None:
        """Count one conversation. Spelled out are the markers of the turns; `<|endoftext|>` is a token either way."""
        ids, _ = render(messages, tokenizer)
        special = tokenizer.specials.ids
        ends_of_text = sum(id == special["end_of_text"] for id in ids)
        self.conversations += 1
        self.single_tokens += len(ids)
        self.spelled_tokens += ends_of_text + len(tokenizer.encode(spelled_out(messages)))


def spelled_out(messages: Sequence[Message]) -> str:
    """The turns of a conversation as the text of the chat format."""
    return "".join(f"<|im_start|>{message['role']}\n{message['content']}<|im_end|>\n" for message in messages)


@dataclass
class Comparison:
    """The row of one tokenizer."""

    name: str
    vocab_size: int
    documents: int = 0
    text_bytes: int = 0
    tokens: int = 0
    round_trips: dict[str, bool] = field(default_factory=dict)
    """For each of `ROUND_TRIPS`: does the text come back exactly?"""
    markers: MarkerSaving = field(default_factory=MarkerSaving)

    @property
    def bytes_per_token(self) -> float:
        """Bytes of text that one token stands for, on average."""
        return self.text_bytes / self.tokens if self.tokens else 0.0

    @property
    def tokens_per_document(self) -> float:
        """Tokens that a document becomes, on average, without the `<|endoftext|>` before it."""
        return self.tokens / self.documents if self.documents else 0.0

    def to_dict(self) -> dict[str, Any]:
        """All figures, for JSON; those of text or conversations only where there were any."""
        row: dict[str, Any] = {"name": self.name, "vocab_size": self.vocab_size, "round_trips": self.round_trips}
        if self.documents:
            row |= {"bytes_per_token": self.bytes_per_token, "tokens_per_document": self.tokens_per_document}
            row |= {"documents": self.documents, "text_bytes": self.text_bytes, "tokens": self.tokens}
        if self.markers.conversations:
            row |= {"conversations": self.markers.conversations, "marker_saving": self.markers.share}
            row |= {"single_tokens": self.markers.single_tokens, "spelled_tokens": self.markers.spelled_tokens}
        return row


def compare(
    tokenizers: Mapping[str, Tokenizer],
    texts: Iterable[str] = (),
    conversations: Iterable[Sequence[Message]] = (),
    *,
    most_bytes: int | None = None,
) -> list[Comparison]:
    """Run every tokenizer over the same texts and conversations, each read once and in constant memory.

    `most_bytes` ends the reading of texts after so many bytes.
    """
    rows = [Comparison(name, tokenizer.vocab_size) for name, tokenizer in tokenizers.items()]
    for row, tokenizer in zip(rows, tokenizers.values(), strict=True):
        for content, text in ROUND_TRIPS.items():
            row.round_trips[content] = tokenizer.decode(tokenizer.encode(text)) == text
    remaining = iter(texts)
    while batch := list(islice(remaining, _BATCH)):
        size = sum(len(text.encode("utf-8", "replace")) for text in batch)
        for row, tokenizer in zip(rows, tokenizers.values(), strict=True):
            row.documents += len(batch)
            row.text_bytes += size
            row.tokens += sum(len(ids) for ids in tokenizer.encode_batch(batch))
        if most_bytes is not None and rows[0].text_bytes >= most_bytes:
            break
    for messages in conversations:
        for row, tokenizer in zip(rows, tokenizers.values(), strict=True):
            row.markers.add(messages, tokenizer)
    return rows


def read_conversations(path: Path) -> Iterator[list[Message]]:
    """Conversations of a .jsonl file, one `{"messages": [...]}` a line. Raises UserError with the line of a bad one."""
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, start=1):
            if not line.strip():
                continue
            try:
                messages = json.loads(line)["messages"]
                check_messages(messages)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise UserError(
                    f'{path}, line {number}: not a conversation {{"messages": [...]}} ({error}).'
                ) from error
            yield messages


def table(rows: Sequence[Comparison]) -> list[list[str]]:
    """The comparison as cells: first the headings, then one line for each tokenizer."""
    with_text = any(row.documents for row in rows)
    with_chat = any(row.markers.conversations for row in rows)
    lines = [
        ["tokenizer", "vocabulary"]
        + ["bytes per token", "tokens per document"] * with_text
        + ["markers as one token", "spelled out", "saved"] * with_chat
        + list(ROUND_TRIPS)
    ]
    for row in rows:
        markers = row.markers
        lines.append(
            [row.name, f"{row.vocab_size:,}"]
            + [f"{row.bytes_per_token:.3f}", f"{row.tokens_per_document:,.1f}"] * with_text
            + [f"{markers.single_tokens:,}", f"{markers.spelled_tokens:,}", f"{markers.share:.1%}"] * with_chat
            + ["exact" if row.round_trips[content] else "changed" for content in ROUND_TRIPS]
        )
    return lines


def plot(rows: Sequence[Comparison], path: Path) -> None:
    """Draw bytes per token, and the saving of markers where it was measured, as bars. Needs matplotlib."""
    panels = [("bytes per token", [row.bytes_per_token for row in rows])] * any(row.documents for row in rows)
    panels += [("tokens saved by markers (%)", [100 * row.markers.share for row in rows])] * any(
        row.markers.conversations for row in rows
    )
    if not panels:
        raise UserError("There is nothing to plot without text. Give --input-file or --chat-file.")
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise UserError("The plot needs the package matplotlib: pip install matplotlib.") from error
    width = 4 * len(panels) + 0.1 * max(len(row.name) for row in rows)
    figure = Figure(figsize=(width, 1.5 + 0.5 * len(rows)), layout="constrained")
    all_axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, (title, values) in zip(all_axes, panels, strict=True):
        axes.bar_label(axes.barh([row.name for row in rows], values), fmt="%.2f", padding=3)
        axes.set_title(title)
        axes.margins(x=0.2)
    all_axes[0].invert_yaxis()
    try:
        figure.savefig(path)
    except ValueError as error:  # matplotlib names the formats that it knows
        raise UserError(f"{path} cannot be drawn: {error}.") from error
