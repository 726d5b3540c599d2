"""Tensors on disk in the parts that processes hold of them: safetensors, through torch.distributed.checkpoint.

Each process writes one file and reads what it needs of all of them, whatever number of processes there were and are.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import safe_open
from torch import Tensor

from groundup.training.distributed import Team
from groundup.utils.files import sha256_file
from groundup.utils.lazy import Lazy

if TYPE_CHECKING:
    from torch.distributed.checkpoint.metadata import TensorStorageMetadata

dcp, metadata = Lazy("torch.distributed.checkpoint"), Lazy("torch.distributed.checkpoint.metadata")


def write_shards(tensors: dict[str, Tensor], folder: Path, team: Team) -> dict[str, str]:
    """Write what this process holds of the tensors; all processes of `team` must call this.

    Returns the checksum of each file that this process has written, by its name. Raises what went wrong here; where
    another process failed, it alone raises.
    """
    writer = dcp.HuggingFaceStorageWriter(str(folder), save_distributed=True)
    try:
        dcp.save(tensors, storage_writer=writer, process_group=team.messages)
    except dcp.CheckpointException as error:
        if team.rank in error.failures:
            raise error.failures[team.rank][0] from error
        return {}
    own = f"shard-{team.rank + 1:05d}-*.safetensors"
    return {file.name: sha256_file(file) for file in folder.glob(own)}


def read_shards(tensors: dict[str, Tensor], folder: Path, team: Team) -> None:
    """Fill the tensors, each process what it holds of them; all processes of `team` must call this."""
    dcp.load(tensors, storage_reader=dcp.HuggingFaceStorageReader(str(folder)), process_group=team.messages)


class StoredTensors(Mapping[str, Tensor]):
    """The whole tensors of a folder of shards, each read when asked for. Needs no other process."""

    def __init__(self, folder: Path, prefix: str = "") -> None:
        """prefix: only tensors whose names begin with it, by their names without it."""
        found = dcp.HuggingFaceStorageReader(str(folder)).read_metadata()
        self._prefix, self._files = prefix, found.storage_data
        self._stored: dict[str, Any] = {
            name.removeprefix(prefix): stored
            for name, stored in found.state_dict_metadata.items()
            if name.startswith(prefix)
        }

    def shape(self, name: str) -> torch.Size:
        """Of the whole tensor."""
        return torch.Size(self._about(name).size)

    def dtype(self, name: str) -> torch.dtype:
        """Of the tensor."""
        return self._about(name).properties.dtype

    def _about(self, name: str) -> "TensorStorageMetadata":
        found: TensorStorageMetadata = self._stored[name]
        return found

    def __getitem__(self, name: str) -> Tensor:
        whole = torch.empty(self.shape(name), dtype=self.dtype(name))
        stored_name = self._prefix + name
        for chunk in self._about(name).chunks:
            file = self._files[metadata.MetadataIndex(stored_name, chunk.offsets)].relative_path
            with safe_open(file, framework="pt") as f:
                places = tuple(slice(at, at + size) for at, size in zip(chunk.offsets, chunk.sizes, strict=True))
                whole[places] = f.get_tensor(stored_name)
        return whole

    def __iter__(self) -> Iterator[str]:
        return iter(self._stored)

    def __len__(self) -> int:
        return len(self._stored)
