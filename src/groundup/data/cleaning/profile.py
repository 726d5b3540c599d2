"""From a profile's name to its steps, and from a document to what they make of it.

    none    line ends only
    light   Unicode normal form, control characters, white space (the default)
    web     mojibake, light, Gutenberg, boilerplate, repeated lines, evaluation texts, personal data
            then, for the whole document: length, ratios, repetition, gopher, c4, fineweb, language
            then, for the whole corpus: near-duplicates, of documents and of paragraphs

Changes come before judgements, so that a document is judged by what is left of it.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from groundup.data.cleaning import language, mojibake, personal, quality
from groundup.data.cleaning.boilerplate import collapse_repeats, strip_boilerplate
from groundup.data.cleaning.contamination import EvaluationTexts, read_evaluation, remove_evaluation
from groundup.data.cleaning.findings import Filter, Finding, Transform
from groundup.data.cleaning.gutenberg import strip_gutenberg
from groundup.data.cleaning.light import changes, clean, clean_inner
from groundup.data.cleaning.minhash import THRESHOLD, signature
from groundup.data.cleaning.paragraphs import NONE, SignedParagraphs, sign
from groundup.data.cleaning.repetition import repetition
from groundup.data.cleaning.words import Measures, hash_words
from groundup.utils.errors import UserError, nearest_hint
from groundup.utils.files import sha256_file

PROFILES = ("none", "light", "web")
CODE_VERSION = 3
"""Raised when a step gives another result for the same text, so that what was cleaned before is cleaned anew."""
EXCERPT = 160
"""Characters shown of a text before and after a change."""
AUTO = "auto"


@dataclass(frozen=True)
class CleaningSettings:
    """What is done to every document; each value resolved, nothing left to a default."""

    profile: str
    languages: tuple[str, ...] = ()
    """Kept languages; none: all are."""
    personal_data: str = "keep"
    near_duplicates: float = 0.0
    """Least estimated Jaccard similarity at which a document is left out; 0: near-duplicates stay."""
    near_paragraphs: float = 0.0
    """The same for a paragraph of a kept document."""
    evaluation: tuple[tuple[str, str], ...] = ()
    """(path, SHA-256) of each evaluation file."""

    @property
    def level(self) -> str:
        """The cleaning of characters and white space within the profile."""
        return "none" if self.profile == "none" else "light"

    @property
    def plain(self) -> bool:
        """Whether a document needs nothing but none or light cleaning, which works on pieces of any size."""
        return self == CleaningSettings(self.profile) and self.profile != "web"


def resolve(
    profile: str,
    *,
    languages: list[str] | None = None,
    personal_data: str = AUTO,
    near_duplicates: float | None = None,
    near_paragraphs: float | None = None,
    evaluation: list[str] | None = None,
) -> CleaningSettings:
    """Fill in what the profile decides. Raises UserError for what does not exist or is not installed."""
    if profile not in PROFILES:
        raise UserError(f'There is no cleaning "{profile}".{nearest_hint(profile, PROFILES)}')
    web = profile == "web"
    if web:
        mojibake.check_available()
    if web or languages:
        language.check_available()
    if languages:
        language.check_languages(list(languages))
    mode = ("mask" if web else "keep") if personal_data == AUTO else personal_data
    personal.check_mode(mode)
    documents = _threshold("near_duplicates", near_duplicates, THRESHOLD if web else 0.0)
    paragraphs = _threshold("near_paragraphs", near_paragraphs, documents if web else 0.0)
    files = [Path(path).expanduser() for path in evaluation or ()]
    for path in files:
        if not path.is_file():
            raise UserError(f"The evaluation file {path} does not exist. Give files of test sentences, .jsonl or text.")
    named = tuple((str(path), sha256_file(path)) for path in files)
    return CleaningSettings(profile, tuple(sorted(languages or ())), mode, documents, paragraphs, named)


def _threshold(name: str, given: float | None, default: float) -> float:
    value = default if given is None else float(given)
    if value and not 0.5 <= value <= 1:
        raise UserError(f"{name} is {value:g}: give a similarity from 0.5 to 1, or 0 to keep them all.")
    return value


@dataclass
class Outcome:
    """What the steps made of a document."""

    text: str
    findings: list[Finding]
    """Every change, and at most one reason to leave the document out, which comes last."""
    language: str
    before: str = ""
    """The place of the first change, as it was."""
    after: str = ""
    """The same place as it became."""
    signature: NDArray[np.uint16] | None = None
    paragraphs: SignedParagraphs = NONE

    @property
    def dropped(self) -> Finding | None:
        """Why the document is left out."""
        return self.findings[-1] if self.findings and self.findings[-1].drops else None


class Cleaner:
    """The steps of one set of settings, ready for documents. Can be sent to other processes."""

    def __init__(self, settings: CleaningSettings) -> None:
        self.settings = settings
        self.evaluation: EvaluationTexts | None = None
        if settings.evaluation:
            self.evaluation = read_evaluation([Path(path) for path, _ in settings.evaluation])
        self._wanted = frozenset(settings.languages)

    def transforms(self) -> list[Transform]:
        """The steps that change a text, after the first one."""
        web = self.settings.profile == "web"
        steps: list[Transform] = [strip_gutenberg, strip_boilerplate, collapse_repeats] if web else []
        if self.evaluation is not None:
            steps.append(self._remove_evaluation)
        mode = self.settings.personal_data
        if mode != "keep":
            steps.append(personal.mask_personal if mode == "mask" else personal.drop_personal)
        return steps

    def filters(self) -> list[Filter]:
        """The steps that judge a whole document, cheap ones first."""
        if self.settings.profile != "web":
            return []
        return [quality.length, quality.ratios, quality.gopher, quality.c4, quality.fineweb, repetition]

    def _remove_evaluation(self, text: str) -> tuple[str, list[Finding]]:
        assert self.evaluation is not None
        return remove_evaluation(text, self.evaluation)

    def clean(self, raw: str, *, first: bool = True, last: bool = True) -> Outcome:
        """Take one document through the steps; of a document in several parts, say whether it is the first or last."""
        findings: list[Finding] = []
        text = raw
        if self.settings.profile == "web":
            text, findings = mojibake.repair_mojibake(text)
        repaired, text = text, self._characters(text, first, last)
        findings += changes(repaired, text, self.settings.level)
        for step in self.transforms():
            if any(finding.drops for finding in findings):
                break
            text, found = step(text)
            if found and not found[-1].drops:  # what stood beside what is gone
                text = self._characters(text, first, last)
            findings += found
        outcome = Outcome(text, findings, "")
        changed = bool(findings)
        if not outcome.dropped and text.strip():
            self._judge(outcome)
        if changed:
            outcome.before, outcome.after = first_difference(raw.lstrip(), text)
        return outcome

    def _characters(self, text: str, first: bool, last: bool) -> str:
        level = self.settings.level
        return clean(text, level) if first and last else clean_inner(text, level, first, last)

    def _judge(self, outcome: Outcome) -> None:
        measures = Measures(outcome.text)
        for judge in self.filters():
            if reason := judge(measures):
                outcome.findings.append(reason)
                return
        if self._wanted or self.settings.profile == "web":
            outcome.language = language.identify(outcome.text)
            reason = language.language_filter(measures, outcome.language, self._wanted)
            if reason is None and self.settings.profile == "web":
                reason = quality.stop_words(measures, outcome.language)
            if reason:
                outcome.findings.append(reason)
                return
        if self.settings.near_duplicates or self.settings.near_paragraphs:
            if len(measures.hashes):
                wanted = bool(self.settings.near_paragraphs)
                outcome.signature, outcome.paragraphs = sign(measures, paragraphs=wanted)
            else:  # signs only
                outcome.signature = signature(hash_words([outcome.text]))


def first_difference(before: str, after: str) -> tuple[str, str]:
    """An excerpt of both texts around the first place where they differ."""
    place = next(
        (n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    start = max(0, place - EXCERPT // 4)
    return before[start : start + EXCERPT], after[start : start + EXCERPT]
