"""Line charts as plain geometry: rows of metrics in, coordinates and ticks out. The template draws them as SVG.

Many rows are drawn as few points: a stretch of rows becomes their mean (the line) with their lowest and highest value
(the band around it), so that a file stays small and nothing that happened is hidden.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

WIDTH, HEIGHT = 420, 210  # units of the viewBox: near the width of a phone, so that text stays readable there
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 10, 34
MOST_POINTS = 240

Point = tuple[float, float]
SECOND_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)


@dataclass(frozen=True)
class Series:
    """One line of a chart."""

    name: str
    points: Sequence[Point]  # ascending in x
    color: int = 0  # place in the palette of style.css
    dots: bool = False  # few measured points, shown as such; otherwise a line with its band


@dataclass(frozen=True)
class Line:
    """A series in the units of the viewBox."""

    name: str
    color: int
    dots: bool
    coordinates: list[Point]
    band: list[Point]  # a polygon; empty where every point is one row

    @property
    def points(self) -> str:
        """As the attribute of a polyline."""
        return joined(self.coordinates)

    @property
    def band_points(self) -> str:
        """As the attribute of a polygon."""
        return joined(self.band)


@dataclass(frozen=True)
class Tick:
    """A labelled place on an axis."""

    at: float  # in the units of the viewBox
    label: str


@dataclass(frozen=True)
class Chart:
    """All that the template needs to draw one chart."""

    title: str
    unit: str
    axis: str  # steps, tokens or seconds
    x_label: str
    lines: list[Line]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    x_range: Point
    y_range: Point
    marks: list[Tick] = field(default_factory=list)  # where a phase begins


def line_chart(
    title: str, unit: str, series: Sequence[Series], *, axis: str, marks: Iterable[Point] = ()
) -> Chart | None:
    """Lay out a chart; None when no series has a point. `marks` are (x, number) of the phases that begin there."""
    thinned = [(one, [one_point(p) for p in one.points] if one.dots else thin(one.points)) for one in series]
    thinned = [(one, stretches) for one, stretches in thinned if stretches]
    if not thinned:
        return None
    x_range = widened([x for _, stretches in thinned for x, *_ in stretches])
    y_range = padded([usual([mean for _, mean, _, _ in stretches]) for _, stretches in thinned])

    def place(x: float, y: float) -> Point:
        across = (x - x_range[0]) / (x_range[1] - x_range[0])
        up = (y - y_range[0]) / (y_range[1] - y_range[0])
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)

    lines = []
    for one, stretches in thinned:
        upper = [place(x, high) for x, _, _, high in stretches]
        lower = [place(x, low) for x, _, low, _ in reversed(stretches)]
        has_band = any(low < high for _, _, low, high in stretches)
        centre = [place(x, mean) for x, mean, _, _ in stretches]
        lines.append(Line(one.name, one.color, one.dots, centre, upper + lower if has_band else []))
    x_label, x_ticks = label_x(x_range, axis)
    y_ticks = [Tick(place(x_range[0], y)[1], spelled(y)) for y in round_values(*y_range, about=5)]
    return Chart(
        title=title,
        unit=unit,
        axis=axis,
        x_label=x_label,
        lines=lines,
        x_ticks=[Tick(place(x, y_range[0])[0], label) for x, label in x_ticks],
        y_ticks=y_ticks,
        x_range=x_range,
        y_range=y_range,
        marks=[Tick(place(x, 0)[0], f"{number:g}") for x, number in marks if x_range[0] < x < x_range[1]],
    )


def one_point(point: Point) -> tuple[float, float, float, float]:
    """A point as a stretch of one row."""
    return (*point, point[1], point[1])


def thin(points: Sequence[Point], most: int = MOST_POINTS) -> list[tuple[float, float, float, float]]:
    """(last x, mean, lowest, highest) of at most `most` stretches of equally many points."""
    n = len(points)
    count = min(n, most)
    stretches = []
    for i in range(count):
        part = points[i * n // count : (i + 1) * n // count]
        values = [y for _, y in part]
        stretches.append((part[-1][0], math.fsum(values) / len(values), min(values), max(values)))
    return stretches


def widened(values: Sequence[float]) -> Point:
    """The range of x; one point gets some room to its left."""
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 1, high)


def usual(values: Sequence[float]) -> Point:
    """(lowest, highest) without the highest few of many where they tower over the rest, as the first losses do."""
    low, high = min(values), max(values)
    if len(values) < 50:
        return low, high
    rest = sorted(values)[: round(0.97 * len(values))]
    return low, rest[-1] if high - low > 1.5 * (rest[-1] - low) > 0 else high


def padded(ranges: Sequence[Point]) -> Point:
    """The range of y that holds all of them with some room; from 0 where they come near it."""
    low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
    if high == low:
        low, high = low - (abs(low) or 1) / 2, high + (abs(high) or 1) / 2
    room = 0.05 * (high - low)
    return (0.0 if 0 <= low < 0.4 * high else low - room), high + room


def round_values(low: float, high: float, *, about: int) -> list[float]:
    """Around `about` round numbers (1, 2 or 5 times a power of ten apart) within [low, high]."""
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [i * step for i in range(first, last + 1)]


def label_x(x_range: Point, axis: str) -> tuple[str, list[tuple[float, str]]]:
    """(label of the axis, ticks as value and label)."""
    low, high = x_range
    if axis != "seconds":
        return axis, [(x, spelled(x)) for x in round_values(low, high, about=5)]
    step = next((step for step in SECOND_STEPS if (high - low) / step <= 6), 86400 * max(1, round(high / 500_000)))
    unit, seconds = next(((u, s) for u, s in (("hours", 3600), ("minutes", 60)) if step >= s), ("seconds", 1))
    ticks = [i * step for i in range(math.ceil(low / step), math.floor(high / step) + 1)]
    return unit, [(tick, f"{tick / seconds:g}") for tick in ticks]


def spelled(value: float) -> str:
    """A number for an axis: 12k, 3.4M, 0.05, 2e-4."""
    if value and abs(value) < 0.001:
        return f"{value:.0e}".replace("e-0", "e-")
    for limit, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= limit:
            return f"{value / (1e3 if letter == 'k' else limit):g}{letter}"
    return f"{value:.10g}" if abs(value) < 1000 else f"{value:,.0f}"


def joined(points: Sequence[Point]) -> str:
    """Coordinates with one decimal, as SVG wants them."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
