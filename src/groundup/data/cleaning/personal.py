"""Personal data and secrets, found by their form and, where they have one, by their checksum.

What is found is named <kind> in its place. Forms without a checksum are held to what people write rarely by chance:
a phone number has separators or a country code, an address of the internet is a valid one and no version number.
"""

import ipaddress
import re
from collections.abc import Callable

from groundup.data.cleaning.findings import Finding, drop
from groundup.utils.errors import UserError, nearest_hint

MODES = ("keep", "mask", "drop")

_AT = r"(?:@|＠|\s?[\[({<]\s?at\s?[\])}>]\s?|\s(?:AT|_at_)\s|&#64;|%40)"
_DOT = r"(?:\.|\s?[\[({<]\s?(?:dot|\.)\s?[\])}>]\s?|\s(?:DOT|_dot_)\s)"
_EMAIL = re.compile(
    rf"(?<![\w.+-])[^\W_](?:[\w.+'-]{{0,63}}[\w+-])?{_AT}(?:[^\W_](?:[\w-]{{0,61}}\w)?{_DOT}){{1,6}}[^\W\d_]{{2,24}}(?![\w-])"
)
# "name at example dot com": plain words, so only with a domain ending that is common.
_EMAIL_IN_WORDS = re.compile(
    r"(?<![\w.+-])[\w.+-]{2,64} at [\w-]{2,61}(?: dot [\w-]{2,61}){0,2} dot "
    r"(?:com|org|net|edu|gov|info|io|co|uk|de|fr|es|it|eu|ch|at|nl)\b",
    re.IGNORECASE,
)
_CARD = re.compile(r"(?<![\w.,-])(?:\d[ \u00a0-]?){12,18}\d(?![\w-]|[.,]\d)")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?:[ \u00a0-]?[A-Z0-9]){11,30}(?!\w)")
_IPV4 = re.compile(r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\w|\.\d)")
_IPV6 = re.compile(
    r"(?<![\w:.])(?=[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:)[0-9A-Fa-f:]{3,39}(?:\d{1,3}(?:\.\d{1,3}){3})?(?![\w:])"
)
_VERSION_BEFORE = re.compile(r"(?:version|release|v|ver\.?|section|chapter|§)\s*$", re.IGNORECASE)
_PHONE = re.compile(
    r"(?<![\w.+$€£/-])(?<!\d )(?:"
    r"\+\d{1,3}(?:[ \u00a0.-]?\(?\d{1,5}\)?){2,6}"  # +49 30 1234567
    r"|00\d{1,3}(?:[ .-]\d{2,5}){2,5}"
    r"|\(\d{2,5}\)[ \u00a0]?\d{3,4}(?:[ .-]\d{2,4}){1,3}"  # (212) 555-0100
    r"|(?:1[ .-])?\d{3}([.-])\d{3}\1\d{4}"  # 212-555-0100
    r"|(?:1 )?\d{3} \d{3}-\d{4}"
    r"|0\d{2,4}[ /-]\d{3,4}(?:[ -]\d{2,4}){1,3}"  # 020 7946 0958
    r"|0\d(?:[ .]\d\d){4}"  # 01 23 45 67 89
    r")(?!\w|[.,/-]\d)"
)
_PHONE_DIGITS = (8, 15)
_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
    r"(?:[\s\S]{0,8000}?-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----)?"
    r"|(?<![A-Za-z0-9_])(?:(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255}"
    r"|glpat-[\w-]{20,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|AIza[\w-]{35}|ya29\.[\w-]{20,}"
    r"|(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{16,}"
    r"|sk-(?:proj-|ant-|or-)?[A-Za-z0-9_-]{20,}|hf_[A-Za-z0-9]{30,}|npm_[A-Za-z0-9]{36}"
    r"|SG\.[\w-]{16,}\.[\w-]{16,}|dop_v1_[a-f0-9]{64}"
    r"|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}|AGE-SECRET-KEY-1[0-9A-Z]{50,}|pypi-[\w-]{50,})(?![A-Za-z0-9_-])"
    r"|https://hooks\.slack\.com/services/[\w/]{20,}"
)
_NAMED_SECRET = re.compile(
    r"\b((?:api|access|secret|auth|private|client|encryption)[_ -]?(?:key|token|secret)|passwo?r?d|passwd|token|secret)"
    r"(\"?'?\s{0,3}[:=]\s{0,3}[\"']?)([A-Za-z0-9+/_.~!@#$%^&*=-]{12,200})(?=$|[\"'\s,;)\]}])",
    re.IGNORECASE | re.MULTILINE,
)
_KEY_STARTS = ("AKIA", "ASIA", "gh", "sk_", "sk-", "pk_", "rk_", "xox", "AIza", "hf_", "npm_", "glpat-", "eyJ")
_DIGIT = re.compile(r"\d")

# Length of an IBAN by country (ISO 13616 registry; the larger ones).
_IBAN_LENGTHS = (
    "NO15 BE16 DK18 FI18 NL18 FO18 GL18 MK19 SI19 AT20 BA20 EE20 KZ20 LT20 LU20 XK20 CH21 HR21 "
    "LI21 LV21 BG22 BH22 CR22 DE22 GB22 GE22 IE22 ME22 RS22 VA22 AE23 GI23 IL23 IQ23 TL23 AD24 "
    "CZ24 ES24 MD24 PK24 RO24 SA24 SE24 SK24 TN24 VG24 PT25 ST25 IS26 TR26 FR27 GR27 IT27 MC27 "
    "MR27 SM27 AL28 AZ28 BY28 CY28 DO28 GT28 HU28 LB28 PL28 SV28 BR29 PS29 QA29 UA29 JO30 KW30 "
    "MU30 MT31 SC31 LC32"
)
_IBAN_LENGTH = {entry[:2]: int(entry[2:]) for entry in _IBAN_LENGTHS.split()}


def check_mode(mode: str) -> None:
    """Raise UserError when there is no such way with personal data."""
    if mode not in MODES:
        raise UserError(f'personal data cannot be treated as "{mode}".{nearest_hint(mode, MODES)}')


def mask_personal(text: str) -> tuple[str, list[Finding]]:
    """Put <email>, <phone>, <ip>, <card>, <iban> or <key> in the place of personal data and secrets."""
    counts: dict[str, int] = {}
    if not _worth_a_look(text):
        return text, []
    for kind, pattern, valid in _FORMS:
        if not _NEEDS[pattern](text):
            continue

        def replace(match: re.Match[str], kind: str = kind, valid: Callable[[re.Match[str]], bool] = valid) -> str:
            if not valid(match):
                return match[0]
            counts[kind] = counts.get(kind, 0) + 1
            before, after = _white(match[0])
            return f"{before}<{kind}>{after}"

        text = pattern.sub(replace, text)
    if _may_name_secret(text):
        text = _NAMED_SECRET.sub(lambda match: _mask_named(match, counts), text)
    return text, [Finding("personal data", kind, count, f"<{kind}>", count=count) for kind, count in counts.items()]


def drop_personal(text: str) -> tuple[str, list[Finding]]:
    """Leave the document out when it holds personal data or secrets."""
    _, found = mask_personal(text)
    return text, [drop("personal data", finding.rule, finding.count, 0) for finding in found[:1]]


def luhn(digits: str) -> bool:
    """The checksum of card numbers (ISO/IEC 7812-1, annex B)."""
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0


def iban_checksum(iban: str) -> bool:
    """The checksum and length of an IBAN without spaces (ISO 13616; modulo 97-10 of ISO 7064)."""
    if _IBAN_LENGTH.get(iban[:2], len(iban)) != len(iban):
        return False
    return int("".join(str(int(character, 36)) for character in iban[4:] + iban[:4])) % 97 == 1


def _worth_a_look(text: str) -> bool:
    return bool(_DIGIT.search(text)) or any(
        mark in text for mark in ("@", "＠", " at ", "[at", "(at", "=", "-----BEGIN", "%40", *_KEY_STARTS)
    )


def _white(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def _mask_named(match: re.Match[str], counts: dict[str, int]) -> str:
    """A value that is named a secret is one when it looks drawn by chance: letters and digits, not a word."""
    value = match[3]
    mixed = sum((bool(_DIGIT.search(value)), value.lower() != value, value.upper() != value))
    if mixed < 2 or not _DIGIT.search(value) or value.startswith("<"):
        return match[0]
    counts["key"] = counts.get("key", 0) + 1
    return f"{match[1]}{match[2]}<key>"


def _is_card(match: re.Match[str]) -> bool:
    digits = "".join(_DIGIT.findall(match[0]))
    first2, first4 = int(digits[:2]), int(digits[:4])
    # Visa 4; Mastercard 51-55, 2221-2720; Amex 34, 37; Discover and others 6; JCB 3528-3589; Diners 30, 36, 38.
    lengths = {"2": (16,), "3": (14, 15, 16), "4": (13, 16, 19), "5": (16,), "6": (16, 17, 18, 19)}.get(digits[0], ())
    issued = (
        digits[0] in "46"
        or 50 <= first2 <= 59
        or 2221 <= first4 <= 2720
        or first2 in (30, 34, 36, 37, 38, 39)
        or 3528 <= first4 <= 3589
    )
    return issued and len(digits) in lengths and len(set(digits)) > 1 and luhn(digits)


def _is_iban(match: re.Match[str]) -> bool:
    compact = re.sub(r"[^A-Z0-9]", "", match[0])
    return iban_checksum(compact)


def _is_ipv4(match: re.Match[str]) -> bool:
    if _VERSION_BEFORE.search(match.string, max(0, match.start() - 12), match.start()):
        return False
    return not match[0].startswith(("0.", "127.")) and any(int(part) > 9 for part in match[0].split("."))


def _is_ipv6(match: re.Match[str]) -> bool:
    try:
        ipaddress.IPv6Address(match[0])
    except ValueError:
        return False
    return sum(character.isdigit() for character in match[0]) >= 2 and len(match[0]) >= 6


def _is_phone(match: re.Match[str]) -> bool:
    return _PHONE_DIGITS[0] <= len(_DIGIT.findall(match[0])) <= _PHONE_DIGITS[1]


def _always(match: re.Match[str]) -> bool:
    return True


_FORMS: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], bool]], ...] = (
    ("key", _KEY, _always),
    ("email", _EMAIL, _always),
    ("email", _EMAIL_IN_WORDS, _always),
    ("iban", _IBAN, _is_iban),
    ("card", _CARD, _is_card),
    ("ip", _IPV4, _is_ipv4),
    ("ip", _IPV6, _is_ipv6),
    ("phone", _PHONE, _is_phone),
)
_KEY_MARKS = (
    *("PRIVATE KEY", "AKIA", "ASIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "AIza"),
    *(
        "ya29.",
        "sk_",
        "pk_",
        "rk_",
        "sk-",
        "hf_",
        "npm_",
        "SG.",
        "dop_v1_",
        "eyJ",
        "AGE-SECRET",
        "pypi-",
        "hooks.slack",
    ),
)
_EMAIL_MARKS = ("@", "＠", "&#64;", "%40", "_at_")
_EMAIL_SPELT = re.compile(r"at\s?[\])}>]|AT\s")
_NAMES = ("key", "token", "secret", "pass")
_VALUE = re.compile(r"[:=]\s{0,3}[\"']?[A-Za-z0-9+/_.~!@#$%^&*=-]{12}")


def _may_hold_key(text: str) -> bool:
    return any(mark in text for mark in _KEY_MARKS)


def _may_hold_email(text: str) -> bool:
    return any(mark in text for mark in _EMAIL_MARKS) or _EMAIL_SPELT.search(text) is not None


def _may_name_secret(text: str) -> bool:
    if "=" not in text and ":" not in text:
        return False
    lower = text.lower()
    return any(name in lower for name in _NAMES) and _VALUE.search(text) is not None


# A form is looked for only where this holds: cheap to find out, and most documents have none of it.
_NEEDS: dict[re.Pattern[str], Callable[[str], object]] = {
    _KEY: _may_hold_key,
    _EMAIL: _may_hold_email,
    _EMAIL_IN_WORDS: re.compile(" dot ", re.IGNORECASE).search,
    _IBAN: re.compile(r"[A-Z]{2}\d\d").search,
    _CARD: re.compile(r"\d{4}[ \u00a0-]?\d{2}").search,
    _IPV4: re.compile(r"\d\.\d{1,3}\.").search,
    _IPV6: re.compile(r"[0-9A-Fa-f]:[0-9A-Fa-f:]").search,
    _PHONE: re.compile(r"\d[\d ().\u00a0/-]{6}").search,
}
