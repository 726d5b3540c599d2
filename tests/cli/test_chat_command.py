"""`groundup chat` in a pipe and on a terminal."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from groundup.model.bundle import find_chat_bundle, save_bundle
from groundup.model.config import ModelConfig
from groundup.model.initialisation import initialise
from groundup.model.transformer import Transformer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.utils.progress import quiet


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    tokenizer = train_tokenizer(["user\nYes.\nassistant\nNo. red ball"] * 9, TokenizerConfig(), quiet)
    shape = ModelConfig(vocab_size=tokenizer.vocab_size, block_size=128, n_layer=1, n_head=2, n_embd=16)
    save_bundle(
        initialise(Transformer(shape), 1), tokenizer, folder, generation={"max_new_tokens": 8, "temperature": 1.0}
    )
    return folder


def run(checkpoint: Path, text: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "groundup", "chat", "--checkpoint", str(checkpoint), "--seed", "1", *words]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def test_a_pipe_gets_the_replies_alone(checkpoint: Path, tmp_path: Path) -> None:
    saved = tmp_path / "talk.jsonl"
    lines = [
        "Yes.",
        "/stats",
        '"""',
        "two",
        "lines",
        '"""',
        "joined \\",
        "by a backslash",
        "/set temperature 0",
        "/nothing",
    ]
    done = run(checkpoint, "\n".join([*lines, f"/save {saved}", "/undo", "/undo", "/undo", "/undo"]) + "\n")
    assert done.returncode == 0, done.stderr
    assert "1 exchange," in done.stderr
    assert "temperature is 0.0" in done.stderr
    assert "error: there is no command /nothing." in done.stderr
    assert done.stderr.count("taken back") == 3
    assert "error: there is nothing to take back." in done.stderr
    assert "exchange" not in done.stdout
    text = saved.read_text()
    assert "two\\nlines" in text
    assert "joined \\nby a backslash" in text
    again = run(checkpoint, "Yes.\n")
    assert done.stdout.startswith(again.stdout.removesuffix("\n"))
    assert run(checkpoint, "").stdout == ""


def test_a_last_line_without_its_end_is_answered(checkpoint: Path) -> None:
    assert run(checkpoint, "Yes.").stdout == run(checkpoint, "Yes.\n").stdout != ""


def test_a_cut_off_reply_and_a_full_context_are_said(checkpoint: Path) -> None:
    done = run(checkpoint, "red ball red ball red ball\n" * 8, "--temperature", "0")
    assert "the context is full: the oldest" in done.stderr


def test_quickstarts_folder_means_its_chat_model(checkpoint: Path, tmp_path: Path) -> None:
    for name in ("run", "chat"):
        step = tmp_path / name / "step-00000001" / "model"
        step.mkdir(parents=True)
        (step / "config.json").write_text("{}")
        (tmp_path / name / "best").write_text("step-00000001\n")
    assert find_chat_bundle(tmp_path) == tmp_path / "chat" / "step-00000001" / "model"
    assert find_chat_bundle(tmp_path / "run") == tmp_path / "run" / "step-00000001" / "model"


def test_ctrl_c_stops_the_reply_and_not_the_program(checkpoint: Path) -> None:
    command = [sys.executable, "-m", "groundup", "chat", "--checkpoint", str(checkpoint), "--max-new-tokens", "100000"]
    master, slave = pty.openpty()
    with subprocess.Popen(
        command, stdin=slave, stdout=subprocess.PIPE, stderr=slave, start_new_session=True
    ) as process:
        os.close(slave)
        os.write(master, b"/set temperature 0\nYes.\n")
        seen = b""
        end = time.monotonic() + 60
        while b"temperature is 0" not in seen and time.monotonic() < end:
            seen += os.read(master, 4096)
        process.send_signal(signal.SIGINT)  # while it replies, or just before or after: it must live on
        time.sleep(0.3)
        assert process.poll() is None
        os.write(master, b"/exit\n")
        assert process.wait(timeout=60) == 0
    os.close(master)
