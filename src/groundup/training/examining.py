"""What a run's model makes of held-out text, and what it writes by itself, while it trains."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from groundup.data.loader import validation_windows
from groundup.data.token_files import TokenSet
from groundup.evaluation.bits_per_byte import Evaluation
from groundup.inference.generation import GenerationConfig
from groundup.model.transformer import Transformer
from groundup.runs.metrics import Row
from groundup.tokenizer.interface import Tokenizer
from groundup.training.config import Config
from groundup.training.observer import Observer
from groundup.training.parallel import Parallel
from groundup.training.recipe import Recipe
from groundup.training.records import NoRecords
from groundup.training.run_suite import RunSuite


@dataclass(frozen=True)
class Examiner:
    """Scores and samples the model of a run."""

    config: Config
    recipe: Recipe
    tokenizer: Tokenizer
    validation: Sequence[TokenSet]
    device: torch.device
    parallel: Parallel
    observer: Observer
    suite: RunSuite

    def score(
        self,
        model: Transformer,
        *,
        sets: Sequence[TokenSet] | None = None,
        at_most_tokens: int | None = None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> Evaluation:
        """Score `model` on all of the validation sets (those of the run unless given), or on windows all over them.

        All processes must call this: they share the windows out.
        """
        team, settings = self.parallel.team, self.config.training
        size = self.recipe.window_size(self.config)
        batches = validation_windows(
            self.validation if sets is None else sets,
            size,
            batch_size=max(8, int(settings.micro_batch_size)),
            segments=settings.document_mask,
            max_windows=None if at_most_tokens is None else max(1, at_most_tokens // size),
            rank=team.rank,
            world_size=team.size,
        )
        lengths = self.tokenizer.token_byte_lengths
        return self.recipe.evaluate(model, batches, lengths, self.device, should_stop, team.sums)

    @property
    def suite_interval(self) -> int | str | None:
        """Steps between two suites; None where there is nothing to ask."""
        if self.suite.is_empty:
            return None
        return self.config.training.eval_interval if self.suite.interval == "auto" else self.suite.interval

    def ask(self) -> Row:
        """What the model gets right of the suite's questions, for metrics.jsonl; only the leader's row says it."""
        model = self.parallel.whole_model()  # by all processes, since they may hold parts of it
        return self.suite.ask(model, self.tokenizer) if self.parallel.team.leads else {}

    def sample(self, step: int, records: NoRecords) -> None:
        """Write down what the model writes: the same chance at every evaluation, so that samples compare."""
        training, generation = self.config.training, self.config.generation
        settings = GenerationConfig(
            max_new_tokens=min(training.sample_tokens, training.block_size - 1),
            temperature=generation.temperature,
            top_k=generation.top_k,
            top_p=generation.top_p,
            seed=training.seed,
        )
        model = self.parallel.whole_model()  # by all processes, since they may hold parts of it
        if self.parallel.team.leads:
            text = self.recipe.sample(model, self.tokenizer, settings)
            records.write_sample({"step": step, "text": text})
            self.observer.sample(text)
