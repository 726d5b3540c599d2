"""How far a long piece of work is, and how long it will take: a line now and then."""

import time

from groundup.data.corpus_report import megabytes
from groundup.utils.progress import Say

SECONDS_BETWEEN_LINES = 10.0


class TimeLeft:
    """Counts bytes of files that are read one after the other."""

    def __init__(self, what: str, total_bytes: int, say: Say) -> None:
        self.what = what
        self.total = total_bytes
        self.say = say
        self.done = 0
        self.within = 0
        self.start = self.spoke = time.monotonic()

    def file_done(self, size_bytes: int) -> None:
        """A file has been read to its end."""
        self.done += size_bytes
        self.within = 0

    def tell(self, characters: int, file_bytes: int, number: int, files: int) -> None:
        """So much more of the file at hand has been read."""
        self.within = min(file_bytes, self.within + characters)  # of a compressed file: a guess, never too much
        now = time.monotonic()
        if now - self.spoke < SECONDS_BETWEEN_LINES:
            return
        self.spoke = now
        done = self.done + self.within
        left = (now - self.start) * (self.total - done) / max(1, done)
        minutes, seconds = divmod(round(left), 60)
        self.say(
            f"{self.what} file {number:,} of {files:,}: {megabytes(done)} of {megabytes(self.total)}, "
            f"about {minutes}:{seconds:02} left"
        )
