"""What `groundup eval` does: which suites are wanted, on which model, and where the results go."""

import json
import os
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from groundup.cli.opening import choose_bundle, open_model
from groundup.cli.writing import check_output
from groundup.data.conversation_rows import expand, read_conversations
from groundup.data.loader import validation_windows
from groundup.evaluation.conversations import ConversationSuite
from groundup.evaluation.generation import GenerationStatistics
from groundup.evaluation.held_out_text import HeldOutText
from groundup.evaluation.minimal_pairs import MinimalPairs
from groundup.evaluation.record import make_record
from groundup.evaluation.suite import Subject, Suite, file_record
from groundup.evaluation.tasks import Task
from groundup.evaluation.validation import ValidationText
from groundup.inference.generation import load_generation
from groundup.inference.scoring import default_batch_tokens
from groundup.model.bundle import find_bundle, load_bundle
from groundup.tokenizer.interface import Tokenizer
from groundup.training.run_texts import RunTexts, decoded_documents, find_run_texts
from groundup.training.tuned_run import find_tuned_run
from groundup.utils.files import open_atomic
from groundup.utils.progress import Say

VALIDATION_BATCH = 8


@dataclass(frozen=True)
class Wanted:
    """What to measure."""

    text: list[Path] = field(default_factory=list)
    pairs: list[Path] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    conversations: list[Path] = field(default_factory=list)
    questions: int = 200
    before: Path | None = None
    generation: bool = False
    samples: int = 40
    window: int | None = None
    stride: int | None = None
    seed: int = 1

    @property
    def nothing_named(self) -> bool:
        """Neither data nor suite: the run's own validation text and its writing are meant."""
        return not (self.text or self.pairs or self.tasks or self.conversations or self.generation)


def evaluate_model(
    checkpoint: Path | None,
    wanted: Wanted,
    *,
    device: str | None,
    dtype: str | None,
    batch_tokens: int | None,
    output: Path | None,
    say: Say,
) -> tuple[dict[str, Any], list[str]]:
    """Run every suite that is wanted; returns the record and the lines for people. Raises UserError."""
    check_output(output)
    suites: list[Suite] = named_suites(wanted)  # bad files are found before the model is loaded
    bundle = choose_bundle(checkpoint, say)
    model, tokenizer = open_model(bundle, device, dtype, say)
    where = model.embed.weight.device
    subject = Subject(model, tokenizer, batch_tokens or default_batch_tokens(where), workers=choose_workers(where))
    suites += own_suites(bundle, tokenizer, wanted, say)
    suites += conversation_suites(bundle, wanted, subject, say)
    began = time.perf_counter()
    results = [suite.run(subject, say) for suite in suites]
    record = make_record(bundle, model, tokenizer, results, seconds=time.perf_counter() - began)
    return record, [f"model  {bundle}", *(line for result in results for line in result.lines)]


def named_suites(wanted: Wanted) -> list[Suite]:
    """The suites whose data the command line names."""
    suites: list[Suite] = []
    if wanted.text:
        suites.append(HeldOutText(wanted.text, window=wanted.window, stride=wanted.stride))
    if wanted.pairs:
        suites.append(MinimalPairs(wanted.pairs))
    suites += [Task(words) for words in wanted.tasks]
    return suites


def own_suites(bundle: Path, tokenizer: Tokenizer, wanted: Wanted, say: Say) -> list[Suite]:
    """The suites that need what the model's run left on disk."""
    if not (wanted.nothing_named or wanted.generation):
        return []
    if wanted.nothing_named and find_tuned_run(bundle) is not None:
        return []  # its text is conversations
    texts = find_run_texts(bundle, tokenizer, say)
    suites: list[Suite] = []
    if wanted.nothing_named and texts is not None:
        suites.append(validation_suite(texts))
    settings = replace(load_generation(bundle), seed=wanted.seed)
    training = None if texts is None or not texts.train else (lambda: decoded_documents(texts.train, tokenizer))
    suites.append(GenerationStatistics(settings, training, samples=wanted.samples))
    return suites


def conversation_suites(bundle: Path, wanted: Wanted, subject: Subject, say: Say) -> list[Suite]:
    """Conversations that are named, or those that a tuned model's own run held out."""
    tuned = find_tuned_run(bundle)
    if not wanted.conversations and (tuned is None or not wanted.nothing_named):
        return []
    files = expand(wanted.conversations) or ([tuned.held_out_file] if tuned else [])
    held_out, _ = read_conversations(files, say)
    earlier = find_bundle(wanted.before) if wanted.before else (tuned.before if tuned else None)
    before = None
    if earlier is not None:
        say(f"before: {earlier}")
        device = subject.model.embed.weight.device
        model, tokenizer = load_bundle(earlier, device=device, dtype=subject.model.embed.weight.dtype)
        model.set_compute(attention="sdpa")
        before = replace(subject, model=model, tokenizer=tokenizer)
    settings = replace(load_generation(bundle), seed=wanted.seed)
    if all(one.answers for one in held_out):
        settings.temperature = 0.0  # where answers are right or wrong, chance has no say
    training = tuned.training(say) if tuned else []
    data = [file_record(path) for path in files]
    return [ConversationSuite(held_out, training, settings, questions=wanted.questions, before=before, data=data)]


def validation_suite(texts: RunTexts) -> ValidationText:
    """The run's own validation text, read as training reads it."""
    training = texts.config.training
    batches = validation_windows(
        texts.val, training.block_size, batch_size=VALIDATION_BATCH, segments=training.document_mask
    )
    return ValidationText(batches, window=training.block_size, data=texts.data)


def choose_workers(device: torch.device) -> int:
    """Batches read side by side: on a processor as many as it has cores, up to eight; on an accelerator one."""
    return min(8, os.cpu_count() or 1) if device.type == "cpu" else 1


def show(record: dict[str, Any], lines: list[str], *, as_json: bool, output: Path | None, say: Say) -> None:
    """Results to stdout, as text or JSON, and to a file."""
    if output is not None:
        with open_atomic(output) as f:
            f.write(json.dumps(record, ensure_ascii=False) + "\n")
        say(f"written to {output}")
    print(json.dumps(record, ensure_ascii=False) if as_json else "\n".join(lines))
