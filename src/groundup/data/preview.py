"""What a build would change, before anything is written: files that came, changed or went, and what goes with them."""

from collections.abc import Sequence
from pathlib import Path

from groundup.data.corpus import CorpusConfig, own_files, recorded_settings, resolve_cleaning
from groundup.data.corpus_report import read_report, report_path
from groundup.data.decoding import SkipFile, size_and_hash
from groundup.data.lineage import trace
from groundup.data.sources import expand_inputs, find_files

_NAMED = 8


def preview(
    inputs: Sequence[str | Path], output: Path, config: CorpusConfig, runs: Sequence[Path], tokens: Sequence[Path] = ()
) -> list[str]:
    """Lines for a person: what building `output` from `inputs` would change. Reads and hashes, writes nothing.

    Of files that have gone or changed, their part in the corpus as it is, and the runs below `runs` trained on it.
    """
    found = find_files(expand_inputs(inputs), exclude=own_files(output, config))
    present: dict[str, str] = {}
    for source in found.files:
        try:
            present[source.name] = size_and_hash(source.path)[1]
        except SkipFile:  # the build will say so
            continue
    if not report_path(output).is_file():
        return [f"{output} is not there yet: all {len(present):,} files are new."]
    report = read_report(output)
    recorded = {record["path"]: record["sha256"] for record in report["files"] if record["sha256"]}
    new = [name for name in present if name not in recorded]
    changed = [name for name in present if name in recorded and recorded[name] != present[name]]
    gone = [name for name in recorded if name not in present]
    settings = recorded_settings(config, resolve_cleaning(config))
    other = [key for key in {**report["settings"], **settings} if report["settings"].get(key) != settings.get(key)]
    lines = [f"As before: {len(present) - len(new) - len(changed):,} files"]
    for what, names in (("new", new), ("changed", changed), ("no longer there", gone)):
        if names:
            more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
            lines.append(f"{what}: {', '.join(names[:_NAMED])}{more}")
    if other:
        lines.append(f"settings that differ, so that everything is cleaned anew: {', '.join(sorted(other))}")
    if gone or changed:
        lines.append("What goes with what is gone or changed:")
        lines += trace(output, [*gone, *changed], runs, tokens).describe()
    return lines
