"""Draw docs/pictures/ from measured runs and the formula fitted to them. mkdocs calls it before it builds.

tokens-per-parameter.svg: bits per byte against tokens per parameter; one line for each amount of computation, 6 N D
floating-point operations, as the fitted formula has it (training/loss_law.json); the runs behind it
(training/loss_runs.jsonl) as dots. Lines end where the measured range of sizes and of bytes read ends.
"""

import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from groundup.training.loss_law import LossLaw, MeasuredRun, load_law, load_runs

FOLDER = Path(__file__).parent / "pictures"
BYTES_PER_TOKEN = 4  # of stories with 4,096 entries; other texts are counted in tokens of this length, too
BUDGETS = (5e12, 1e13, 3e13)  # floating-point operations
OPERATIONS = 6  # for each parameter and token
NAMED_TEXT = "stories"
"""The text whose difficulty the picture is drawn for: runs over other texts are moved there by the formula."""
POINTS = 40

WIDTH, HEIGHT = 480, 330  # as wide as a phone, nearly, so that text stays readable there
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 14, 56
X_RANGE, Y_RANGE = (0.012, 50.0), (0.7, 1.2)
X_TICKS = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
RULE = 20  # tokens per parameter that large studies recommend (Hoffmann et al. 2022)
Y_TICKS = (0.7, 0.8, 0.9, 1.0, 1.1, 1.2)

STYLE = """
text { font: 12px system-ui, sans-serif; fill: #5a636b; }
.grid { stroke: #8b949e; stroke-opacity: .25; } .axis, .rule { stroke: #8b949e; } .rule { stroke-dasharray: 4 3; }
.line { fill: none; stroke: #0b8a63; stroke-width: 2; } .named { fill: #0b8a63; }
.dot { stroke-width: 1.5; } .own { fill: #d1495b; stroke: #d1495b; } .moved { fill: none; stroke: #d1495b; }
@media (prefers-color-scheme: dark) { text { fill: #a5b0bb; } .line { stroke: #4cc38a; } .named { fill: #4cc38a; }
.own { fill: #f2777a; stroke: #f2777a; } .moved { stroke: #f2777a; } }
"""


def per_parameter(parameters: float, seen_bytes: float) -> float:
    """Tokens read in training for each parameter that multiplies."""
    return seen_bytes / BYTES_PER_TOKEN / parameters


def along_a_budget(law: LossLaw, operations: float, difficulty: float) -> list[tuple[float, float]]:
    """(tokens per parameter, bits per byte) of all sizes that can be had for so much computation, within the range."""
    product = operations / OPERATIONS * BYTES_PER_TOKEN  # parameters times bytes
    smallest = max(law.parameters_range[0], product / law.seen_range[1])
    largest = min(law.parameters_range[1], product / law.seen_range[0])
    points = []
    for i in range(POINTS + 1):
        parameters = smallest * (largest / smallest) ** (i / POINTS)
        seen = product / parameters
        bits = law.predict(difficulty=difficulty, parameters=parameters, seen_bytes=seen, unique_bytes=seen)
        points.append((per_parameter(parameters, seen), bits))
    return points


def place(x: float, y: float) -> tuple[float, float]:
    """Coordinates of a point; x is drawn by its logarithm."""
    low, high = (math.log(value) for value in X_RANGE)
    across = (math.log(x) - low) / (high - low)
    up = (y - Y_RANGE[0]) / (Y_RANGE[1] - Y_RANGE[0])
    return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)


def tokens_per_parameter(law: LossLaw, runs: list[MeasuredRun]) -> str:
    """The picture as SVG."""
    difficulty = next(run.difficulty for run in runs if run.text == NAMED_TEXT)
    parts = [*frame(), *lines(law, difficulty), *dots(law, runs, difficulty)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'role="img"><title>Bits per byte against tokens per parameter</title>\n'
        f"<style>{STYLE}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def frame() -> Iterator[str]:
    """Axes, their numbers and labels, and what the marks mean."""
    floor = HEIGHT - BOTTOM
    for y in Y_TICKS:
        at = place(X_RANGE[0], y)[1]
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>'
        yield f'<text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{y:g}</text>'
    yield f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{floor}" y2="{floor}"/>'
    for x in X_TICKS:
        at = place(x, Y_RANGE[0])[0]
        yield f'<line class="axis" x1="{at:.1f}" x2="{at:.1f}" y1="{floor}" y2="{floor + 4}"/>'
        yield f'<text x="{at:.1f}" y="{floor + 17}" text-anchor="middle">{x:g}</text>'
    at, ceiling = place(RULE, Y_RANGE[1])
    yield f'<line class="rule" x1="{at:.1f}" x2="{at:.1f}" y1="{ceiling:.1f}" y2="{floor}"/>'
    yield f'<text x="{at - 5:.1f}" y="{ceiling + 14:.1f}" text-anchor="end">{RULE}: the usual measure</text>'
    yield f'<text x="{LEFT}" y="{HEIGHT - 22}">tokens read per parameter, at 4 bytes a token; up: bits per byte</text>'
    yield f'<circle class="dot own" cx="{LEFT + 4}" cy="{HEIGHT - 8}" r="3.5"/>'
    yield f'<text x="{LEFT + 13}" y="{HEIGHT - 4}">runs over stories</text>'
    yield f'<circle class="dot moved" cx="{LEFT + 126}" cy="{HEIGHT - 8}" r="3.5"/>'
    yield f'<text x="{LEFT + 135}" y="{HEIGHT - 4}">over other texts, brought to their difficulty</text>'


def lines(law: LossLaw, difficulty: float) -> Iterator[str]:
    """The fitted formula at equal computation."""
    for operations in BUDGETS:
        points = [place(*point) for point in along_a_budget(law, operations, difficulty)]
        spelled = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield f'<polyline class="line" points="{spelled}"/>'
        x, y = points[0]
        mantissa, _, exponent = f"{operations:.0e}".partition("e+")
        label = f'{mantissa} · 10<tspan dy="-4" font-size="9">{exponent}</tspan>'
        yield f'<text class="named" x="{x + 6:.1f}" y="{y + 4:.1f}">{label}</text>'


def dots(law: LossLaw, runs: list[MeasuredRun], difficulty: float) -> Iterator[str]:
    """The measured runs with their sizes; those over other texts less what their difficulty adds."""
    for run in runs:
        bits = run.bits_per_byte * (difficulty / run.difficulty) ** law.difficulty_power
        x, y = place(per_parameter(run.parameters, run.seen_bytes), bits)
        kind = "own" if run.text == NAMED_TEXT else "moved"
        yield f'<circle class="dot {kind}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'
        if kind == "own":
            yield f'<text x="{x - 4:.1f}" y="{y + 13:.1f}" text-anchor="end">{run.parameters / 1e6:.1f}M</text>'


PICTURES = {"tokens-per-parameter.svg": tokens_per_parameter}


def on_pre_build(config: Any) -> None:
    """What mkdocs calls before it builds."""
    main()


def main() -> None:
    """Write what has changed."""
    FOLDER.mkdir(exist_ok=True)
    law, runs = load_law(), load_runs()
    for name, picture in PICTURES.items():
        path, text = FOLDER / name, picture(law, runs)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"written: {path}", file=sys.stderr)


if __name__ == "__main__":
    main()
