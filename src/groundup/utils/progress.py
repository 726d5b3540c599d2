"""How library code tells a person what happens: through a function that the caller hands in."""

from collections.abc import Callable

Say = Callable[[str], None]


def quiet(message: str) -> None:
    """Say nothing: the default for library calls."""
