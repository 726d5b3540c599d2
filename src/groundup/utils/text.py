"""Text that cannot be written as it is."""


def without_lone_surrogates(text: str) -> str:
    """`text` with U+FFFD for each half of a surrogate pair: JSON can spell them, UTF-8 cannot."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
