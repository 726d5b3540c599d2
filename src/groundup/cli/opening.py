"""Which model a command is about, and how it is opened: folder, device, precision, threads."""

from pathlib import Path

import torch

from groundup.cli.devices import choose_device
from groundup.cli.options import RUN_ROOTS
from groundup.model.accounting import count_parameters
from groundup.model.bundle import CONFIG, find_bundle, load_bundle, newest_run
from groundup.model.transformer import Transformer
from groundup.tokenizer.interface import Tokenizer
from groundup.utils.errors import UserError, nearest_hint
from groundup.utils.files import read_json
from groundup.utils.progress import Say

SMALL_MODEL_PARAMETERS = 30_000_000
"""Below this, a token's matrix products are so short that threads wait for each other longer than they work: on a busy
machine two threads took seven times as long as one."""

DTYPES = {
    "float32": torch.float32,
    "fp32": torch.float32,
    "bfloat16": torch.bfloat16,
    "bf16": torch.bfloat16,
    "float16": torch.float16,
    "fp16": torch.float16,
}


def choose_bundle(checkpoint: Path | None, say: Say) -> Path:
    """The model folder of --checkpoint, or that of the newest run, which is named."""
    if checkpoint is not None:
        return find_bundle(checkpoint)
    run = newest_run([root for root in RUN_ROOTS if root.is_dir()] or RUN_ROOTS)
    bundle = find_bundle(run)
    say(f"model: {bundle}, of the newest run")
    return bundle


def open_model(bundle: Path, device: str | None, dtype: str | None, say: Say) -> tuple[Transformer, Tokenizer]:
    """Model and tokenizer on the device and in the precision that are asked for, set up to read and write fast."""
    chosen = choose_device(device, say)
    model, tokenizer = load_bundle(bundle, device=chosen, dtype=choose_dtype(dtype, bundle, chosen))
    model.set_compute(attention="sdpa")
    if chosen.type == "cpu" and count_parameters(model.config).total < SMALL_MODEL_PARAMETERS:
        torch.set_num_threads(1)
    return model, tokenizer


def choose_dtype(name: str | None, bundle: Path, device: torch.device) -> torch.dtype:
    """The precision of --dtype, else that of the stored weights (on a processor float32 in the place of float16)."""
    if name is None:
        saved = read_json(bundle / CONFIG)
        named = (saved.get("dtype") or saved.get("torch_dtype")) if isinstance(saved, dict) else None
        stored = DTYPES.get(str(named), torch.float32)
        return torch.float32 if device.type == "cpu" and stored == torch.float16 else stored
    if name not in DTYPES:
        raise UserError(f'--dtype "{name}" is unknown.{nearest_hint(name, ["float32", "bfloat16", "float16"])}')
    return DTYPES[name]
