"""A Transformer handed to the C code: structures of pointers to its weights."""

import ctypes
import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from groundup.model.transformer import Block, Linear, Norm, Transformer

LANES = 16
PANEL = 32  # rows of a weight matrix that lie interleaved, see kernels.h
ACTIVATIONS = {"gelu": 0, "gelu_tanh": 1, "swiglu": 2, "relu2": 3}
WEIGHT_TYPES = {torch.float32: 0, torch.bfloat16: 1}


class _Matrix(ctypes.Structure):
    _fields_ = [("weight", ctypes.c_void_p), ("bias", ctypes.c_void_p), ("rows", ctypes.c_int64), ("k", ctypes.c_int64)]


class _Norm(ctypes.Structure):
    _fields_ = [("gain", ctypes.c_void_p), ("bias", ctypes.c_void_p)]


class _Layer(ctypes.Structure):
    _fields_ = [
        *((name, _Norm) for name in ("attention_norm", "mlp_norm", "q_norm", "k_norm")),
        *((name, _Matrix) for name in ("q", "k", "v", "out", "gate", "up", "down")),
    ]


class _Model(ctypes.Structure):
    _fields_ = [
        *(
            (name, ctypes.c_int32)
            for name in ("n_layer", "n_head", "n_kv_head", "head_size", "n_embd", "n_ff", "vocab_size", "positions")
        ),
        *(
            (name, ctypes.c_int32)
            for name in ("rotary_half", "layernorm", "post_norm", "parallel", "activation", "weight_type", "max_tokens")
        ),
        ("eps", ctypes.c_float),
        ("embed", ctypes.c_void_p),
        ("embed_k", ctypes.c_int64),
        *((name, ctypes.c_void_p) for name in ("places", "cos", "sin")),
        ("final_norm", _Norm),
        ("head", _Matrix),
        ("layers", ctypes.c_void_p),
        ("keys", ctypes.c_void_p),
        ("values", ctypes.c_void_p),
    ]


class NativeDecoder:
    """Steps over a slotted cache, in C. Not for two threads at once.

    A token's logits have the same bits whatever else is in the step, and however its prompt was cut into steps.
    """

    grain = 1

    def __init__(
        self, library: ctypes.CDLL, model: Transformer, *, n_slots: int, max_tokens: int, n_threads: int
    ) -> None:
        """max_tokens: of one step. Weights of matrices are copied, into the order in which they are read."""
        config = model.config
        assert model.embed.weight.device.type == "cpu"
        self.model, self.n_slots = model, n_slots
        self.vocab_size, self.max_tokens = config.vocab_size, max_tokens
        self._library = library
        self._kept: list[Any] = []  # what C points to
        dtype = model.embed.weight.dtype
        self._weight_dtype = dtype if dtype in WEIGHT_TYPES else torch.float32
        positions = -(-config.block_size // LANES) * LANES
        shape = (n_slots, config.n_layer, config.n_kv_head)
        self.keys = torch.zeros(*shape, positions // LANES, config.head_size, LANES)
        self.values = torch.zeros(*shape, positions, config.head_size)
        self._model = self._describe(model, positions)
        self._decoder = library.decoder_new(ctypes.addressof(self._model), n_threads)
        if not self._decoder:
            raise MemoryError("no memory for the decoder's buffers")
        self._release = weakref.finalize(self, library.decoder_free, self._decoder)

    @property
    def n_threads(self) -> int:
        """Threads that share the work, the caller's included."""
        return int(self._library.decoder_threads(self._decoder))

    def close(self) -> None:
        """Free what C holds; no step afterwards."""
        self._release()

    def step(self, ids: Sequence[int], slots: Sequence[int], places: Sequence[int], wanted: Sequence[int]) -> Tensor:
        """Read tokens (id, slot, position each); logits (len(wanted), V) of those whose numbers are `wanted`."""
        n, n_wanted = len(ids), len(wanted)
        assert n == len(slots) == len(places) <= self.max_tokens
        assert n_wanted <= n
        logits = torch.empty(n_wanted, self.vocab_size)
        numbers = np.fromiter((*ids, *slots, *places, *wanted), np.int32, 3 * n + n_wanted)
        at = numbers.ctypes.data
        self._library.decoder_step(
            self._decoder, n, at, at + 4 * n, at + 8 * n, n_wanted, at + 12 * n, logits.data_ptr()
        )
        return logits

    def copy_prefix(self, source: int, target: int, length: int) -> None:
        """Give slot `target` the first `length` positions of slot `source`."""
        blocks = -(-length // LANES)
        self.keys[target, :, :, :blocks] = self.keys[source, :, :, :blocks]
        self.values[target, :, :, :length] = self.values[source, :, :, :length]

    def _describe(self, model: Transformer, positions: int) -> _Model:
        config = model.config
        layers = (_Layer * config.n_layer)(*(self._layer(block) for block in model.blocks))  # type: ignore[arg-type]
        self._kept.append(layers)
        places = model.position_embed.weight if config.positions == "learned" else model.sinusoids
        embed = self._keep(self._rows(model.embed.weight))
        return _Model(
            n_layer=config.n_layer,
            n_head=config.n_head,
            n_kv_head=config.n_kv_head,
            head_size=config.head_size,
            n_embd=config.n_embd,
            n_ff=config.n_ff,
            vocab_size=config.vocab_size,
            positions=positions,
            rotary_half=config.rotary_size // 2 if model.cos is not None else 0,
            layernorm=config.norm == "layernorm",
            post_norm=config.norm_position == "post",
            parallel=config.parallel_residual,
            activation=ACTIVATIONS[config.activation],
            weight_type=WEIGHT_TYPES[self._weight_dtype],
            max_tokens=self.max_tokens,
            eps=config.norm_eps,
            embed=embed.data_ptr(),
            embed_k=embed.shape[1],
            places=self._floats(places),
            cos=self._floats(model.cos),
            sin=self._floats(model.sin),
            final_norm=self._norm(model.norm),
            head=self._matrix(model.head),
            layers=ctypes.addressof(layers),
            keys=self.keys.data_ptr(),
            values=self.values.data_ptr(),
        )

    def _layer(self, block: Block) -> _Layer:
        attention, mlp = block.attention, block.mlp
        return _Layer(
            attention_norm=self._norm(block.attention_norm),
            mlp_norm=self._norm(getattr(block, "mlp_norm", None)),
            q_norm=self._norm(attention.q_norm),
            k_norm=self._norm(attention.k_norm),
            q=self._matrix(attention.q),
            k=self._matrix(attention.k),
            v=self._matrix(attention.v),
            out=self._matrix(attention.out),
            gate=_Matrix() if mlp.gate is None else self._matrix(mlp.gate),
            up=self._matrix(mlp.up),
            down=self._matrix(mlp.down),
        )

    def _matrix(self, linear: Linear) -> _Matrix:
        """The matrix as the kernel reads it: a copy of its weights in panels."""
        rows = self._rows(linear.weight)
        n_rows, k = rows.shape
        panels = F.pad(rows, (0, 0, 0, -n_rows % PANEL)).view(-1, PANEL, k).transpose(1, 2)
        if panels.dtype == torch.bfloat16:  # rows r and r + 16 side by side: one load of 32 bits has both
            panels = panels.unflatten(2, (2, LANES)).transpose(2, 3)
        panels = panels.contiguous()
        return _Matrix(self._keep(panels).data_ptr(), self._floats(linear.bias), n_rows, k)

    def _norm(self, norm: nn.Module | None) -> _Norm:
        return _Norm(self._floats(norm.gain), self._floats(norm.bias)) if isinstance(norm, Norm) else _Norm()

    def _rows(self, weight: Tensor) -> Tensor:
        """The matrix itself if its rows are a multiple of LANES, else a copy with zeros behind them."""
        rows = weight.detach().to(self._weight_dtype)
        if rest := -rows.shape[1] % LANES:
            rows = F.pad(rows, (0, rest))
        return rows.contiguous()

    def _floats(self, tensor: Tensor | None) -> int | None:
        return None if tensor is None else self._keep(tensor.detach().float().contiguous()).data_ptr()

    def _keep(self, tensor: Tensor) -> Tensor:
        self._kept.append(tensor)
        return tensor
