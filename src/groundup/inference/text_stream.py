"""Tokens become text that can be shown at once: whole characters only, and nothing that a stop string may take back."""

import codecs
from collections.abc import Sequence

from groundup.tokenizer.interface import Tokenizer


class TextStream:
    """Collects the text of one sequence. `push` and `end` return what may be shown."""

    def __init__(self, tokenizer: Tokenizer, stop: Sequence[str] = ()) -> None:
        self._tokenizer = tokenizer
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._stop = [string for string in stop if string]
        self._held = ""  # whole characters that may be the beginning of a stop string
        self.stopped = False
        self.text = ""

    def push(self, token: int) -> str:
        """Take a token in. After a stop string, nothing more comes out."""
        return self._take(self._decoder.decode(self._tokenizer.token_bytes(token)))

    def push_text(self, text: str) -> str:
        """Take text in that no token stands for; an unfinished character before it becomes U+FFFD."""
        return self._take(self._decoder.decode(b"", final=True) + text)

    def end(self) -> str:
        """Nothing more will come: what was held back, with U+FFFD for an unfinished character."""
        shown = self._take(self._decoder.decode(b"", final=True))
        rest = "" if self.stopped else self._held
        self._held = ""
        self.text += rest
        return shown + rest

    def _take(self, text: str) -> str:
        if self.stopped:
            return ""
        text = self._held + text
        places = [place for place in (text.find(string) for string in self._stop) if place >= 0]
        if places:
            self.stopped = True
            shown, self._held = text[: min(places)], ""
        else:
            keep = max((_overlap(text, string) for string in self._stop), default=0)
            shown, self._held = text[: len(text) - keep], text[len(text) - keep :]
        self.text += shown
        return shown


def _overlap(text: str, stop: str) -> int:
    """Length of the longest end of `text` with which `stop` begins."""
    return next((n for n in range(min(len(text), len(stop) - 1), 0, -1) if stop.startswith(text[-n:])), 0)
