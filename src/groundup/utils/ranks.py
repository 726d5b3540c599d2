"""Which of several processes this one is, as whoever launched them (torchrun, groundup train --nproc) has told it."""

import os
from collections.abc import Mapping

NEEDED = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


def launched_as_team(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a launcher has started this process as one of a team, be it a team of one."""
    return all(name in environment for name in NEEDED)


def launched_rank(environment: Mapping[str, str] = os.environ) -> int:
    """This process's number in its team, from 0; 0 without a launcher."""
    return int(environment["RANK"]) if launched_as_team(environment) else 0
