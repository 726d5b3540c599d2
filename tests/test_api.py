"""The Python interface as its users call it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import groundup


@pytest.fixture
def run(trained: Path, in_folder: Path) -> Path:
    shutil.copytree(trained, in_folder, dirs_exist_ok=True)
    return Path("checkpoints/tiny")


def test_load_and_generate(run: Path) -> None:
    model = groundup.load(run, device="cpu")
    pieces: list[str] = []
    text = model.generate("the cat", max_new_tokens=12, temperature=0.9, seed=3, on_text=pieces.append)
    assert "".join(pieces) == text
    assert text == model.generate("the cat", max_new_tokens=12, temperature=0.9, seed=3)
    assert text != model.generate("the cat", max_new_tokens=12, temperature=0.9, seed=4)
    with pytest.raises(groundup.UserError, match="temperature is -1"):
        model.generate("x", temperature=-1)
    with pytest.raises(TypeError):
        model.generate("x", temprature=1)


def test_chat_takes_a_question_or_a_conversation(run: Path) -> None:
    model = groundup.load(str(run), device="cpu")
    reply = model.chat("Hi.", max_new_tokens=8, seed=1)
    assert reply == model.chat([{"role": "user", "content": "Hi."}], max_new_tokens=8, seed=1)
    with pytest.raises(groundup.UserError):
        model.chat([{"role": "assistant", "content": "Hi."}])


def test_train_goes_on_and_takes_settings(run: Path) -> None:
    said: list[str] = []
    result = groundup.train("tiny.yaml", {"training.max_steps": 14}, say=said.append)
    assert (result.run, result.step) == (run, 14)
    assert any("going on from" in line for line in said)
    with pytest.raises(groundup.UserError, match=r'no setting "training\.max_step"'):
        groundup.train("tiny.yaml", {"training.max_step": 14})


def test_tokenizer_trains_saves_and_opens(in_folder: Path) -> None:
    tokenizer = groundup.Tokenizer.train(["the cat sees the dog. "] * 50, vocab_size=280)
    text = "the cat sees <|im_end|> the dög"
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert b"".join(tokenizer.tokens(text)) == text.encode()
    assert tokenizer.vocab_size <= 280
    tokenizer.save("tokenizer")
    assert groundup.Tokenizer("tokenizer").fingerprint == tokenizer.fingerprint
    with pytest.raises(groundup.UserError, match="nowhere"):
        groundup.Tokenizer("nowhere")


def test_names_are_those_that_are_promised() -> None:
    for name in groundup.__all__:
        assert getattr(groundup, name).__doc__
        assert name in dir(groundup)
    with pytest.raises(AttributeError, match="has no attribute 'lod'"):
        _ = groundup.lod  # type: ignore[attr-defined]


def test_importing_loads_nothing_heavy_and_the_tokenizer_no_torch() -> None:
    code = (
        "import sys, groundup; heavy = {'torch', 'numpy', 'tokenizers', 'omegaconf'} & set(sys.modules); "
        "assert not heavy, heavy; groundup.Tokenizer; assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_importing_costs_less_than_two_hundredths_of_a_second_of_work() -> None:
    code = "import time; began = time.process_time(); import groundup; print(time.process_time() - began)"
    seconds = [float(subprocess.check_output([sys.executable, "-c", code], text=True)) for _ in range(3)]
    assert min(seconds) < 0.02
