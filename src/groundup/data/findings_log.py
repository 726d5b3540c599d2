"""What the steps did, document by document: written to the explanation file and summed up for the report."""

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import IO, Any

from groundup.data.documents import document_id, read_corpus
from groundup.data.resemblance import STEP as NEAR

SAMPLES = 12
"""Of kept and of dropped documents, shown in the report."""
SAMPLE_CHARACTERS = 600
CLUSTERS = 20
_POWERS = 24  # lengths from 1 to 16 million characters


def sections_as_they_are(corpus: Path) -> dict[str, Any]:
    """Lengths and samples of a corpus in whose report there are none, since nothing but a single pass was made."""
    log = FindingsLog(None)
    for document in read_corpus(corpus):
        log.document("kept", len(document.text))
        log.part(document.source, {"text": document.text}, None, left_out="", allowed=False)
    return log.to_dict()


class FindingsLog:
    """Takes every document with its findings."""

    def __init__(self, file: IO[str] | None) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._changed: Counter[tuple[str, str]] = Counter()
        self._places: Counter[tuple[str, str]] = Counter()
        self._dropped: Counter[tuple[str, str]] = Counter()
        self._languages: Counter[str] = Counter()
        self._lengths = {"kept": [0] * _POWERS, "dropped": [0] * _POWERS}
        self._clusters: Counter[str] = Counter()
        self._samples: dict[str, list[tuple[str, dict[str, Any]]]] = {"kept": [], "dropped": []}
        self._allowed = 0

    @staticmethod
    def allowed(allow: frozenset[str], source: str, text: str) -> bool:
        """Whether the allow-list brings this document back, by its source or by its id."""
        return bool(allow) and (source in allow or document_id(text) in allow)

    def document(self, kind: str, characters: int) -> None:
        """One document has come to its end: count its length by powers of two."""
        power = min(_POWERS - 1, max(0, characters.bit_length() - 1))
        if kind in ("kept", "dropped", "near_duplicate"):
            self._lengths["kept" if kind == "kept" else "dropped"][power] += 1

    def part(
        self, source: str, part: dict[str, Any], resembles: dict[str, Any] | None, *, left_out: str, allowed: bool
    ) -> None:
        """Note what was found in a document (or a part of a very long one)."""
        if language := part.get("language"):
            self._languages[language] += 1
        findings = [*part.get("findings", ()), *([resembles] if resembles else ())]
        for position, finding in enumerate(findings):
            rule = finding["rule"]
            if finding["step"] == NEAR:
                rule = f"{rule[: rule.index('resembles')]}resembles an earlier document"
            name = finding["step"], rule
            if left_out and position == len(findings) - 1:
                self._dropped[name] += not allowed
            else:
                self._changed[name] += 1
                self._places[name] += finding["count"]
        if resembles:
            self._clusters[resembles["rule"].removeprefix("resembles ")] += 1
        self._allowed += allowed
        if not findings:
            self._sample("kept", source, part, findings)
            return
        self._sample("dropped" if left_out and not allowed else "kept", source, part, findings)
        row: dict[str, Any] = {"source": source, "id": document_id(part["text"])}
        row["action"] = "allowed" if allowed else left_out.replace("_", "-") or "changed"
        row["findings"] = findings
        if part.get("before") or part.get("after"):
            row["before"], row["after"] = part["before"], part["after"]
        if left_out:
            row["text"] = part["text"][:SAMPLE_CHARACTERS]
        self._write(row)

    def duplicate(self, source: str, section_id: str) -> None:
        """A document all of whose sections stand in the corpus already; `section_id`: the last of them."""
        rule = "the same text stands before it"
        self._dropped["duplicates", rule] += 1
        finding = {"step": "duplicates", "rule": rule, "value": section_id, "limit": "once", "count": 1}
        self._write({"source": source, "id": section_id, "action": "duplicate", "findings": [finding]})

    def _write(self, row: dict[str, Any]) -> None:
        if self._file is not None:
            line = json.dumps(row, ensure_ascii=False) + "\n"
            self._digest.update(line.encode())
            self._file.write(line)

    @property
    def sha256(self) -> str | None:
        """Of the explanation file so far; None when there is none."""
        return self._digest.hexdigest() if self._file is not None else None

    def _sample(self, kind: str, source: str, part: dict[str, Any], findings: list[dict[str, Any]]) -> None:
        """Keep the documents whose ids are smallest: a random sample that is the same every time."""
        text = part["text"]
        if not text:
            return
        name = document_id(text[:SAMPLE_CHARACTERS])
        held = self._samples[kind]
        if len(held) < SAMPLES or name < held[-1][0]:
            shown = {"source": source, "text": text[:SAMPLE_CHARACTERS], "findings": findings}
            held.append((name, shown))
            held.sort(key=lambda item: item[0])
            del held[SAMPLES:]

    def to_dict(self) -> dict[str, Any]:
        """The sums, as the report holds them."""
        names = dict.fromkeys([*self._changed, *self._dropped])
        return {
            "steps": [
                {
                    "step": step,
                    "rule": rule,
                    "changed": self._changed[step, rule],
                    "places": self._places[step, rule],
                    "dropped": self._dropped[step, rule],
                }
                for step, rule in names
            ],
            "allowed": self._allowed,
            "languages": dict(self._languages.most_common()),
            "lengths": self._lengths,
            "largest_clusters": [
                {"source": source, "resembled_by": count} for source, count in self._clusters.most_common(CLUSTERS)
            ],
            "samples": {kind: [shown for _, shown in held] for kind, held in self._samples.items()},
        }
