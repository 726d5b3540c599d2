"""Minimal pairs: our scorer against transformers and against lm-eval's Hugging Face backend, on one model folder.

    python benchmarks/blimp.py --checkpoint checkpoints/my-llm --data blimp --per-paradigm 100

Every pair must be judged alike, and the log-probabilities agree. Times hold tokenisation and scoring, not loading; peers
get their batches sorted by length and all cores. lm-eval is asked directly, without its task machinery.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

from groundup.evaluation.minimal_pairs import Pair, find_files, read_pairs, score_pairs
from groundup.evaluation.suite import Subject
from groundup.inference.scoring import BATCH_TOKENS
from groundup.model.bundle import find_bundle, load_bundle
from groundup.utils.progress import quiet

Nats = list[tuple[float, float]]  # -log p of the good and the bad sentence


def ours(bundle: Path, workers: int) -> Callable[[list[Pair]], Nats]:
    model, tokenizer = load_bundle(bundle)
    model.set_compute(attention="sdpa")
    subject = Subject(model, tokenizer, BATCH_TOKENS, workers=workers)
    return lambda pairs: [(found.good_nats, found.bad_nats) for found in score_pairs(subject, pairs, quiet)]


def with_transformers(bundle: Path, batch_size: int) -> Callable[[list[Pair]], Nats]:
    """Padded batches, one forward pass, log-softmax: what a careful user writes."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(bundle, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(bundle)

    @torch.inference_mode()
    def run(pairs: list[Pair]) -> Nats:
        ids = tokenizer([sentence for pair in pairs for sentence in (pair.good, pair.bad)])["input_ids"]
        order = sorted(range(len(ids)), key=lambda n: len(ids[n]), reverse=True)
        nats = [0.0] * len(ids)
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            lengths = torch.tensor([len(ids[n]) for n in rows])
            longest = int(lengths.max())
            padded = torch.tensor([ids[n] + [0] * (longest - len(ids[n])) for n in rows])
            mask = torch.arange(longest)[None] < lengths[:, None]
            logits = model(padded, attention_mask=mask.long()).logits[:, :-1].float()
            scores = logits.log_softmax(-1).gather(2, padded[:, 1:, None]).squeeze(2)
            for n, total in zip(rows, (scores * mask[:, 1:]).sum(1).tolist(), strict=True):
                nats[n] = -total
        return list(zip(nats[::2], nats[1::2], strict=True))

    return run


def with_lm_eval(bundle: Path, batch_size: int) -> Callable[[list[Pair]], Nats]:
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    backend = HFLM(str(bundle), device="cpu", dtype="float32", batch_size=batch_size)

    def run(pairs: list[Pair]) -> Nats:
        sentences = [sentence for pair in pairs for sentence in (pair.good, pair.bad)]
        requests = [Instance("loglikelihood", {}, ("", sentence), n) for n, sentence in enumerate(sentences)]
        nats = [-found[0] for found in backend.loglikelihood(requests, disable_tqdm=True)]
        return list(zip(nats[::2], nats[1::2], strict=True))

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder of BLiMP's .jsonl files")
    parser.add_argument("--per-paradigm", type=int, default=100, help="pairs taken of each file")
    parser.add_argument("--batch-size", type=int, default=64, help="sentences, of the peers")
    parser.add_argument("--skip", nargs="*", default=[], help="transformers, lm-eval")
    arguments = parser.parse_args()
    bundle = find_bundle(arguments.checkpoint)
    pairs = [pair for file in find_files([arguments.data]) for pair in read_pairs(file)[: arguments.per_paradigm]]
    cores = os.cpu_count() or 1
    print(f"{bundle}: {len(pairs):,} pairs, {cores} cores, torch {torch.__version__}")
    makers: dict[str, Callable[[], Callable[[list[Pair]], Nats]]] = {
        "groundup": lambda: ours(bundle, cores),
        "transformers": lambda: with_transformers(bundle, arguments.batch_size),
        "lm-eval": lambda: with_lm_eval(bundle, arguments.batch_size),
    }
    results: dict[str, Nats] = {}
    seconds: dict[str, float] = {}
    for name, make in makers.items():
        if name in arguments.skip:
            continue
        run = make()
        run(pairs[:50])  # what is done once is not measured
        began = time.perf_counter()
        results[name] = run(pairs)
        seconds[name] = time.perf_counter() - began
    own = results["groundup"]
    failed = False
    for name, found in results.items():
        alike = sum((a < b) == (c < d) for (a, b), (c, d) in zip(own, found, strict=True))
        worst = max(
            abs(x - y) for mine, other in zip(own, found, strict=True) for x, y in zip(mine, other, strict=True)
        )
        right = sum(good < bad for good, bad in found) / len(pairs)
        failed |= alike < len(pairs)
        print(
            f"{name:13} {seconds[name]:7.1f} s  {len(pairs) / seconds[name]:7.0f} pairs/s  "
            f"{seconds[name] / seconds['groundup']:5.2f} times ours  accuracy {right:.4f}  "
            f"judged as ours {alike:,} of {len(pairs):,}  largest difference {worst:.1e} nats"
        )
    sys.exit(failed)


if __name__ == "__main__":
    main()
