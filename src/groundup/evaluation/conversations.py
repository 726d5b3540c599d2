"""What a model answers: held-out conversations, before and after tuning.

The replies of the conversations are scored (bits per byte, every turn before them as it was), and the model answers the
same questions itself: do its replies end, do they repeat themselves, are they copied from the training text, and, where
the right answers are known, are they right. Beside it stand two answers that take no model:

majority    the most frequent answer of the training conversations, to every question
copy        the sentence of the conversation's first message that shares most words with the question
"""

import contextlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from groundup.data.chat_tokens import FitReport, Row, fit
from groundup.data.conversations import Conversation
from groundup.data.loader import Batch
from groundup.data.packing import IGNORED
from groundup.evaluation.bits_per_byte import Evaluation, evaluate
from groundup.evaluation.generation import self_repetition
from groundup.evaluation.memorisation import measure_memorisation
from groundup.evaluation.statistics import wilson_interval
from groundup.evaluation.suite import Subject, SuiteResult, table
from groundup.inference.chat import ChatPrompt, Reply, fit_prompt
from groundup.inference.generation import GenerationConfig
from groundup.inference.many import complete_many
from groundup.model.transformer import Transformer
from groundup.tokenizer.chat_format import Message
from groundup.tokenizer.interface import Tokenizer
from groundup.utils.errors import UserError
from groundup.utils.progress import Say

REPEATED_WORDS = 4
_WORD = re.compile(r"[\w']+")
_SENTENCE = re.compile(r"(?<=[.!?:])\s+")


@dataclass(frozen=True)
class Turn:
    """A question with all that was said before it, and what is known about its answer."""

    messages: list[Message]  # ends with the user's
    reference: str  # what the conversation's assistant said
    key: str | None  # the words that a right reply holds; None where nobody knows


@dataclass(frozen=True)
class ReplyStatistics:
    """How a model answers."""

    bits_per_byte: float  # of the conversations' own replies
    replies: int  # that the model wrote
    ended_share: float  # of them that the model ended by itself
    repetition: float  # share of runs of four words that stood earlier in the same reply
    copied_share: float  # of replies that stand word for word among the training replies
    longest_overlap_words: int  # the longest run of words that stands in the training conversations
    answer_accuracy: float | None  # share of right answers, where they are known
    correct: str  # "1101", one digit a known answer

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        if not self.correct:
            return asdict(self)
        interval = wilson_interval(self.correct.count("1"), len(self.correct))
        return {**asdict(self), "answer_interval_95": list(interval)}


@dataclass(frozen=True)
class Baselines:
    """What is right without a model."""

    majority_accuracy: float
    majority_answer: str
    copy_accuracy: float

    @property
    def best(self) -> float:
        """The better one."""
        return max(self.majority_accuracy, self.copy_accuracy)


def turns_of(conversations: Sequence[Conversation], at_most: int) -> list[Turn]:
    """At most so many questions, evenly from all of them: conversations of one kind stand side by side.

    What was said before a question stands as it was said.
    """
    turns: list[Turn] = []
    for one in conversations:
        keys = iter(one.answers or (None,) * len(one.replies))
        for number, message in enumerate(one.messages):
            if message["role"] == "assistant":
                key = next(keys)
                if number and one.messages[number - 1]["role"] == "user":
                    turns.append(Turn(one.messages[:number], message["content"], key))
    chosen = min(at_most, len(turns))
    return [turns[number * len(turns) // chosen] for number in range(chosen)]


def is_right(reply: str, key: str) -> bool:
    """Whether a reply holds the key words, as whole words in their order; yes and no must come first."""
    said, wanted = words(reply), words(key)
    if wanted in (["yes"], ["no"]):
        return said[:1] == wanted
    return any(said[at : at + len(wanted)] == wanted for at in range(len(said) - len(wanted) + 1))


def words(text: str) -> list[str]:
    """The words of a text in lower case."""
    return _WORD.findall(text.lower())


def measure_baselines(turns: Sequence[Turn], training: Sequence[Conversation]) -> Baselines:
    """Both baselines, on the turns whose answers are known. Raises UserError when none is, or in training none."""
    known = [turn for turn in turns if turn.key is not None]
    counts = Counter(key for one in training for key in one.answers)
    if not known or not counts:
        raise UserError("no right answers are known: the conversations need the key answers.")
    majority = counts.most_common(1)[0][0]
    copied = sum(is_right(copy_from_passage(turn.messages), str(turn.key)) for turn in known)
    right = sum(is_right(majority, str(turn.key)) for turn in known)
    return Baselines(right / len(known), majority, copied / len(known))


def copy_from_passage(messages: Sequence[Message]) -> str:
    """The sentence of the first user message that shares most words with the question; questions themselves never."""
    first = next(message["content"] for message in messages if message["role"] == "user")
    question = set(words(_SENTENCE.split(messages[-1]["content"].strip())[-1]))
    sentences = [sentence for sentence in _SENTENCE.split(first) if not sentence.strip().endswith("?")]
    return max(sentences, key=lambda sentence: len(question & set(words(sentence))), default="")


def score_replies(subject: Subject, conversations: Sequence[Conversation]) -> Evaluation:
    """Loss and bits per byte of the conversations' own replies, each conversation by itself."""
    context = subject.model.config.block_size
    report = FitReport()
    fitted = (fit(one.messages, subject.tokenizer, context, report) for one in conversations)
    rows = sorted((row for row in fitted if row is not None), key=lambda row: len(row.ids))
    if not rows:
        raise UserError("no conversation fits the model's context. Give shorter ones.")
    device = subject.model.embed.weight.device
    pad = subject.tokenizer.specials.ids["pad"]
    return evaluate(
        subject.model, _batches(rows, pad, subject.batch_tokens), subject.tokenizer.token_byte_lengths, device=device
    )


def _batches(rows: Sequence[Row], pad_id: int, batch_tokens: int) -> Iterator[Batch]:
    start = 0
    while start < len(rows):
        end = start + 1
        while end < len(rows) and len(rows[end].ids) * (end + 1 - start) <= batch_tokens:
            end += 1
        part, width = rows[start:end], len(rows[end - 1].ids) - 1
        inputs = np.full((len(part), width), pad_id, np.int64)
        targets = np.full((len(part), width), IGNORED, np.int64)
        for number, row in enumerate(part):
            length = len(row.ids) - 1
            inputs[number, :length] = row.ids[:-1]
            targets[number, :length] = np.where(row.mask[1:], row.ids[1:].astype(np.int64), IGNORED)
        nowhere, counted = np.zeros(0, np.int64), int((targets != IGNORED).sum())  # these rows are of no token file
        yield Batch(inputs, targets, None, None, nowhere, nowhere, counted, nowhere, nowhere, end)
        start = end


def write_replies(
    model: Transformer, tokenizer: Tokenizer, turns: Sequence[Turn], settings: GenerationConfig, say: Say
) -> list[Reply]:
    """The model's own reply to every question."""
    context = model.config.block_size
    replies = [Reply("", 0, "context", 0, 0) for _ in turns]  # which stands where the question alone fills the context
    prompts: dict[int, ChatPrompt] = {}
    for number, turn in enumerate(turns):
        with contextlib.suppress(UserError):
            prompts[number] = fit_prompt(
                turn.messages, tokenizer, context=context, max_new_tokens=settings.max_new_tokens
            )
    asked = [prompt.ids for prompt in prompts.values()]
    written = complete_many(model, tokenizer, asked, settings, say=say)
    for (number, prompt), one in zip(prompts.items(), written, strict=True):
        replies[number] = Reply(one.text, one.n_tokens, one.ended_by, len(prompt.ids), prompt.left_out)
    return replies


def describe_replies(
    evaluation: Evaluation, turns: Sequence[Turn], replies: Sequence[Reply], training: Sequence[Conversation]
) -> ReplyStatistics:
    """All numbers about replies that were written to `turns`."""
    texts = [reply.text for reply in replies]
    known = {text.strip() for one in training for text in one.replies}
    outcomes = [is_right(r.text, turn.key) for turn, r in zip(turns, replies, strict=True) if turn.key is not None]
    overlap = measure_memorisation(texts, (m["content"] for one in training for m in one.messages))
    return ReplyStatistics(
        bits_per_byte=evaluation.bits_per_byte,
        replies=len(replies),
        ended_share=sum(reply.ended_by == "end_of_text" for reply in replies) / len(replies),
        repetition=self_repetition([text.split() for text in texts], REPEATED_WORDS) or 0.0,
        copied_share=sum(text.strip() in known for text in texts) / len(texts),
        longest_overlap_words=overlap.longest_words,
        answer_accuracy=sum(outcomes) / len(outcomes) if outcomes else None,
        correct="".join("01"[outcome] for outcome in outcomes),
    )


class ConversationSuite:
    """Held-out conversations, for one model or for two: before tuning and after."""

    name = "conversations"

    def __init__(
        self,
        held_out: Sequence[Conversation],
        training: Sequence[Conversation],
        settings: GenerationConfig,
        *,
        questions: int = 200,
        before: Subject | None = None,
        data: list[dict[str, Any]] | None = None,
    ) -> None:
        """training: what replies may have been copied from; may be empty. data: records of the files."""
        self._held_out, self._training, self._settings = held_out, training, settings
        self._turns, self._before, self._data = turns_of(held_out, questions), before, data or []
        if not self._turns:
            raise UserError("the conversations hold no question of the user that is answered.")

    def run(self, subject: Subject, say: Say) -> SuiteResult:
        """Score and answer."""
        columns: dict[str, ReplyStatistics] = {}
        for label, one in (("before", self._before), ("after" if self._before else "model", subject)):
            if one is not None:
                replies = write_replies(one.model, one.tokenizer, self._turns, self._settings, say)
                evaluation = score_replies(one, self._held_out)
                columns[label] = describe_replies(evaluation, self._turns, replies, self._training)
        scores: dict[str, Any] = {label: found.to_dict() for label, found in columns.items()}
        rows = _rows(columns)
        if any(turn.key is not None for turn in self._turns) and any(one.answers for one in self._training):
            baselines = measure_baselines(self._turns, self._training)
            scores["baselines"] = asdict(baselines)
            rows.append((f"  majority answer ({baselines.majority_answer})", f"{baselines.majority_accuracy:.3f}"))
            rows.append(("  copy from the passage", f"{baselines.copy_accuracy:.3f}"))
        settings = {
            key: getattr(self._settings, key) for key in ("temperature", "top_k", "top_p", "seed", "max_new_tokens")
        }
        last = columns["after" if self._before else "model"]
        return SuiteResult(
            "conversations",
            scores=scores,
            settings={"questions": len(self._turns), "conversations": len(self._held_out), **settings},
            data=self._data,
            items={"answers": {"correct": last.correct}} if last.correct else {},
            lines=[f"conversations: {len(self._held_out):,}, {len(self._turns):,} questions answered", *table(rows)],
        )


def _rows(columns: dict[str, ReplyStatistics]) -> list[tuple[str, str]]:
    found = list(columns.values())

    def row(name: str, form: str, values: list[Any]) -> tuple[str, str]:
        return name, "  ".join("     -" if value is None else format(value, form).rjust(8) for value in values)

    rows = [
        ("", "  ".join(label.rjust(8) for label in columns)),
        row("bits per byte of the replies", ".3f", [one.bits_per_byte for one in found]),
        row("replies that end", ".3f", [one.ended_share for one in found]),
        row(f"repeated runs of {REPEATED_WORDS} words", ".3f", [one.repetition for one in found]),
        row("replies copied whole from training", ".3f", [one.copied_share for one in found]),
        row("longest overlap with training, words", "d", [one.longest_overlap_words for one in found]),
    ]
    if found[-1].answer_accuracy is not None:
        rows.append(row("answer_accuracy", ".3f", [one.answer_accuracy for one in found]))
        low, high = wilson_interval(found[-1].correct.count("1"), len(found[-1].correct))
        rows.append(("  95 % interval of the last", f"{low:.3f} to {high:.3f} of {len(found[-1].correct)} answers"))
    return rows
