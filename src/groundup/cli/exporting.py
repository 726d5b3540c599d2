"""What `groundup export` does: which file of which model goes where, and whether it is proved."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch

from groundup.cli.opening import choose_bundle
from groundup.export import llama_cpp, onnx_file
from groundup.export.gguf_check import check_gguf
from groundup.export.gguf_file import DTYPES as GGUF_DTYPES
from groundup.export.gguf_file import check_exportable, write_gguf
from groundup.export.hub import CARD, push, write_hub_folder
from groundup.export.model_card import write_card
from groundup.export.ollama import modelfile
from groundup.export.run_facts import gather
from groundup.inference.generation import load_generation
from groundup.model.bundle import check_finite, load_bundle
from groundup.model.bundle_check import bundle_fault
from groundup.model.transformer import Transformer
from groundup.runs.origin import is_tuned
from groundup.tokenizer.huggingface import HuggingFaceTokenizer
from groundup.training.run_texts import run_of
from groundup.utils.errors import UserError, nearest_hint
from groundup.utils.files import open_atomic
from groundup.utils.progress import Say

FORMATS = ("gguf", "onnx", "hub")
EXPORTS = Path("exports")
NOT_WANTED = "--no-verify"


class Proved(Protocol):
    """The outcome of a comparison."""

    def describe(self) -> str:
        """As one line."""


@dataclass(frozen=True)
class CardWords:
    """What a model card says and no run folder knows, and where the folder is pushed to."""

    licence: str | None = None  # an identifier of the Hub, such as mit
    language: str | None = None
    watts: float | None = None
    push: str | None = None  # USER/NAME
    private: bool = False


def export_model(
    checkpoint: Path | None,
    *,
    to: str,
    output: Path | None,
    name: str | None,
    dtype: str | None,
    chat: bool | None,
    verify: bool,
    card: CardWords,
    say: Say,
) -> list[Path]:
    """Write the files of one format and return their paths. Raises UserError, also when the proof fails."""
    if to not in FORMATS:
        raise UserError(f'--format "{to}" is unknown.{nearest_hint(to, FORMATS)}')
    if output is not None and output.exists() and not output.is_dir():
        raise UserError(f"--output {output} is a file. Give a folder.")
    bundle = choose_bundle(checkpoint, say)
    name = name or name_of(bundle)
    folder = output or EXPORTS / name
    if to != "hub" and card != CardWords():
        raise UserError("--license, --language, --watts, --push and --private belong to --format hub.")
    if to == "hub":
        return export_hub(bundle, output or EXPORTS / name / "hub", name, dtype, card, verify=verify, say=say)
    if to == "onnx":
        return export_onnx(bundle, folder, name, dtype or "f32", verify=verify, say=say)
    return export_gguf(bundle, folder, name, dtype or "f16", chat=chat, verify=verify, say=say)


def export_gguf(
    bundle: Path, folder: Path, name: str, dtype: str, *, chat: bool | None, verify: bool, say: Say
) -> list[Path]:
    """A GGUF file, proved by llama.cpp where it is here, and a Modelfile for Ollama."""
    if dtype not in GGUF_DTYPES:
        raise UserError(f'--dtype "{dtype}" is unknown to GGUF.{nearest_hint(dtype, GGUF_DTYPES)}')
    model, tokenizer = load_sound(bundle)
    settings = load_generation(bundle)  # for the Modelfile: what is wrong with it is said before anything is written
    check_exportable(model, tokenizer, dtype)
    path = folder / f"{name}-{dtype}.gguf"
    write_gguf(model, tokenizer, path, name=name, dtype=dtype, say=say)
    missing = None if llama_cpp.is_here() else "llama.cpp is not here (pip install xllamacpp)"
    prove([path], lambda: check_gguf(path, model, tokenizer, dtype), missing if verify else NOT_WANTED, say)
    ollama = folder / "Modelfile"
    is_chat = was_tuned(bundle) if chat is None else chat
    with open_atomic(ollama) as f:
        context = model.config.block_size
        f.write(modelfile(path.name, settings, tokenizer.specials, context=context, chat=is_chat))
    say(f"for Ollama: ollama create {name} -f {ollama}")
    return [path, ollama]


def export_onnx(bundle: Path, folder: Path, name: str, dtype: str, *, verify: bool, say: Say) -> list[Path]:
    """An ONNX file, proved by ONNX Runtime where it is here, and the tokenizer's files beside it."""
    onnx_file.check_exportable(dtype)
    model, tokenizer = load_sound(bundle)
    path = folder / f"{name}.onnx"
    files = onnx_file.write_onnx(model, path, name=name)
    missing = None if onnx_file.runtime_is_here() else "ONNX Runtime is not here (pip install onnxruntime)"
    prove(files, lambda: onnx_file.check_onnx(path, model, tokenizer), missing if verify else NOT_WANTED, say)
    tokenizer.save(folder)
    say(f"up to {model.config.block_size:,} tokens at a time; the tokenizer lies beside it")
    return files


def export_hub(
    bundle: Path, folder: Path, name: str, dtype: str | None, card: CardWords, *, verify: bool, say: Say
) -> list[Path]:
    """The model folder with a model card, ready for the Hugging Face Hub; pushed there if that is asked for."""
    if dtype is not None:
        raise UserError("--dtype: a folder for the Hub holds the weights as they are. Leave it out.")
    model, tokenizer = load_sound(bundle, dtype=None)
    text = write_card(
        model,
        tokenizer,
        gather(bundle, run_of(bundle)),
        name=name,
        licence=card.licence,
        language=card.language,
        watts=card.watts,
        tuned=was_tuned(bundle),
    )
    files = write_hub_folder(bundle, folder, text)
    if verify:
        if fault := bundle_fault(folder, model.config, model.state_dict(), tokenizer):
            raise UserError(f"{folder} is not what {bundle} is: {fault}. Remove it, and export again.")
        say("verified: the copy gives the same logits, and its tokenizer the same ids")
    say(f"read {folder / CARD} before you publish it" + ("" if card.licence else "; --license names the licence"))
    if card.push is None:
        say(f"to publish it: the same command with --push USER/{name}, or hf upload USER/{name} {folder}")
    else:
        say(f"pushed to {push(folder, card.push, private=card.private)}")
    return files


def prove(files: Sequence[Path], check: Callable[[], Proved], why_not: str | None, say: Say) -> None:
    """Run what was written and say how it compares, or say why it was not run. Files that fail are removed."""
    if why_not is not None:
        say(f"not verified: {why_not}")
        return
    try:
        say(check().describe())
    except UserError:
        for file in files:  # nobody shall find a file that computes something else
            file.unlink()
        raise


def load_sound(bundle: Path, dtype: torch.dtype | None = torch.float32) -> tuple[Transformer, HuggingFaceTokenizer]:
    """Model and tokenizer. Raises UserError also for weights that are no numbers, before anything is written."""
    model, tokenizer = load_bundle(bundle, dtype=dtype)
    check_finite(model, bundle)
    return model, tokenizer


def name_of(bundle: Path) -> str:
    """What to call a model: its run, the folder of its quickstart, or its own folder."""
    run = run_of(bundle)
    folder = bundle.absolute() if run is None else run
    return folder.parent.name if folder.name in ("run", "model") else folder.name


def was_tuned(bundle: Path) -> bool:
    """Whether a model's run tuned it on conversations."""
    run = run_of(bundle)
    return run is not None and is_tuned(run)
