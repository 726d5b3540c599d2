"""All rules of the grammar, by name."""

from functools import lru_cache

from groundup.data.builtin.notation import Choice, Role, Rule, Sequence, Text, read_rules
from groundup.data.builtin.rules import (
    acts,
    beginnings,
    endings,
    phrases,
    plots_adventures,
    plots_courage,
    plots_friends,
    plots_home,
    plots_making,
    plots_rivals,
    plots_things,
    shapes,
    speeches,
)

_MODULES = (
    *(phrases, acts, shapes, speeches, beginnings, endings),
    *(plots_things, plots_friends, plots_rivals, plots_courage, plots_making, plots_adventures, plots_home),
)


@lru_cache(maxsize=1)
def rules() -> dict[str, Rule]:
    """Return the rules by name, in the order in which they are written."""
    found: dict[str, Rule] = {}
    for module in _MODULES:
        for rule in read_rules(module.RULES):
            assert rule.name not in found, f"{rule.name} is written twice"
            found[rule.name] = rule
    return found


def plots() -> tuple[Rule, ...]:
    return tuple(rule for rule in rules().values() if rule.kind == "plot")


def is_finite(production: Sequence) -> bool:
    """Whether a verb phrase begins with a verb that stands in the past as written ("could not sleep")."""
    first = next(part for part in production.parts if not (isinstance(part, Role) and part.form == "if"))
    words = first.options[0].parts if isinstance(first, Choice) else (first,)
    return isinstance(words[0], Text)
