"""A small suite of questions that a model is asked again and again while it trains; its scores go into metrics.jsonl.

    accuracy_pairs        minimal pairs of evaluation.pairs
    accuracy_<file>       each file of evaluation.tasks
    suite_seconds         what asking took: part of the run's time like everything else

The first `items` of each file are asked, always the same ones. No chance is drawn and no state of the training is
touched, so a run learns the same with and without it. `groundup eval` asks everything, in float32; here the run's own
precision holds.
"""

import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from groundup.evaluation.minimal_pairs import find_files, read_pairs, score_pairs
from groundup.evaluation.suite import Subject
from groundup.evaluation.tasks import Task
from groundup.inference.scoring import default_batch_tokens
from groundup.model.transformer import Transformer
from groundup.runs.metrics import SUITE_SCORE, SUITE_SECONDS, Row
from groundup.tokenizer.interface import Tokenizer
from groundup.utils.errors import UserError
from groundup.utils.progress import quiet


@dataclass
class EvaluationConfig:
    """What is asked while a model trains, beside its validation text."""

    pairs: list[str] = field(default_factory=list)
    """Files or folders of minimal pairs in BLiMP's format."""
    tasks: list[str] = field(default_factory=list)
    """FILE or FORMAT:FILE of arc, hellaswag, piqa, lambada or gsm8k."""
    interval: int | str = "auto"
    """Steps between two suites; auto: at every evaluation."""
    items: int = 50
    """At most so many items of each file."""


def check_evaluation(config: EvaluationConfig) -> None:
    """Raise UserError for a value that cannot work."""
    if config.items < 1:
        raise UserError(f"evaluation.items is {config.items}; it must be at least 1.")
    if config.interval != "auto" and (not isinstance(config.interval, int) or config.interval < 1):
        raise UserError(f'evaluation.interval is "{config.interval}"; it must be a number of at least 1, or auto.')


class RunSuite:
    """The questions, read once when a run begins."""

    def __init__(self, config: EvaluationConfig) -> None:
        """Raises UserError for a file that cannot be used, before minutes are spent on anything else."""
        check_evaluation(config)
        self.interval = config.interval
        files = find_files([Path(path) for path in config.pairs])
        self._pairs = [pair for file in files for pair in read_pairs(file)[: config.items]]
        self._tasks: dict[str, Task] = {}
        for words in config.tasks:
            task = Task(words)
            task.questions = task.questions[: config.items]
            name = re.sub(r"\W+", "_", task.path.stem)
            if name == "pairs" or name in self._tasks:
                raise UserError(f"evaluation.tasks: two of the files are called {name}. Rename one.")
            self._tasks[name] = task

    @property
    def is_empty(self) -> bool:
        """Nothing is asked."""
        return not self._pairs and not self._tasks

    def ask(self, model: Transformer, tokenizer: Tokenizer) -> Row:
        """What the model gets right, as shares."""
        began = time.perf_counter()
        subject = Subject(model, tokenizer, default_batch_tokens(model.embed.weight.device))
        row: dict[str, Any] = {}
        if self._pairs:
            correct = [found.correct for found in score_pairs(subject, self._pairs, quiet)]
            row[f"{SUITE_SCORE}pairs"] = round(sum(correct) / len(correct), 6)
        for name, task in self._tasks.items():
            row[SUITE_SCORE + name] = round(task.run(subject, quiet).scores["accuracy"], 6)
        row[SUITE_SECONDS] = round(time.perf_counter() - began, 3)
        return row
