"""Runs a GGUF file in llama.cpp, in a process of its own: a file that llama.cpp cannot bear ends that process alone.

    python -m groundup.export.llama_cpp < request.json > answer.json

The `xllamacpp` package brings llama.cpp with its server, which is asked over the loopback interface. What llama.cpp
says about itself goes to stderr.
"""

import importlib.util
import json
import os
import subprocess
import sys
import urllib.request
from dataclasses import asdict, dataclass, field
from typing import Any

from groundup.utils.errors import UserError

TIMEOUT_SECONDS = 600


@dataclass(frozen=True)
class Questions:
    """What llama.cpp is asked about a file."""

    path: str
    context: int  # tokens
    vocab_size: int
    letter: int  # id of a token that is a whole character
    lines: list[str] = field(default_factory=list)  # to be tokenised as plain text
    prompts: list[list[int]] = field(default_factory=list)  # ids to go on from
    new_tokens: int = 0  # to be decoded greedily after each prompt
    conversations: list[list[dict[str, str]]] = field(default_factory=list)


@dataclass(frozen=True)
class Answers:
    """What it says."""

    line_ids: list[list[int]]
    log_probabilities: list[list[float]]  # of every token after each prompt, (prompts, V)
    continuations: list[list[int]]  # with the token that ended the text, if one did
    conversation_ids: list[list[int]]  # waiting for the assistant


def is_here() -> bool:
    """Whether llama.cpp can be run."""
    return importlib.util.find_spec("xllamacpp") is not None


def ask(questions: Questions) -> Answers:
    """Run the file. Raises UserError with llama.cpp's own words when it does not load it."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-m", "groundup.export.llama_cpp"],
        input=json.dumps(asdict(questions)),
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
        env=environment,
    )
    if done.returncode != 0:
        raise UserError(f"llama.cpp does not run {questions.path}: {_complaint(done.stderr)}")
    return Answers(**json.loads(done.stdout.splitlines()[-1]))


def _complaint(output: str) -> str:
    """The line in which llama.cpp says what is wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower() and "common_init" not in line]
    return (telling or lines or ["it ended without a word"])[0]


def main() -> None:
    """The process that runs llama.cpp."""
    import xllamacpp

    questions = Questions(**json.load(sys.stdin))
    settings = xllamacpp.CommonParams()
    settings.model.path = questions.path
    settings.n_ctx = questions.context
    settings.n_parallel = 1
    settings.warmup = False
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = 1
    # Keys and values in full precision, so that only the weights differ from ours.
    settings.cache_type_k = settings.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    settings.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED  # it rounds to f16
    server = xllamacpp.Server(settings)
    answers = _answer(server.listening_address, questions)
    print(json.dumps(asdict(answers)), flush=True)


def _answer(address: str, questions: Questions) -> Answers:
    def tokenize(text: str, *, markers: bool) -> list[int]:
        body = {"content": text, "add_special": True, "parse_special": markers}
        return [int(id) for id in _post(f"{address}/tokenize", body)["tokens"]]

    log_probabilities, continuations = [], []
    for prompt in questions.prompts:
        body = {
            "prompt": prompt,
            "n_predict": 1,
            "n_probs": questions.vocab_size,
            "temperature": 0.0,
            "cache_prompt": False,
            # Drawn whatever the model says, which changes no probability that is told. With a token that ends the text
            # or is part of a character none would be told.
            "logit_bias": [[questions.letter, 1000.0]],
        }
        entries = _post(f"{address}/completion", body)["completion_probabilities"][0]["top_logprobs"]
        row = [float("-inf")] * questions.vocab_size
        for entry in entries:
            row[entry["id"]] = entry["logprob"]
        log_probabilities.append(row)
        body |= {"n_predict": questions.new_tokens, "n_probs": 0, "return_tokens": True, "logit_bias": []}
        continuations.append(_post(f"{address}/completion", body)["tokens"])
    conversations = [
        tokenize(_post(f"{address}/apply-template", {"messages": messages})["prompt"], markers=True)
        for messages in questions.conversations
    ]
    return Answers(
        [tokenize(line, markers=False) for line in questions.lines], log_probabilities, continuations, conversations
    )


def _post(address: str, body: Any) -> Any:
    request = urllib.request.Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
        return json.load(answer)


if __name__ == "__main__":
    main()
