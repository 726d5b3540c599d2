"""Groundup grows a language model from scratch on your own text.

    import groundup

    groundup.train("configs/my-llm.json", {"training.max_minutes": 10})
    model = groundup.load("checkpoints/my-llm")
    print(model.generate("Once upon a time", temperature=0.7))
    print(model.chat("What did the rabbit find?"))
    print(groundup.Tokenizer("artifacts/my-llm/tokenizer").encode("Hello."))

Nothing heavy is imported before it is used.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from groundup.api import Model, load, train
    from groundup.tokenizer.standalone import Tokenizer
    from groundup.utils.errors import UserError

__version__ = "0.1.0"

__all__ = ["Model", "Tokenizer", "UserError", "load", "train"]

_HOME = {
    "Model": "groundup.api",
    "load": "groundup.api",
    "train": "groundup.api",
    "Tokenizer": "groundup.tokenizer.standalone",
    "UserError": "groundup.utils.errors",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is first asked for (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
