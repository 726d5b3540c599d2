"""Whether a corpus still is what its inputs would give, so that nothing is made twice and nothing new is missed."""

from collections.abc import Sequence
from pathlib import Path

from groundup.data.corpus import CorpusConfig, own_files, recorded_settings, resolve_cleaning
from groundup.data.corpus_report import is_prepared_corpus, report_path
from groundup.data.sources import expand_inputs, find_files
from groundup.utils.files import read_json, sha256_file


def corpus_is_current(inputs: Sequence[str | Path], output: Path, config: CorpusConfig) -> bool:
    """Compare the corpus' report with the inputs as they are now: settings, which files there are, and their bytes."""
    if not is_prepared_corpus(output):
        return False
    report = read_json(report_path(output))
    if report["settings"] != recorded_settings(config, resolve_cleaning(config)):
        return False
    found = find_files(expand_inputs(inputs), exclude=own_files(output, config))
    recorded = {
        (record["input"], record["path"]): record["sha256"]
        for record in report["files"]
        if record["sha256"] is not None
    }
    present = {(source.input, source.name): source.path for source in found.files}
    return recorded.keys() == present.keys() and all(
        sha256_file(path) == recorded[key] for key, path in present.items()
    )
