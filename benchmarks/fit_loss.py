"""The loss formula that `groundup plan` predicts with, from measured runs.

    python benchmarks/fit_loss.py add --corpus corpus.jsonl RUN_FOLDER...    append finished runs over that corpus to loss_runs.jsonl
    python benchmarks/fit_loss.py fit                                        fit them; write loss_law.json; print every residual

Runs should use the default recipe to the end of their schedule. Numbers come from a run's config.yaml, metrics.jsonl and evaluation.json.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from groundup.data.token_files import find_token_sets
from groundup.runs.metrics import read_rows
from groundup.training import loss_law
from groundup.training.config import load_config
from groundup.training.loss_law import MeasuredRun, fit_law, law_as_json, load_runs
from groundup.training.plan import measure_text, multiplying

FOLDER = Path(loss_law.__file__).parent


def read_run(run: Path, text: str, difficulty: float) -> MeasuredRun:
    """What the formula needs of a finished run."""
    config = load_config(run / "config.yaml")
    score = json.loads((run / "evaluation.json").read_text(encoding="utf-8"))
    *_, last = (row for row in read_rows(run / "metrics.jsonl") if "train_loss" in row)
    per_token = score["bytes"] / score["tokens"]
    unique = sum(found.meta.tokens for found in find_token_sets(Path(str(config.dataset.dir)), split="train"))
    return MeasuredRun(
        text=text,
        difficulty=round(difficulty, 4),
        parameters=multiplying(config.model),
        seen_bytes=round(last["tokens"] * per_token),
        unique_bytes=round(unique * per_token),
        bits_per_byte=round(score["val_bpb"], 5),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    add = verbs.add_parser("add")
    add.add_argument("--corpus", type=Path, required=True)
    add.add_argument("--name", help="what to call the text; the corpus file's name unless given")
    add.add_argument("runs", type=Path, nargs="+")
    verbs.add_parser("fit")
    options = parser.parse_args()
    if options.verb == "add":
        difficulty = measure_text(options.corpus).difficulty
        with (FOLDER / "loss_runs.jsonl").open("a", encoding="utf-8") as f:
            for run in options.runs:
                f.write(json.dumps(asdict(read_run(run, options.name or options.corpus.stem, difficulty))) + "\n")
        return
    runs = load_runs()
    law = fit_law(runs)
    (FOLDER / "loss_law.json").write_text(law_as_json(law), encoding="utf-8")
    print(law_as_json(law))
    for run in sorted(runs, key=lambda run: (run.text, run.parameters, run.seen_bytes)):
        predicted = law.predict(
            difficulty=run.difficulty,
            parameters=run.parameters,
            seen_bytes=run.seen_bytes,
            unique_bytes=run.unique_bytes,
        )
        print(
            f"{run.text:10} {run.parameters / 1e6:6.2f}M {run.seen_bytes / 1e6:7.2f} MB {run.seen_bytes / run.unique_bytes:5.1f} passes "
            f" {run.bits_per_byte:.3f} predicted {predicted:.3f} {predicted / run.bits_per_byte - 1:+.1%}"
        )


if __name__ == "__main__":
    main()
