"""A model as one ONNX file, for ONNX Runtime and whatever else reads that format; proved by running it there.

    input_ids (batch, sequence) int64 -> logits (batch, sequence, V) float32

Both axes are free: any number of texts, of any length up to the model's context. The whole text is read at every call;
keys and values are no part of the file. Texts of different lengths are padded on the right: what stands there changes
nothing on its left. A graph of operations has room for every shape that we can train, also for those that no other
format knows. The tokenizer's files are written beside it.
"""

import logging
import tempfile
import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from groundup.export.parting import parting
from groundup.export.probes import LINES, PROMPTS
from groundup.inference.generation import end_ids
from groundup.model.transformer import Transformer
from groundup.tokenizer.interface import Tokenizer
from groundup.utils.errors import UserError, nearest_hint
from groundup.utils.files import sync_folder

DTYPES = ("f32",)
INPUT, OUTPUT = "input_ids", "logits"
ONE_FILE_BYTES = 1_900_000_000  # protobuf, which holds the graph, ends at 2 GiB: then weights get their own file
NEW_TOKENS = 32
TOLERANCE = 1e-3  # nats: largest difference of a logit, relative to the spread of all of them where that is above one
_WRITERS = ("onnx", "onnxscript")


def check_exportable(dtype: str) -> None:
    """Raise UserError for a type that is not written, and where a package is missing."""
    if dtype not in DTYPES:
        raise UserError(
            f'--dtype "{dtype}" is unknown to ONNX export, which writes f32.{nearest_hint(dtype, DTYPES)} '
            "Other types: --format gguf."
        )
    missing = [name for name in _WRITERS if find_spec(name) is None]
    if missing:
        raise UserError(f"ONNX needs the package {missing[0]}: pip install 'groundup[onnx]'.")


def runtime_is_here() -> bool:
    """Whether a file can be proved on this machine."""
    return find_spec("onnxruntime") is not None


def write_onnx(model: Transformer, path: Path, *, name: str) -> list[Path]:
    """Write `path`, whole or not at all, and return the files: of a large model the weights lie in `path`.data.

    Raises UserError when torch's exporter fails on this model.
    """
    check_exportable("f32")
    twin = plain_twin(model)
    size = sum(4 * parameter.numel() for parameter in twin.parameters())
    batch = torch.export.Dim("batch")
    sequence = torch.export.Dim("sequence", max=model.config.block_size)
    example = torch.zeros(2, min(8, model.config.block_size), dtype=torch.int64)
    with _quiet():
        try:
            program = torch.onnx.export(
                twin,
                (example,),
                dynamo=True,
                dynamic_shapes={"ids": {0: batch, 1: sequence}},
                input_names=[INPUT],
                output_names=[OUTPUT],
                verbose=False,
                external_data=size > ONE_FILE_BYTES,
            )
        except torch.onnx.errors.OnnxExporterError as error:
            why = str(error.__cause__ or error).strip().splitlines()[0]
            raise UserError(f"torch's ONNX exporter fails on this model: {why}. Take --format gguf.") from error
    assert program is not None
    program.model.metadata_props.update({"name": name, "context": str(model.config.block_size)})
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as temporary:
        program.save(f"{temporary}/{path.name}", external_data=size > ONE_FILE_BYTES)
        names = sorted(file.name for file in Path(temporary).iterdir())
        for part in reversed(names):  # the weights first, so that no graph stands there without them
            (Path(temporary) / part).replace(path.with_name(part))
    sync_folder(path.parent)
    return [path.with_name(part) for part in names]


def plain_twin(model: Transformer) -> Transformer:
    """The model in fp32 on the processor, computed by the textbook's operations, which every exporter knows."""
    twin = Transformer(model.config)
    twin.load_state_dict({key: value.detach().cpu().float() for key, value in model.state_dict().items()})
    twin.set_compute(attention="explicit")
    return twin.eval().requires_grad_(False)


@dataclass(frozen=True)
class OnnxProof:
    """What was compared."""

    shapes: int  # of batches
    largest_difference: float  # of a logit
    prompts: int
    near_ties: int  # prompts whose greedy text parted at two tokens that are as close as rounding

    def describe(self) -> str:
        """As one line."""
        ties = f" ({self.near_ties} parted at a near tie)" if self.near_ties else ""
        return (
            f"verified with onnxruntime: logits of {self.shapes} batches of different shapes within "
            f"{self.largest_difference:.1g}, greedy text after {self.prompts} prompts equal{ties}"
        )


def check_onnx(path: Path, model: Transformer, tokenizer: Tokenizer) -> OnnxProof:
    """Run the file and compare. Raises UserError naming the first thing that is not equal."""
    session = _open(path)
    twin = plain_twin(model)
    context = model.config.block_size
    worst = 0.0
    batches = list(probe_batches(tokenizer, context))
    for ids in batches:
        with torch.inference_mode():
            ours = twin(ids)
        theirs = torch.from_numpy(_run(session, path, ids))
        difference = float((ours - theirs).abs().max()) / max(1.0, float(ours.std()))
        _require(difference <= TOLERANCE, path, f"logits of {tuple(ids.shape)} ids differ by {difference:.3g}")
        worst = max(worst, difference)
    ties = 0
    for prompt in PROMPTS:
        begin = tokenizer.encode(prompt, add_special_tokens=True)[-max(1, context // 2) :]
        written = _write(session, path, begin, min(NEW_TOKENS, context - len(begin)), end_ids(tokenizer))
        place = parting(twin, tokenizer, begin, written, 2 * max(worst, TOLERANCE / 10))
        _require(place is not False, path, f"greedy text after {prompt!r} differs")
        ties += place is not None
    return OnnxProof(len(batches), worst, len(PROMPTS), ties)


def probe_batches(tokenizer: Tokenizer, context: int) -> Iterator[torch.Tensor]:
    """Ids (B, T) of difficult lines: of one text and of several, from one token to a full context."""
    ids = [id for line in LINES for id in tokenizer.encode(line, add_special_tokens=True)]
    for length in sorted({1, 2, min(7, context), max(1, context // 2), context}):
        for n_texts in (1, 3):
            places = torch.arange(n_texts)[:, None] * 13 + torch.arange(length)
            yield torch.tensor(ids)[places % len(ids)]


def _open(path: Path) -> Any:
    import onnxruntime

    try:
        return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    except Exception as error:  # its classes of errors have no common name of their own
        raise UserError(f"onnxruntime does not open {path}: {_first_line(error)}") from error


def _run(session: Any, path: Path, ids: torch.Tensor) -> Any:
    try:
        return session.run([OUTPUT], {INPUT: ids.numpy()})[0]
    except Exception as error:
        raise UserError(f"onnxruntime does not run {path}: {_first_line(error)}") from error


def _write(session: Any, path: Path, ids: Sequence[int], count: int, ends: Collection[int]) -> list[int]:
    """The likeliest tokens after `ids`, up to one that ends a text."""
    written: list[int] = []
    while len(written) < count and not (written and written[-1] in ends):
        logits = _run(session, path, torch.tensor([[*ids, *written]]))
        written.append(int(logits[0, -1].argmax()))
    return written


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's remarks about packages that have nothing to do with us."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _require(condition: bool, path: Path, difference: str) -> None:
    if not condition:
        raise UserError(f"{path} does not compute what the model does: {difference}. The file is not fit for use.")
