"""The sentences that stand in the passages of the grammar."""

from collections.abc import Iterable, Iterator

from groundup.data.builtin.grammar import calls_passage, ends_sentence, is_passage
from groundup.data.builtin.notation import PARAGRAPH, PASSAGES, QUOTE, Choice, Part, Rule, Sequence


def sentences_of(rules: Iterable[Rule]) -> Iterator[tuple[Rule, Sequence]]:
    """Yield every sentence that plots, scenes and shapes write themselves, with its rule."""
    for rule in rules:
        if rule.kind in PASSAGES:
            for production in rule.productions:
                for sentence in split_at_ends(production):
                    yield rule, sentence


def split_at_ends(passage: Sequence) -> Iterator[Sequence]:
    """Yield the sentences of a passage, without the passages that it calls. What is quoted does not end a sentence, but
    a quotation that ends the passage does."""
    parts: list[Part] = []
    quoted = False
    for at, part in enumerate(passage.parts):
        if not parts and isinstance(part, Choice) and any(is_passage(option) for option in part.options):
            for option in part.options:
                yield from split_at_ends(option)
            continue
        if not parts and (part == PARAGRAPH or calls_passage(part)):
            continue
        parts.append(part)
        quoted ^= part == QUOTE
        last = at == len(passage.parts) - 1
        if not quoted and ends_sentence(tuple(parts)) and (part != QUOTE or last):
            yield Sequence(tuple(parts))
            parts = []
    assert not parts, f"no end of sentence: {parts}"
