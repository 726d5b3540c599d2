"""How much of a phase comes from which dataset, in tokens: a configured mixture, old text replayed beside new."""

from collections.abc import Mapping, Sequence

from groundup.data.token_files import TokenSet
from groundup.utils.errors import UserError, nearest_hint


def choose_sets(sets: Sequence[TokenSet], mixture: Mapping[str, float]) -> list[TokenSet]:
    """The sets that a mixture names (all without one). Raises UserError for a name without token files, or a weight."""
    names = sorted({token_set.basename for token_set in sets})
    for name, weight in mixture.items():
        if name not in names:
            raise UserError(
                f'dataset.mixture names "{name}", of which there are no token files.{nearest_hint(name, names)}'
            )
        if not 0 <= weight < float("inf"):
            raise UserError(f"dataset.mixture.{name} is {weight}; a weight is a number of at least 0.")
    if mixture and not any(mixture.values()):
        raise UserError("dataset.mixture gives no dataset a weight above 0.")
    return [token_set for token_set in sets if not mixture or mixture.get(token_set.basename, 0) > 0]


def weigh(
    new: Sequence[TokenSet], old: Sequence[TokenSet], mixture: Mapping[str, float], replay_fraction: float
) -> list[float] | None:
    """The share of each set, new and then old, in the tokens of a phase; None where every window counts the same.

    The old sets get replay_fraction together. Within new and old, the mixture decides between corpora, and the number
    of tokens between the sets of one corpus, or between all sets where there is no mixture.
    """
    if not mixture and not old:
        return None
    if not old or not new:
        return _within([*new, *old], mixture)
    shares = [(1 - replay_fraction) * weight for weight in _within(new, mixture)]
    return shares + [replay_fraction * weight for weight in _within(old, mixture)]


def _within(sets: Sequence[TokenSet], mixture: Mapping[str, float]) -> list[float]:
    """Shares that add up to 1."""
    tokens: dict[str, int] = {}
    for token_set in sets:
        tokens[token_set.basename] = tokens.get(token_set.basename, 0) + token_set.meta.tokens
    weights = [
        token_set.meta.tokens * (mixture[token_set.basename] / tokens[token_set.basename] if mixture else 1.0)
        for token_set in sets
    ]
    return [weight / sum(weights) for weight in weights]
