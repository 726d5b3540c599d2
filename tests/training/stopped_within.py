"""Train, and send this process a signal inside one phase: `stopped_within.py CONFIG PHASE SIGNAL DELAY SETTING...`.

Run by test_signals.py. Prints, just before it sends, the time and its processor time; ends as the command line does.
"""

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from groundup.training import checkpoint_writer, prepare, recipe, session
from groundup.training.config import load_config
from groundup.training.observer import Observer
from groundup.training.pretrain import pretrain
from groundup.training.signals import Interrupted

WHERE: dict[str, tuple[ModuleType | type, str]] = {
    "corpus": (prepare, "build_corpus"),
    "tokenizer": (prepare, "train_tokenizer"),
    "token files": (prepare, "tokenize_corpus"),
    "step": (session.Loop, "_measure"),
    "evaluation": (recipe, "evaluate"),
    "sampling": (recipe, "generate_text"),
    "saving": (checkpoint_writer, "write_bundle"),
}


def send_within(phase: str, number: int, delay: float) -> None:
    """Let the first call of what does the phase's work send the signal, so many seconds after it has begun."""
    place, name = WHERE[phase]
    real: Callable[..., Any] = getattr(place, name)
    sent = False

    def send() -> None:
        time.sleep(delay)
        print(f"sent {time.time()} {time.process_time()}", flush=True)
        os.kill(os.getpid(), number)

    def call(*arguments: Any, **named: Any) -> Any:
        nonlocal sent
        if not sent:
            sent = True
            threading.Thread(target=send, daemon=True).start() if delay else send()
        return real(*arguments, **named)

    setattr(place, name, call)


def main(config: Path, phase: str, number: int, delay: float, settings: list[str]) -> None:
    """As the command line would end."""
    send_within(phase, number, delay)
    try:
        pretrain(load_config(config, settings), observer=Observer(lambda text: print(text, file=sys.stderr)))
    except Interrupted as stopped:
        print(stopped, file=sys.stderr)
        sys.exit(stopped.exit_code)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), sys.argv[5:])
