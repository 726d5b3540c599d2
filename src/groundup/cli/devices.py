"""Which device, where a person may be asked."""

import sys
from collections.abc import Callable, Sequence

import torch

from groundup.utils.device import Accelerator, list_accelerators, resolve_device
from groundup.utils.progress import Say


def choose_device(name: str | None, say: Say) -> torch.device:
    """The device of --device; without it, on a terminal with several accelerators, the one that the person picks.

    Raises UserError for a device that is not there.
    """
    return resolve_device(name or ask_on_terminal(say) or "auto")


def choose_training_device(configured: str, given: str | None, decided: bool, ask: Callable[[], str | None]) -> str:
    """The value of training.device: --device, else what is configured; where that is auto, what `ask` gives, if any.

    decided: the run goes on where it was, or is one of several processes with a device each: nobody is asked.
    """
    if given is not None:
        return given
    return (ask() if configured == "auto" and not decided else None) or configured


def ask_on_terminal(say: Say) -> str | None:
    """The accelerator that the person at the terminal picks among several; None where there is nobody or no choice."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    accelerators = list_accelerators()
    return ask_for_accelerator(accelerators, say, sys.stdin.readline) if len(accelerators) > 1 else None


def ask_for_accelerator(accelerators: Sequence[Accelerator], say: Say, read_line: Callable[[], str]) -> str:
    """List the accelerators with their memory and return the name of the one that is picked; Enter takes the first."""
    for number, accelerator in enumerate(accelerators, 1):
        memory = f", {accelerator.memory_bytes / 2**30:.0f} GiB" if accelerator.memory_bytes else ""
        say(f"  {number}  {accelerator.name}  {accelerator.description}{memory}")
    while True:
        say(f"Which one? 1 to {len(accelerators)}, Enter for 1 (--device answers beforehand)")
        answer = read_line()
        choice = answer.strip() or "1"  # end of input, too
        if choice.isdecimal() and 1 <= int(choice) <= len(accelerators):
            return accelerators[int(choice) - 1].name
