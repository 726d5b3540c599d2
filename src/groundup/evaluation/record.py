"""The record of an evaluation: results with all that is needed to get them again."""

import platform
import time
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from groundup.evaluation.suite import SuiteResult
from groundup.model.bundle import CONFIG, weight_files
from groundup.model.transformer import Transformer
from groundup.runs.environment import PACKAGES, processor_name
from groundup.tokenizer.interface import Tokenizer
from groundup.utils.files import sha256_file

FORMAT, VERSION = "groundup-evaluation", 1


def make_record(
    bundle: Path, model: Transformer, tokenizer: Tokenizer, results: Sequence[SuiteResult], *, seconds: float
) -> dict[str, Any]:
    """As JSON: the model by the hashes of its files, settings, versions, and what each suite found."""
    weight = model.embed.weight
    files = [bundle / CONFIG, *weight_files(bundle)]
    return {
        "format": FORMAT,
        "version": VERSION,
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seconds": round(seconds, 3),
        "model": {
            "folder": str(bundle),
            "architecture": model.config.architecture,
            "parameters": sum(parameter.numel() for parameter in model.parameters()),
            "block_size": model.config.block_size,
            "files": {file.name: sha256_file(file) for file in files},
            "tokenizer_fingerprint": tokenizer.fingerprint,
        },
        "settings": {
            "dtype": str(model.compute_dtype or weight.dtype).removeprefix("torch."),
            "device": str(weight.device),
            "attention": "sdpa" if model.use_sdpa else "explicit",
        },
        "environment": {
            "python": platform.python_version(),
            "system": platform.platform(),
            "processor": processor_name(),
            "packages": {name: metadata.version(name) for name in PACKAGES},
        },
        "suites": [result.to_dict() for result in results],
    }
