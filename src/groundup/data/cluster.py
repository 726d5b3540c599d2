"""The corpus on many machines: the same stages as a pipeline of datatrove, run by its executors (local, Slurm, Ray).

    CleanShard   task r of n cleans every n-th file, from the r-th on, into a store of its own       (n tasks)
    Assemble     takes all stores over, compares all documents, writes the corpus and its report     (1 task, then)

Both are the code of one machine, so the corpus is the same to the last byte. A task that is killed and started again
goes on with its next chunk. All machines must see the inputs and the output under the same paths.
"""

import dataclasses
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from groundup.data.corpus import CorpusConfig, build_corpus, own_files, resolve_cleaning
from groundup.data.file_cleaner import FileCleaner
from groundup.data.sources import expand_inputs, find_files
from groundup.data.staged import store_path
from groundup.data.store import Store, keys_in
from groundup.utils.errors import UserError, nearest_hint
from groundup.utils.files import open_atomic
from groundup.utils.progress import Say

EXECUTORS = {"local": "LocalPipelineExecutor", "slurm": "SlurmPipelineExecutor", "ray": "RayPipelineExecutor"}
_MODULES = {"local": "datatrove.executor.local", "slurm": "datatrove.executor.slurm", "ray": "datatrove.executor.ray"}
_DEFAULTS: dict[str, dict[str, Any]] = {"slurm": {"time": "24:00:00", "mem_per_cpu_gb": 4}}


@dataclass(frozen=True)
class CleanShard:
    """A step of a datatrove pipeline: cleans its share of the files."""

    inputs: tuple[str, ...]
    output: str
    config: CorpusConfig

    def __call__(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Any]:
        """Clean every `world_size`-th file from the `rank`-th on, but for what is in the corpus already.

        Takes and gives no documents: they go through the store.
        """
        output = Path(self.output)
        found = find_files(expand_inputs(self.inputs), exclude=own_files(output, self.config))
        cleaner = FileCleaner(resolve_cleaning(self.config), self.config.text_column, 1, _print)
        known = keys_in(_kept(output, self.config))
        jobs = cleaner.jobs(found.files[rank::world_size])
        with Store(shard_path(output, rank, world_size)) as store:
            cleaner.clean(store, [job for job in jobs if job.key not in known])
        return iter(())


@dataclass(frozen=True)
class Assemble:
    """The last step: one task that puts the shards together and writes the corpus."""

    inputs: tuple[str, ...]
    output: str
    config: CorpusConfig
    shards: int

    def __call__(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Any]:
        """Write the corpus; the shards are then removed."""
        output = Path(self.output)
        kept = _kept(output, self.config)
        shards = [shard_path(output, shard, self.shards) for shard in range(self.shards)]
        with Store(kept) as store:
            for path in shards:
                store.take(path)
        build_corpus(list(self.inputs), output, dataclasses.replace(self.config, parts=str(kept)), _print)
        for path in shards:
            path.unlink()
        return iter(())


def _kept(output: Path, config: CorpusConfig) -> Path:
    """The store of the whole corpus."""
    return store_path(output) if config.parts in ("auto", "none") else Path(config.parts)


def shard_path(output: Path, shard: int, shards: int) -> Path:
    """Where a task keeps what it has cleaned."""
    return output.with_suffix(".pipeline") / f"{shard:05}-of-{shards:05}.sqlite"


def script_path(output: Path) -> Path:
    """Where the pipeline is written as a program."""
    return output.with_suffix(".pipeline.py")


def run_pipeline(
    inputs: Sequence[str],
    output: Path,
    config: CorpusConfig,
    executor: str,
    tasks: int,
    options: Mapping[str, str],
    say: Say,
) -> None:
    """Write the pipeline as a program beside the corpus and run it: to its end, or until Slurm has taken it.

    `options` go to datatrove's executor as they are (partition, time, venv_path, ...). Raises UserError for an
    executor that does not exist or cannot be used here, and when the pipeline fails.
    """
    if executor not in EXECUTORS:
        raise UserError(f'There is no executor "{executor}".{nearest_hint(executor, EXECUTORS)}')
    if find_spec("datatrove") is None:
        raise UserError("--executor needs datatrove. Install it: pip install 'groundup[cluster]'.")
    if executor == "ray" and find_spec("ray") is None:
        raise UserError("--executor ray needs ray. Install it on every machine: pip install ray.")
    values = {**_DEFAULTS.get(executor, {}), **{key: _value(value) for key, value in options.items()}}
    if executor == "slurm" and "partition" not in values:
        raise UserError("--executor slurm needs a partition: --executor-option partition=NAME (sinfo lists them).")
    resolve_cleaning(config)  # what is wrong is said here, not by the tasks
    expand_inputs(inputs)
    script = script_path(output)
    with open_atomic(script) as file:
        file.write(program(inputs, output, config, executor, tasks, values))
    say(f"Pipeline in {script}: {tasks:,} tasks that clean, one that writes")
    if subprocess.run([sys.executable, str(script)], check=False).returncode:
        raise UserError(
            f"The pipeline failed; its logs are in {shard_path(output, 0, 1).parent / 'logs'}. Run it again to go on."
        )
    say(
        f"Corpus: {output}"
        if executor != "slurm"
        else f"Slurm has taken it: squeue shows how it stands, {output} is the end."
    )


def program(
    inputs: Sequence[str], output: Path, config: CorpusConfig, executor: str, tasks: int, options: Mapping[str, Any]
) -> str:
    """The pipeline as a program in Python."""
    given = {
        name: value for name, value in dataclasses.asdict(config).items() if value != getattr(CorpusConfig(), name)
    }
    arguments = "".join(f", {name}={value!r}" for name, value in options.items())
    return f'''"""The corpus {output.name} as a datatrove pipeline, written by groundup corpus --executor {executor}.

Run it again to go on where it stopped.
"""

import os
import time

from {_MODULES[executor]} import {EXECUTORS[executor]}

from groundup.data.cluster import Assemble, CleanShard
from groundup.data.corpus import CorpusConfig

os.chdir({os.getcwd()!r})
INPUTS = {tuple(map(str, inputs))!r}
OUTPUT = {str(output)!r}
CONFIG = CorpusConfig(**{given!r})
TASKS = {tasks}
LOGS = {str(output.with_suffix(".pipeline") / "logs")!r} + time.strftime("/%Y%m%d-%H%M%S")

clean = {EXECUTORS[executor]}(
    [CleanShard(INPUTS, OUTPUT, CONFIG)], tasks=TASKS, logging_dir=f"{{LOGS}}/clean"{arguments}
)
write = {EXECUTORS[executor]}(
    [Assemble(INPUTS, OUTPUT, CONFIG, TASKS)], tasks=1, logging_dir=f"{{LOGS}}/write", depends=clean{arguments}
)

if __name__ == "__main__":
    write.run()
'''


def _value(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def _print(line: str) -> None:
    print(line, flush=True)
