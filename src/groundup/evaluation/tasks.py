"""Public benchmarks on a model: multiple choice, the last word, answers that are written out.

choice   right where the right choice is the likeliest. `accuracy` compares summed log-probabilities, `accuracy_bytes`
         those divided by the choice's bytes, which does not prefer short ones.
word     right where greedy decoding would write exactly the last word (LAMBADA, Paperno et al. 2016).
answer   right where the number that a greedy answer ends with is the right one (GSM8K, Cobbe et al. 2021).
"""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from groundup.evaluation.scoring_progress import score_all
from groundup.evaluation.statistics import Z_95
from groundup.evaluation.suite import Accuracy, Subject, SuiteResult, digits, file_record
from groundup.evaluation.task_files import Format, Question, parse_rows, read_task
from groundup.evaluation.task_sets import SETS, local_copy, open_set
from groundup.inference.generation import GenerationConfig, prompt_ids, shortened
from groundup.inference.many import complete_many
from groundup.inference.scoring import Request, Score, fitting
from groundup.tokenizer.interface import Tokenizer
from groundup.utils.progress import Say, quiet

ANSWER_TOKENS = 256
ANSWER_STOPS = ["Question:"]
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


class Task:
    """The suite: one file of questions."""

    def __init__(self, words: str) -> None:
        """`words`: FILE, FORMAT:FILE, or the name of a known set. Raises UserError for what cannot be used."""
        self.data: list[dict[str, Any]] = []
        known = None if Path(words).exists() else SETS.get(words)
        if known is not None:
            rows, about = open_set(known)
            self.path = local_copy(known) or Path(known.name)
            self.format, self.questions = parse_rows(rows, self.path, known.format)
            self.name, self.data = known.name, [] if about is None else [about]
            return
        prefix, colon, rest = words.partition(":")
        named = bool(colon) and not Path(words).exists()
        self.path = Path(rest if named else words)
        self.format, self.questions = read_task(self.path, prefix if named else None)
        self.name = f"{self.format.name}:{self.path.name}"

    def run(self, subject: Subject, say: Say) -> SuiteResult:
        """Put the questions to the model."""
        run = {"choice": run_choices, "word": run_words, "answer": run_answers}[self.format.kind]
        result = run(self.name, self.format, self.questions, subject, say)
        result.data = self.data
        if self.path.is_file():
            result.data = [file_record(self.path, items=len(self.questions))]
        return result


def run_choices(name: str, form: Format, questions: Sequence[Question], subject: Subject, say: Say) -> SuiteResult:
    """Which choice does the model find likeliest?"""
    scores, cut = score_choices(subject, questions, name, say)
    plain = [best([score.nats for score in row]) == item.answer for row, item in zip(scores, questions, strict=True)]
    by_bytes = [
        best([score.nats / len(choice.strip().encode()) for score, choice in zip(row, item.choices, strict=True)])
        == item.answer
        for row, item in zip(scores, questions, strict=True)
    ]
    chance = math.fsum(1 / len(item.choices) for item in questions) / len(questions)
    found, fair = Accuracy(sum(plain), len(plain), chance), Accuracy(sum(by_bytes), len(by_bytes), chance)
    return SuiteResult(
        name,
        scores={**found.to_dict(), "accuracy_bytes": fair.to_dict(), "contexts_cut": cut},
        settings={"format": form.name, "template": form.template, "few_shot": 0},
        items={name: {"correct": digits(plain)}, f"{name} by bytes": {"correct": digits(by_bytes)}},
        lines=[f"{name}  {found.describe()}   per byte {fair.share:.3f}{_cut(cut)}"],
    )


def run_words(name: str, form: Format, questions: Sequence[Question], subject: Subject, say: Say) -> SuiteResult:
    """Would the model write the last word?"""
    scores, cut = score_choices(subject, questions, name, say)
    right = [row[0].greedy for row in scores]
    found = Accuracy(sum(right), len(right), 0.0)
    nats = np.array([row[0].nats for row in scores])
    spread = Z_95 * float(nats.std(ddof=1)) / math.sqrt(len(nats)) if len(nats) > 1 else math.inf
    mean = float(nats.mean())
    perplexity = math.exp(min(mean, 700.0))
    return SuiteResult(
        name,
        scores={
            **found.to_dict(),
            "word_perplexity": perplexity,
            "word_perplexity_interval_95": [math.exp(min(mean + sign * spread, 700.0)) for sign in (-1, 1)],
            "contexts_cut": cut,
        },
        settings={"format": form.name, "template": form.template, "few_shot": 0},
        items={name: {"correct": digits(right)}},
        lines=[f"{name}  {found.describe()}   perplexity of the word {perplexity:.1f}{_cut(cut)}"],
    )


def run_answers(name: str, form: Format, questions: Sequence[Question], subject: Subject, say: Say) -> SuiteResult:
    """Does the answer that the model writes end with the right number?"""
    block_size = subject.model.config.block_size
    settings = GenerationConfig(
        max_new_tokens=min(ANSWER_TOKENS, max(1, block_size // 2)), temperature=0.0, stop=list(ANSWER_STOPS)
    )
    prompts = [
        shortened(prompt_ids(subject.tokenizer, item.prompt), block_size, settings.max_new_tokens, quiet)
        for item in questions
    ]
    written = complete_many(subject.model, subject.tokenizer, prompts, settings, say=lambda how: say(f"{name}: {how}"))
    right = [final_number(one.text) == item.answer for one, item in zip(written, questions, strict=True)]
    found = Accuracy(sum(right), len(right), 0.0)
    return SuiteResult(
        name,
        scores=found.to_dict(),
        settings={
            "format": form.name,
            "template": form.template,
            "few_shot": 0,
            "decoding": "greedy",
            "max_new_tokens": settings.max_new_tokens,
            "stop": settings.stop,
        },
        items={name: {"correct": digits(right)}},
        lines=[f"{name}  {found.describe()}"],
    )


def score_choices(
    subject: Subject, questions: Sequence[Question], what: str, say: Say
) -> tuple[list[list[Score]], int]:
    """A Score for each choice of each question; and how many prompts were cut to the model's context."""
    groups = [[encode_pair(subject.tokenizer, item.prompt, choice) for choice in item.choices] for item in questions]
    block_size = subject.model.config.block_size
    cut = sum(any(fitting(request, block_size) != request for request in group) for group in groups)
    return score_all(subject, groups, what, say), cut


def encode_pair(tokenizer: Tokenizer, context: str, continuation: str) -> Request:
    """Ids of both, cut apart after the context's own ids; white space between them belongs to the continuation.

    The convention of lm-eval: the whole is tokenised at once, as it would be in running text.
    """
    stripped = context.rstrip()
    continuation = context[len(stripped) :] + continuation
    whole = tokenizer.encode(stripped + continuation, add_special_tokens=True)
    n_context = len(tokenizer.encode(stripped, add_special_tokens=True))
    # The end of the context may have joined the beginning of the continuation in one token.
    n_context = min(n_context, len(whole) - 1)
    return Request(whole[:n_context], whole[n_context:])


def best(nats: Sequence[float]) -> int:
    """Number of the likeliest choice; of equal ones the first."""
    return min(range(len(nats)), key=nats.__getitem__)


def final_number(answer: str) -> str | None:
    """The number after ####, else the last number of an answer; without commas and a final .0."""
    _, mark, tail = answer.rpartition("####")
    numbers = _NUMBER.findall(tail if mark else answer)
    if not numbers:
        return None
    number = str(numbers[0 if mark else -1]).replace(",", "")
    whole, point, digits_behind = number.partition(".")
    return whole if point and not digits_behind.strip("0") else number


def _cut(cut: int) -> str:
    return f"   ({cut:,} prompts cut to the model's context)" if cut else ""
