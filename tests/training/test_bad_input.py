"""What users get wrong, as they would: one clear line, exit code 1, nothing half-written."""

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

WriteTexts = Callable[..., Path]


def groundup(*words: str) -> tuple[int, str]:
    """Run the command line in a process of its own; return (exit code, stderr)."""
    done = subprocess.run([sys.executable, "-m", "groundup", *words], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stderr


def refused(*words: str) -> str:
    """Run a command that must fail with exit code 1; return its one line that begins with "error: "."""
    code, stderr = groundup(*words)
    assert code == 1, stderr
    (line,) = [line for line in stderr.splitlines() if line.startswith("error: ")]
    assert stderr.splitlines()[-1] == line
    return line


def leftovers(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name.endswith(".tmp")]


def test_an_empty_folder(tiny_config: Path, in_folder: Path) -> None:
    (in_folder / "texts").mkdir()
    line = refused("train", "--config", str(tiny_config))
    assert "texts" in line
    assert not (in_folder / "artifacts" / "tiny" / "corpus.jsonl").exists()


def test_only_binary_files(tiny_config: Path, in_folder: Path) -> None:
    (in_folder / "texts").mkdir()
    (in_folder / "texts" / "a.txt").write_bytes(bytes(range(256)) * 10)
    assert "binary" in refused("train", "--config", str(tiny_config))


def test_a_misspelt_key_and_a_missing_file(tiny_config: Path) -> None:
    assert 'Did you mean "max_steps"' in refused("train", "--config", str(tiny_config), "training.max_stepz=3")
    assert "no configuration file" in refused("train", "--config", "absent.yaml")


def test_a_wrong_flag_is_wrong_usage() -> None:
    code, stderr = groundup("train", "--cofnig", "x.yaml")
    assert code == 2
    assert "--cofnig" in stderr


def test_a_device_that_is_not_there(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts()
    assert "cuda:7" in refused("train", "--config", str(tiny_config), "training.device=cuda:7")


def test_too_little_text(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts(n_documents=2)
    assert "Not enough tokens for training" in refused("train", "--config", str(tiny_config), "training.block_size=512")


def test_tokens_of_another_tokenizer(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts()
    assert groundup("train", "--config", str(tiny_config))[0] == 0
    shutil.rmtree("artifacts/tiny/tokenizer")
    line = refused("train", "--config", str(tiny_config), "tokenizer.vocab_size=290", "training.max_steps=20")
    assert "tokenizer" in line


def test_a_checkpoint_of_another_tokenizer(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts()
    assert groundup("train", "--config", str(tiny_config))[0] == 0
    shutil.rmtree("artifacts")
    line = refused("train", "--config", str(tiny_config), "tokenizer.vocab_size=290", "training.max_steps=20")
    assert "trained with tokenizer" in line


def test_a_truncated_token_file(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts()
    assert groundup("train", "--config", str(tiny_config))[0] == 0
    (tokens,) = Path("artifacts/tiny/tokens").glob("*.train.*.bin")
    tokens.write_bytes(tokens.read_bytes()[:-100])
    line = refused("train", "--config", str(tiny_config), "training.max_steps=20")
    assert tokens.name in line


def test_a_run_folder_in_use(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts()
    words = [sys.executable, "-m", "groundup", "train", "--config", str(tiny_config), "training.max_steps=100000"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as first:
        assert first.stderr is not None
        for line in first.stderr:
            if line.startswith("step "):
                break
        message = refused("train", "--config", str(tiny_config))
        first.kill()
    assert f"process {first.pid}" in message


@contextlib.contextmanager
def small_disk(path: Path, megabytes: int) -> Iterator[Path]:
    """A file system of so many megabytes, where this machine lets us mount one."""
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}M", "tmpfs", str(path)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        yield path
    finally:
        subprocess.run(["umount", str(path)], check=True)


def test_a_full_disk_leaves_the_last_good_checkpoint(
    write_texts: WriteTexts, tiny_config: Path, in_folder: Path
) -> None:
    write_texts()
    with small_disk(in_folder / "small", 4) as disk:
        words = [
            "--config",
            str(tiny_config),
            f"training.output_dir={disk}/run",
            "training.keep=100",
            "model.n_embd=64",
        ]
        line = refused("train", *words, "training.max_steps=60")
        assert "full" in line
        assert "MB" in line
        run = disk / "run"
        assert not leftovers(run)
        last = run / (run / "last").read_text().strip()
        manifest = json.loads((last / "manifest.json").read_text())
        assert all((last / name).stat().st_size == entry["size_bytes"] for name, entry in manifest["files"].items())


def test_quickstart_refuses_what_is_too_short(in_folder: Path) -> None:
    (in_folder / "short.txt").write_text("Too short to learn from. " * 100)
    line = refused("quickstart", "--text", "short.txt", "--out", "q", "--minutes", "0.05")
    assert "100,000" in line
    assert not (in_folder / "q").exists()
