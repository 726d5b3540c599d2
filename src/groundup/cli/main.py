"""The command line: verbs in the order of the path, errors in one line, exit codes as shells expect them."""

import functools
import os
import re
import sys
from collections.abc import Callable
from typing import Any

import typer

from groundup.cli import (
    chat,
    corpus,
    doctor,
    evaluate,
    export,
    generate,
    importing,
    params,
    plan,
    quickstart,
    report,
    runs,
    serve,
    tokenize,
    tokenizer,
    train,
    tune,
    verify_resume,
)
from groundup.training.signals import Interrupted
from groundup.utils.errors import UserError
from groundup.utils.ranks import launched_rank

app = typer.Typer(
    name="groundup",
    help="Grow a language model from scratch on your own text, on the machine you have.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def reports_errors(function: Callable[..., Any]) -> Callable[..., Any]:
    """Turn what a user can mend into one line on stderr and exit code 1; Ctrl-C into 130."""

    @functools.wraps(function)
    def wrapped(*arguments: Any, **named: Any) -> None:
        try:
            function(*arguments, **named)
        except UserError as error:
            fail(str(error), 1, speaks=launched_rank() == 0 or str(error).startswith(f"process {launched_rank()} of"))
        except Interrupted as stopped:
            fail(str(stopped), stopped.exit_code, prefix="", speaks=launched_rank() == 0)
        except KeyboardInterrupt:
            fail("interrupted", 130, prefix="", speaks=launched_rank() == 0)
        except BrokenPipeError:
            # Whoever read our output has gone (| head): nothing is wrong, and nothing more can be printed.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            fail(f"{where}{error.strerror or error}. Check the path, its permissions and the space on the disk.", 1)

    return wrapped


def fail(message: str, code: int, *, prefix: str = "error: ", speaks: bool = True) -> None:
    """Print one line and leave. Of the processes of a run one speaks, or the one that alone has failed."""
    if speaks:
        print(f"{prefix}{' '.join(message.split())}", file=sys.stderr)
    raise typer.Exit(code)


def build() -> None:
    """Register every verb."""
    verbs: list[Callable[..., Any]] = [
        quickstart.quickstart,
        doctor.doctor,
        tokenize.tokenize,
        params.params,
        plan.plan,
        train.train,
        tune.tune,
        runs.runs,
        runs.compare,
        report.report,
        report.dashboard,
        verify_resume.verify_resume,
        generate.generate,
        chat.chat,
        serve.serve,
    ]
    for verb in verbs:
        app.command()(reports_errors(verb))
    app.command("eval")(reports_errors(evaluate.evaluate))
    app.command()(reports_errors(export.export))
    app.command(name="import")(reports_errors(importing.import_))
    corpus_app = typer.Typer(
        cls=corpus.CorpusGroup, help="Make a clean corpus from files of text; inspect what was dropped; write a report."
    )
    corpus_app.command(name="build")(reports_errors(corpus.corpus))
    for verb in (corpus.inspect, corpus.report, corpus.lineage):
        corpus_app.command()(reports_errors(verb))
    app.add_typer(corpus_app, name="corpus")
    tokenizer_app = typer.Typer(help="Train, compare and look into tokenizers.", no_args_is_help=True)
    for verb in (tokenizer.train, tokenizer.compare, tokenizer.show):
        tokenizer_app.command()(reports_errors(verb))
    app.add_typer(tokenizer_app, name="tokenizer")


build()


UNDERSCORED = re.compile(r"--[a-z][a-z0-9]*(_[a-z0-9]+)+(=.*)?", re.DOTALL)


def with_dashes(words: list[str]) -> list[str]:
    """--only_new means --only-new: both spellings are accepted. What follows a bare -- is left alone."""
    end = words.index("--") if "--" in words else len(words)
    changed = []
    for word in words[:end]:
        name, equals, value = word.partition("=")
        changed.append(name.replace("_", "-") + equals + value if UNDERSCORED.fullmatch(word) else word)
    return changed + words[end:]


def wait_politely() -> None:
    """Let torch's threads wait asleep for one that has no processor, after a short while of watching.

    OpenMP's own choice is to watch without end: beside other work that made training ten times slower (LOG.md), on an
    idle machine the short while costs nothing that could be measured. Read when torch is imported, so it comes first.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "10000")


def main(words: list[str] | None = None) -> None:
    """Run the command line with `words` (sys.argv's by default)."""
    wait_politely()
    app(with_dashes(sys.argv[1:] if words is None else words), prog_name="groundup")


if __name__ == "__main__":
    main()
