from pathlib import Path

from groundup.runs.decisions import Decisions
from groundup.training.limits import ClockEnd, FixedEnd


def run(path: Path, *, seconds_per_step: float, minutes: float, start: int = 0, until: int = 10**9) -> list[int]:
    """Steps are pretended to take `seconds_per_step`; returns the last step in force after each one."""
    end = ClockEnd(Decisions(path, minutes), 60 * minutes, start, start * seconds_per_step)
    planned, step = [], start
    end.update(step, step * seconds_per_step)
    while step < min(end.last_step, until):
        step += 1
        end.update(step, step * seconds_per_step)
        planned.append(end.last_step)
    return planned


def test_the_run_ends_when_the_minutes_are_used_up(tmp_path: Path) -> None:
    planned = run(tmp_path / "d.jsonl", seconds_per_step=0.5, minutes=1)
    assert 118 <= len(planned) <= 120
    assert all(abs(last - 120) <= 1 for last in planned[5:])


def test_a_step_longer_than_the_limit_still_ends_the_run(tmp_path: Path) -> None:
    assert len(run(tmp_path / "d.jsonl", seconds_per_step=90, minutes=1)) == 1


def test_a_resumed_run_follows_what_was_recorded_although_the_clock_runs_differently(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    whole = run(path, seconds_per_step=0.5, minutes=1)
    again = run(path, seconds_per_step=2.0, minutes=1, start=40)
    assert again == whole[40:]


def test_decisions_after_a_kill_go_on_by_the_clock(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    run(path, seconds_per_step=0.5, minutes=1, until=60)
    with open(path, "a") as f:
        f.write('{"step": 61, "last_')  # killed while writing
    planned = run(path, seconds_per_step=0.5, minutes=1, start=50)
    assert 118 <= 50 + len(planned) <= 120


def test_another_limit_decides_anew(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    run(path, seconds_per_step=0.5, minutes=1)
    planned = run(path, seconds_per_step=0.5, minutes=2, start=100)
    assert 236 <= 100 + len(planned) <= 240


def test_a_limit_in_steps_holds_as_well(tmp_path: Path) -> None:
    end = ClockEnd(Decisions(tmp_path / "d.jsonl", 1), 60, 0, 0.0, at_most=30)
    for step in range(31):
        end.update(step, step * 0.1)
    assert end.last_step == 30


def test_fixed() -> None:
    end = FixedEnd(7)
    end.update(3, 1e9)
    assert end.last_step == 7
