"""The one exception that stands for something the user can mend."""

import difflib
from collections.abc import Iterable


class UserError(ValueError):
    """One line that says what is wrong, where, and what to do next. The command line prints it and returns 1."""


def nearest_hint(name: str, valid: Iterable[str]) -> str:
    """Return ' Did you mean "x"?' for the valid name closest to `name`, else ' Valid: a, b, c.'."""
    names = sorted(valid)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f' Did you mean "{close[0]}"?' if close else f" Valid: {', '.join(names)}."
