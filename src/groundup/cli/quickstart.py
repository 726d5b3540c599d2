"""groundup quickstart."""

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_OUT = Path("groundup-quickstart")


def quickstart(
    minutes: Annotated[float, typer.Option(help="Minutes of training.", min=0.01)] = 3.0,
    text: Annotated[
        Path | None,
        typer.Option(help="Your own text: a file or folder of at least 100 KB. Without it, built-in stories."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder that holds everything that is made.")] = DEFAULT_OUT,
    seed: Annotated[int, typer.Option(help="Seed of all chance.")] = 1,
) -> None:
    """Go the whole path in minutes: text, tokenizer, training, samples; with the built-in text also chat tuning.

    Run again, it goes on where it left off.
    """
    from groundup.cli.display import choose_observer
    from groundup.training.quickstart import quickstart as run

    summary = run(out, minutes=minutes, text=text, seed=seed, observer=choose_observer())
    for number, sample in enumerate(summary.samples, 1):
        print(f"\n--- sample {number} ---\n{sample}")
    score = summary.result.evaluation
    print(f"\nval_loss {score.loss:.4f}   val_ppl {score.perplexity:.2f}   val_bpb {score.bits_per_byte:.4f}")
    if summary.writing is not None:
        print(summary.writing.describe())
    if summary.chat is not None:
        for shown in summary.chat.shown:
            print(f"\n> {shown.question}\n{shown.reply}   (expected: {shown.expected})")
        print(f"\n{summary.chat.describe()}")
        talk = f"\n  talk with it     groundup chat --checkpoint {out}"
    else:
        talk = f"\n  make it answer   groundup tune --checkpoint {out} --data my-conversations.jsonl"
    print(
        f"\nYour model: {summary.result.best}/model (also for transformers' AutoModelForCausalLM)"
        f'\n  write more       groundup generate --checkpoint {out} --prompt "Once upon a time"'
        f"{talk}"
        f"\n  train longer     groundup train --config {out}/config.yaml training.max_minutes={2 * minutes:g}"
        f"\n  your own text    groundup quickstart --text my-texts --out my-model"
    )
