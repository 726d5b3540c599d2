import pytest

from groundup.training.schedule import learning_rate_share, muon_momentum


def shares(
    schedule: str, total: int = 100, *, warmup: float = 0.1, decay: float = 0.5, final: float = 0.1
) -> list[float]:
    return [
        learning_rate_share(step, total, schedule=schedule, warmup=warmup, decay=decay, final=final)
        for step in range(total)
    ]


@pytest.mark.parametrize("schedule", ["wsd", "linear", "cosine", "constant"])
def test_warmup_rises_to_the_peak_in_even_steps(schedule: str) -> None:
    rising = shares(schedule)[:11]
    assert rising[0] == pytest.approx(1 / 11)
    assert rising == sorted(rising)
    assert max(shares(schedule)) == pytest.approx(1.0)


@pytest.mark.parametrize("schedule", ["wsd", "linear", "cosine"])
def test_the_fall_ends_just_above_the_final_share(schedule: str) -> None:
    falling = shares(schedule)[10:]
    assert falling == sorted(falling, reverse=True)
    assert 0.1 < falling[-1] < 0.13


def test_wsd_is_flat_before_its_decay() -> None:
    assert set(shares("wsd")[10:51]) == {1.0}
    assert shares("wsd")[51] < 1.0


def test_constant_stays() -> None:
    assert set(shares("constant")[10:]) == {1.0}


def test_decay_never_reaches_back_into_the_warmup() -> None:
    rates = shares("wsd", warmup=0.4, decay=0.9)
    assert rates[39] == pytest.approx(40 / 41)
    assert rates[40] == 1.0
    assert rates[41] < 1.0


@pytest.mark.parametrize("schedule", ["wsd", "linear", "cosine", "constant"])
def test_a_phase_of_one_step_learns(schedule: str) -> None:
    assert shares(schedule, total=1) == [1.0]


def test_steps_beyond_the_end_do_not_rise_again() -> None:
    share = learning_rate_share(150, 100, schedule="cosine", warmup=0.0, decay=1.0, final=0.2)
    assert share == pytest.approx(0.2)


def test_momentum_warms_up_and_stays() -> None:
    assert muon_momentum(0) == pytest.approx(0.85)
    assert muon_momentum(150) == pytest.approx(0.90)
    assert muon_momentum(300) == muon_momentum(10_000) == pytest.approx(0.95)
