"""Project Gutenberg's header, licence and transcriber's notes around a book: cut off.

The markers have stood for decades in these forms: "*** START OF THE PROJECT GUTENBERG EBOOK <TITLE> ***" (also "THIS",
"ETEXT", without spaces around the stars), in old files "*END*THE SMALL PRINT!", and at the end "*** END OF ..." or
"End of the Project Gutenberg EBook of ...".
"""

import re

from groundup.data.cleaning.findings import Finding

_START = re.compile(
    r"^[ \t]*\*{3}[ \t]*START OF (?:THE|THIS) PROJECT GUTENBERG E(?:BOOK|TEXT)[^*]*(?:\*{3})?.*$"
    r"|^.*\*END\*?[ \t]*THE SMALL PRINT.*$",
    re.IGNORECASE | re.MULTILINE,
)
_END = re.compile(
    r"^[ \t]*\*{3}[ \t]*END OF (?:THE|THIS) PROJECT GUTENBERG E(?:BOOK|TEXT).*$"
    r"|^[ \t]*End of (?:the |this )?Project Gutenberg(?:'s|’s)? .*$",
    re.IGNORECASE | re.MULTILINE,
)
_CREDIT = re.compile(
    r"\A\s*(?:(?:E-?text |This e-?text was )?(?:Produced|prepared|transcribed) by [^\n]+(?:\n[^\n]+)*\n\s*\n)",
    re.IGNORECASE,
)


def strip_gutenberg(text: str) -> tuple[str, list[Finding]]:
    """Cut what Project Gutenberg put before and after a book."""
    if "GUTENBERG" not in text and "Gutenberg" not in text:
        return text, []
    findings, start, end = [], 0, len(text)
    # The last start marker before the text: old files hold the small print first.
    for match in _START.finditer(text, 0, min(len(text), 100_000)):
        start = match.end()
    if start:
        findings.append(Finding("gutenberg", "header", start, "cut off"))
    if ending := _END.search(text, start):
        end = ending.start()
        findings.append(Finding("gutenberg", "licence at the end", len(text) - end, "cut off"))
    if not findings:
        return text, []
    body = text[start:end]
    if credit := _CREDIT.match(body):
        body = body[credit.end() :]
        findings.append(Finding("gutenberg", "credits", credit.end(), "cut off"))
    return body.strip("\n"), findings
