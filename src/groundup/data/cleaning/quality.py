"""Whether a document reads like text: length, symbols, digits, and the published rules of Gopher, C4 and FineWeb.

Sources: Gopher: Rae et al. 2021, table A1 and section A.1.1. C4: Raffel et al. 2020, section 2.2. FineWeb: Penedo et
al. 2024, section 3.6. Departures, each because clean text of ours would be dropped:

* No longest length: a book is one document here and is cut into sections later.
* Short documents are measured as they are, but a rule on lines is silent below MIN_LINES lines.
* Rules on words are silent for scripts that do not part words by spaces, English stop words for other languages.
* FineWeb's limit of a hundredth on characters in repeated lines is left to repetition.py, which allows a fifth: verse
  and dialogue repeat lines. A short line that ends like a sentence does not count as short.
* C4's rules on single lines are in boilerplate.py; its rule that a line must end with punctuation is left out, as
  FineWeb leaves it out. A curly bracket drops no document: C4 wanted no code, here it is welcome.
"""

import re

from groundup.data.cleaning.findings import Finding, drop
from groundup.data.cleaning.words import Measures

MIN_CHARACTERS = 100
MIN_WORDS = 25
"""Gopher's is 50, which loses whole short stories."""
MIN_LINES = 8
MEAN_WORD = (3.0, 10.0)
MAX_SYMBOLS_PER_WORD = 0.1
MAX_BULLET_LINES = 0.9
MAX_ELLIPSIS_LINES = 0.3
MIN_ALPHABETIC_WORDS = 0.8
MIN_STOP_WORDS = 2
STOP_WORDS = frozenset(("the", "be", "to", "of", "and", "that", "have", "with"))
MAX_DIGITS = 0.3
MAX_SYMBOLS = 0.25
MIN_PUNCTUATED_LINES = 0.12
MAX_SHORT_LINES = 0.67
SHORT_LINE = 30
MAX_NEW_LINES = 0.3
_PUNCTUATION_ENDS = tuple(".?!…\"'”’»)。？！」』:;,-")
_TERMINAL = tuple(".?!\"'”’»…。？！」』")
_DIGITS = re.compile(r"\d")
_SYMBOLS = re.compile(
    r"[^\w\s.,;:!?'\"()\[\]\-–—‘’“”«»…、。，！？「」『』（）・：；¿¡\u0300-\u036f\u0900-\u0dff\u0e00-\u0eff]"
)


def length(m: Measures) -> Finding | None:
    """Too short to learn from."""
    if m.letters == 0:
        return drop("length", "no text", 0, 1)
    if m.spaced:
        return drop("length", "words", len(m.words), MIN_WORDS) if len(m.words) < MIN_WORDS else None
    return drop("length", "characters", m.letters, MIN_CHARACTERS) if m.letters < MIN_CHARACTERS else None


def ratios(m: Measures) -> Finding | None:
    """Tables of numbers and walls of symbols."""
    if (digits := len(_DIGITS.findall(m.text)) / m.letters) > MAX_DIGITS:
        return drop("ratios", "digits", digits, MAX_DIGITS)
    if (symbols := len(_SYMBOLS.findall(m.text)) / m.letters) > MAX_SYMBOLS:
        return drop("ratios", "symbols", symbols, MAX_SYMBOLS)
    return None


def gopher(m: Measures) -> Finding | None:
    """Gopher's rules of quality."""
    if not m.spaced:
        return None
    words, lines = m.words, m.lines
    mean = m.letters / len(words)
    symbols = max(m.text.count("#"), m.text.count("...") + m.text.count("…")) / len(words)
    if not MEAN_WORD[0] <= mean <= MEAN_WORD[1]:
        return drop("gopher", "mean word length", mean, f"{MEAN_WORD[0]} to {MEAN_WORD[1]}")
    if symbols > MAX_SYMBOLS_PER_WORD:
        return drop("gopher", "# or ... per word", symbols, MAX_SYMBOLS_PER_WORD)
    if len(lines) >= MIN_LINES and (reason := _gopher_lines(m)):
        return reason
    # Detokenised punctuation stands alone in some corpora and is no word.
    alphabetic = sum(any(map(str.isalpha, word)) for word in words)
    counted = sum(any(map(str.isalnum, word)) for word in words)
    if alphabetic < MIN_ALPHABETIC_WORDS * counted:
        return drop("gopher", "words with a letter", alphabetic / max(1, counted), MIN_ALPHABETIC_WORDS)
    return None


def _gopher_lines(m: Measures) -> Finding | None:
    if (bullets := m.share(lambda line: line[0] in "•●-*‣", m.lines)) > MAX_BULLET_LINES:
        return drop("gopher", "lines that are bullets", bullets, MAX_BULLET_LINES)
    if (cut := m.share(lambda line: line.endswith(("...", "…")), m.lines)) > MAX_ELLIPSIS_LINES:
        return drop("gopher", "lines that end with ...", cut, MAX_ELLIPSIS_LINES)
    return None


def stop_words(m: Measures, language: str) -> Finding | None:
    """Gopher's rule for English: real text holds some of the commonest words."""
    if language != "en" or not m.spaced:
        return None
    found = len(STOP_WORDS.intersection(m.normal))
    return drop("gopher", "stop words", found, MIN_STOP_WORDS) if found < MIN_STOP_WORDS else None


def c4(m: Measures) -> Finding | None:
    """C4's rule on placeholder text."""
    return drop("c4", "lorem ipsum", "lorem ipsum", "none") if "lorem ipsum" in m.text.lower() else None


def fineweb(m: Measures) -> Finding | None:
    """FineWeb's rules, which come from comparing good and bad crawls."""
    lines = m.lines
    if len(lines) < MIN_LINES:
        return None
    if (ended := m.share(lambda line: line.endswith(_PUNCTUATION_ENDS), lines)) < MIN_PUNCTUATED_LINES:
        return drop("fineweb", "lines that end with punctuation", ended, MIN_PUNCTUATED_LINES)
    short = m.share(lambda line: len(line) <= SHORT_LINE and not line.endswith(_TERMINAL), lines)
    if short > MAX_SHORT_LINES:
        return drop("fineweb", "short lines", short, MAX_SHORT_LINES)
    if m.spaced and (breaks := m.text.count("\n") / len(m.words)) > MAX_NEW_LINES:
        return drop("fineweb", "line ends per word", breaks, MAX_NEW_LINES)
    return None
