"""Conversations become token files with a loss mask: rendered, fitted to the context, packed into rows.

    ids      <|endoftext|> user turn | assistant turn <|endoftext|> user turn | assistant turn
    mask     . . . . . . . . . . . . . XXXXXXXXXXXX . . . . . . . . . . . . . XXXXXXXXXXXX . .
             conversation 1                         conversation 2             fits into the same row: room to spare

* A row holds whole conversations. Each begins with `<|endoftext|>`, which is where the loader begins a new segment:
  with document masks, packed conversations do not see each other. (The `<|endoftext|>` that closes a conversation is
  not trained, so it is not stored.)
* A conversation that is longer than the context loses its oldest turns, never a part of a reply: a reply without its
  end would teach the model not to stop. If its last exchange alone is too long, it is refused.
* Text from pretraining can be mixed in as rows of its own, every token of it counted.
* A preference is one row of twice the context: the conversation with the chosen reply, padded, and with the rejected
  one.
"""

import bisect
import hashlib
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from groundup.data.conversations import Conversation, Preference
from groundup.data.packing import Ints
from groundup.data.token_files import FORMAT_VERSION, TokenLedger, TokenMeta, TokenSet, disk_dtype, dtype_for, set_name
from groundup.tokenizer.chat_format import Message, render, without_oldest_turn
from groundup.tokenizer.interface import Tokenizer
from groundup.utils.files import fingerprint, open_atomic, sha256_file, write_json

METHOD = "chat"


@dataclass(frozen=True)
class Row:
    """Ids and loss mask of one conversation, or of a row of several."""

    ids: npt.NDArray[Any]  # (n,)
    mask: npt.NDArray[np.uint8]  # (n,), 1 where the token counts as a target
    conversations: int = 1


@dataclass
class FitReport:
    """What it took to fit conversations into the context."""

    conversations: int = 0
    rows: int = 0
    tokens: int = 0  # in the rows
    supervised: int = 0  # of these, what the assistant says
    shortened: int = 0  # conversations that lost their oldest turns
    turns_left_out: int = 0  # messages that were lost so
    tokens_left_out: int = 0
    too_long: int = 0  # conversations refused: their last exchange alone does not fit
    unsupervised: int = 0  # conversations refused: no token of them is learned

    def describe(self) -> str:
        """As one line."""
        return (
            f"{self.conversations:,} conversations in {self.rows:,} rows, {self.tokens:,} tokens, "
            f"{self.supervised:,} of them the assistant's. {self.shortened:,} conversations lost their oldest turns "
            f"({self.turns_left_out:,} messages, {self.tokens_left_out:,} tokens); refused: {self.too_long:,} whose "
            f"last exchange is longer than the context, {self.unsupervised:,} without a token to learn"
        )


def encode(messages: Sequence[Message], tokenizer: Tokenizer) -> Row:
    """One conversation as it is stored: without the `<|endoftext|>` that closes it, which nothing is learned from."""
    ids, mask = render(messages, tokenizer)
    end = tokenizer.specials.ids["end_of_text"]
    if len(ids) > 1 and ids[-1] == end and not mask[-1]:
        ids, mask = ids[:-1], mask[:-1]
    return Row(np.array(ids, dtype_for(tokenizer.vocab_size)), np.array(mask, np.uint8))


def fit(messages: Sequence[Message], tokenizer: Tokenizer, limit: int, report: FitReport) -> Row | None:
    """A conversation of at most `limit` tokens: without its oldest turns, if need be. None if it is refused."""
    whole = row = encode(messages, tokenizer)
    kept = list(messages)
    if len(row.ids) > limit:
        shorter = shortened(kept)
        # Each is shorter than the one before it: found in a few steps, where one by one would take as many as turns.
        first = bisect.bisect_left(shorter, -limit, key=lambda rest: -len(encode(rest, tokenizer).ids))
        kept = shorter[first] if first < len(shorter) else []
        row = encode(kept, tokenizer) if kept else whole
    if not any(message["role"] == "assistant" for message in kept):
        report.too_long += 1
        return None
    if not row.mask[1:].any():
        report.unsupervised += 1
        return None
    if len(kept) < len(messages):
        report.shortened += 1
        report.turns_left_out += len(messages) - len(kept)
        report.tokens_left_out += len(whole.ids) - len(row.ids)
    report.conversations += 1
    report.supervised += int(row.mask.sum())
    return row


def shortened(messages: list[Message]) -> list[list[Message]]:
    """The conversation without its oldest turn, without its two oldest, and so on."""
    found: list[list[Message]] = []
    rest = without_oldest_turn(messages)
    while rest is not None:
        found.append(rest)
        rest = without_oldest_turn(rest)
    return found


def pack(rows: Sequence[Row], limit: int) -> list[Row]:
    """Put whole conversations together into rows of at most `limit` tokens: the longest first, each where least room
    is left over (best fit, decreasing). The same rows for the same conversations."""
    order = sorted(range(len(rows)), key=lambda number: (-len(rows[number].ids), number))
    bins: list[list[int]] = []
    by_room: dict[int, list[int]] = defaultdict(list)  # room left -> bins
    rooms: list[int] = []  # the keys of by_room, ascending
    for number in order:
        size = len(rows[number].ids)
        at = bisect.bisect_left(rooms, size)
        if at < len(rooms):
            room = rooms[at]
            chosen = by_room[room].pop()
            if not by_room[room]:
                del by_room[room], rooms[at]
        else:
            room, chosen = limit, len(bins)
            bins.append([])
        bins[chosen].append(number)
        if room - size not in by_room:
            bisect.insort(rooms, room - size)
        by_room[room - size].append(chosen)
    return [join([rows[number] for number in members]) for members in bins]


def join(rows: Sequence[Row]) -> Row:
    """Several conversations as one row."""
    return Row(np.concatenate([r.ids for r in rows]), np.concatenate([r.mask for r in rows]), len(rows))


def conversation_rows(
    conversations: Iterable[Conversation], tokenizer: Tokenizer, context: int, *, learn_all: bool = False
) -> tuple[list[Row], FitReport]:
    """The packed rows of conversations, and what became of them.

    learn_all: the user's words count, too, as in pretraining; only how a conversation opens does not, so that a model
    which begins on an empty page goes on beginning with text.
    """
    report = FitReport()
    fitted = [row for one in conversations if (row := fit(one.messages, tokenizer, context, report)) is not None]
    rows = pack([opened(row) for row in fitted] if learn_all else fitted, context)
    report.rows, report.tokens = len(rows), sum(len(row.ids) for row in rows)
    return rows, report


def opened(row: Row) -> Row:
    """The conversation with every token counted behind `<|endoftext|><|im_start|>`."""
    mask = np.ones_like(row.mask)
    mask[:2] = 0
    return Row(row.ids, mask, row.conversations)


def preference_rows(pairs: Iterable[Preference], tokenizer: Tokenizer, context: int) -> tuple[list[Row], FitReport]:
    """One row of 2 * context tokens a pair: chosen and rejected, each padded. Both lose the same oldest turns."""
    report = FitReport()
    rows = []
    pad = tokenizer.specials.ids["pad"]
    for pair in pairs:
        prompt: list[Message] | None = pair.prompt
        while prompt is not None:
            sides = [encode([*prompt, pair.with_reply(r)[-1]], tokenizer) for r in (pair.chosen, pair.rejected)]
            if max(len(side.ids) for side in sides) <= context:
                break
            prompt = without_oldest_turn(prompt)
        if prompt is None:
            report.too_long += 1
            continue
        report.shortened += len(prompt) < len(pair.prompt)
        report.turns_left_out += len(pair.prompt) - len(prompt)
        rows.append(join([last_reply_only(side, context, pad) for side in sides]))
        report.conversations += 1
        report.supervised += int(rows[-1].mask.sum())
    report.rows, report.tokens = len(rows), sum(len(row.ids) for row in rows)
    return rows, report


def last_reply_only(row: Row, context: int, pad_id: int) -> Row:
    """Padded to `context`; of the replies, only the last one counts: the others are the same on both sides."""
    supervised = np.flatnonzero(row.mask)
    breaks = np.flatnonzero(np.diff(supervised) > 1)
    first = supervised[breaks[-1] + 1] if len(breaks) else supervised[0]
    mask = np.where(np.arange(len(row.mask)) >= first, row.mask, 0).astype(np.uint8)
    fill = context - len(row.ids)
    ids = np.pad(row.ids, (0, fill), constant_values=pad_id)
    return Row(ids, np.pad(mask, (0, fill)))


def replay_rows(sets: Sequence[TokenSet], count: int, context: int, seed: int) -> list[Row]:
    """`count` spans of `context` tokens from pretraining's token files, drawn evenly; none twice while there are more.

    Every token but a span's first counts: it is pretraining's own loss, on text that the model has learned from.
    """
    spans = [(token_set, start) for token_set in sets for start in range(0, token_set.meta.tokens - context, context)]
    if not spans:
        return []
    chance = np.random.default_rng(seed)
    chosen = chance.choice(len(spans), size=count, replace=count > len(spans))
    rows = []
    for number in sorted(int(index) for index in chosen):
        token_set, start = spans[number]
        ids = np.array(token_set.tokens[start : start + context])
        mask = np.ones(len(ids), np.uint8)
        mask[0] = 0
        rows.append(Row(ids, mask, conversations=0))
    return rows


def file_sources(files: Iterable[Path]) -> list[dict[str, Any]]:
    """The files that rows are made from, as their .meta.json names them."""
    return [{"path": str(file), "sha256": sha256_file(file)} for file in files]


def write_rows(
    rows: Sequence[Row],
    folder: Path,
    basename: str,
    split: str,
    *,
    tokenizer: Tokenizer,
    seq_len: int,
    sources: list[dict[str, Any]],
) -> TokenSet:
    """Write rows as token files with a loss mask; the .meta.json goes last, so that the set exists whole or not."""
    dtype = disk_dtype(dtype_for(tokenizer.vocab_size))
    offsets: Ints = np.cumsum([0, *(len(row.ids) for row in rows)], dtype=np.int64)
    contents = {
        "bin": np.concatenate([row.ids for row in rows]).astype(dtype).tobytes(),
        "idx": offsets.astype("<u8").tobytes(),
        "mask": np.concatenate([row.mask for row in rows]).astype(np.uint8).tobytes(),
    }
    moment = datetime.now(timezone.utc)
    name = set_name(basename, split, seq_len, time.strftime("%Y%m%d-%H%M%S", moment.timetuple()))
    files = {}
    for suffix, content in contents.items():
        path = folder / f"{name}.{suffix}"
        with open_atomic(path, "wb") as f:
            f.write(content)
        files[suffix] = {"size_bytes": len(content), "checksum": sha256_file(path)}
    hashes = {suffix: hashlib.sha256(content).hexdigest() for suffix, content in contents.items()}
    kept = int(offsets[-1])
    meta = TokenMeta(
        format_version=FORMAT_VERSION,
        split=split,
        method=METHOD,
        seq_len=seq_len,
        tokenizer_fingerprint=tokenizer.fingerprint,
        tokenizer_path="",
        vocab_size=tokenizer.vocab_size,
        end_of_text_id=tokenizer.specials.ids["end_of_text"],
        pad_id=tokenizer.specials.ids["pad"],
        sources=sources,
        documents=sum(row.conversations for row in rows),
        rows=len(rows),
        tokens=kept,
        bytes=int(tokenizer.token_byte_lengths[np.frombuffer(contents["bin"], dtype).astype(np.int64)].sum()),
        dtype=dtype.name,
        files=files,
        content_fingerprint=fingerprint({"split": split, "method": METHOD, "seq_len": seq_len,
                                         "tokenizer": tokenizer.fingerprint, **hashes}),
        split_rule={},
        ledger=TokenLedger(read=kept, kept=kept),
        created=moment.isoformat(timespec="seconds"),
    )  # fmt: skip
    write_json(folder / f"{name}.meta.json", meta.to_dict())
    return TokenSet(folder, name, meta, "bin")
