"""The tokens that are no text: what they are called, which role each has, which names are allowed.

Their ids come first in every vocabulary trained here, in a fixed order: `<|endoftext|>` is 0, `<|pad|>` 1,
`<|im_start|>` 2, `<|im_end|>` 3, then the user's own in the order given.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields

from groundup.utils.errors import UserError

END_OF_TEXT = "<|endoftext|>"
PAD = "<|pad|>"
IM_START = "<|im_start|>"
IM_END = "<|im_end|>"
RESERVED = (END_OF_TEXT, PAD, IM_START, IM_END)

# Names by which users know the optional roles. `<pad>` is an extra token only: the role belongs to `<|pad|>`, so that
# every tokenizer pads with the same id.
OPTIONAL_ROLES = {"unk": "<unk>", "bos": "<s>", "eos": "</s>", "mask": "<mask>"}


@dataclass(frozen=True)
class SpecialTokens:
    """Special tokens by role, as strings. A role that this tokenizer does not have is None."""

    end_of_text: str = END_OF_TEXT
    """Stands before every document and every prompt; ends a conversation."""
    pad: str = PAD
    """Fills short rows; never counted in the loss."""
    im_start: str = IM_START
    """Opens a chat turn."""
    im_end: str = IM_END
    """Closes a chat turn; what the model says last."""
    unk: str | None = None
    bos: str | None = None
    eos: str | None = None
    mask: str | None = None
    ids: Mapping[str, int] = field(default_factory=dict)
    """Role name to id, for the roles that are there."""

    def roles(self) -> dict[str, str]:
        """Role name to token string, for the roles that are there."""
        strings = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "ids"}
        return {role: token for role, token in strings.items() if token is not None}


def all_special_tokens(further: Iterable[str]) -> list[str]:
    """The reserved tokens and then `further`, each once: the list whose positions are the ids.

    Raises UserError for a name that a tokenizer could not keep apart from text.
    """
    tokens = list(dict.fromkeys([*RESERVED, *further]))
    for token in tokens:
        if len(token) < 2 or not token.isascii() or not token.isprintable() or " " in token:
            raise UserError(
                f"The special token {token!r} cannot be used: it must be at least 2 printable ASCII characters "
                'without spaces. Choose a name such as "<|name|>".'
            )
    return tokens


def roles_among(tokens: Iterable[str]) -> dict[str, str]:
    """Which optional roles the given special tokens fill, by their usual names: `<unk>`, `<s>`, `</s>`, `<mask>`."""
    present = set(tokens)
    return {role: token for role, token in OPTIONAL_ROLES.items() if token in present}
