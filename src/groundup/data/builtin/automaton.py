"""Networks of words and calls, made deterministic as they are used.

A network recognises the phrases of one symbol of the grammar. Its arcs carry words or calls of other symbols, so
recognition is a walk with a chart: where a call stands, the ends that the called symbol can reach are looked up
(recursive transition networks, Woods 1970; subset construction on demand).
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Any

Symbol = Hashable


class Network:
    """A nondeterministic network: node 0 begins, node 1 ends."""

    START, END = 0, 1

    def __init__(self) -> None:
        self._words: list[dict[str, list[int]]] = []
        self._calls: list[dict[Symbol, list[int]]] = []
        self._skips: list[list[int]] = []
        self._states: dict[frozenset[int], State] = {}
        self.node()
        self.node()

    def node(self) -> int:
        self._words.append({})
        self._calls.append({})
        self._skips.append([])
        return len(self._skips) - 1

    def add_word(self, start: int, word: str, end: int) -> None:
        self._words[start].setdefault(word, []).append(end)

    def add_words(self, start: int, words: Iterable[str], end: int) -> None:
        """Add a way through these words one after the other."""
        *before, last = words
        for word in before:
            start, previous = self.node(), start
            self.add_word(previous, word, start)
        self.add_word(start, last, end)

    def add_call(self, start: int, symbol: Symbol, end: int) -> None:
        self._calls[start].setdefault(symbol, []).append(end)

    def add_skip(self, start: int, end: int) -> None:
        self._skips[start].append(end)

    def state(self, nodes: Iterable[int]) -> "State":
        """Return the deterministic state that stands for these nodes."""
        reached, waiting = set(nodes), list(nodes)
        while waiting:
            for target in self._skips[waiting.pop()]:
                if target not in reached:
                    reached.add(target)
                    waiting.append(target)
        key = frozenset(reached)
        if key not in self._states:
            self._states[key] = State(self, key)
        return self._states[key]

    def moves(self, nodes: frozenset[int]) -> tuple[dict[str, set[int]], dict[Symbol, set[int]]]:
        words: dict[str, set[int]] = {}
        calls: dict[Symbol, set[int]] = {}
        for node in nodes:
            for word, targets in self._words[node].items():
                words.setdefault(word, set()).update(targets)
            for symbol, targets in self._calls[node].items():
                calls.setdefault(symbol, set()).update(targets)
        return words, calls


class State:
    """A set of nodes, with the states that words and calls lead to."""

    __slots__ = ("_next", "_words", "calls", "entered", "final", "network")

    def __init__(self, network: Network, nodes: frozenset[int]) -> None:
        self.network = network
        self.final = Network.END in nodes
        self._words, self.calls = network.moves(nodes)
        self._next: dict[str, State] = {}
        # by the next word: the starts of the called networks that can begin with it, and where they lead
        self.entered: dict[str, list[tuple[State, State]]] = {}

    def after(self, word: str) -> "State | None":
        state = self._next.get(word)
        if state is None and word in self._words:
            state = self._next[word] = self.network.state(self._words[word])
        return state

    def can_read(self, word: str) -> bool:
        return word in self._words


Chart = dict[tuple[State, int], set[int]]


class Recognizer:
    """Finds how far each symbol reaches in a sentence. `build` makes the network of a symbol when it is first needed."""

    def __init__(self, build: Callable[[Any], Network]) -> None:
        self._build = build
        self._starts: dict[Symbol, State] = {}

    def matches(self, symbol: Symbol, tokens: list[tuple[str, ...]]) -> bool:
        """Whether the symbol can be all of `tokens`; a token is given as its possible readings."""
        return len(tokens) in self._ends(self._start(symbol), 0, tokens, {})

    def _start(self, symbol: Symbol) -> State:
        if symbol not in self._starts:
            start = self._starts[symbol] = self._build(symbol).state([Network.START])
            assert not start.final, f"{symbol} may be empty"
        return self._starts[symbol]

    def _enter(self, state: State, word: str) -> list[tuple[State, State]]:
        """Return the calls out of a state that can go on with `word`."""
        entered = state.entered.get(word)
        if entered is None:
            starts = [(self._start(symbol), targets) for symbol, targets in state.calls.items()]
            entered = state.entered[word] = [
                (start, state.network.state(targets))
                for start, targets in starts
                if start.can_read(word) or self._enter(start, word)
            ]
        return entered

    def _ends(self, start: State, begin: int, tokens: list[tuple[str, ...]], chart: Chart) -> set[int]:
        """Return where what begins in state `start` at token `begin` can end."""
        ends: set[int] = set()
        waiting, seen = [(start, begin)], set()
        while waiting:
            state, at = place = waiting.pop()
            if place in seen:
                continue
            seen.add(place)
            if state.final:
                ends.add(at)
            if at == len(tokens):
                continue
            for word in tokens[at]:
                target = state.after(word)
                if target is not None:
                    waiting.append((target, at + 1))
                if state.calls:
                    for called, target in self._enter(state, word):
                        found = chart.get((called, at))
                        if found is None:
                            found = chart[called, at] = self._ends(called, at, tokens, chart)
                        waiting.extend([(target, end) for end in found])
        return ends
