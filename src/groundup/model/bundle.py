"""A finished model as a Hugging Face folder: what a user ships, and what everything that only reads a model loads.

Only safetensors and JSON: loading a model that somebody sent never runs code.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from groundup.model.architectures.interface import Architecture, Entry
from groundup.model.architectures.registry import architecture_for_loading, architecture_for_saving
from groundup.model.config import ResolvedConfig, exportable, resolve
from groundup.model.growth import grow_vocabulary
from groundup.model.transformer import Transformer, empty_model
from groundup.runs.folder import RunFolder
from groundup.tokenizer.huggingface import HuggingFaceTokenizer
from groundup.tokenizer.interface import Tokenizer
from groundup.tokenizer.loading import load_tokenizer
from groundup.utils.errors import UserError
from groundup.utils.files import read_json, write_json
from groundup.utils.progress import Say, quiet

CONFIG, WEIGHTS, INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"
PART = "model-{:05d}-of-{:05d}.safetensors"
GENERATION = "generation_config.json"
FILE_BYTES = 4 * 2**30  # of tensors in one file: so much is held in memory while it is written
EMBEDDING = ("embed.weight",)


def save_bundle(
    model: Transformer,
    tokenizer: Tokenizer,
    folder: Path,
    *,
    generation: dict[str, Any] | None = None,
    dtype: torch.dtype | None = None,
    say: Say = quiet,
) -> None:
    """Write config.json, model.safetensors, generation_config.json and the tokenizer's files into `folder`.

    generation: settings by the names of `GenerationConfig` (temperature, top_k, top_p, max_new_tokens).
    dtype: of the saved weights; the model's own unless given.
    """
    if reason := exportable(model.config):
        say(f"Saved in Groundup's own format: {reason}. Groundup loads it; transformers and llama.cpp do not.")
    write_bundle(model.config, model.state_dict(), tokenizer, folder, generation=generation, dtype=dtype)


def write_bundle(
    config: ResolvedConfig,
    weights: Mapping[str, Tensor],
    tokenizer: Tokenizer,
    folder: Path,
    *,
    generation: dict[str, Any] | None = None,
    dtype: torch.dtype | None = None,
) -> None:
    """`save_bundle` for weights that are no model's at the moment, by the names of Transformer.state_dict().

    `weights` is asked for each tensor once, when it is written: it may read them from somewhere.
    """
    folder.mkdir(parents=True, exist_ok=True)
    architecture = architecture_for_saving(config)
    specials = _special_ids(tokenizer)
    stored = _write_weights(architecture.entries(config), weights, folder, dtype)
    write_json(folder / CONFIG, _hf_config(architecture, config, stored, specials))
    write_json(folder / GENERATION, specials | _hf_generation(tokenizer, generation or {}))
    tokenizer.save(folder)


def _write_weights(
    entries: Sequence[Entry], weights: Mapping[str, Tensor], folder: Path, dtype: torch.dtype | None
) -> torch.dtype:
    """Write one file, or several and an index where one would be too large. Returns the dtype of the embedding."""
    places: dict[str, int] = {}
    size_bytes, stored = 0, torch.float32
    for number, tensors in enumerate(_by_file(entries, weights, dtype), 1):
        save_file(tensors, folder / f".{number}.part", metadata={"format": "pt"})
        places.update(dict.fromkeys(tensors, number))
        size_bytes += sum(tensor.nbytes for tensor in tensors.values())
        stored = next((tensors[e.theirs].dtype for e in entries if e.ours == EMBEDDING and e.theirs in tensors), stored)
    count = max(places.values())
    names = [WEIGHTS] if count == 1 else [PART.format(number, count) for number in range(1, count + 1)]
    for number, name in enumerate(names, 1):
        os.replace(folder / f".{number}.part", folder / name)
    if count > 1:
        (folder / WEIGHTS).unlink(missing_ok=True)  # an earlier one would be read instead
        weight_map = {tensor: names[number - 1] for tensor, number in places.items()}
        write_json(folder / INDEX, {"metadata": {"total_size": size_bytes}, "weight_map": weight_map})
    return stored


def _by_file(
    entries: Sequence[Entry], weights: Mapping[str, Tensor], dtype: torch.dtype | None
) -> Iterator[dict[str, Tensor]]:
    """The folder's tensors, as many at once as go into a file."""
    held: dict[str, Tensor] = {}
    for entry in entries:
        parts = {name: weights[name].detach().cpu().to(dtype) for name in entry.ours}
        joined = _join(entry, parts)
        if held and joined.nbytes + sum(tensor.nbytes for tensor in held.values()) > FILE_BYTES:
            yield held
            held = {}
        held[entry.theirs] = joined
    yield held


def load_bundle(
    folder: Path,
    *,
    device: torch.device | str = "cpu",
    dtype: torch.dtype | None = torch.float32,
    further_tokens: Sequence[str] = (),
) -> tuple[Transformer, HuggingFaceTokenizer]:
    """Model in evaluation mode and tokenizer of a Hugging Face folder of a supported architecture. Raises UserError.

    A folder that others made gets the markers that its tokenizer lacks, and each gets `further_tokens`; the model's
    embeddings grow with them. dtype: of the weights in memory; None: as they are stored.
    """
    model = load_model(folder, device=device, dtype=dtype)
    tokenizer = load_tokenizer(folder, further_tokens)
    known = tokenizer.vocab_size - tokenizer.n_new_tokens
    if known > model.config.vocab_size:
        raise UserError(
            f"{folder}: the tokenizer has {known} ids, the model only {model.config.vocab_size}: "
            "they do not belong together. Take both from the same folder."
        )
    if tokenizer.n_new_tokens:
        model = grow_vocabulary(model, known, tokenizer.vocab_size)
    return model, tokenizer


def load_model(
    folder: Path, *, device: torch.device | str = "cpu", dtype: torch.dtype | None = torch.float32
) -> Transformer:
    """The model alone, in evaluation mode; arguments and errors as for `load_bundle`."""
    architecture, config = read_config(folder)
    theirs = _read_weights(folder)
    if config.n_layer > len(theirs):  # before names are made for each of them
        raise UserError(
            f"{folder}: config.json means {config.n_layer:,} layers, the weights are {len(theirs):,} tensors. "
            "They belong to another model; fetch or save them again."
        )
    _check_names(folder, architecture, config, theirs)
    try:
        ours = _split_all(folder, architecture.entries(config), theirs, empty_model(config))
        model = Transformer(config)
    except (RuntimeError, MemoryError, OverflowError) as error:  # sizes that no memory holds, and no integer
        why = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise UserError(f"{folder}: a model of the sizes in config.json cannot be made: {why[:150]}") from error
    model.load_state_dict(ours, strict=not config.tied_embeddings)
    stored = ours["embed.weight"].dtype
    return model.to(device=device, dtype=stored if dtype is None else dtype).eval()


def check_finite(model: Transformer, folder: Path) -> None:
    """Raise UserError naming a weight that is no number: such a model computes nothing, here or anywhere."""
    for name, value in model.state_dict().items():
        if not bool(value.isfinite().all()):
            raise UserError(f"{folder}: weight {name} holds numbers that are none (NaN or infinity). It is damaged.")


def read_config(folder: Path) -> tuple[Architecture, ResolvedConfig]:
    """What config.json says, checked."""
    if not (folder / CONFIG).is_file():
        raise UserError(f"{folder} has no {CONFIG}: it is no model folder. Give one that has it.")
    hf = read_json(folder / CONFIG)
    try:
        architecture = architecture_for_loading(hf.get("model_type"))
        return architecture, resolve(architecture.read_config(hf))
    except UserError as error:
        raise UserError(f"{folder}/{error}" if str(error).startswith(CONFIG) else f"{folder}: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError(
            f"{folder / CONFIG} lacks a setting or has a wrong one: {error}. Fetch the file again."
        ) from error


def find_bundle(path: Path) -> Path:
    """The model folder that a user means by `path`. Raises UserError with what was looked for.

    `path` may be a Hugging Face folder, a checkpoint (which has model/), a run folder (its best checkpoint, else its
    last), or a folder that holds one run: itself, in run/, or in checkpoints/.
    """
    for candidate in (path, path / "model"):
        if (candidate / CONFIG).is_file():
            return candidate
    checkpoint = _pointed(path)
    if checkpoint is None:
        runs = [run for run in (path / "run", *sorted(path.glob("checkpoints/*"))) if _pointed(run)]
        if len(runs) > 1:
            names = ", ".join(str(run) for run in runs)
            raise UserError(f"{path} holds several runs: {names}. Give one of them as --checkpoint.")
        checkpoint = _pointed(runs[0]) if runs else None
    if checkpoint is None or not (checkpoint / "model" / CONFIG).is_file():
        there = "holds none of" if path.is_dir() else "is no folder. Looked for"
        raise UserError(
            f"{path} {there} {CONFIG}, model/{CONFIG}, a run's best or last checkpoint, run/, checkpoints/*. "
            "Give a checkpoint, a run folder or a Hugging Face model folder."
        )
    return checkpoint / "model"


def find_chat_bundle(path: Path) -> Path:
    """`find_bundle`, but of a quickstart's folder the chat-tuned model, which lies in its chat/."""
    tuned = _pointed(path / "chat")
    return find_bundle(path if tuned is None else path / "chat")


def newest_run(roots: Sequence[Path]) -> Path:
    """The run that saved a checkpoint last, among `roots` and the folders in them. Raises UserError."""
    runs = [
        run for root in roots for run in (root, *sorted(root.glob("*")), *sorted(root.glob("*/*"))) if _pointed(run)
    ]
    if not runs:
        names = ", ".join(f"{root}/" for root in roots)
        raise UserError(f"No trained model was found under {names}. Train one (groundup train) or give --checkpoint.")
    return max(runs, key=lambda run: (run / "last").stat().st_mtime_ns if (run / "last").is_file() else 0)


def _pointed(run: Path) -> Path | None:
    folder = RunFolder(run)
    return folder.pointed("best") or folder.pointed("last")


def _join(entry: Entry, tensors: dict[str, Tensor]) -> Tensor:
    parts = [tensors[name] for name in entry.ours]
    joined = torch.cat(parts) if len(parts) > 1 else parts[0]
    return (joined.t() if entry.transposed else joined).contiguous()


def _split_all(folder: Path, entries: list[Entry], theirs: dict[str, Tensor], model: Transformer) -> dict[str, Tensor]:
    shapes = {name: parameter.shape for name, parameter in model.named_parameters()}
    ours: dict[str, Tensor] = {}
    for entry in entries:
        tensor = theirs[entry.theirs]
        rows = [shapes[name][0] for name in entry.ours]
        expected = (sum(rows), *shapes[entry.ours[0]][1:])[:: -1 if entry.transposed else 1]
        if tuple(tensor.shape) != expected:
            raise UserError(
                f"{folder}: tensor {entry.theirs} has shape {tuple(tensor.shape)}, but config.json means {expected}. "
                "The weights belong to another model; fetch or save them again."
            )
        tensor = tensor.t() if entry.transposed else tensor
        ours.update(zip(entry.ours, tensor.split(rows), strict=True))
    return ours


def _check_names(folder: Path, architecture: Architecture, config: ResolvedConfig, theirs: dict[str, Tensor]) -> None:
    """Bring the names in `theirs` into the form with prefix; name what is missing or too much."""
    expected = {entry.theirs for entry in architecture.entries(config)}
    for name in list(theirs):
        if name not in expected and architecture.PREFIX + name in expected:
            theirs[architecture.PREFIX + name] = theirs.pop(name)
        elif name.endswith(architecture.IGNORED) or (name == "lm_head.weight" and config.tied_embeddings):
            del theirs[name]
    missing, unknown = sorted(expected - theirs.keys()), sorted(theirs.keys() - expected)
    if missing or unknown:
        parts = [
            f"{verb} {_shortened(names)}" for verb, names in (("lacks", missing), ("has unknown", unknown)) if names
        ]
        raise UserError(
            f"{folder}: the {architecture.MODEL_TYPE} model of this config.json {' and '.join(parts)}. "
            "The weights are incomplete or belong to another model; fetch or save them again."
        )


def _shortened(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"tensor{'s' * (len(names) > 1)} {', '.join(names[:3])}{more}"


def weight_files(folder: Path) -> list[Path]:
    """The one file with all tensors, or those that the index names. Raises UserError for one that is not there."""
    if (folder / WEIGHTS).is_file():
        return [folder / WEIGHTS]
    if not (folder / INDEX).is_file():
        raise UserError(
            f"{folder} has neither {WEIGHTS} nor {INDEX}. Only safetensors weights are read "
            "(pickled .bin or .pt files can run code): convert them first."
        )
    try:
        files = [folder / name for name in sorted(set(read_json(folder / INDEX)["weight_map"].values()))]
    except (KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{folder / INDEX} is damaged: it has no weight_map. Fetch it again.") from error
    for file in files:
        if not file.is_file():
            raise UserError(f"{file} is missing, though {INDEX} names it. Fetch the folder again.")
    return files


def _read_weights(folder: Path) -> dict[str, Tensor]:
    """All tensors by name."""
    tensors: dict[str, Tensor] = {}
    for file in weight_files(folder):
        try:
            tensors.update(load_file(file))
        except (SafetensorError, OSError) as error:
            raise UserError(f"{file} is damaged ({error}). Fetch or save it again.") from error
    return tensors


def _special_ids(tokenizer: Tokenizer) -> dict[str, Any]:
    ids = tokenizer.specials.ids
    return {"bos_token_id": ids["end_of_text"], "eos_token_id": ids["end_of_text"], "pad_token_id": ids["pad"]}


def _hf_config(
    architecture: Architecture, config: ResolvedConfig, dtype: torch.dtype, specials: dict[str, Any]
) -> dict[str, Any]:
    return {
        "architectures": [architecture.CLASS_NAME],
        "model_type": architecture.MODEL_TYPE,
        "torch_dtype": str(dtype).removeprefix("torch."),
        **specials,
        **architecture.write_config(config),
    }


def _hf_generation(tokenizer: Tokenizer, settings: dict[str, Any]) -> dict[str, Any]:
    ids = tokenizer.specials.ids
    stops = [ids[role] for role in ("end_of_text", "im_end") if role in ids]
    sampled = settings.get("temperature", 1.0) > 0
    hf: dict[str, Any] = {"eos_token_id": stops, "do_sample": sampled}
    if "max_new_tokens" in settings:
        hf["max_new_tokens"] = settings["max_new_tokens"]
    if sampled:
        hf["temperature"] = settings.get("temperature", 1.0)
        hf["top_k"] = settings.get("top_k") or 0  # transformers means 50 where nothing is said
        hf["top_p"] = settings.get("top_p") or 1.0
    return hf
