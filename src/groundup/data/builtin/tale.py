"""The state of a tale while it is told: who is in it, and whom a pronoun would mean."""

from collections.abc import Callable
from dataclasses import dataclass

from groundup.data.builtin.cast import Draw, Person, Thing

PRONOUN_SHARE = 0.9
PRONOUNS_IN_A_ROW = 4


class Tale:
    """The cast, and who was named last."""

    __slots__ = ("cast", "focus", "known", "named_in", "pronouns", "random", "sentence")

    def __init__(self, random: Draw, cast: dict[str, Person | Thing]) -> None:
        self.random = random
        self.cast = cast
        self.focus: dict[str, Person | None] = {"he": None, "she": None, "they": None}
        self.pronouns = 0  # told in a row
        self.sentence = 0  # how many have begun
        self.named_in = 0  # the one in which somebody was named last
        self.known: set[str] = set()  # names of those who have been named before

    def new_paragraph(self) -> None:
        self.focus = {"he": None, "she": None, "they": None}

    def mention(self, who: Person) -> None:
        if who.gender == "they":
            self.focus["he"] = self.focus["she"] = None
        self.focus[who.gender] = who
        self.pronouns = 0
        self.named_in = self.sentence
        self.known.add(who.name)

    def takes_pronoun(self) -> bool:
        """Whether to say "she" of the one who is clear: always in the same sentence, else mostly, now and then not."""
        if self.named_in == self.sentence:
            return True
        return self.pronouns < PRONOUNS_IN_A_ROW and self.random() < PRONOUN_SHARE


Tell = Callable[[Tale], str]
Fits = Callable[[Tale], bool]


@dataclass(frozen=True)
class Piece:
    """Something that can be told."""

    tell: Tell
    fits: Fits | None = None  # whether the cast allows it; None: always
    roles: frozenset[str] = frozenset()  # whose group `fits` looks at
    constant: str | None = None
