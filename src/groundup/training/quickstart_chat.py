"""The second half of a quickstart: the model that writes is tuned on the built-in dialogues, and answers."""

import json
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from groundup.data.conversation_rows import read_conversations
from groundup.data.conversations import Conversation
from groundup.evaluation.conversations import Baselines, Turn, is_right, measure_baselines, turns_of, write_replies
from groundup.evaluation.statistics import wilson_interval
from groundup.inference.generation import GenerationConfig
from groundup.model.bundle import load_bundle
from groundup.runs.folder import RunFolder
from groundup.training.config import load_config, merge_config
from groundup.training.observer import Observer
from groundup.training.result import Result
from groundup.training.settings import fill_rates
from groundup.training.tune import began_from_others, tune
from groundup.training.tune_prepare import BUILTIN_HELD_OUT, builtin_dialogues
from groundup.training.tuning_settings import TRAINING_DEFAULTS
from groundup.utils.files import open_atomic
from groundup.utils.progress import quiet

DIALOGUES, HELD_OUT_DIALOGUES = "dialogues.jsonl", "held_out_dialogues.jsonl"
BUILTIN_DIALOGUES = 8_000  # more than minutes of tuning can read
TUNING_SHARE = 3 / 4  # of the minutes of pretraining
MOST_TUNING_MINUTES = 2.25
SHRINK = 0.25  # of a model that stories taught to put down any word that fits; "yes" and "no" stayed guesses (LOG.md)
QUESTIONS = 300  # an accuracy of 0.9 is then known to about 0.03
SHOWN_ANSWERS = 3
REPLY_TOKENS = 40


@dataclass(frozen=True)
class Shown:
    """A held-out question and what the model answered."""

    question: str
    reply: str
    expected: str


@dataclass(frozen=True)
class ChatSummary:
    """What tuning came to."""

    result: Result
    answer_accuracy: float
    questions: int
    baselines: Baselines
    shown: list[Shown]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "chat_checkpoint": str(self.result.best),
            "reply_bpb": self.result.evaluation.bits_per_byte,
            "answer_accuracy": self.answer_accuracy,
            "questions": self.questions,
            **asdict(self.baselines),
            "answers": [asdict(one) for one in self.shown],
        }

    def describe(self) -> str:
        """As one line."""
        low, high = wilson_interval(round(self.answer_accuracy * self.questions), self.questions)
        base = self.baselines
        return (
            f"answer_accuracy {self.answer_accuracy:.3f} ({low:.3f} to {high:.3f}; {self.questions} questions on "
            f'combinations never trained on)   always "{base.majority_answer}": {base.majority_accuracy:.3f}   '
            f"copy from the passage: {base.copy_accuracy:.3f}"
        )


def write_dialogues(out: Path, seed: int, observer: Observer) -> None:
    """Write the built-in dialogues, and those whose combinations occur in validation only, unless they are there."""
    for name, count, held_out in (
        (DIALOGUES, BUILTIN_DIALOGUES, False),
        (HELD_OUT_DIALOGUES, BUILTIN_HELD_OUT, True),
    ):
        path = out / name
        if path.exists():
            continue
        observer.say(f"writing {path} from the built-in grammar")
        with open_atomic(path) as f:
            for one in builtin_dialogues(seed, count, held_out=held_out):
                f.write(json.dumps({"messages": one.messages, "answers": one.answers}) + "\n")


def tune_and_ask(out: Path, pretrained: Result, *, minutes: float, seed: int, observer: Observer) -> ChatSummary:
    """Tune the best checkpoint on the built-in dialogues, and ask it about passages with held-out combinations."""
    write_dialogues(out, seed, observer)
    config = merge_config(None, [], {"training": TRAINING_DEFAULTS})
    config.tuning.checkpoint = str(pretrained.best)
    config.tuning.data = [str(out / DIALOGUES)]
    config.tuning.validation = str(out / HELD_OUT_DIALOGUES)
    config.training.output_dir = str(out / "chat")
    config.training.max_minutes = min(MOST_TUNING_MINUTES, TUNING_SHARE * minutes)
    config.training.seed = seed
    config.tuning.pretraining_share = 0.0  # nothing is to be kept here: the model that writes stays as it is
    config.tuning.shrink = SHRINK
    # After minutes of pretraining there is little to be careful with: pretraining's own rates learn more (LOG.md).
    fill_rates(config.training, 1.0, "wide")
    # Trained longer since, the pretrained model is another one: what was tuned from the earlier one is set aside,
    # and so is what an earlier version of this program tuned otherwise.
    run = RunFolder(out / "chat")
    otherwise = run.config.exists() and load_config(run.config).tuning.shrink != SHRINK
    restart = otherwise or began_from_others(run, pretrained.best / "model")
    result = tune(config, restart=restart, observer=observer)
    turns = turns_of(read_conversations([out / HELD_OUT_DIALOGUES])[0], QUESTIONS)
    training = read_conversations([out / DIALOGUES])[0]
    observer.say(f"answering {len(turns)} questions")
    return ask(result, turns, training)


def ask(result: Result, turns: list[Turn], training: list[Conversation]) -> ChatSummary:
    """Let the best checkpoint answer, greedily, and judge what it says."""
    model, tokenizer = load_bundle(result.best / "model")
    settings = GenerationConfig(temperature=0.0, max_new_tokens=REPLY_TOKENS)
    replies = [reply.text for reply in write_replies(model, tokenizer, turns, settings, quiet)]
    right = sum(is_right(reply, str(turn.key)) for turn, reply in zip(turns, replies, strict=True))
    first_questions = ((t, r) for t, r in zip(turns, replies, strict=True) if len(t.messages) == 1)
    shown = [Shown(t.messages[0]["content"], r, t.reference) for t, r in islice(first_questions, SHOWN_ANSWERS)]
    return ChatSummary(result, right / len(turns), len(turns), measure_baselines(turns, training), shown)
