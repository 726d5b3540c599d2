"""The C code against the model that it is the twin of, and against itself: the same bits in any company."""

import os
import random
import stat
from pathlib import Path

import pytest
import torch

from groundup.inference.native import library as native
from groundup.inference.native.decoder import NativeDecoder
from groundup.inference.stepper import PlainStepper, open_stepper, room_for
from groundup.model.config import ModelConfig
from groundup.model.transformer import Transformer
from groundup.utils.native import build as build_c

SHAPE = {"vocab_size": 77, "block_size": 40, "n_layer": 2, "n_head": 4, "n_embd": 40}  # 40: no multiple of 16
CONFIGS = {
    "qwen3": ModelConfig("qwen3", **SHAPE, n_kv_head=2),
    "llama": ModelConfig("llama", **SHAPE, head_size=32),
    "gpt2": ModelConfig("gpt2", **SHAPE),
    "phi": ModelConfig("phi", **{**SHAPE, "n_embd": 64}),
    "gelu, whole rotation": ModelConfig("phi", **SHAPE, rotary_share=1.0, activation="gelu"),
    "post-norm, sinusoidal, relu2": ModelConfig(
        "gpt2", **SHAPE, norm_position="post", positions="sinusoidal", activation="relu2"
    ),
    "one head for all, odd width": ModelConfig("qwen3", **{**SHAPE, "n_embd": 44}, n_kv_head=1, head_size=10, n_ff=50),
}


def build(name: str, dtype: torch.dtype = torch.float32) -> Transformer:
    model = Transformer(CONFIGS[name]).eval()
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_((parameter.dim() == 1) + 0.3 * torch.randn(parameter.shape, generator=generator))
    return model.to(dtype)


def open_decoder(model: Transformer, n_slots: int = 5, n_threads: int = 2) -> NativeDecoder:
    library = native.load_library()
    if library is None:
        pytest.skip("no C compiler here")
    return NativeDecoder(library, model, n_slots=n_slots, max_tokens=64, n_threads=n_threads)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("name", CONFIGS)
def test_logits_are_the_models(name: str, dtype: torch.dtype) -> None:
    """Half-precision weights are compared in fp32: the C code computes with them in fp32."""
    model = build(name, dtype)
    decoder = open_decoder(model)
    ids = torch.randint(0, 77, (37,), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        expected = build(name, dtype).float()(ids[None])[0]
    found = decoder.step(ids.tolist(), [1] * 37, range(37), range(37))
    torch.testing.assert_close(found, expected, atol=5e-5, rtol=1e-4)
    assert expected.abs().max() > 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("name", CONFIGS)
def test_any_company_and_any_cut_give_the_same_bits(name: str, dtype: torch.dtype) -> None:
    """Five sequences, read in random pieces in random company, against each read alone token by token."""
    model, chance = build(name, dtype), random.Random(2)
    texts = [[chance.randrange(77) for _ in range(30 + slot)] for slot in range(5)]
    alone = []
    lonely = open_decoder(model, n_threads=1)
    for slot, text in enumerate(texts):
        alone.append(torch.cat([lonely.step([id], [slot], [place], [0]) for place, id in enumerate(text)]))
    decoder, read = open_decoder(model), [0] * 5
    crowd: list[list[torch.Tensor]] = [[] for _ in texts]
    while any(done < len(text) for done, text in zip(read, texts, strict=True)):
        ids, slots, places = [], [], []
        for slot in chance.sample(range(5), chance.randint(1, 5)):
            piece = texts[slot][read[slot] : read[slot] + chance.choice([1, 1, 2, 3, 5, 9])]
            ids += piece
            slots += [slot] * len(piece)
            places += range(read[slot], read[slot] + len(piece))
            read[slot] += len(piece)
        for slot, logits in zip(slots, decoder.step(ids, slots, places, range(len(ids))), strict=True):
            crowd[slot].append(logits)
    for slot in range(5):
        assert torch.equal(torch.stack(crowd[slot]), alone[slot])


def test_a_copied_beginning_is_as_good_as_one_read() -> None:
    decoder, ids = open_decoder(build("qwen3")), list(range(30))
    whole = decoder.step(ids, [1] * 30, range(30), range(30))
    decoder.copy_prefix(1, 3, 20)
    assert torch.equal(decoder.step(ids[20:], [3] * 10, range(20, 30), range(10)), whole[20:])


def test_without_a_compiler_there_is_one_line_and_the_plain_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(build_c, "COMPILERS", ())
    monkeypatch.delenv("CC", raising=False)
    stepper = open_stepper(build("qwen3"), n_slots=2, n_threads=1, say=said.append)
    assert isinstance(stepper, PlainStepper)
    (line,) = said
    assert "no C compiler" in line
    assert "\n" not in line


def test_native_code_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDUP_NATIVE", "0")
    assert isinstance(open_stepper(build("qwen3"), n_slots=2, n_threads=1), PlainStepper)


def test_a_compiler_that_fails_is_one_line_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "cc"
    broken.write_text("#!/bin/sh\necho 'error: cannot' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CC", str(broken))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    said: list[str] = []
    assert native.load_library(said.append) is None
    assert len(said) == 1
    assert "cannot" in said[0]


def test_compiled_code_is_kept_for_oneself_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if build_c.compiler() is None:
        pytest.skip("no C compiler here")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert native.load_library() is not None
    folder = tmp_path / "groundup"
    (path,) = folder.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    made = path.stat().st_mtime_ns
    assert native.load_library() is not None
    assert path.stat().st_mtime_ns == made, "compiled once"
    os.chmod(folder, 0o777)
    said: list[str] = []
    assert native.load_library(said.append) is None, "others could have put their code there"
    assert "others" in said[0]


def test_the_cache_takes_what_memory_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build("qwen3")
    per_slot = 2 * 2 * 2 * 10 * 40 * 4
    assert room_for(model, 8).cache_bytes == 8 * per_slot
    monkeypatch.setattr("groundup.inference.stepper.free_memory_bytes", lambda device: 12 * per_slot)
    assert room_for(model, 8).n_slots == 3
    monkeypatch.setattr("groundup.inference.stepper.free_memory_bytes", lambda device: 1)
    assert room_for(model, 8).n_slots == 1
