"""Lines that belong to a page and not to its text: menus, cookie notices, buttons; and lines repeated in a row.

The rules on JavaScript and policies are C4's (Raffel et al. 2020, section 2.2), held to short lines, since a story may
speak of a privacy policy; the list of buttons is our own.
"""

import re
from itertools import groupby

from groundup.data.cleaning.findings import Finding

SHORT_LINE = 200
"""Characters: a longer line is prose, whatever it mentions."""
RUN_LIMIT = 2
"""The same line this often in a row is kept: verse and dialogue do that; more is a defect."""

_POLICY = re.compile(
    r"\b(?:terms of (?:use|service)|privacy policy|cookie policy|(?:uses?|use of|accept(?: all)?) cookies"
    r"|all rights reserved|powered by \w+)\b|^(?:©|\(c\)|copyright ©)",
    re.IGNORECASE,
)
_JAVASCRIPT = re.compile(r"\bjava ?script\b.*\b(?:enable|disabled?|require[sd]?|turn(?:ed)? on|browser)", re.IGNORECASE)
_BUTTON = re.compile(
    r"(?:skip to (?:main )?content|(?:share|tweet|pin|follow us)(?: this)?(?: (?:on|via) (?:facebook|twitter|x|e-?mail|"
    r"pinterest|linkedin|whatsapp|instagram|reddit))+|share this(?: article| post| story| page)?:?"
    r"|(?:click here to |sign up (?:for|to) |subscribe (?:to|for) )[\w' ]{0,60}(?:newsletter|updates?|list|more|access)"
    r"|(?:log|sign) ?in(?: *[|/] *(?:register|sign up|join))?|leave a (?:comment|reply)|back to top"
    r"|read more(?: »|\.\.\.)?"
    r"|(?:home|about(?: us)?|contact(?: us)?|blog|news|products?|services|login|register|shop|faq|search|menu)"
    r"(?: *[|»>/•·] *[\w' ]{1,20}){2,}|(?:next|previous) (?:post|page|article)(?: *[»→])?|advertisement"
    r"|related (?:posts|articles)"
    r"|posted (?:in|on|by) [^.!?]{1,80}|\d+ (?:comments?|shares?|likes?|views?))[.!:]?",
    re.IGNORECASE,
)
# Cheap tests for what each of the rules needs, since most documents and lines have none of it.
_MARKS = (
    *("cookies", "polic", "terms of", "javascript", "java script", "rights reserved", "powered by", "©", "(c)"),
    *(
        "share",
        "tweet",
        "follow us",
        "click here",
        "sign up",
        "signup",
        "sign in",
        "signin",
        "subscribe",
        "log in",
        "login",
    ),
    *("skip to", "leave a", "back to top", "read more", "|", "»", ">", "•", "·", "/", "next p", "previous p", "next a"),
    *("previous a", "advertisement", "related ", "posted ", "comment", "pin "),
)
_COUNT = re.compile(r"\d (?:like|view)", re.IGNORECASE)
_RULES = (
    ("policy or notice", _POLICY.search),
    ("JavaScript notice", _JAVASCRIPT.search),
    ("button or menu", _BUTTON.fullmatch),
)


def strip_boilerplate(text: str) -> tuple[str, list[Finding]]:
    """Leave out lines that are boilerplate by one of the rules."""
    if not _worth_a_look(text):
        return text, []
    kept: list[str] = []
    counts: dict[str, int] = {}
    examples: dict[str, str] = {}
    for line in text.split("\n"):
        bare = line.strip()
        if bare and len(bare) <= SHORT_LINE and _worth_a_look(bare):
            rule = next((rule for rule, matches in _RULES if matches(bare)), None)
            if rule:
                counts[rule] = counts.get(rule, 0) + 1
                examples.setdefault(rule, bare[:100])
                continue
        kept.append(line)
    if not examples:
        return text, []
    findings = [
        Finding("boilerplate", rule, examples[rule], "line left out", count=n) for rule, n in counts.items() if n
    ]
    return "\n".join(kept).strip("\n"), findings


def _worth_a_look(text: str) -> bool:
    lower = text.lower()
    return any(mark in lower for mark in _MARKS) or bool(_COUNT.search(text))


def collapse_repeats(text: str) -> tuple[str, list[Finding]]:
    """Keep one of a line that stands more than RUN_LIMIT times in a row (blank lines between do not count)."""
    lines = text.split("\n")
    if len(lines) <= RUN_LIMIT or len(set(lines)) == len(lines):
        return text, []
    kept, removed, longest = [], 0, 0
    filled = [(number, line) for number, line in enumerate(lines) if line.strip()]
    leave_out: set[int] = set()
    for _, group in groupby(filled, key=lambda item: item[1].strip()):
        numbers = [number for number, _ in group]
        if len(numbers) > RUN_LIMIT:
            longest = max(longest, len(numbers))
            removed += len(numbers) - 1
            leave_out.update(range(numbers[0] + 1, numbers[-1] + 1))
    if not removed:
        return text, []
    kept = [line for number, line in enumerate(lines) if number not in leave_out]
    return "\n".join(kept), [Finding("repeated lines", "the same line in a row", longest, RUN_LIMIT, count=removed)]
