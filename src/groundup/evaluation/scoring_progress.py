"""Scoring for the suites: `inference.scoring.score`, telling now and then how far it is."""

import time
from collections.abc import Sequence

from groundup.evaluation.suite import Subject
from groundup.inference.scoring import Request, Score, score
from groundup.utils.progress import Say

TELL_SECONDS = 10


def score_all(subject: Subject, groups: Sequence[Sequence[Request]], what: str, say: Say) -> list[list[Score]]:
    """One Score for each request of each group."""
    total = sum(len(group) for group in groups)
    n_done = 0
    told = time.monotonic()

    def tell(n_requests: int) -> None:
        nonlocal n_done, told
        n_done += n_requests
        if time.monotonic() - told >= TELL_SECONDS:
            told = time.monotonic()
            say(f"{what}: {100 * n_done // total} %")

    return score(subject.model, groups, batch_tokens=subject.batch_tokens, workers=subject.workers, done=tell)
