"""A model and its tokenizer as one GGUF file, for llama.cpp, Ollama and whatever stands on them.

Written from the description of the format and of llama.cpp's keys; what was written is proved by running it (see
gguf_check.py).
"""

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from groundup.export.gguf_tensors import ARCHITECTURES, named_tensors, obstacle
from groundup.model.config import ResolvedConfig
from groundup.model.transformer import Transformer
from groundup.tokenizer.chat_format import CHAT_TEMPLATE
from groundup.tokenizer.huggingface import HuggingFaceTokenizer
from groundup.tokenizer.interface import Tokenizer
from groundup.utils.errors import UserError, nearest_hint
from groundup.utils.files import sync_folder
from groundup.utils.progress import Say

DTYPES = ("f32", "f16", "bf16", "q8_0")
BLOCK = 32  # weights that share a scale in q8_0
_NORMAL, _CONTROL, _USER_DEFINED, _UNUSED = 1, 3, 4, 5  # llama.cpp's kinds of tokens


def check_exportable(model: Transformer, tokenizer: Tokenizer, dtype: str) -> HuggingFaceTokenizer:
    """Raise UserError naming the architecture or setting that GGUF cannot hold, before anything is written."""
    if dtype not in DTYPES:
        raise UserError(f'--dtype "{dtype}" is unknown to GGUF.{nearest_hint(dtype, DTYPES)}')
    if reason := obstacle(model.config):
        raise UserError(f"this model cannot be exported to GGUF: {reason}.")
    if not isinstance(tokenizer, HuggingFaceTokenizer):
        raise UserError(f"this tokenizer ({type(tokenizer).__name__}) cannot be exported to GGUF.")
    serialised = json.loads(tokenizer.to_json())
    kind = serialised["model"]["type"]
    if kind != "BPE" or tokenizer.llama_cpp_name is None:
        how = "its way of cutting text has no name there" if kind == "BPE" else f"llama.cpp has no {kind} over bytes"
        raise UserError(f"this tokenizer cannot be exported to GGUF: {how}. Train one with tokenizer.kind=bpe.")
    if serialised.get("normalizer"):
        normaliser = serialised["normalizer"]["type"]
        raise UserError(
            f"this tokenizer cannot be exported to GGUF: llama.cpp does not normalise text ({normaliser} does)."
        )
    return tokenizer


def write_gguf(
    model: Transformer,
    tokenizer: Tokenizer,
    path: Path,
    *,
    name: str,
    dtype: str = "f16",
    author: dict[str, str] | None = None,
    say: Say,
) -> None:
    """Write `path`, whole or not at all. dtype: of the matrices, see DTYPES; vectors stay f32.

    author: further keys of the file's general section, such as {"license": ...}. Raises UserError when the model or its
    tokenizer has no place in the format, and when `gguf` is not installed.
    """
    tokenizer = check_exportable(model, tokenizer, dtype)
    gguf = import_gguf()
    config = model.config
    if config.activation == "gelu":
        say("llama.cpp computes GELU in its tanh form: log-probabilities will differ in the third digit")
    temporary = path.with_name(f".{path.name}.tmp")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        writer = gguf.GGUFWriter(temporary, ARCHITECTURES[config.architecture])
        _write_shape(writer, config, name)
        for key, value in (author or {}).items():
            writer.add_string(f"general.{key}", value)
        writer.add_file_type(_file_type(gguf, dtype))
        _write_tokenizer(writer, tokenizer, config.vocab_size)
        ours = {key: value.detach().cpu().float() for key, value in model.state_dict().items()}
        rounded = []
        for tensor_name, tensor in named_tensors(config, ours):
            data, kind, exact = encode_tensor(gguf, tensor_name, tensor, dtype)
            writer.add_tensor(tensor_name, data, raw_dtype=kind)
            rounded += [] if exact else [tensor_name]
        if rounded:
            say(f"{len(rounded)} tensors whose rows are no multiple of {BLOCK} are stored as f16, not {dtype}")
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        temporary.rename(path)
        sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def import_gguf() -> Any:
    """The package that writes the format. Raises UserError where it is missing."""
    try:
        import gguf
    except ImportError:
        raise UserError("GGUF needs the package gguf: pip install 'groundup[gguf]'.") from None
    return gguf


def encode_tensor(gguf: Any, name: str, tensor: Tensor, dtype: str) -> tuple[Any, Any, bool]:
    """(data, kind, whether it has the kind asked for). Vectors and position embeddings stay f32, as llama.cpp's do."""
    kinds = gguf.GGMLQuantizationType
    wanted = {"f32": kinds.F32, "f16": kinds.F16, "bf16": kinds.BF16, "q8_0": kinds.Q8_0}[dtype]
    exact = True
    if tensor.dim() == 1 or name == "position_embd.weight":
        wanted = kinds.F32
    elif dtype == "q8_0" and tensor.shape[-1] % BLOCK:
        wanted, exact = kinds.F16, False
    if wanted == kinds.F16 and float(tensor.abs().max()) > torch.finfo(torch.float16).max:
        raise UserError(f"tensor {name} has values that f16 cannot hold. Export with --dtype bf16 or f32.")
    return gguf.quants.quantize(tensor.contiguous().numpy(), wanted), wanted, exact


def _write_shape(writer: Any, config: ResolvedConfig, name: str) -> None:
    writer.add_name(name)
    writer.add_vocab_size(config.vocab_size)
    writer.add_context_length(config.block_size)
    writer.add_embedding_length(config.n_embd)
    writer.add_feed_forward_length(config.n_ff)
    writer.add_block_count(config.n_layer)
    writer.add_head_count(config.n_head)
    writer.add_head_count_kv(config.n_kv_head)
    if config.norm == "rmsnorm":
        writer.add_layer_norm_rms_eps(config.norm_eps)
    else:
        writer.add_layer_norm_eps(config.norm_eps)
    if config.positions == "rotary":
        writer.add_rope_freq_base(config.rotary_base)
        writer.add_rope_dimension_count(config.rotary_size)
        writer.add_key_length(config.head_size)
        writer.add_value_length(config.head_size)


def _file_type(gguf: Any, dtype: str) -> Any:
    kinds = gguf.LlamaFileType
    return {
        "f32": kinds.ALL_F32,
        "f16": kinds.MOSTLY_F16,
        "bf16": kinds.MOSTLY_BF16,
        "q8_0": kinds.MOSTLY_Q8_0,
    }[dtype]


def _write_tokenizer(writer: Any, tokenizer: HuggingFaceTokenizer, vocab_size: int) -> None:
    """Vocabulary, merges, special ids and chat template. Rows that no token belongs to get a name of their own."""
    serialised = json.loads(tokenizer.to_json())
    added = {token["id"]: token for token in serialised["added_tokens"]}
    tokens, kinds = [], []
    for id in range(vocab_size):
        token = tokenizer.id_to_token(id) if id < tokenizer.vocab_size else None
        tokens.append(f"[UNUSED_{id}]" if token is None else token)
        special = added[id]["special"] if id in added else None
        kinds.append(
            _UNUSED if token is None else _NORMAL if special is None else _CONTROL if special else _USER_DEFINED
        )
    merges = serialised["model"]["merges"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(tokenizer.llama_cpp_name)
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([merge if isinstance(merge, str) else " ".join(merge) for merge in merges])
    ids = tokenizer.specials.ids
    writer.add_bos_token_id(ids["end_of_text"])
    writer.add_eos_token_id(ids["end_of_text"])
    writer.add_eot_token_id(ids["im_end"])
    writer.add_pad_token_id(ids["pad"])
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)
