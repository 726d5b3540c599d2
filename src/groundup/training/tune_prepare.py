"""Everything before the first step of tuning: conversations -> token files with a loss mask, in the run folder.

checkpoints/<name>-chat/tokens/
  chat.train... .bin .idx .mask .meta.json     conversations, packed
  text.train...                                spans of the pretraining text
  chat.val...                                  held-out conversations
  held_out.jsonl                               the same as text, for evaluation and for people
  prepared.json                                what all this was made from, written last
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from groundup.data.builtin.dialogues import generate_dialogues
from groundup.data.chat_tokens import (
    METHOD,
    FitReport,
    Row,
    conversation_rows,
    file_sources,
    preference_rows,
    replay_rows,
    write_rows,
)
from groundup.data.conversation_rows import RowReport, expand, read_conversations, read_preferences
from groundup.data.conversations import Conversation, Preference
from groundup.data.split import choose_rule
from groundup.data.token_files import TokenSet, find_token_sets
from groundup.tokenizer.chat_format import Message
from groundup.tokenizer.huggingface import HuggingFaceTokenizer
from groundup.tokenizer.interface import Tokenizer
from groundup.training.config import Config, load_config
from groundup.training.prepare import Prepared
from groundup.utils.errors import UserError
from groundup.utils.files import fingerprint, open_atomic, read_json, sha256_file, write_json
from groundup.utils.progress import Say

BUILTIN_HELD_OUT = 400
TRAINING_TURNS = 10  # a passage that is read once teaches more when more is asked about it
LONGEST_DIALOGUE = 240  # tokens: where a context of 256 is full, the passage would be what goes first
KEPT_REPORT, HELD_OUT = "prepared.json", "held_out.jsonl"


Example = Conversation | Preference


@dataclass(frozen=True)
class Material:
    """What tuning learns from, and what it is judged by."""

    train: Sequence[Example]
    held_out: Sequence[Example]


def prepare_tuning(config: Config, tokenizer: HuggingFaceTokenizer, bundle: Path, folder: Path, say: Say) -> Prepared:
    """Make the token files of a tuning run, or take those that are there. Raises UserError when they were made of
    other conversations."""
    key = fingerprint(what_decides(config, tokenizer))
    recorded = folder / KEPT_REPORT
    if recorded.exists() and read_json(recorded)["key"] != key:
        raise UserError(
            f"{folder} was made from other conversations or with other settings of tuning (files, validation, "
            "pretraining_share, objective). Set them back, give another --out, or begin anew with --restart."
        )
    if not recorded.exists():
        say("1/2 conversations")
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.iterdir():  # of a start that was killed before it had finished
            leftover.unlink()
        report = write_material(config, tokenizer, bundle, folder, say)
        write_json(recorded, {"key": key, **report})
    say("2/2 training")
    sides = {
        split: find_token_sets(
            folder, split=split, method=METHOD, seq_len=row_size(config), tokenizer_fingerprint=tokenizer.fingerprint
        )
        for split in ("train", "val")
    }
    for token_set in (*sides["train"], *sides["val"]):
        token_set.verify(deep=True)
    return Prepared(tokenizer, bundle, sides["train"], sides["val"])


def row_size(config: Config) -> int:
    """Tokens in a row: the context, and for a pair of replies twice that."""
    return config.training.block_size * (2 if config.tuning.objective == "preferences" else 1)


def what_decides(config: Config, tokenizer: Tokenizer) -> dict[str, Any]:
    """Everything that the token files follow from."""
    tuning = config.tuning
    files = [tuning.validation] if isinstance(tuning.validation, str) else []
    return {
        "data": [[path.name, sha256_file(path)] for path in expand([*tuning.data, *files])],
        "validation": tuning.validation if not files else "file",
        "builtin": 0 if tuning.data else tuning.builtin_dialogues,
        "objective": tuning.objective,
        "pretraining_share": tuning.pretraining_share,
        "pretraining_tokens": tuning.pretraining_tokens,
        "context": config.training.block_size,
        "seed": config.training.seed,
        "tokenizer": tokenizer.fingerprint,
    }


def write_material(config: Config, tokenizer: Tokenizer, bundle: Path, folder: Path, say: Say) -> dict[str, Any]:
    """Read, divide, fit, pack, write; return the report."""
    tuning, context = config.tuning, config.training.block_size
    material = read_material(config, say)
    sources = file_sources(expand(tuning.data)) or [{"path": "built-in dialogues"}]
    report: dict[str, Any] = {}
    seq_len = row_size(config)
    for split, items in (("val", material.held_out), ("train", material.train)):
        rows, fitted = fit_rows(items, tokenizer, context)
        say(f"{'training' if split == 'train' else 'held out'}: {fitted.describe()}")
        if not rows:
            raise UserError(
                f"no conversation is left for {'training' if split == 'train' else 'validation'}: {fitted.describe()}. "
                "Give more or shorter conversations, or a model with a longer context."
            )
        write_rows(rows, folder, "chat", split, sources=sources, tokenizer=tokenizer, seq_len=seq_len)
        report[split] = vars(fitted)
    replayed = replay(config, tokenizer, bundle, len(rows), say)
    if replayed:
        text = [{"path": "pretraining text"}]
        write_rows(replayed, folder, "text", "train", sources=text, tokenizer=tokenizer, seq_len=seq_len)
    report["pretraining_rows"] = len(replayed)
    write_held_out(material.held_out, folder / HELD_OUT)
    return report


def fit_rows(items: Sequence[Example], tokenizer: Tokenizer, context: int) -> tuple[list[Row], FitReport]:
    """The rows of conversations or of preferences."""
    pairs = [one for one in items if isinstance(one, Preference)]
    if pairs:
        return preference_rows(pairs, tokenizer, context)
    return conversation_rows([one for one in items if isinstance(one, Conversation)], tokenizer, context)


def read_material(config: Config, say: Say) -> Material:
    """The conversations or preferences, divided by the hash of their content, or by a file that is all held out."""
    tuning = config.tuning
    if not tuning.data:
        seed = config.training.seed
        say(f"{tuning.builtin_dialogues:,} built-in dialogues; {BUILTIN_HELD_OUT} of combinations never trained on")
        return Material(
            builtin_dialogues(seed, tuning.builtin_dialogues, held_out=False),
            builtin_dialogues(seed, BUILTIN_HELD_OUT, held_out=True),
        )
    items, report = read(config, tuning.data, say)
    say(report.describe(len(items)))
    if isinstance(tuning.validation, str):
        held_out, _ = read(config, [tuning.validation], say)
        ids = {one.id for one in held_out}
        return Material([one for one in items if one.id not in ids], held_out)
    try:
        rule = choose_rule((one.id for one in items), tuning.validation)
    except UserError as error:
        raise UserError(
            f"tuning.validation={tuning.validation} of {len(items)} cannot be held out: it must lie between 0 and 1, "
            "and there must be at least two different conversations."
        ) from error
    return Material(
        [one for one in items if rule.side(one.id) == "train"], [one for one in items if rule.side(one.id) == "val"]
    )


def read(config: Config, paths: Sequence[str], say: Say) -> tuple[list[Example], RowReport]:
    """Conversations or preferences, as tuning.objective asks for."""
    if config.tuning.objective == "preferences":
        pairs, report = read_preferences(paths, say)
        return [*pairs], report
    conversations, report = read_conversations(paths, say)
    return [*conversations], report


def builtin_dialogues(seed: int, count: int, *, held_out: bool) -> list[Conversation]:
    """Dialogues of the built-in grammar, whose answers are known; in training, with as many questions as fit."""
    dialogues = generate_dialogues(seed, held_out=held_out, **({} if held_out else {"most_turns": TRAINING_TURNS}))
    found = []
    for one in islice(dialogues, count):
        messages, answers = one["messages"], one["answers"]
        while len(messages) > 2 and likely_tokens(messages) > LONGEST_DIALOGUE:
            messages, answers = messages[:-2], answers[:-1]
        found.append(Conversation([{"role": m["role"], "content": m["content"]} for m in messages], tuple(answers)))
    return found


def likely_tokens(messages: Sequence[Message]) -> float:
    """Rather too many for these dialogues, with markers, whatever the tokenizer: it may not be there yet."""
    return sum(0.27 * len(message["content"]) + 6 for message in messages)


def replay(config: Config, tokenizer: Tokenizer, bundle: Path, chat_rows: int, say: Say) -> list[Row]:
    """Rows of pretraining text: as many as make tuning.pretraining_share of all; none where that text is gone."""
    tuning = config.tuning
    if tuning.objective == "preferences" or not tuning.pretraining_share:
        return []
    sets = pretraining_sets(config, tokenizer, bundle)
    if not sets:
        say(
            "no text from pretraining is mixed in: its token files are not there (tuning.pretraining_tokens names "
            "them, tuning.pretraining_share=0 means none)"
        )
        return []
    count = max(1, round(chat_rows * tuning.pretraining_share / (1 - tuning.pretraining_share)))
    rows = replay_rows(sets, count, config.training.block_size, config.training.seed)
    say(f"mixed in against forgetting: {len(rows):,} rows of pretraining text ({tuning.pretraining_share:.0%})")
    return rows


def pretraining_sets(config: Config, tokenizer: Tokenizer, bundle: Path) -> list[TokenSet]:
    """The training token files of the run that the checkpoint comes from, or those that the configuration names."""
    named = config.tuning.pretraining_tokens
    saved = bundle.parent.parent / "config.yaml"  # <run>/step-00001000/model
    if named is None and not saved.is_file():
        return []
    folder = Path(named or str(load_config(saved).dataset.dir))
    sets = [one for one in find_token_sets(folder, split="train") if one.meta.method != METHOD]
    if named is not None and not sets:
        raise UserError(f"tuning.pretraining_tokens={named} holds no token files for training. Check the path.")
    fitting = [one for one in sets if one.meta.tokenizer_fingerprint == tokenizer.fingerprint]
    if len(fitting) < len(sets) and named is not None:
        raise UserError(f"the token files in {named} were made with another tokenizer than {bundle}. Name others.")
    return fitting


def write_held_out(items: Sequence[Example], path: Path) -> None:
    """The held-out conversations as text, for `groundup eval` and for people."""
    with open_atomic(path) as f:
        for one in items:
            if isinstance(one, Conversation):
                row: dict[str, Any] = {"messages": one.messages, **({"answers": one.answers} if one.answers else {})}
            else:
                row = {"prompt": one.prompt, "chosen": one.chosen, "rejected": one.rejected}
            f.write(json.dumps(row, ensure_ascii=False) + "\n")
