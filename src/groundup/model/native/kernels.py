"""The functions of train.c as Python calls on tensors; None of them where there is no compiler.

They run on the thread that calls them, so they are for threads that PyTorch gives no helpers: see `training/workers`.
"""

import ctypes
from functools import cache
from typing import Any

import torch
from torch import Tensor

from groundup.utils.native.build import FAILURES, compiled, switched_off

SOURCES = ("train.c",)
LANES = 16  # every row is a whole number of vectors
LARGEST_HEAD = 512  # components; the C code keeps a head on its stack
TYPES = {torch.float32: 0, torch.bfloat16: 1}

_POINTER, _SIZE, _FLOAT = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_float
_HEADS = [_SIZE] * 5
_TABLES = [_POINTER, _POINTER, _SIZE, _SIZE]
SIGNATURES: dict[str, list[Any]] = {
    "rms_norm_forward": [_SIZE, _SIZE, _POINTER, _POINTER, _FLOAT, _POINTER, _POINTER],
    "rms_norm_backward": [_SIZE, _SIZE, *[_POINTER] * 7],
    "heads_forward": [*_HEADS, _POINTER, _POINTER, _FLOAT, *_TABLES, _POINTER, _POINTER],
    "heads_backward": [*_HEADS, _POINTER, _POINTER, _POINTER, *_TABLES, _POINTER, _POINTER, _POINTER],
    "causal_softmax_forward": [_SIZE, _SIZE, _SIZE, _POINTER, _FLOAT, _POINTER, _POINTER],
    "causal_softmax_backward": [_SIZE, _SIZE, _SIZE, _POINTER, _FLOAT, _POINTER, _POINTER],
    "swiglu_forward": [_SIZE, _SIZE, _SIZE, _POINTER, _POINTER, _POINTER],
    "swiglu_backward": [_SIZE, _SIZE, _SIZE, *[_POINTER] * 5],
    "gradients_add": [_SIZE, _POINTER, ctypes.c_int, ctypes.c_int, _POINTER],
    "cross_entropy_forward": [_SIZE, _SIZE, *[_POINTER] * 4],
}


@cache
def load_kernels() -> ctypes.CDLL | str:
    """The compiled library, or why there is none."""
    if switched_off():
        return "GROUNDUP_NATIVE=0"
    try:
        library = ctypes.CDLL(str(compiled("groundup.model.native", SOURCES)))
    except FAILURES as error:
        return " ".join(str(error).split())[:200]
    for name, arguments in SIGNATURES.items():
        function = getattr(library, name)
        function.argtypes = [ctypes.c_int, *arguments]
        function.restype = ctypes.c_double if name == "cross_entropy_forward" else None
    return library


def fits(x: Tensor, *sizes: int) -> bool:
    """Whether `x` is for these kernels: on a CPU, of a known type, in order, and `sizes` whole numbers of vectors."""
    return (
        x.dtype in TYPES
        and x.device.type == "cpu"
        and x.is_contiguous()
        and not any(size % LANES for size in sizes)
        and torch.get_num_threads() == 1
        and not torch.compiler.is_compiling()
        and not isinstance(load_kernels(), str)
    )


def call(name: str, x: Tensor, *arguments: "Tensor | int | float | None") -> float:
    """Run a kernel of the type of `x`; tensors are passed by address and must outlive the call. None is NULL."""
    library = load_kernels()
    assert not isinstance(library, str)
    values = [argument.data_ptr() if isinstance(argument, Tensor) else argument for argument in arguments]
    return getattr(library, name)(TYPES[x.dtype], *values)
