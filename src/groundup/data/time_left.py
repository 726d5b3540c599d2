"""How far a long piece of work is, and how long it will take: a line now and then."""

import time

from groundup.data.corpus_report import megabytes
from groundup.utils.progress import Say, quiet

SECONDS_BETWEEN_LINES = 10.0


class Pace:
    """Knows when a line is due, and what is left at the speed so far."""

    def __init__(self) -> None:
        self.start = self.spoke = time.monotonic()

    def due(self) -> bool:
        """Whether it is time for a line; asking counts as having said it."""
        now = time.monotonic()
        if now - self.spoke < SECONDS_BETWEEN_LINES:
            return False
        self.spoke = now
        return True

    def left(self, done: float, total: float) -> str:
        """As "about 1:05 left", minutes and seconds, or hours before them."""
        if done <= 0:
            return "no telling yet how long"
        seconds = round((time.monotonic() - self.start) * max(0.0, total - done) / done)
        hours, minutes = divmod(seconds // 60, 60)
        clock = f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"
        return f"about {clock} left"


class CountLeft:
    """Counts things of one kind that are dealt with one after the other."""

    def __init__(self, what: str, total: int, unit: str, say: Say = quiet) -> None:
        self.what = what
        self.total = total
        self.unit = unit
        self.say = say
        self.pace = Pace()

    def tell(self, done: int) -> None:
        """So many of them are done."""
        if self.pace.due():
            self.say(f"{self.what}: {done:,} of {self.total:,} {self.unit}, {self.pace.left(done, self.total)}")


class TimeLeft:
    """Counts bytes of files that are read one after the other."""

    def __init__(self, what: str, total_bytes: int, say: Say) -> None:
        self.what = what
        self.total = total_bytes
        self.say = say
        self.done = 0
        self.within = 0
        self.pace = Pace()

    def file_done(self, size_bytes: int) -> None:
        """A file has been read to its end."""
        self.done += size_bytes
        self.within = 0

    def tell(self, characters: int, file_bytes: int, number: int, files: int, share: float = 0.0) -> None:
        """So much more of the file at hand has been read; `share` of it in all, if that is known."""
        self.within = min(file_bytes, round(share * file_bytes) if share else self.within + characters)
        if self.pace.due():
            done = self.done + self.within
            self.say(
                f"{self.what} file {number:,} of {files:,}: {megabytes(done)} of {megabytes(self.total)}, "
                f"{self.pace.left(done, self.total)}"
            )
