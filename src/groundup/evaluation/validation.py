"""Bits per byte and perplexity on a run's own validation text: the same number that training reports at its end."""

from collections.abc import Iterable
from typing import Any

from groundup.data.loader import Batch
from groundup.evaluation.bits_per_byte import evaluate
from groundup.evaluation.suite import Subject, SuiteResult
from groundup.utils.progress import Say


class ValidationText:
    """The suite: windows of validation text."""

    name = "validation"

    def __init__(self, batches: Iterable[Batch], *, window: int, data: list[dict[str, Any]]) -> None:
        """`batches` are windows of `window` tokens; `data` says for the record what they are cut from."""
        self.batches, self.window, self.data = batches, window, data

    def run(self, subject: Subject, say: Say) -> SuiteResult:
        """Score every window by itself."""
        say("validation: reading the run's held-out text")
        model = subject.model
        found = evaluate(model, self.batches, subject.tokenizer.token_byte_lengths, device=model.embed.weight.device)
        perplexity = found.to_dict()["val_ppl"]
        return SuiteResult(
            self.name,
            scores={**found.to_dict(), "tokens": found.tokens, "bytes": found.bytes},
            settings={"window_tokens": self.window, "stride_tokens": self.window, "packed": True},
            data=self.data,
            lines=[
                f"validation text  bits per byte {found.bits_per_byte:.4f}   perplexity {perplexity:.2f} per token   "
                f"loss {found.loss:.4f} nats per token",
                f"  {found.tokens:,} tokens, {found.bytes:,} bytes; windows of {self.window} tokens, each by itself",
            ],
        )
