"""Text that was decoded with the wrong encoding once ("cafÃ©"), repaired line by line with ftfy and counted.

Only the encoding is repaired; quotes, entities and ligatures stay as they are. A line is touched only when ftfy's own
test finds it bad, so that a text which mentions such a sequence among good ones keeps its other lines.
"""

import re
from importlib.util import find_spec

from groundup.data.cleaning.findings import Finding
from groundup.utils.errors import UserError

# Every form that UTF-8 read as a one-byte encoding takes begins with one of these: a cheap test for the common case.
_SUSPICIOUS = re.compile("[\u0080-\u009f\u00c2-\u00f4\u0102-\u0103\u0391-\u03a9\u0410-\u042f\u0152\u0160\u0178\u20ac]")


def check_available() -> None:
    """Raise UserError when ftfy is not installed."""
    if find_spec("ftfy") is None:
        raise UserError("Cleaning web needs ftfy. Install it: pip install 'groundup[clean]'; or take --cleaning light.")


def repair_mojibake(text: str) -> tuple[str, list[Finding]]:
    """Repair lines that were decoded wrongly; what is left alone is returned as it is."""
    if text.isascii() or not _SUSPICIOUS.search(text):
        return text, []
    import ftfy
    from ftfy.badness import is_bad

    lines, repaired = text.split("\n"), 0
    for number, line in enumerate(lines):
        if not line.isascii() and _SUSPICIOUS.search(line) and is_bad(line):
            better = ftfy.fix_encoding(line)
            if better != line:
                lines[number] = better.replace("\n", " ")
                repaired += 1
    if not repaired:
        return text, []
    return "\n".join(lines), [Finding("mojibake", "decoded wrongly", repaired, "repaired", count=repaired)]
