"""Which language a document is in, by py3langid (97 languages, the model is in its package).

The middle of the document is looked at, up to SAMPLE characters: titles and navigation mislead.
"""

from functools import lru_cache
from importlib.util import find_spec

from groundup.data.cleaning.findings import Finding, drop
from groundup.data.cleaning.words import Measures
from groundup.utils.errors import UserError

SAMPLE = 400
UNKNOWN = "unknown"


def check_available() -> None:
    """Raise UserError when py3langid is not installed."""
    if find_spec("py3langid") is None:
        raise UserError("Telling languages apart needs py3langid. Install it: pip install 'groundup[clean]'.")


@lru_cache(1)
def languages() -> frozenset[str]:
    """The ISO 639-1 codes that can be told apart."""
    import py3langid

    return frozenset(code for code, _ in py3langid.rank(""))


def check_languages(wanted: list[str]) -> None:
    """Raise UserError for a code that is no language."""
    check_available()
    for code in wanted:
        if code not in languages():
            raise UserError(f'--language "{code}" is unknown. Give ISO 639-1 codes: {", ".join(sorted(languages()))}.')


def identify(text: str) -> str:
    """The ISO 639-1 code of the language, or "unknown" for a text without letters."""
    import py3langid

    start = max(0, (len(text) - SAMPLE) // 2)
    sample = " ".join(text[start : start + SAMPLE].split())
    if not any(map(str.isalpha, sample)):
        return UNKNOWN
    return str(py3langid.classify(sample)[0])


def language_filter(m: Measures, found: str, wanted: frozenset[str]) -> Finding | None:
    """Another language than those that are wanted; none wanted means all are."""
    return drop("language", "language", found, ", ".join(sorted(wanted))) if wanted and found not in wanted else None
