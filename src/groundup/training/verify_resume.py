"""Proof, on a user's own configuration and machine, that a killed run ends as one that was never killed.

In a scratch folder a short run is trained twice on some of the user's text: once without a kill, and once killed with
SIGKILL again and again, between steps, inside saves and inside evaluations, over more than one epoch and into a second
phase, with other numbers of processes if asked. What must agree: the windows that each step read, with each other and
with the plan; every loss; and the bytes of weights, optimizer and ledger. With other numbers of processes sums are
taken in another order, and losses and weights agree within a tolerance.
"""

import hashlib
import json
import math
import random
import shutil
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np

from groundup.data.corpus_report import is_prepared_corpus
from groundup.data.documents import read_corpus
from groundup.data.readers import FileLog, read_documents
from groundup.data.sources import expand_inputs, find_files
from groundup.model.bundle import load_model
from groundup.runs.folder import RunFolder
from groundup.runs.metrics import read_rows
from groundup.training.checkpoint import load_state
from groundup.training.config import Config, save_config
from groundup.training.killed_run import PLACES, Kill
from groundup.utils.errors import UserError
from groundup.utils.files import fingerprint, open_atomic, sha256_file, write_json
from groundup.utils.launch import Ranks
from groundup.utils.progress import Say

PASSES = 2.5  # over the text in the first phase, so that kills fall into a second epoch
PIECE_CHARACTERS = 1500  # of the user's text in one document: enough documents for a validation side
LEAST_CHARACTERS = 10_000  # below this there is no tokenizer worth the name
CHARACTERS_PER_TOKEN = 4
LOSS_TOLERANCE = {"float32": 1e-3, "bfloat16": 2e-2}  # nats, where the number of processes changes
WEIGHT_TOLERANCE = 0.02  # there; a share of the weights' size
MODULE = "groundup.training.killed_run"


@dataclass(frozen=True)
class Report:
    """What was done and whether everything agrees."""

    kills: dict[str, int]  # by place, and those in a later epoch or a second phase
    processes: list[int]
    steps: int
    checks: dict[str, str]  # by name: "agree", or what does not

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return all(outcome.startswith("agree") for outcome in self.checks.values())

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        about = {"kills": self.kills, "processes": self.processes, "steps": self.steps, "checks": self.checks}
        return {"agrees": self.agrees, **about}


@dataclass(frozen=True)
class Trial:
    """The folder, and the two phases as settings that override its configuration."""

    folder: Path
    phases: list[list[str]]
    last_steps: list[int]  # of each phase

    def run(self, name: str) -> RunFolder:
        """A run of the trial."""
        return RunFolder(self.folder / "runs" / name)

    def phase_at(self, step: int) -> int:
        """The phase that step + 1 belongs to."""
        return min(sum(step >= last for last in self.last_steps), len(self.last_steps) - 1)


def verify_resume(
    config: Config, folder: Path, *, steps: int, kills: int, processes: Sequence[int], seed: int, say: Say
) -> Report:
    """Train, kill, resume and compare in `folder`. Raises UserError when a run fails for another reason than a kill.

    steps: of the first phase; the second has half as many. processes: their numbers at one start after the other.
    """
    trial = prepare_trial(config, folder, steps=steps, say=say)
    say(f"1/3 a run of {trial.last_steps[-1]} steps that nobody disturbs")
    for phase, _ in enumerate(trial.phases):
        start(trial, "whole", phase, None, processes[0])
    say(f"2/3 the same run, killed {kills} times")
    epoch_steps = steps_of_an_epoch(trial.run("whole"))
    done = run_with_kills(trial, plan_kills(trial, kills, epoch_steps, seed), processes, say)
    say("3/3 comparing")
    counts = Counter(kill.where for kill in done)
    counts["second epoch"] = sum(kill.step > epoch_steps for kill in done)
    counts["second phase"] = sum(trial.phase_at(kill.step - 1) == 1 for kill in done)
    checks = compare(trial, exact=len(set(processes)) == 1)
    return Report(dict(counts), list(processes), trial.last_steps[-1], checks)


def prepare_trial(config: Config, folder: Path, *, steps: int, say: Say) -> Trial:
    """Write text and configuration of the trial; the user's own files are only read."""
    if any(folder.glob("*")):
        raise UserError(f"{folder} is not empty. Give a new folder, or none for a temporary one.")
    if steps < 8:
        raise UserError(f"--steps {steps} leaves no room for kills; give at least 8.")
    config = deepcopy(config)
    tokens = steps * config.training.batch_size * config.training.block_size / PASSES
    wanted = max(LEAST_CHARACTERS, math.ceil(CHARACTERS_PER_TOKEN * tokens))
    write_text(config, folder / "text.jsonl", wanted)
    if not (Path(str(config.tokenizer.path)) / "tokenizer.json").exists():
        config.tokenizer.path = str(folder / "tokenizer")
    config.corpus.input, config.corpus.output = [str(folder / "text.jsonl")], str(folder / "corpus.jsonl")
    config.corpus.validation, config.dataset.dir = 0.1, str(folder / "tokens")
    training = config.training
    training.max_tokens = training.max_minutes = None
    training.sample_tokens = training.sample_tokens or 4  # tells where an evaluation is
    training.eval_tokens = min(training.eval_tokens, 16 * training.block_size)
    training.eval_interval, training.checkpoint_interval = max(2, steps // 5), max(2, steps // 10)
    config.logging.windows, config.logging.interval, config.logging.tensorboard = True, 1, False
    save_config(config, folder / "config.yaml")
    say(f"in {folder}: some of your text, and two runs")
    warmup = training.warmup + 0.05 if training.warmup < 0.5 else training.warmup - 0.05
    second = steps + max(4, steps // 2)
    phases = [
        [f"training.max_steps={steps}"],
        [f"training.max_steps={second}", f"training.warmup={warmup:.4g}"],  # another schedule begins a new phase
    ]
    return Trial(folder, phases, [steps, second])


def write_text(config: Config, path: Path, characters: int) -> None:
    """Write about so many characters of the user's text, in pieces, as {"text": ...} a line."""
    written = 0
    with open_atomic(path) as f:
        for text in own_text(config):
            for place in range(0, len(text), PIECE_CHARACTERS):
                piece = text[place : place + PIECE_CHARACTERS]
                f.write(json.dumps({"text": piece}) + "\n")
                written += len(piece)
            if written >= characters:
                return
    if written < LEAST_CHARACTERS:
        raise UserError(
            f"the text of this configuration has {written:,} characters; a trial needs {LEAST_CHARACTERS:,}. Add text."
        )


def own_text(config: Config) -> Iterator[str]:
    """The user's text: of the corpus if there is one, else of the files that it would be made of."""
    inputs = [Path(path) for path in config.corpus.input]
    for prepared in (*inputs, Path(str(config.corpus.output))):
        if is_prepared_corpus(prepared):
            yield from (document.text for document in read_corpus(prepared))
            return
    for found in find_files(expand_inputs(inputs)).files:
        for piece, _ in read_documents(found.path, found.format, config.corpus.text_column, FileLog()):
            yield piece


def start(trial: Trial, name: str, phase: int, kill: Kill | None, processes: int) -> bool:
    """Start a run of the trial in a phase and wait for its end: True if it was killed. UserError if it failed."""
    settings = [*trial.phases[phase], f"training.output_dir={trial.run(name).path}"]
    spec = trial.folder / "start.json"
    told = None if kill is None else {"where": kill.where, "step": kill.step}
    write_json(spec, {"config": str(trial.folder / "config.yaml"), "settings": settings, "kill": told})
    log = trial.folder / f"{name}.log"
    with (
        open(log, "a", encoding="utf-8") as f,
        Ranks(["-m", MODULE, str(spec)], processes, stdout=f, stderr=f) as ranks,
    ):
        code = ranks.processes[0].wait()
        if code == -signal.SIGKILL:
            ranks.send(signal.SIGKILL)  # a power cut takes all of them
            return True
        code = ranks.wait()
    if code:
        last = [line for line in log.read_text(encoding="utf-8").splitlines() if line.strip()][-1:]
        raise UserError(f"the run failed: {''.join(last)} (all that it said is in {log})")
    return False


def steps_of_an_epoch(run: RunFolder) -> int:
    """Steps of one pass over the trial's text."""
    state = load_state(run.step_folder(run.steps()[-1]))
    windows_a_step = max(1, len(next(read_rows(run.windows))["windows"]))
    return math.ceil(state.phases[0].order.windows / windows_a_step)


def plan_kills(trial: Trial, count: int, epoch_steps: int, seed: int) -> list[Kill]:
    """Kills at random steps, one kind after the other; one of them in a second epoch and one in the second phase."""
    chance = random.Random(seed)
    first, last = trial.last_steps
    steps = [chance.randint(1, last - 1) for _ in range(count)]
    if epoch_steps < first - 1:
        steps[0] = chance.randint(epoch_steps + 1, first - 1)
    if count > 1:
        steps[1] = chance.randint(first + 1, last - 1)
    places = [place for place, _ in zip(cycle(PLACES), range(count), strict=False)]
    chance.shuffle(places)
    return [Kill(place, step) for place, step in zip(places, sorted(steps), strict=True)]


def run_with_kills(trial: Trial, kills: Sequence[Kill], processes: Sequence[int], say: Say) -> list[Kill]:
    """Start the run again after each kill until it is through; return the kills that struck."""
    numbers, waiting, struck = cycle(processes), list(kills), []
    phase = 0
    while phase < len(trial.phases):
        # A kill at the very end of a phase comes too late if its moment does not come again: the next phase has it.
        kill = waiting[0] if waiting and trial.phase_at(waiting[0].step - 1) <= phase else None
        number = next(numbers)
        if start(trial, "killed", phase, kill, number):
            assert kill is not None
            struck.append(waiting.pop(0))
            say(f"  killed after step {newest_row(trial.run('killed'))} ({kill.where}), {number} process(es)")
        elif kill is not None:
            waiting.pop(0)
            phase += 1
        else:
            phase += 1
    return struck


def newest_row(run: RunFolder) -> int:
    """The newest step in the metrics."""
    return max((int(row["step"]) for row in read_rows(run.metrics)), default=0)


def compare(trial: Trial, *, exact: bool) -> dict[str, str]:
    """What agrees between the two runs, by name."""
    whole, killed = trial.run("whole"), trial.run("killed")
    return {
        "windows": compare_windows(whole, killed),
        "losses": compare_losses(whole, killed, exact=exact),
        **compare_files(whole, killed, exact=exact),
    }


def compare_windows(whole: RunFolder, killed: RunFolder) -> str:
    """Whether each step of both read exactly the planned windows, each step once."""
    planned = planned_windows(whole)
    for run in (whole, killed):
        read = {int(row["step"]): row["windows"] for row in read_rows(run.windows)}
        wrong = [step for step in planned if read.get(step) != planned[step]]
        if wrong or len(read) != len(planned):
            return f"differ: {run.path.name} read others than planned at step {min(wrong, default=len(planned) + 1)}"
    return f"agree: every one of {len(planned)} steps read exactly the planned ones"


def planned_windows(run: RunFolder) -> dict[int, list[list[int]]]:
    """What each step should read, from the orders of the phases alone."""
    state = load_state(run.step_folder(run.steps()[-1]))
    size = len(next(read_rows(run.windows))["windows"])
    planned = {}
    ends = [phase.first_step for phase in state.phases[1:]] + [state.step]
    for phase, end in zip(state.phases, ends, strict=True):
        for step in range(phase.first_step, end):
            place = (step - phase.first_step) * size
            pairs = phase.order.at_many(np.arange(place, place + size, dtype=np.int64))
            planned[step + 1] = np.stack(pairs, axis=1).tolist()
    return planned


def compare_losses(whole: RunFolder, killed: RunFolder, *, exact: bool) -> str:
    """Whether all losses agree, each step standing once."""
    curves = [
        [(row["step"], row["train_loss"], row.get("val_loss")) for row in read_rows(run.metrics)]
        for run in (whole, killed)
    ]
    if [row[0] for row in curves[0]] != [row[0] for row in curves[1]]:
        return "differ: the metrics have other steps"
    pairs = [(a, b) for x, y in zip(*curves, strict=True) for a, b in zip(x[1:], y[1:], strict=True)]
    if any((a is None) != (b is None) for a, b in pairs):
        return "differ: evaluations are missing"
    largest = max(abs(a - b) for a, b in pairs if a is not None)
    allowed = 0.0 if exact else tolerance(whole)
    where = "to the last bit" if exact else f"within {largest:.1g} nats (allowed: {allowed:g})"
    return f"agree: {where}" if largest <= allowed else f"differ by up to {largest:.3g} nats (allowed: {allowed:g})"


def tolerance(run: RunFolder) -> float:
    """In nats, for the precision that the run was trained in."""
    low = "precision: bfloat16" in run.config.read_text(encoding="utf-8")
    return LOSS_TOLERANCE["bfloat16" if low else "float32"]


def compare_files(whole: RunFolder, killed: RunFolder, *, exact: bool) -> dict[str, str]:
    """Whether weights, optimizer and ledger of the last checkpoints are the same bytes, or weights near each other."""
    folders = [run.step_folder(run.steps()[-1]) for run in (whole, killed)]
    if folders[0].name != folders[1].name:
        return {"last step": f"differ: {folders[0].name} and {folders[1].name}"}
    patterns = {"weights": "model/*.safetensors", "optimizer": "training/**/*.safetensors"}
    outcome = {}
    for what, pattern in {**patterns, "ledger": "training/ledger.json"}.items():
        a, b = (contents(folder, pattern) for folder in folders)
        if a == b:
            outcome[what] = "agree: the same bytes"
        elif exact or what == "ledger":
            outcome[what] = "differ"
        elif what == "weights":
            apart = distance(*folders)
            verdict = "agree: apart" if apart <= WEIGHT_TOLERANCE else "differ: apart"
            outcome[what] = f"{verdict} by {apart:.1g} of their size (allowed: {WEIGHT_TOLERANCE:g})"
    return outcome


def contents(folder: Path, pattern: str) -> dict[str, str]:
    """The checksums of the files in a checkpoint that have such names."""
    return {file.relative_to(folder).as_posix(): checksum(file) for file in sorted(folder.glob(pattern))}


def checksum(file: Path) -> str:
    """SHA-256 of a file; of one with tensors all but its metadata, whose entries are written in no fixed order."""
    if file.suffix != ".safetensors":
        return sha256_file(file)
    with open(file, "rb") as f:
        header = json.loads(f.read(int.from_bytes(f.read(8), "little")))
        header.pop("__metadata__", None)
        rest = hashlib.file_digest(f, "sha256").hexdigest()
    return fingerprint([header, rest])


def distance(a: Path, b: Path) -> float:
    """How far the weights of two checkpoints are apart, as a share of their own size (2-norms over all of them)."""
    x, y = (load_model(folder / "model").state_dict() for folder in (a, b))
    apart, size = (
        math.fsum(float(t.double().square().sum()) for t in ts) for ts in ([x[n] - y[n] for n in x], x.values())
    )
    return math.sqrt(apart / size)


def remove_trial(folder: Path) -> None:
    """Delete everything that the trial has made."""
    shutil.rmtree(folder, ignore_errors=True)
