"""`groundup generate`: every flag with its effect, on a tiny saved model."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner, Result

from groundup.cli import devices
from groundup.cli.main import app, with_dashes
from groundup.data.documents import read_corpus
from groundup.model.bundle import save_bundle
from groundup.model.config import ModelConfig
from groundup.model.transformer import Transformer
from groundup.runs.folder import RunFolder
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.utils.device import Accelerator
from groundup.utils.progress import quiet

CONTEXT = 48
BORDER = "\n<|endoftext|>\n"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder with random weights: it writes broken characters, and never ends a text by itself."""
    folder = tmp_path_factory.mktemp("models") / "run" / "step-00001200" / "model"
    texts = ["The fox went home, and the owl said: good night! " * 3]
    tokenizer = train_tokenizer(texts, TokenizerConfig(vocab_size=300), quiet)
    shape = ModelConfig("phi", vocab_size=tokenizer.vocab_size, block_size=CONTEXT, n_layer=2, n_head=2, n_embd=32)
    model = Transformer(shape)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            around = 1.0 if parameter.dim() == 1 and name != "head.bias" else 0.0
            parameter.copy_(around + 0.2 * torch.randn(parameter.shape, generator=generator))
        for id in tokenizer.specials.ids.values():
            model.head.bias[id] = -1000.0  # type: ignore[index]
    save_bundle(model, tokenizer, folder, generation={"max_new_tokens": 6, "temperature": 0.9, "top_k": 30})
    return folder


def run(*words: str | Path, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(app, ["generate", *with_dashes([str(word) for word in words])], input=stdin)


def text_of(*words: str | Path, stdin: str | bytes | None = None) -> str:
    """Standard output of a call that must end well, without the line break at its end."""
    result = run(*words, stdin=stdin)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.endswith("\n")
    return result.stdout[:-1]


def tokens_written(bundle: Path, *words: str | Path) -> int:
    result = run(bundle, "--verbose", *words)
    found = re.search(r"^(\d+) tokens in .* tokens/s", result.stderr, re.MULTILINE)
    assert found is not None, result.stderr
    return int(found[1])


def test_stdout_has_prompt_and_completion_and_nothing_else(bundle: Path) -> None:
    text = text_of(bundle, "--prompt", "The fox", "--seed", "1", "--verbose")
    assert text.startswith("The fox")
    assert len(text) > len("The fox")
    assert text == text_of(bundle, "--prompt", "The fox", "--seed", "1")


def test_checkpoint_by_flag_and_by_place_and_by_what_is_above_it(bundle: Path) -> None:
    texts = {
        text_of("--checkpoint", bundle, "--seed", "1"),
        text_of(bundle, "--seed", "1"),
        text_of(bundle.parent, "--seed", "1"),
        text_of("--seed", "1", "--checkpoint", bundle.parent),
    }
    assert len(texts) == 1


def test_without_checkpoint_the_newest_run_is_taken_and_named(bundle: Path, in_folder: Path) -> None:
    for name, step, age in (("old", 1, 1000), ("new", 2, 10)):
        folder = RunFolder(in_folder / "checkpoints" / name)
        folder.step_folder(step).mkdir(parents=True)
        (folder.step_folder(step) / "model").symlink_to(bundle)
        folder.point("best", step)
        folder.point("last", step)
        stamp = (folder.path / "last").stat().st_mtime - age
        os.utime(folder.path / "last", (stamp, stamp))
    result = run("--seed", "1")
    assert result.exit_code == 0
    assert "model: checkpoints/new/step-00000002/model, of the newest run" in result.stderr
    assert result.stdout == text_of(bundle, "--seed", "1") + "\n"


def test_without_prompt_the_page_is_empty(bundle: Path) -> None:
    assert text_of(bundle, "--seed", "1") == text_of(bundle, "--seed", "1", "--prompt", "")


def test_defaults_come_from_the_checkpoint_and_flags_override_them(bundle: Path) -> None:
    assert tokens_written(bundle) == 6
    assert tokens_written(bundle, "--max-new-tokens", "9") == 9
    result = run(bundle, "--verbose", "--top-k", "7")
    assert re.search(r"temperature +0\.9\n", result.stderr)
    assert re.search(r"top_k, top_p +7, -\n", result.stderr)


@pytest.mark.parametrize("flag", ["--max-new-tokens", "--max_new_tokens", "--max-tokens", "--max_tokens"])
def test_max_new_tokens_by_all_its_names(bundle: Path, flag: str) -> None:
    assert tokens_written(bundle, flag, "3") == 3


@pytest.mark.parametrize("flag", ["--temperature", "--temp"])
def test_temperature_zero_is_greedy_whatever_the_seed(bundle: Path, flag: str) -> None:
    greedy = {text_of(bundle, flag, "0", "--seed", str(seed)) for seed in range(3)}
    bold = {text_of(bundle, flag, "5", "--seed", str(seed)) for seed in range(3)}
    assert len(greedy) == 1
    assert len(bold) == 3


def test_top_k_of_one_and_a_small_top_p_are_greedy(bundle: Path) -> None:
    greedy = text_of(bundle, "--temperature", "0")
    for flags in (["--top-k", "1"], ["--top-p", "0.000001"], ["--top_k", "1", "--top_p", "0.5"]):
        assert text_of(bundle, "--temperature", "3", *flags) == greedy


def test_seed_repeats_a_text_and_without_one_texts_differ(bundle: Path) -> None:
    assert text_of(bundle, "--seed", "4") == text_of(bundle, "--seed", "4") != text_of(bundle, "--seed", "5")
    flags = ("--temperature", "9", "--top-k", "0", "--max-new-tokens", "20")
    assert text_of(bundle, *flags) != text_of(bundle, *flags)


def test_the_seed_that_was_drawn_is_told_and_repeats_the_text(bundle: Path) -> None:
    first = run(bundle, "--verbose")
    found = re.search(r"^seed +(\d+)$", first.stderr, re.MULTILINE)
    assert found is not None
    assert run(bundle, "--seed", found[1]).stdout == first.stdout


def test_samples_are_parted_as_in_a_corpus_file(bundle: Path, tmp_path: Path) -> None:
    path = tmp_path / "samples.txt"
    flags = (bundle, "--prompt", "The owl", "--seed", "2")
    three = text_of(*flags, "--num-samples", "3")
    assert three.startswith(text_of(*flags) + BORDER), "the first sample does not depend on the others"
    path.write_text(three + "\n", encoding="utf-8")
    documents = [document.text for document in read_corpus(path)]
    assert len(set(documents)) == 3
    assert all(document.startswith("The owl") for document in documents)


def test_stop_strings_end_the_text_and_may_be_repeated(bundle: Path) -> None:
    whole = text_of(bundle, "--temp", "0", "--max-tokens", "30")
    first, second = whole[8:11], whole[4:7]
    assert text_of(bundle, "--temp", "0", "--max-tokens", "30", "--stop", first) == whole[: whole.index(first)]
    both = text_of(bundle, "--temp", "0", "--max-tokens", "30", "--stop", first, "--stop", second)
    assert both == whole[: min(whole.index(first), whole.index(second))]


def test_nonstop_goes_beyond_the_context(bundle: Path) -> None:
    assert tokens_written(bundle, "--max-new-tokens", "130") == CONTEXT
    assert "the context of 48 tokens is full" in run(bundle, "--max-new-tokens", "130").stderr
    assert tokens_written(bundle, "--max-new-tokens", "130", "--nonstop") == 130


def test_output_gets_the_text_in_the_place_of_stdout(bundle: Path, tmp_path: Path) -> None:
    path = tmp_path / "new" / "text.txt"
    expected = run(bundle, "--prompt", "Füchse", "--seed", "1").stdout_bytes
    result = run(bundle, "--prompt", "Füchse", "--seed", "1", "--output", path)
    assert result.exit_code == 0
    assert result.stdout == ""
    assert f"written to {path}" in result.stderr
    assert path.read_bytes() == expected
    assert list(path.parent.iterdir()) == [path]


def test_prompt_file_is_the_prompt_without_its_last_line_break(bundle: Path, tmp_path: Path) -> None:
    path = tmp_path / "prompt.txt"
    expected = text_of(bundle, "--prompt", "One.\n\nTwo ", "--seed", "1")
    for content in ("One.\n\nTwo \n", "\ufeffOne.\r\n\r\nTwo \r\n", "One.\n\nTwo "):
        path.write_bytes(content.encode())
        assert text_of(bundle, "--prompt-file", path, "--seed", "1") == expected
    assert text_of(bundle, "--prompt-file", "-", "--seed", "1", stdin="One.\n\nTwo \n") == expected


def test_markers_in_a_prompt_stay_text(bundle: Path) -> None:
    assert text_of(bundle, "--prompt", "<|im_start|>user", "--seed", "1").startswith("<|im_start|>user")


def test_interactive_reads_prompts_to_the_end_of_input(bundle: Path) -> None:
    one, two = (text_of(bundle, "--prompt", prompt, "--seed", "1") for prompt in ("The fox", "The owl"))
    result = run(bundle, "--interactive", "--seed", "1", stdin="The fox\nThe owl\n")
    assert result.exit_code == 0
    assert result.stdout == f"{one}\n{two}\n"
    assert result.stderr.count("> ") == 3


def test_chat_is_the_way_into_groundup_chat(bundle: Path) -> None:
    words = ["--max-new-tokens", "5", "--seed", "3", "--temperature", "0.5"]
    here = run(bundle, "--chat", *words, stdin="Hello\n")
    there = CliRunner().invoke(app, ["chat", str(bundle), *words], input="Hello\n")
    assert (here.exit_code, there.exit_code) == (0, 0), here.stderr + there.stderr
    assert here.stdout == there.stdout


def test_device_cpu_and_auto_are_there(bundle: Path) -> None:
    assert text_of(bundle, "--device", "cpu", "--seed", "1") == text_of(bundle, "--device", "auto", "--seed", "1")


@pytest.mark.parametrize("flag", ["float32", "fp32", "bfloat16", "bf16", "float16", "fp16"])
def test_dtype_is_the_one_the_model_computes_in(bundle: Path, flag: str) -> None:
    dtype = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}.get(flag, flag)
    result = run(bundle, "--dtype", flag, "--verbose")
    assert result.exit_code == 0
    assert re.search(rf"^dtype +{dtype}$", result.stderr, re.MULTILINE)


@pytest.mark.parametrize(("stored", "used"), [("bfloat16", "bfloat16"), ("float16", "float32"), ("odd", "float32")])
def test_without_dtype_the_stored_one_is_taken_if_it_suits(
    bundle: Path, tmp_path: Path, stored: str, used: str
) -> None:
    for file in bundle.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = json.loads((bundle / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"torch_dtype": stored}))
    assert re.search(rf"^dtype +{used}$", run(tmp_path, "--verbose").stderr, re.MULTILINE)


def test_verbose_tells_about_model_and_speed(bundle: Path) -> None:
    told = run(bundle, "--verbose", "--seed", "8").stderr
    config = json.loads((bundle / "config.json").read_text())
    for line in (
        r"step +1,200",
        r"architecture +phi",
        r"shape +2 layers of width 32, 2 heads",
        r"parameters +[\d,]{6,}",
        r"context +48 tokens",
        rf"vocabulary +{config['vocab_size']} tokens",
        r"dtype +float32",
        r"device +cpu",
        r"seed +8",
        r"6 tokens in [\d.]+ s: [\d,]+ tokens/s, ended by max_new_tokens",
    ):
        assert re.search(f"^{line}$", told, re.MULTILINE), (line, told)
    assert run(bundle, "--seed", "8").stderr == ""


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--device", "cuda:9"], 1, 'device "cuda:9" is not there: this machine has cpu'),
        (["--device", "gpu"], 1, 'device "gpu" is not there'),
        (["--dtype", "float8"], 1, '--dtype "float8" is unknown'),
        (["--prompt-file", "gone.txt"], 1, "prompt file gone.txt: No such file"),
        (["--prompt-file", "."], 1, "prompt file .: Is a directory"),
        (["--prompt-file", "latin1.txt"], 1, "prompt file latin1.txt is not UTF-8 (byte 1)"),
        (["--output", "."], 1, "--output . is a folder"),
        (["--temperature", "-1"], 1, "temperature is -1.0; it must be at least 0"),
        (["--top-p", "2"], 1, "top_p is 2.0"),
        (["--top-k", "-2"], 1, "top_k is -2"),
        (["--max-new-tokens", "0"], 1, "max_new_tokens is 0"),
        (["--num-samples", "0"], 1, "num_samples is 0"),
        (["--wrong"], 2, "No such option"),
        (["--seed", "x"], 2, "--seed"),
        (["--prompt", "a", "--prompt-file", "b"], 2, "--prompt and --prompt-file cannot be given together"),
        (["--prompt", "a", "--interactive"], 2, "cannot be given together"),
        (["--output", "a", "--interactive"], 2, "cannot be given together"),
        (["--checkpoint", "elsewhere"], 2, "CHECKPOINT and --checkpoint cannot be given together"),
        (["--nonstop", "--num-samples", "2"], 2, "--max-new-tokens"),
        (["--chat", "--prompt", "a"], 2, "--chat and --prompt cannot be given together"),
        (["--chat", "--nonstop"], 2, "--chat and --nonstop cannot be given together"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    bundle: Path, in_folder: Path, words: list[str], code: int, message: str
) -> None:
    (in_folder / "latin1.txt").write_bytes("fü".encode("latin1"))
    before = sorted(in_folder.iterdir())
    result = run(bundle, *words)
    assert result.exit_code == code
    assert result.stdout == ""
    assert message in " ".join(result.stderr.split())
    if code == 1:
        assert re.fullmatch(r"error: [^\n]+\n", result.stderr)
    assert sorted(in_folder.iterdir()) == before


def test_a_missing_checkpoint_is_named(in_folder: Path) -> None:
    result = run("--checkpoint", "checkpoints/gone")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "checkpoints/gone is no folder" in result.stderr
    result = run()
    assert result.exit_code == 1
    assert "No trained model was found under checkpoints/, artifacts/" in result.stderr


def pick(answers: list[str]) -> tuple[str, list[str]]:
    said: list[str] = []
    lines = iter(answers)
    two = [Accelerator("cuda:0", "Big", 80 << 30), Accelerator("cuda:1", "Small", 8 << 30)]
    return devices.ask_for_accelerator(two, said.append, lambda: next(lines)), said


def test_several_accelerators_are_listed_with_memory_and_one_is_picked() -> None:
    name, said = pick(["2\n"])
    assert name == "cuda:1"
    assert said[:2] == ["  1  cuda:0  Big, 80 GiB", "  2  cuda:1  Small, 8 GiB"]
    assert pick(["\n"])[0] == pick([""])[0] == "cuda:0"
    assert pick(["3\n", "two\n", "0\n", "2\n"])[0] == "cuda:1"


@pytest.mark.parametrize(
    ("configured", "given", "begun", "answer", "expected"),
    [
        ("auto", None, False, "cuda:1", "cuda:1"),
        ("auto", None, False, None, "auto"),
        ("auto", "cpu", False, "cuda:1", "cpu"),
        ("cuda:0", None, False, "cuda:1", "cuda:0"),
        ("auto", None, True, "cuda:1", "auto"),
    ],
)
def test_training_asks_only_when_nothing_has_decided(
    configured: str, given: str | None, begun: bool, answer: str | None, expected: str
) -> None:
    assert devices.choose_training_device(configured, given, begun, lambda: answer) == expected


def test_in_a_pipe_nobody_is_asked() -> None:
    assert devices.ask_on_terminal(quiet) is None


@contextlib.contextmanager
def started(*words: str | Path, **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}  # wherever text goes, it is UTF-8
    command = [sys.executable, "-m", "groundup", "generate", *map(str, words)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, bufsize=0, **more
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_ctrl_c_keeps_what_was_written_to_a_file(bundle: Path, tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    with started(bundle, "--nonstop", "--verbose", "--prompt", "Füchse", "--output", path) as process:
        assert process.stderr is not None
        for line in process.stderr:  # the last line before it writes
            if line.startswith(b"seed"):
                break
        with pytest.raises(subprocess.TimeoutExpired):  # it does not stop by itself
            process.wait(1)
        process.send_signal(signal.SIGINT)
        out, told = process.communicate(timeout=60)
        assert process.returncode == 130, told
    assert out == b""
    assert b"interrupted" in told
    assert path.read_text(encoding="utf-8").startswith("Füchse")


def test_ctrl_c_stops_a_text_and_not_the_conversation(bundle: Path) -> None:
    with started(bundle, "--nonstop", "--interactive", stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for prompt in ("Füchse", "Eulen"):
            process.stdin.write(f"{prompt}\n".encode())
            seen = b""
            while prompt.encode() not in seen or len(seen) < 200:
                piece = process.stdout.read(100)
                assert piece, "it ended"
                seen += piece
            process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)  # which closes standard input
        assert process.returncode == 0, told


def test_a_reader_that_goes_away_ends_a_text_without_an_error(bundle: Path) -> None:
    with started(bundle, "--nonstop") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0
