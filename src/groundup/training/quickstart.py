"""The whole path in minutes: a text (the built-in one, or the user's own) becomes a model that writes.

After the built-in stories it is tuned on the built-in dialogues, and answers. Whoever brings text of their own gets a
model of that text alone: dialogues about rabbits and picnics would be foreign to it.
"""

import json
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from groundup.data.builtin.stories import generate_corpus, generate_stories
from groundup.data.documents import read_corpus
from groundup.data.sources import expand_inputs, find_files
from groundup.evaluation.writing import WritingStatistics, judge
from groundup.inference.generation import GenerationConfig, generate_texts
from groundup.model.bundle import load_bundle
from groundup.training.config import Config, load_config, save_config
from groundup.training.observer import Observer
from groundup.training.plan import EVAL_TOKENS, make_plan, measure_text
from groundup.training.prepare import prepare_corpus
from groundup.training.pretrain import pretrain
from groundup.training.quickstart_chat import ChatSummary, tune_and_ask
from groundup.training.result import Result
from groundup.utils.errors import UserError
from groundup.utils.files import open_atomic, write_json

BUILTIN_CHARACTERS = 12_000_000  # about what three minutes on two cores can read
BUILTIN_HELD_OUT_STORIES = 400
BUILTIN_SHAPE = (4, 2, 128)  # layers, heads, width: wrote and answered better than 6 x 256 (LOG.md)
BUILTIN_VOCABULARY = 4096
LEAST_TEXT_BYTES = 100_000
SHOWN_SAMPLES = 3
JUDGED_STORIES = 40  # some five hundred sentences: a share of 0.9 is then known to about 0.03
SAMPLE_TOKENS = 220


@dataclass(frozen=True)
class Summary:
    """What a quickstart ended with."""

    result: Result
    samples: list[str]
    writing: WritingStatistics | None  # for the built-in text only: nobody else's grammar is known
    chat: ChatSummary | None = None  # likewise

    def to_dict(self) -> dict[str, Any]:
        """As JSON; summary.json in the output folder."""
        return {
            **self.result.to_dict(),
            **({} if self.writing is None else self.writing.to_dict()),
            "samples": self.samples,
            **({} if self.chat is None else self.chat.to_dict()),
        }


def quickstart(out: Path, *, minutes: float, text: Path | None, seed: int, observer: Observer) -> Summary:
    """Make everything in `out`; what an earlier call left there is gone on with.

    Raises UserError when `out` holds a quickstart of another text, or the text is too short.
    """
    config = configure(out, minutes=minutes, text=text, seed=seed)
    earlier = out / "config.yaml"
    if text is not None:
        require_enough(text)
    going_on = earlier.exists()
    if going_on:
        config = go_on_with(load_config(earlier), config)
    if text is None:
        write_builtin(out, seed, observer)
    out.mkdir(parents=True, exist_ok=True)
    if not going_on and text is not None:
        config = planned(config, minutes, observer)
    save_config(config, earlier)
    result = pretrain(config, observer=observer)
    summary = write_samples(config, result, judged=text is None, observer=observer)
    if text is None:
        chat = tune_and_ask(out, result, minutes=minutes, seed=seed, observer=observer)
        summary = replace(summary, chat=chat)
    write_json(out / "summary.json", summary.to_dict())
    return summary


def planned(config: Config, minutes: float, observer: Observer) -> Config:
    """The configuration with the sizes that learn most in so many minutes of training, here and from this text."""
    corpus = prepare_corpus(config, observer.say)
    assert corpus is not None
    plan = make_plan(config, measure_text(corpus), 60 * minutes, observer.say)
    for choice in plan.choices:
        observer.say(f"{choice.setting} {choice.value}: {choice.reason}")
    observer.say(
        f"predicted: {plan.bits_per_byte:.3f} bits per byte on held-out text, give or take {2 * plan.error:.0%}"
    )
    for warning in plan.warnings:
        observer.say(warning)
    plan.config.training.max_minutes = minutes
    return plan.config


def go_on_with(earlier: Config, asked: Config) -> Config:
    """The configuration of an earlier quickstart in the same folder, with the minutes asked for now."""
    if earlier.corpus.input != asked.corpus.input:
        raise UserError(
            f"{asked.training.output_dir} was made from {', '.join(earlier.corpus.input)}, not from "
            f"{', '.join(asked.corpus.input)}. Give another --out."
        )
    earlier.training.max_minutes = asked.training.max_minutes
    return earlier


def configure(out: Path, *, minutes: float, text: Path | None, seed: int) -> Config:
    """The configuration of a quickstart, every path inside `out`."""
    config = Config()
    config.corpus.output = str(out / "corpus.jsonl")
    config.tokenizer.path = str(out / "tokenizer")
    config.dataset.dir = str(out / "tokens")
    config.training.output_dir = str(out / "run")
    config.training.max_minutes = minutes
    config.training.seed = seed
    # A model of a few minutes knows its likeliest words well and the others hardly.
    config.generation.temperature, config.generation.top_p = 0.6, 0.9
    if text is None:
        config.model.n_layer, config.model.n_head, config.model.n_embd = BUILTIN_SHAPE
        config.tokenizer.vocab_size = BUILTIN_VOCABULARY
        config.training.eval_tokens = EVAL_TOKENS
        config.corpus.input = [str(out / "stories.jsonl")]
        config.corpus.validation = str(out / "held_out_stories.jsonl")
    else:
        config.corpus.input = [str(text)]
    return config


def write_builtin(out: Path, seed: int, observer: Observer) -> None:
    """Write the built-in stories, and those whose combinations occur in validation only, unless they are there."""
    held_out = islice(generate_stories(seed, held_out=True), BUILTIN_HELD_OUT_STORIES)
    for name, texts in (
        ("stories.jsonl", generate_corpus(seed, BUILTIN_CHARACTERS)),
        ("held_out_stories.jsonl", (story.text for story in held_out)),
    ):
        path = out / name
        if path.exists():
            continue
        observer.say(f"writing {path} from the built-in grammar")
        with open_atomic(path) as f:
            f.writelines(json.dumps({"text": text}) + "\n" for text in texts)


def require_enough(text: Path) -> None:
    """Raise UserError where the files that `text` names hold too little to learn anything from."""
    size = sum(found.path.stat().st_size for found in find_files(expand_inputs([text])).files)
    if size < LEAST_TEXT_BYTES and text.exists():
        raise UserError(
            f"{text} holds {size:,} bytes of readable files; a model needs at least {LEAST_TEXT_BYTES:,} to learn "
            "anything. Add more text (txt, md, html, jsonl, csv or parquet)."
        )


def write_samples(config: Config, result: Result, *, judged: bool, observer: Observer) -> Summary:
    """Let the best checkpoint write stories, and judge them where the grammar is known."""
    model, tokenizer = load_bundle(result.best / "model")
    count = JUDGED_STORIES if judged else SHOWN_SAMPLES
    observer.say(f"writing {count} samples")
    settings = GenerationConfig(
        max_new_tokens=min(SAMPLE_TOKENS, config.training.block_size - 1),
        temperature=config.generation.temperature,
        top_k=config.generation.top_k,
        top_p=config.generation.top_p,
        seed=config.training.seed,
        num_samples=count,
    )
    samples = generate_texts(model, tokenizer, "", settings)
    if not judged:
        return Summary(result, samples, None)
    training = (document.text for document in read_corpus(Path(str(config.corpus.output))))
    try:
        writing = judge(samples, training)
    except UserError as nothing_to_judge:
        observer.say(str(nothing_to_judge))
        writing = None
    return Summary(result, samples[:SHOWN_SAMPLES], writing)
