"""What `groundup generate` does: where the prompt comes from, where the text goes."""

import contextlib
import io
import os
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from groundup.inference.generation import (
    TEXT_BORDER,
    GenerationConfig,
    check_generation,
    complete,
    load_generation,
)
from groundup.model.accounting import count_parameters
from groundup.model.transformer import Transformer
from groundup.tokenizer.interface import Tokenizer
from groundup.utils.errors import UserError
from groundup.utils.files import open_atomic
from groundup.utils.progress import Say


def choose_settings(bundle: Path, **given: Any) -> GenerationConfig:
    """What the flags say; where they say nothing (None), what the model folder does."""
    flags = {name: value for name, value in given.items() if value is not None}
    settings = replace(load_generation(bundle), **flags)
    if settings.seed is None:
        settings.seed = secrets.randbits(31)
    check_generation(settings)
    return settings


def read_prompt(prompt: str | None, prompt_file: Path | None) -> str:
    """The prompt of --prompt or --prompt-file, else the empty one. Raises UserError for a file that is no text."""
    if prompt_file is None:
        # What was no UTF-8 on the command line arrives as half surrogates.
        return (prompt or "").encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        data = sys.stdin.buffer.read() if str(prompt_file) == "-" else prompt_file.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise UserError(f"prompt file {prompt_file}: {error.strerror}. Check the path and its permissions.") from error
    except UnicodeDecodeError as error:
        raise UserError(f"prompt file {prompt_file} is not UTF-8 (byte {error.start}). Save it as UTF-8.") from error
    return text.replace("\r\n", "\n").removesuffix("\n")


def check_output(output: Path | None) -> None:
    """Raise UserError before anything is computed if --output cannot be written."""
    if output is None:
        return
    if output.is_dir():
        raise UserError(f"--output {output} is a folder. Give the name of a file.")
    output.parent.mkdir(parents=True, exist_ok=True)
    if not os.access(output.parent, os.W_OK):
        raise UserError(f"--output {output}: nothing may be written in {output.parent}. Choose another folder.")


class Writer:
    """A model with its settings, ready to write after any prompt."""

    def __init__(
        self, model: Transformer, tokenizer: Tokenizer, settings: GenerationConfig, *, say: Say, verbose: bool
    ) -> None:
        self.model, self.tokenizer, self.settings = model, tokenizer, settings
        self.say, self.verbose = say, verbose

    def write(self, prompt: str, emit: Callable[[str], None], *, sample: int = 0) -> None:
        """Emit prompt, completion while it is written, and a line break; the speed is told afterwards."""
        emit(prompt)
        start = time.perf_counter()
        try:
            completion = complete(
                self.model, self.tokenizer, prompt, self.settings, sample=sample, on_text=emit, say=self.say
            )
        finally:
            emit("\n")
        seconds = time.perf_counter() - start
        if self.verbose:
            self.say(
                f"{completion.n_tokens} tokens in {seconds:.2f} s: {completion.n_tokens / seconds:,.0f} tokens/s, "
                f"ended by {completion.ended_by}"
            )


def write(writer: Writer, prompt: str, output: Path | None) -> None:
    """All samples, prompt and completion each, to standard output or to a file; Ctrl-C keeps what there is."""
    if output is None:
        write_samples(writer, prompt, standard_output())
        return
    pieces: list[str] = []
    try:
        write_samples(writer, prompt, pieces.append)
    except KeyboardInterrupt:
        save(pieces, output, writer.say)
        raise
    save(pieces, output, writer.say)


def save(pieces: list[str], output: Path, say: Say) -> None:
    """Write the text to a file that exists whole or not at all."""
    with open_atomic(output) as f:
        f.write("".join(pieces))
    say(f"written to {output}")


def write_samples(writer: Writer, prompt: str, emit: Callable[[str], None]) -> None:
    """One text after the other, each as its own seed has it, however many there are."""
    for sample in range(writer.settings.num_samples):
        if sample > 0:
            emit(TEXT_BORDER.lstrip())  # the line before it is ended
        writer.write(prompt, emit, sample=sample)


def standard_output() -> Callable[[str], None]:
    """A function that shows text at once, as UTF-8 wherever it goes."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")

    def emit(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    return emit


def converse(writer: Writer) -> None:
    """Ask for a prompt, write, ask again, until end of input. Ctrl-C ends a text, not the program."""
    emit = standard_output()
    read_as_utf8()
    writer.say("Type a prompt and Enter. Ctrl-C stops a text, Ctrl-D ends.")
    while True:
        try:
            line = read_line("> ", pipes_too=True)
            if line is None:
                return
            write_samples(writer, line, emit)
        except KeyboardInterrupt:
            print(file=sys.stderr)


def read_as_utf8() -> None:
    """Take standard input for UTF-8, whatever the system's own encoding is."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")


def read_line(prompt: str, *, pipes_too: bool = False) -> str | None:
    """A line that is typed, or the next one of a pipe, which gets no prompt unless `pipes_too`; None at the end."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        with contextlib.suppress(ImportError):  # not on Windows
            import readline  # noqa: F401 - gives input() arrow keys and a history
        try:
            return input(prompt)
        except EOFError:
            print()
            return None
    if pipes_too or sys.stdin.isatty():
        print(prompt, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    return line.removesuffix("\n").removesuffix("\r") if line else None


def describe(bundle: Path, model: Transformer, settings: GenerationConfig, say: Say) -> None:
    """What writes here, line by line."""
    config, weight = model.config, model.embed.weight
    step = bundle.parent.name.removeprefix("step-")
    lines = {
        "model": bundle,
        "step": f"{int(step):,}" if step.isdecimal() else "-",
        "architecture": config.architecture,
        "shape": f"{config.n_layer} layers of width {config.n_embd}, {config.n_head} heads",
        "parameters": f"{count_parameters(config).total:,}",
        "context": f"{config.block_size:,} tokens",
        "vocabulary": f"{config.vocab_size:,} tokens",
        "dtype": str(weight.dtype).removeprefix("torch."),
        "device": weight.device,
        "temperature": settings.temperature,
        "top_k, top_p": f"{settings.top_k or '-'}, {settings.top_p or '-'}",
        "seed": settings.seed,
    }
    for name, value in lines.items():
        say(f"{name:13} {value}")
