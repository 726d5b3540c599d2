"""Seeds that do not depend on the order in which random numbers were drawn before."""

import hashlib


def derive_seed(seed: int, *names: str | int) -> int:
    """Return a 63-bit seed that is a pure function of a run's seed and the names of a purpose.

    The same purpose gets the same numbers whatever else was drawn, so that adding one use of chance moves no other.
    """
    text = "/".join(str(part) for part in (seed, *names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little") >> 1
