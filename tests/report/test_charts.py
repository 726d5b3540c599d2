"""Charts as geometry: nothing that happened is hidden, places are where the numbers say."""

import math

import pytest

from groundup.report.charts import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Series,
    label_x,
    line_chart,
    padded,
    round_values,
    spelled,
    thin,
    usual,
)


def test_thinning_keeps_mean_lowest_and_highest() -> None:
    points = [(float(i), math.sin(i)) for i in range(1, 1001)]
    stretches = thin(points, 100)
    assert len(stretches) == 100
    assert stretches[-1][0] == 1000.0
    assert min(low for _, _, low, _ in stretches) == min(y for _, y in points)
    assert max(high for *_, high in stretches) == max(y for _, y in points)
    mean = sum(mean for _, mean, _, _ in stretches) / 100
    assert mean == pytest.approx(sum(y for _, y in points) / 1000)
    assert [(x, y) for x, y, _, _ in thin(points[:50], 100)] == points[:50]


def test_places_follow_the_numbers() -> None:
    chart = line_chart("t", "u", [Series("a", [(0.0, 0.0), (10.0, 1.0)])], axis="steps", marks=[(5.0, 1.0)])
    assert chart is not None
    (line,) = chart.lines
    low, high = chart.y_range
    assert (low, high) == (0.0, pytest.approx(1.05))
    assert line.coordinates[0] == (LEFT, HEIGHT - BOTTOM)
    x, y = line.coordinates[1]
    assert x == WIDTH - RIGHT
    assert y == pytest.approx(HEIGHT - BOTTOM - (1 / 1.05) * (HEIGHT - TOP - BOTTOM))
    assert line.band == []
    assert [(mark.at, mark.label) for mark in chart.marks] == [((LEFT + WIDTH - RIGHT) / 2, "1")]


def test_nothing_to_show_is_no_chart() -> None:
    assert line_chart("t", "u", [Series("a", [])], axis="steps") is None


@pytest.mark.parametrize("value", [0.0, -3.0, 5.0])
def test_a_constant_is_drawn_in_the_middle(value: float) -> None:
    chart = line_chart("t", "u", [Series("a", [(1.0, value)], dots=True)], axis="steps")
    assert chart is not None
    assert chart.y_range[0] < value < chart.y_range[1] or value == chart.y_range[0] == 0
    assert all(math.isfinite(number) for point in chart.lines[0].coordinates for number in point)


def test_the_first_towering_losses_do_not_flatten_the_rest() -> None:
    losses = [9.0, 6.0, *[2.0 + 0.001 * i for i in range(100)]]
    assert usual(losses)[1] < 3
    assert usual([2.0 + 0.01 * i for i in range(100)]) == (2.0, 2.99)  # nothing towers
    assert usual([9.0, 1.0]) == (1.0, 9.0)  # few values are all shown
    assert padded([(2.0, 2.1)])[0] > 1.9


def test_round_values_are_round_and_inside() -> None:
    assert round_values(0.0, 1.0, about=5) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert round_values(140, 1308, about=5) == [500, 1000]
    assert round_values(0.4e-3, 1.1e-3, about=4) == pytest.approx([4e-4, 6e-4, 8e-4, 1e-3])


def test_seconds_are_told_in_the_unit_that_fits() -> None:
    assert label_x((0.0, 40.0), "seconds") == ("seconds", [(i, str(i)) for i in (0, 10, 20, 30, 40)])
    unit, ticks = label_x((0.0, 600.0), "seconds")
    assert (unit, ticks[1]) == ("minutes", (120, "2"))
    assert label_x((0.0, 40_000.0), "seconds")[0] == "hours"
    assert label_x((0.0, 40.0), "tokens")[0] == "tokens"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.5, "0.5"), (1234, "1,234"), (12000, "12k"), (2.5e6, "2.5M"), (0.0002, "2e-4"), (-0.3, "-0.3")],
)
def test_spelled(value: float, text: str) -> None:
    assert spelled(value) == text
