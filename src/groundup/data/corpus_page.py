"""The corpus report as one HTML page that needs nothing else: what came in, what went where, and samples to look at."""

from html import escape
from typing import Any

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1c2430;background:#fff}
h1{font-size:1.6rem;margin-bottom:.2rem}h2{font-size:1.15rem;margin-top:2.2rem;border-bottom:1px solid #d8dde5}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.2rem .6rem .2rem 0;vertical-align:top}
th{color:#5a6675;font-weight:600}td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.bar{background:#dfe6ef;height:1rem;border-radius:2px}
.bar div{background:#2f6fb2;height:100%;border-radius:2px;min-width:1px}
.bar div.out{background:#c2542d}.muted{color:#5a6675}
details{border:1px solid #d8dde5;border-radius:4px;margin:.4rem 0;padding:.3rem .7rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.45 ui-monospace,monospace;margin:.4rem 0}
"""
_FATES = {
    "kept": "kept",
    "duplicate": "exact duplicates",
    "near_duplicate": "near-duplicates",
    "dropped": "dropped by a rule",
    "empty": "without text",
    "bad": "rows that cannot be read",
}


def corpus_page(report: dict[str, Any], kept: dict[str, Any] | None = None) -> str:
    """The page for a report as it stands in the .report.json file.

    `kept`: lengths and samples of the sections (sections_as_they_are), for a report that has none.
    """
    cleaning = report.get("cleaning") or kept or {}
    parts = [
        f"<h1>{escape(report['output'])}</h1><p class=muted>cleaning {escape(str(report['settings']['cleaning']))}, "
        f"{report['output_bytes']:,} bytes, from {report['input_bytes']:,} bytes in {len(report['files']):,} files; "
        f"SHA-256 {report['output_sha256'][:16]}…</p>",
        "<h2>What became of the documents</h2>",
        _fates(report["documents"]),
    ]
    if cleaning:
        said = _steps(cleaning["steps"]) if report.get("cleaning") else "<p>Not recorded: add --explain.</p>"
        parts += ["<h2>What the rules did</h2>", said]
        parts += ["<h2>Lengths</h2>", _lengths(cleaning["lengths"])]
        if cleaning["languages"]:
            parts += ["<h2>Languages</h2>", _counts(cleaning["languages"], sum(cleaning["languages"].values()))]
        if cleaning["largest_clusters"]:
            clusters = {row["source"]: row["resembled_by"] for row in cleaning["largest_clusters"]}
            parts += ["<h2>Most copied documents</h2>", _counts(clusters, max(clusters.values()))]
    parts += ["<h2>Files</h2>", _files(report)]
    if cleaning:
        parts += ["<h2>Samples of what is kept</h2>", _samples(cleaning["samples"]["kept"])]
        if report.get("cleaning"):
            parts += ["<h2>Samples of what was left out</h2>", _samples(cleaning["samples"]["dropped"])]
    head = f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(report['output'])}</title>"
    return f"{head}<style>{_STYLE}</style>{''.join(parts)}</html>\n"


def _bar(share: float, *, out: bool = False) -> str:
    kind = " class=out" if out else ""
    inner = f'<div{kind} style="width:{100 * share:.2f}%"></div>' if share else ""
    return f"<div class=bar>{inner}</div>"


def _fates(documents: dict[str, int]) -> str:
    rows = [f"<tr><td>read<td class=n>{documents['read']:,}<td class=n>100.0 %<td>{_bar(1)}"]
    for kind, words in _FATES.items():
        if kind in documents:
            share = documents[kind] / max(1, documents["read"])
            bar = _bar(share, out=kind != "kept")
            rows.append(
                f"<tr><td>{words}<td class=n>{documents[kind]:,}<td class=n>{100 * share:.1f} %<td width=50%>{bar}"
            )
    return f"<table>{''.join(rows)}</table>"


def _steps(steps: list[dict[str, Any]]) -> str:
    if not steps:
        return "<p>No rule met any document.</p>"
    head = "<tr><th>step<th>rule<th>documents changed<th>places<th>documents dropped"
    rows = [
        f"<tr><td>{escape(row['step'])}<td>{escape(row['rule'])}"
        f"<td class=n>{row['changed']:,}<td class=n>{row['places']:,}<td class=n>{row['dropped']:,}"
        for row in steps
    ]
    return f"<table>{head}{''.join(rows)}</table>"


def _lengths(lengths: dict[str, list[int]]) -> str:
    most = max(1, *lengths["kept"], *lengths["dropped"])
    used = [n for n in range(len(lengths["kept"])) if lengths["kept"][n] or lengths["dropped"][n]]
    rows = ["<tr><th>characters<th>kept<th>left out<th>"]
    for n in range(min(used, default=0), max(used, default=-1) + 1):
        kept, out = lengths["kept"][n], lengths["dropped"][n]
        rows.append(
            f"<tr><td>{2**n:,} to {2 ** (n + 1) - 1:,}<td class=n>{kept:,}<td class=n>{out:,}"
            f"<td width=50%>{_bar(kept / most)}{_bar(out / most, out=True) if out else ''}"
        )
    return f"<table>{''.join(rows)}</table>"


def _counts(counts: dict[str, int], total: int) -> str:
    rows = [
        f"<tr><td>{escape(name)}<td class=n>{count:,}<td width=50%>{_bar(count / max(1, total))}"
        for name, count in counts.items()
    ]
    return f"<table>{''.join(rows[:20])}</table>"


def _files(report: dict[str, Any]) -> str:
    shown = sorted(report["files"], key=lambda record: (record["status"] == "read", -record["bytes"]))[:60]
    rows = ["<tr><th>file<th>bytes<th>documents<th>sections written<th>remarks"]
    for record in shown:
        skipped = f"{record['reason']}: {record['detail']}" if record["status"] != "read" else ""
        remarks = "; ".join([skipped, *record["notes"]] if skipped else record["notes"])
        rows.append(
            f"<tr><td>{escape(record['path'])}<td class=n>{record['bytes']:,}<td class=n>{record['documents']:,}"
            f"<td class=n>{record['sections']:,}<td>{escape(remarks)}"
        )
    more = len(report["files"]) - len(shown)
    return f"<table>{''.join(rows)}</table>" + (f"<p class=muted>and {more:,} more files</p>" if more else "")


def _samples(samples: list[dict[str, Any]]) -> str:
    if not samples:
        return "<p>None.</p>"
    parts = []
    for sample in samples:
        why = "; ".join(
            f"{finding['step']}: {finding['rule']} ({finding['value']}, limit {finding['limit']})"
            for finding in sample["findings"]
        )
        parts.append(
            f"<details open><summary>{escape(sample['source'])} <span class=muted>{escape(why)}</span></summary>"
            f"<pre>{escape(sample['text'])}</pre></details>"
        )
    return "".join(parts)
