"""Any task of EleutherAI's lm-eval harness on our models, scored by our own scorer.

    python -m groundup.evaluation.lm_eval_adapter --model_args pretrained=checkpoints/my-llm --tasks arc_easy

takes the harness's own options; `--model groundup` is put first. Scores are those of the harness's Hugging Face
backend on the same folder, with one exception: of rolling texts (wikitext), that backend also counts the
`<|endoftext|>` that begins a text, once a text. Needs `pip install lm-eval`.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch

from groundup.evaluation.tasks import encode_pair
from groundup.inference.generation import GenerationConfig, generate_text
from groundup.inference.scoring import Request, Score, default_batch_tokens, score, text_requests
from groundup.model.bundle import find_bundle, load_bundle
from groundup.tokenizer.interface import Tokenizer
from groundup.utils.device import resolve_device
from groundup.utils.errors import UserError

try:
    from lm_eval.api.model import LM
    from lm_eval.api.registry import register_model
except ImportError as error:
    raise UserError("the harness is not installed: pip install 'groundup[lm-eval]'.") from error

ANSWER_TOKENS = 256  # the harness's own default


@register_model("groundup")
class GroundupLM(LM):
    """One of our models, or any Hugging Face folder of a supported architecture, as the harness wants it."""

    def __init__(
        self,
        pretrained: str,
        device: str | None = "cpu",
        dtype: str = "float32",
        batch_tokens: int | None = None,
        workers: int = 1,
        batch_size: int | str | None = None,
        max_batch_size: int | None = None,
    ) -> None:
        """pretrained: as --checkpoint takes it. The harness's batch sizes change nothing; batch_tokens decides."""
        super().__init__()
        chosen = resolve_device(device or "cpu")
        model, self.tokenizer = load_bundle(find_bundle(Path(pretrained)), device=chosen, dtype=getattr(torch, dtype))
        model.set_compute(attention="sdpa")
        self.model, self.workers = model, int(workers)
        self.batch_tokens = int(batch_tokens or default_batch_tokens(chosen))

    def loglikelihood(self, requests: Sequence[Any], disable_tqdm: bool = False) -> list[tuple[float, bool]]:
        """(log p in nats, whether greedy decoding would write it) of each (context, continuation)."""
        pairs = [request_of(self.tokenizer, *request.args) for request in requests]
        groups = list(_grouped(pairs))
        scored = score(self.model, groups, batch_tokens=self.batch_tokens, workers=self.workers)
        return [(-found.nats, found.greedy) for group in scored for found in group]

    def loglikelihood_rolling(self, requests: Sequence[Any], disable_tqdm: bool = False) -> list[float]:
        """log p of each text, in windows of the context, each read by itself."""
        window = self.model.config.block_size
        texts = [self.tokenizer.encode(request.args[0], add_special_tokens=True) for request in requests]
        windows = [list(text_requests(ids, window, window)) for ids in texts]
        flat = [[request] for group in windows for request in group]
        found = iter(score(self.model, flat, batch_tokens=self.batch_tokens, workers=self.workers))
        totals = [sum((next(found)[0] for _ in group), Score(0.0, 0, True)) for group in windows]
        return [-total.nats for total in totals]

    def generate_until(self, requests: Sequence[Any], disable_tqdm: bool = False) -> list[str]:
        """What the model writes after each prompt, up to one of the strings that end it."""
        return [self._answer(*request.args) for request in requests]

    def _answer(self, prompt: str, options: dict[str, Any]) -> str:
        until = options.get("until") or []
        sampled = bool(options.get("do_sample")) and float(options.get("temperature", 0.0)) > 0
        settings = GenerationConfig(
            max_new_tokens=int(options.get("max_gen_toks", ANSWER_TOKENS)),
            temperature=float(options["temperature"]) if sampled else 0.0,
            top_p=options.get("top_p") if sampled else None,
            seed=0,
            stop=[until] if isinstance(until, str) else [string for string in until if string],
        )
        return generate_text(self.model, self.tokenizer, prompt, settings)


def request_of(tokenizer: Tokenizer, context: str, continuation: str) -> Request:
    """The ids of one question of the harness; an empty context is `<|endoftext|>` alone."""
    if context:
        return encode_pair(tokenizer, context, continuation)
    return Request([tokenizer.specials.ids["end_of_text"]], tokenizer.encode(continuation))


def _grouped(requests: Iterable[Request]) -> Iterable[list[Request]]:
    """Consecutive requests with one context: the choices of one question, whose beginning is read once."""
    group: list[Request] = []
    for request in requests:
        if group and (list(request.context) != list(group[0].context) or len(group) == 8):
            yield group
            group = []
        group.append(request)
    if group:
        yield group


def main() -> None:
    """The harness's command line, with our models in it."""
    from lm_eval.__main__ import cli_evaluate

    words = sys.argv[1:]
    given = any(word == "--model" or word.startswith("--model=") for word in words)
    sys.argv = [sys.argv[0], *([] if given else ["--model", "groundup"]), *words]
    cli_evaluate()


if __name__ == "__main__":
    main()
