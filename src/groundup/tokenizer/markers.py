"""Giving a tokenizer that others made the special tokens that this project rests on."""

import re
from collections.abc import Iterable, Mapping, Sequence

import tokenizers
from tokenizers import AddedToken, Regex, pre_tokenizers

from groundup.tokenizer.special_tokens import END_OF_TEXT, OPTIONAL_ROLES, RESERVED, SpecialTokens, all_special_tokens
from groundup.utils.errors import UserError


def add_markers(
    backend: tokenizers.Tokenizer, named: Mapping[str, str] | None = None, further: Iterable[str] = ()
) -> dict[str, str]:
    """Add what is missing after the vocabulary, in place, and return role name to token for every role.

    `named` are its own special tokens as transformers names them without `_token` (bos, eos, pad, unk, mask). Where it
    has no `<|endoftext|>`, its beginning of text takes that role, else its end of text; a padding token of its own
    is kept. Ids of the existing vocabulary stay. Raises UserError for a vocabulary that cannot be added to.
    """
    named = {role: token for role, token in (named or {}).items() if backend.token_to_id(token) is not None}
    roles = SpecialTokens().roles()
    if backend.token_to_id(END_OF_TEXT) is None:
        roles["end_of_text"] = named.get("bos") or named.get("eos") or END_OF_TEXT
    text_ends = {roles["end_of_text"], named.get("bos"), named.get("eos"), named.get("unk")}
    if backend.token_to_id(roles["pad"]) is None and named.get("pad") and named["pad"] not in text_ends:
        roles["pad"] = named["pad"]
    taken = set(roles.values())
    roles |= {role: named[role] for role in OPTIONAL_ROLES if role in named and named[role] not in taken}
    add_special(backend, [*roles.values(), *(token for token in all_special_tokens(further) if token not in RESERVED)])
    return roles


def add_special(backend: tokenizers.Tokenizer, tokens: Sequence[str]) -> None:
    """Add those of `tokens` that are no special tokens yet, after the vocabulary, in place. Raises UserError."""
    own = {token.content for token in backend.get_added_tokens_decoder().values() if token.special}
    new = [AddedToken(token, special=True, normalized=False) for token in tokens if token not in own]
    before = backend.get_vocab(with_added_tokens=True)
    backend.add_special_tokens(new)
    after = backend.get_vocab(with_added_tokens=True)
    if any(after[token] <= max(before.values()) for token in after.keys() - before.keys()):
        raise UserError("The vocabulary has gaps in its ids, so that no tokens can be added after it. Use another one.")


def guard_against_spelling(backend: tokenizers.Tokenizer, tokens: Sequence[str]) -> None:
    """See to it that text which spells one of `tokens` is not taken for it, in place.

    A model that looks up strings (unigram) finds special tokens in its vocabulary like any other. So where the text
    spells one of them, it is cut after the first character.
    """
    spellings = "|".join(f"{re.escape(token[0])}(?={re.escape(token[1:])})" for token in tokens if len(token) > 1)
    split = pre_tokenizers.Split(Regex(spellings), behavior="isolated")
    existing = backend.pre_tokenizer
    backend.pre_tokenizer = pre_tokenizers.Sequence([split, existing]) if existing else split
