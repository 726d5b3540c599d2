"""All rules of the grammar, by name."""

from functools import lru_cache

from groundup.data.builtin.notation import (
    PARAGRAPH,
    PASSAGES,
    PERSONS,
    QUOTE,
    SENTENCE_ENDS,
    Call,
    Choice,
    Clause,
    Part,
    Role,
    Rule,
    Sequence,
    Text,
    read_rules,
)
from groundup.data.builtin.rules import (
    acts,
    beginnings,
    endings,
    phrases,
    plots_amends,
    plots_caring,
    plots_courage,
    plots_giving,
    plots_home,
    plots_lost,
    plots_lost_way,
    plots_making,
    plots_order,
    plots_outings,
    plots_rivals,
    plots_sharing,
    plots_wishes,
    questions,
    shapes,
    speeches,
)

_MODULES = (
    *(phrases, acts, shapes, speeches, beginnings, endings, questions),
    *(plots_lost, plots_amends, plots_sharing, plots_giving, plots_rivals, plots_courage),
    *(plots_lost_way, plots_making, plots_caring, plots_outings, plots_wishes, plots_home, plots_order),
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


def is_passage(sequence: Sequence) -> bool:
    """Whether a production or an alternative is made of whole sentences."""
    if not sequence.parts:
        return False
    last = sequence.parts[-1]
    return last == PARAGRAPH or calls_passage(last) or ends_sentence(sequence.parts)


def calls_passage(part: Part | None) -> bool:
    return isinstance(part, Call) and part.name in rules() and rules()[part.name].kind in PASSAGES


def ends_sentence(parts: tuple[Part, ...]) -> bool:
    """Whether the last of these parts ends a sentence: a mark, or a quotation mark after one."""
    if parts[-1:] == (QUOTE,):
        parts = parts[:-1]
    return bool(parts) and isinstance(parts[-1], Text) and parts[-1].text in SENTENCE_ENDS


def subject_of(rule: Rule, production: Sequence) -> str:
    """Return the role that "his" means in "hugged his mom": S where the rule has it, else whom the production names first."""
    if rule.kind == "act" or "S" in rule.parameters:
        return "S"
    for part in production.parts:
        role = part.subject if isinstance(part, Clause) else part
        if isinstance(role, Role) and role.letter in PERSONS and role.form in ("", "full", "name"):
            return role.letter
    return ""


def is_finite(production: Sequence) -> bool:
    """Whether a verb phrase begins with a verb that stands in the past as written ("could not sleep")."""
    first = next(part for part in production.parts if not (isinstance(part, Role) and part.form == "if"))
    words = first.options[0].parts if isinstance(first, Choice) else (first,)
    return isinstance(words[0], Text)
