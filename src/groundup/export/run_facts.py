"""What a run folder tells about the model that it holds, for its model card: only what is recorded there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from groundup.data.corpus_report import read_report
from groundup.data.recipes import TEXTS, load_recipes
from groundup.model.bundle import CONFIG, weight_files
from groundup.runs.folder import RunFolder
from groundup.runs.metrics import read_rows
from groundup.utils.errors import UserError
from groundup.utils.files import read_json, read_object, sha256_file

BUILTIN = {"stories.jsonl", "held_out_stories.jsonl", "dialogues.jsonl"}  # as quickstart names them


@dataclass(frozen=True)
class Source:
    """A file that the text came from."""

    name: str
    documents: int
    size_bytes: int
    sha256: str
    licence: str | None  # None: nobody has recorded it


@dataclass
class Facts:
    """What is known about a model. Empty where it belongs to no run."""

    sources: list[Source] = field(default_factory=list)
    ledger: list[dict[str, Any]] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    validation: dict[str, Any] = field(default_factory=dict)  # val_loss, val_ppl, val_bpb, tokens, bytes
    suites: list[dict[str, Any]] = field(default_factory=list)  # of evaluations of exactly these weights
    environment: dict[str, Any] = field(default_factory=dict)
    seconds: float | None = None  # of training, evaluations and saves included
    step: int | None = None


def gather(bundle: Path, run: Path | None) -> Facts:
    """Read what the run folder `run` (None: there is none) and the corpus beside its data tell about a model folder."""
    if run is None:
        return Facts()
    folder, checkpoint = RunFolder(run), bundle.parent
    settings = OmegaConf.to_container(OmegaConf.load(folder.config))
    assert isinstance(settings, dict)
    step = int(checkpoint.name.removeprefix("step-"))
    validation = read_object(folder.evaluation)
    seconds = [row["elapsed_seconds"] for row in read_rows(folder.metrics) if row["step"] <= step]
    return Facts(
        sources=list(_sources(settings)),  # type: ignore[arg-type]
        ledger=list(read_object(checkpoint / "training" / "ledger.json").get("datasets", [])),
        settings=settings,  # type: ignore[arg-type]
        validation=validation if validation.get("checkpoint") == checkpoint.name else {},
        suites=list(_suites(run, bundle)),
        environment=read_object(folder.environment),
        seconds=seconds[-1] if seconds else None,
        step=step,
    )


def _sources(settings: Mapping[str, Any]) -> Iterator[Source]:
    """The files of the corpus, where its report still lies at its place."""
    corpus = Path(str(settings.get("corpus", {}).get("output")))
    try:
        report = read_report(corpus)
    except UserError:
        return
    recipes = load_recipes()
    for file in report["files"]:
        if file["status"] != "read":
            continue
        path = Path(file["input"]) if Path(file["input"]).name == Path(file["path"]).name else Path(file["path"])
        recipe = recipes.get(path.parent.name) if path.name == TEXTS else None
        licence = None if recipe is None else f"{recipe.licence} ({recipe.name}, as its card stated it)"
        if path.name in BUILTIN and (corpus.parent / path.name).is_file():
            licence = "none needed: written by Groundup's own grammar"
        yield Source(file["path"], file["documents"], file["bytes"], file["sha256"], licence)


def _suites(run: Path, bundle: Path) -> Iterator[dict[str, Any]]:
    """Results of `groundup eval --output` files in the run folder that are about exactly these weights."""
    weights = {file.name: sha256_file(file) for file in [bundle / CONFIG, *weight_files(bundle)]}
    for file in sorted({*run.glob("*.json"), *run.glob("evaluations/*.json")}):
        try:
            value = read_json(file)
        except UserError:
            continue
        if isinstance(value, dict) and value.get("model", {}).get("files") == weights:
            yield from value["suites"]
