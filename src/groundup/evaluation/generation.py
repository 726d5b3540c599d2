"""What a model writes by itself: does it end, repeat itself, recite its training text; where the grammar is known, is
it well-formed.

distinct_n       share of different runs of n words among all that were written (Li et al. 2016)
self_repetition  share of runs of 4 words that stood earlier in the same text
ended            share of texts that the model ended itself, before the limit
memorisation     see memorisation.py
well-formed      see writing.py; for models trained on the built-in stories only
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from groundup.data.builtin.parser import is_well_formed
from groundup.evaluation.memorisation import measure_memorisation
from groundup.evaluation.statistics import wilson_interval
from groundup.evaluation.suite import Subject, SuiteResult, table
from groundup.evaluation.writing import complete_sentences, judge
from groundup.inference.generation import Completion, GenerationConfig, complete_texts
from groundup.utils.errors import UserError
from groundup.utils.progress import Say

SAMPLES = 40
SAMPLE_TOKENS = 220
DISTINCT = (1, 2, 3, 4)
REPEATED = 4
_BUILTIN_SENTENCES, _BUILTIN_SHARE = 200, 0.98

TrainingTexts = Callable[[], Iterable[str]]


class GenerationStatistics:
    """The suite: texts that the model writes from an empty page."""

    name = "generation"

    def __init__(self, settings: GenerationConfig, training: TrainingTexts | None, *, samples: int = SAMPLES) -> None:
        """`training` gives the texts that the model was trained on, anew at each call; None: they are not here."""
        self.settings = replace(settings, num_samples=samples, nonstop=False)
        self.training = training

    def run(self, subject: Subject, say: Say) -> SuiteResult:
        """Write, and measure what was written."""
        room = subject.model.config.block_size - 1
        settings = replace(self.settings, max_new_tokens=max(1, min(SAMPLE_TOKENS, room)))
        say(f"generation: writing {settings.num_samples} texts of up to {settings.max_new_tokens} tokens")
        completions = write(subject, settings)
        texts = [completion.text for completion in completions]
        scores: dict[str, Any] = describe_texts(completions)
        lines = [f"generation  {len(texts)} texts, {scores['words']:,} words", *table(_rows(scores))]
        if self.training is None:
            lines.append("  what is new and what is recited: not measured, the training text is not here")
        else:
            say("generation: searching the training text")
            memorised = measure_memorisation(texts, self.training())
            scores["memorisation"] = memorised.to_dict()
            lines += table(
                [
                    ("longest overlap with training text", f"{memorised.longest_words} words"),
                    ("13-word runs that stand in it", f"{memorised.ngram_share:.3f} of {memorised.ngrams:,}"),
                ]
            )
            if is_builtin_world(self.training()):
                lines.append(_judge(texts, self.training(), scores))
        return SuiteResult(
            "generation",
            scores=scores,
            settings={
                "prompt": "",
                "samples": settings.num_samples,
                "max_new_tokens": settings.max_new_tokens,
                "temperature": settings.temperature,
                "top_k": settings.top_k,
                "top_p": settings.top_p,
                "seed": settings.seed,
            },
            lines=lines,
        )


def write(subject: Subject, settings: GenerationConfig) -> list[Completion]:
    """All samples of a seed; each is the same whatever the number of samples."""
    return complete_texts(subject.model, subject.tokenizer, "", settings)


def describe_texts(completions: Sequence[Completion]) -> dict[str, Any]:
    """Distinct-n, self-repetition and the share that ended, with intervals where they are shares of texts."""
    words = [completion.text.split() for completion in completions]
    ended = sum(completion.ended_by == "end_of_text" for completion in completions)
    return {
        "texts": len(completions),
        "words": sum(map(len, words)),
        "tokens": sum(completion.n_tokens for completion in completions),
        "ended_share": ended / len(completions),
        "ended_interval_95": list(wilson_interval(ended, len(completions))),
        "distinct": {str(n): distinct_share(words, n) for n in DISTINCT},
        "self_repetition": self_repetition(words, REPEATED),
    }


def distinct_share(texts: Sequence[Sequence[str]], n: int) -> float | None:
    """Different runs of n words among all of them; None where no text has n words."""
    runs = [run for text in texts for run in _runs(text, n)]
    return len(set(runs)) / len(runs) if runs else None


def self_repetition(texts: Sequence[Sequence[str]], n: int) -> float | None:
    """Share of runs of n words that stood earlier in the same text; None where no text has n words."""
    total = repeated = 0
    for text in texts:
        runs = _runs(text, n)
        total += len(runs)
        repeated += len(runs) - len(set(runs))
    return repeated / total if total else None


def _runs(words: Sequence[str], n: int) -> list[tuple[str, ...]]:
    return [tuple(words[start : start + n]) for start in range(len(words) - n + 1)]


def is_builtin_world(training: Iterable[str]) -> bool:
    """Whether a training text is that of the built-in stories: its first sentences can be derived in their grammar."""
    sentences = list(islice(chain.from_iterable(map(complete_sentences, training)), _BUILTIN_SENTENCES))
    good = sum(map(is_well_formed, sentences))
    return bool(sentences) and good >= _BUILTIN_SHARE * len(sentences)


def _judge(texts: Sequence[str], training: Iterable[str], scores: dict[str, Any]) -> str:
    """Add the shares of well-formed sentences to the scores; returns the line that tells them."""
    try:
        writing = judge(texts, training)
    except UserError:  # not one sentence was finished
        scores["writing"] = {"sentences": 0}
        return "  well-formed: no complete sentence was written"
    low, high = wilson_interval(round(writing.grammatical_share * writing.sentences), writing.sentences)
    scores["writing"] = {**writing.to_dict(), "grammatical_interval_95": [low, high]}
    return f"  {writing.describe()}"


def _rows(scores: dict[str, Any]) -> list[tuple[str, str]]:
    distinct = ", ".join("-" if share is None else f"{share:.3f}" for share in scores["distinct"].values())
    low, high = scores["ended_interval_95"]
    repetition = scores["self_repetition"]
    return [
        ("ended by itself", f"{scores['ended_share']:.3f}  ({low:.3f} to {high:.3f})"),
        ("distinct runs of 1, 2, 3, 4 words", distinct),
        ("4-word runs repeated in a text", "-" if repetition is None else f"{repetition:.3f}"),
    ]
