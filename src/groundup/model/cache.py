"""Keys and values of the tokens already seen, so that a new token costs one position and not the whole text."""

import torch
from torch import Tensor

from groundup.model.config import ModelConfig, resolve


class KVCache:
    """Preallocated keys and values of every layer: (L, B, K, S, D) each, filled up to `length` positions."""

    def __init__(
        self,
        config: ModelConfig,
        batch_size: int,
        *,
        capacity: int | None = None,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        """capacity: positions, the model's context unless given."""
        resolved = resolve(config)
        self.capacity = resolved.block_size if capacity is None else capacity
        shape = (resolved.n_layer, batch_size, resolved.n_kv_head, self.capacity, resolved.head_size)
        self.keys = torch.zeros(shape, device=device, dtype=dtype)
        self.values = torch.zeros(shape, device=device, dtype=dtype)
        self.length = 0

    def extend(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Write the new (B, K, T, D) behind what `layer` holds; return all its keys and values, (B, K, S, D)."""
        end = self.length + keys.shape[2]
        assert end <= self.capacity, f"{end} positions exceed the cache's {self.capacity}"
        self.keys[layer, :, :, self.length : end] = keys
        self.values[layer, :, :, self.length : end] = values
        return self.keys[layer, :, :, :end], self.values[layer, :, :, :end]

    def advance(self, n_tokens: int) -> None:
        """Count positions that every layer has written."""
        self.length += n_tokens
