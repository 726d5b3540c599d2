"""manifest.json: what a checkpoint consists of, written last. What is not as it says is not believed.

{"step": 1000, "files": {"model/config.json": {"size_bytes": ..., "sha256": ...}, ...}, "checksum": of the rest}
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from groundup.utils.errors import UserError
from groundup.utils.files import as_json, fingerprint, read_json, sha256_file, write_json

MANIFEST = "manifest.json"


def write_manifest(folder: Path, step: int, known: Mapping[str, str] = MappingProxyType({})) -> None:
    """List every file of a checkpoint with size and checksum. known: checksums, by file, that need not be computed."""
    files = {file.relative_to(folder).as_posix(): file for file in sorted(folder.rglob("*")) if file.is_file()}
    listed = {
        name: {"size_bytes": file.stat().st_size, "sha256": known.get(name) or sha256_file(file)}
        for name, file in files.items()
    }
    content = {"step": step, "files": listed}
    write_json(folder / MANIFEST, {**content, "checksum": fingerprint(content)})


def damage(folder: Path, *, checksums: bool = True) -> str | None:
    """Say what is wrong with a checkpoint folder, or None when every file is as its manifest says.

    checksums: without them only sizes are compared, so that a list of runs does not have to read gigabytes.
    """
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return f"{MANIFEST} is missing"
    try:
        content = read_json(manifest)
        files: dict[str, dict[str, Any]] = content["files"]
        # To the last byte: it must be what write_json makes of what it says, and that must have its checksum.
        right = manifest.read_bytes() == as_json(content) and content.pop("checksum") == fingerprint(content)
    except (OSError, UserError, KeyError, TypeError):
        right = False
    if not right:
        return f"{MANIFEST} is damaged"
    for name, entry in files.items():
        file = folder / name
        if not file.is_file():
            return f"{name} is missing"
        if file.stat().st_size != entry["size_bytes"]:
            return f"{name} has {file.stat().st_size} bytes instead of {entry['size_bytes']}"
        if checksums and sha256_file(file) != entry["sha256"]:
            return f"{name} does not have the checksum that was recorded"
    return None
