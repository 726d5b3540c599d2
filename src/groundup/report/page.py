"""The HTML page of one run, or of several overlaid. One file; nothing in it is fetched from anywhere.

Whatever comes from data is escaped by the template engine, and the page's own policy lets no script but ours run.
"""

import base64
import hashlib
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from groundup.report.charts import BOTTOM as CHART_BOTTOM
from groundup.report.charts import HEIGHT, LEFT, RIGHT, TOP, WIDTH, Chart, Point, Series, line_chart
from groundup.report.comparison import AXES, WHERE_THINGS_LIE
from groundup.report.record import RunRecord, read_record
from groundup.runs.metrics import SUITE_SCORE, Row
from groundup.utils.files import open_atomic

TEMPLATES = Path(__file__).parent / "templates"
SHOWN_SAMPLES, SHOWN_FILES = 12, 20
COLORS = 6  # in the palette of style.css


@dataclass(frozen=True)
class Metric:
    """What one chart shows."""

    title: str
    unit: str
    keys: tuple[tuple[str, str], ...]  # key of metrics.jsonl, name in the legend
    factor: float = 1.0


METRICS = (
    Metric("Loss", "nats per token", (("train_loss", "training"), ("val_loss", "validation"))),
    Metric("Bits per byte", "on held-out text", (("val_bpb", "validation"),)),
    Metric("Learning rate", "of the matrices", (("learning_rate", ""),)),
    Metric("Gradient norm", "before clipping", (("grad_norm", ""),)),
    Metric("Speed", "tokens per second", (("tokens_per_second", ""),)),
    Metric("Use of the hardware", "MFU, % of its peak", (("mfu", ""),), 100.0),
    Metric("Memory", "GB, highest so far", (("memory_bytes", ""),), 1e-9),
)


def write_report(runs: Sequence[Path], output: Path, defaults: Mapping[str, Any]) -> None:
    """Write the page of `runs` to `output`, whole or not at all. Raises UserError for a run that cannot be read."""
    html = render_page([read_record(run) for run in runs], defaults)
    with open_atomic(output) as f:
        f.write(html)


def render_page(records: Sequence[RunRecord], defaults: Mapping[str, Any], *, live: bool = False) -> str:
    """The page as text. `defaults` are the settings of an empty configuration, flat; `live` pages renew themselves."""
    single = records[0] if len(records) == 1 else None
    title = single.name if single else f"{len(records)} runs"
    return render(
        "report.html",
        live=live,
        title=title,
        records=records,
        single=single,
        charts={axis: charts_of(records, axis) for axis in AXES},
        changed=changed_settings(records, defaults),
        reproduce=how_to_reproduce(single) if single else [],
        samples={record.path: spread(record.samples, SHOWN_SAMPLES) for record in records},
        SHOWN_FILES=SHOWN_FILES,
    )


def render(template: str, **values: Any) -> str:
    """Fill in a template; the page gets the style, the script, and a policy that allows nothing else."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.lstrip_blocks = True
    environment.filters |= {"count": count, "places": places, "duration": duration, "size": size}
    environment.filters |= {"short": short, "breakable": breakable}
    script = (TEMPLATES / "page.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return environment.get_template(template).render(
        style=Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")),
        script=Markup(script),
        script_hash=digest,
        version=metadata.version("groundup"),
        now=time.strftime("%Y-%m-%d %H:%M"),
        box={"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT, "top": TOP, "bottom": CHART_BOTTOM},
        **values,
    )


def charts_of(records: Sequence[RunRecord], axis: str) -> list[Chart]:
    """The charts that have anything to show, over one axis."""
    asked = dict.fromkeys(key for r in records for row in r.rows for key in row if key.startswith(SUITE_SCORE))
    suite = Metric("Right answers", "share of the suite", tuple((key, key.removeprefix(SUITE_SCORE)) for key in asked))
    charts = [metric_chart(metric, records, axis) for metric in (*METRICS[:2], suite, *METRICS[2:])]
    return [chart for chart in charts if chart is not None]


def metric_chart(metric: Metric, records: Sequence[RunRecord], axis: str) -> Chart | None:
    """One chart with the lines of every run."""
    series = []
    for place, record in enumerate(records):
        for number, (key, label) in enumerate(metric.keys):
            points = points_of(record.rows, AXES[axis], key, metric.factor)
            name = label if len(records) == 1 else f"{record.name} {label}".strip()
            color = (place if len(records) > 1 else number) % COLORS
            series.append(Series(name, points, color, dots=key.startswith(("val_", SUITE_SCORE))))
    marks = phase_marks(records[0], AXES[axis]) if len(records) == 1 else []
    return line_chart(metric.title, metric.unit, series, axis=axis, marks=marks)


def points_of(rows: Sequence[Row], x_key: str, y_key: str, factor: float = 1.0) -> list[Point]:
    """(x, y) of every row that has both."""
    return [
        (float(row[x_key]), factor * float(row[y_key]))
        for row in rows
        if row.get(x_key) is not None and row.get(y_key) is not None
    ]


def phase_marks(record: RunRecord, x_key: str) -> list[Point]:
    """(x, number) of every phase but the first."""
    begins = {entry["phase"]: entry["first_step"] for entry in record.ledger if entry.get("phase")}
    at = {row["step"]: float(row[x_key]) for row in record.rows if row.get(x_key) is not None}
    return [(at[step], float(phase)) for phase, step in begins.items() if step in at]


def changed_settings(
    records: Sequence[RunRecord], defaults: Mapping[str, Any]
) -> list[tuple[str, list[str], str, bool]]:
    """(key, value in each run, default, whether the runs agree) of every setting that some run has changed."""
    keys = [key for key in {k: None for r in records for k in r.settings} if key not in WHERE_THINGS_LIE]
    rows = []
    for key in keys:
        values = [record.settings.get(key) for record in records]
        if any(value != defaults.get(key) for value in values):
            default = setting(defaults[key]) if key in defaults else "unknown here"
            rows.append((key, [setting(value) for value in values], default, all(v == values[0] for v in values)))
    return sorted(rows, key=lambda row: row[3])


def setting(value: Any) -> str:
    """A value as a configuration file spells it."""
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "none"
    if isinstance(value, bool):
        return str(value).lower()
    return "-" if value is None else str(value)


def how_to_reproduce(record: RunRecord) -> list[str]:
    """Command lines that make the run again."""
    packages = {k: str(v).partition("+")[0] for k, v in record.environment.get("packages", {}).items()}
    own = packages.pop("groundup", "")  # is installed from its source: pip would look for it elsewhere
    install = " ".join(f"{name}=={version}" for name, version in packages.items())
    processes = record.environment.get("processes", 1)
    verb = "tune" if record.is_tuned else f"train --nproc {processes}" if processes > 1 else "train"
    again = f"groundup {verb} --config {record.path}/config.yaml training.output_dir={record.path}-again"
    compare = f"groundup compare {record.path} {record.path}-again"
    return [*([f"pip install {install}  # beside groundup {own}"] if install else []), again, compare]


def spread(rows: Sequence[Row], most: int) -> list[Row]:
    """At most `most` rows, evenly spread, the first and the last among them."""
    if len(rows) <= most:
        return list(rows)
    return [rows[round(i * (len(rows) - 1) / (most - 1))] for i in range(most)]


def count(value: float | None) -> str:
    """A number of things: 1,234 or 2.68M."""
    if value is None:
        return "-"
    for limit, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M")):
        if abs(value) >= limit:
            return f"{value / limit:.3g}{letter}"
    return f"{value:,.0f}"


def places(value: float | str | None, digits: int = 4) -> str:
    """A measured number with its decimals; text as it is."""
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:,}" if isinstance(value, int) else f"{value:,.{digits}f}"


def duration(seconds: float | None) -> str:
    """1 h 02 min, 3 min 00 s, 4.2 s."""
    if seconds is None:
        return "-"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


def size(value: float | None) -> str:
    """Bytes as kB, MB or GB."""
    if value is None:
        return "-"
    for limit, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if value >= limit:
            return f"{value / limit:.3g} {unit}"
    return f"{value:.0f} bytes"


def breakable(name: str) -> Markup:
    """A name with the places where a narrow page may break it."""
    return Markup(re.sub(r"([._])", r"\1<wbr>", str(escape(name))))


def short(value: Any, length: int = 12) -> str:
    """The beginning of a hash."""
    return str(value or "-")[:length]
