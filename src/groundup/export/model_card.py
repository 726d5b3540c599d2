"""The model card (README.md) that the Hugging Face Hub shows, written from what a run folder tells.

Data with the licences that are known and those that are not, the token ledger, evaluations, settings, time, and an
estimate of energy that says how it was reckoned. Folders of this machine are not told.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from groundup.export.run_facts import Facts
from groundup.model.accounting import count_parameters
from groundup.model.config import exportable
from groundup.model.transformer import Transformer
from groundup.tokenizer.interface import Tokenizer

WATTS_PER_CORE = 10.0  # of a busy core with its share of memory and losses: between a laptop's and an old server's
WATTS_PER_ACCELERATOR = 400.0  # what cards for training draw, with their share of the machine
SHOWN_FILES = 40
SETTINGS = {
    "model": None,  # all of them
    "training": ("block_size", "batch_size", "optimizer", "learning_rate", "embedding_learning_rate", "schedule",
                 "warmup", "decay", "weight_decay", "document_mask", "precision", "seed"),
    "tokenizer": ("kind", "vocab_size"),
    "corpus": ("cleaning", "validation"),
}  # fmt: skip
"""Sections and keys of the configuration that decide the weights, without those that name folders."""


@dataclass(frozen=True)
class Energy:
    """An estimate, and how it was reckoned."""

    kilowatt_hours: float
    how: str


def estimate_energy(facts: Facts, watts: float | None) -> Energy | None:
    """Hours times watts: those that the user knows, else a usual figure for a core or an accelerator."""
    if facts.seconds is None:
        return None
    hours = facts.seconds / 3600
    if watts is None:
        on_processor = str(facts.environment.get("device", "cpu")) == "cpu"
        number = int(facts.environment.get("cores" if on_processor else "processes", 1) or 1)
        each = WATTS_PER_CORE if on_processor else WATTS_PER_ACCELERATOR
        watts = number * each
        what = "cores" if on_processor else "accelerators"
        reason = f"{number} {what} at an assumed {each:g} W; nothing was measured (--watts gives another figure)"
    else:
        reason = f"{watts:g} W as stated by whoever made this card"
    return Energy(hours * watts / 1000, f"{hours:.2f} hours x {watts:g} W: {reason}")


def write_card(
    model: Transformer,
    tokenizer: Tokenizer,
    facts: Facts,
    *,
    name: str,
    licence: str | None,
    language: str | None,
    watts: float | None,
    tuned: bool,
) -> str:
    """The text of README.md. licence: an identifier of the Hub such as mit; None: the card says that none was given."""
    metadata = card_metadata(model, facts, name=name, licence=licence, language=language, tuned=tuned)
    head = yaml.safe_dump(metadata, sort_keys=False, allow_unicode=True)
    parts = [
        _about(model, tokenizer, name=name, tuned=tuned, facts=facts),
        _use(model, tuned=tuned),
        _data(facts, licence),
        _ledger(facts),
        _evaluation(facts),
        _settings(facts),
        _cost(facts, watts),
    ]
    return f"---\n{head}---\n\n" + "\n\n".join(part for part in parts if part) + "\n"


def card_metadata(
    model: Transformer, facts: Facts, *, name: str, licence: str | None, language: str | None, tuned: bool
) -> dict[str, Any]:
    """The block of YAML that the Hub reads."""
    standard = exportable(model.config) is None
    metadata: dict[str, Any] = {
        "language": language,
        "license": licence,
        "library_name": "transformers" if standard else None,
        "pipeline_tag": "text-generation",
        "tags": ["groundup", "trained-from-scratch", model.config.architecture, *(["conversational"] if tuned else [])],
    }
    if facts.validation:
        held_out = {"name": "held-out text of the run", "type": "held-out"}
        metrics = [
            {"type": kind, "value": round(facts.validation[key], 4), "name": words}
            for key, kind, words in (
                ("val_bpb", "bits_per_byte", "bits per byte"),
                ("val_ppl", "perplexity", "perplexity per token"),
            )
        ]
        results = [{"task": {"type": "text-generation"}, "dataset": held_out, "metrics": metrics}]
        metadata["model-index"] = [{"name": name, "results": results}]
    return {key: value for key, value in metadata.items() if value is not None}


def _about(model: Transformer, tokenizer: Tokenizer, *, name: str, tuned: bool, facts: Facts) -> str:
    c = model.config
    kind = "A language model that was tuned on conversations" if tuned else "A language model"
    after = f", after step {facts.step:,}" if facts.step is not None else ""
    return (
        f"# {name}\n\n{kind}, trained from scratch with Groundup{after}. {c.architecture}: {c.n_layer} layers of width "
        f"{c.n_embd}, {c.n_head} heads, {count_parameters(c).total:,} parameters, context {c.block_size:,} tokens, "
        f"{tokenizer.vocab_size:,} tokens of its own tokenizer. It knows what its text says and nothing else; "
        "expect made-up facts."
    )


def _use(model: Transformer, *, tuned: bool) -> str:
    if why := exportable(model.config):
        return f"## Use\n\nGroundup loads it (`groundup generate FOLDER`); transformers does not: {why}."
    call = (
        'text = tokenizer.apply_chat_template([{"role": "user", "content": "Hello!"}], add_generation_prompt=True,\n'
        "                                     tokenize=False)\n"
        'ids = tokenizer(text, add_special_tokens=False, return_tensors="pt")'
        if tuned
        else 'ids = tokenizer("Once upon a time", return_tensors="pt")'
    )
    return (
        "## Use\n\n```python\nfrom transformers import AutoModelForCausalLM, AutoTokenizer\n\n"
        'tokenizer = AutoTokenizer.from_pretrained(".")  # this folder, or its name on the Hub\n'
        f'model = AutoModelForCausalLM.from_pretrained(".")\n{call}\n'
        "print(tokenizer.decode(model.generate(**ids, max_new_tokens=100)[0]))\n```"
    )


def _data(facts: Facts, licence: str | None) -> str:
    lines = ["## Data and licences", ""]
    if not facts.sources:
        lines.append("What it was trained on is not recorded here: no report of a corpus was found.")
    else:
        lines += ["| file | documents | bytes | licence | sha256 |", "|---|---|---|---|---|"]
        lines += [
            f"| {_cell(s.name)} | {s.documents:,} | {s.size_bytes:,} | {_cell(s.licence or 'not recorded')} | "
            f"{s.sha256[:12]}… |"
            for s in facts.sources[:SHOWN_FILES]
        ]
        more = facts.sources[SHOWN_FILES:]
        if more:
            lines.append(f"\nand {len(more):,} more files, {sum(s.size_bytes for s in more):,} bytes.")
        unknown = sum(s.licence is None for s in facts.sources)
        if unknown:
            lines.append(
                f"\nThe licence of {unknown} of {len(facts.sources)} files was not recorded. "
                "Whoever publishes the model has to know it."
            )
    lines.append(f"\nLicence of the model: {licence or 'none was given'}.")
    return "\n".join(lines)


def _ledger(facts: Facts) -> str:
    if not facts.ledger:
        return ""
    rows = [
        f"| {entry['phase']} | {_cell(entry['files'])} | {entry['first_step']:,} to {entry['last_step']:,} | "
        f"{entry['windows']:,} | {entry['tokens']:,} | {entry['passes']:.2f} | {entry['dataset'][:12]}… |"
        for entry in facts.ledger
    ]
    total = sum(entry["tokens"] for entry in facts.ledger)
    return "\n".join(
        [
            f"## Token ledger\n\nTrained on {total:,} tokens:\n",
            "| phase | token files | steps | windows | tokens | passes | fingerprint |",
            "|---|---|---|---|---|---|---|",
            *rows,
        ]
    )


def _evaluation(facts: Facts) -> str:
    lines = []
    if facts.validation:
        v = facts.validation
        lines.append(
            f"Held-out text of the run ({v['tokens']:,} tokens, {v['bytes']:,} bytes): {v['val_bpb']:.4f} bits per "
            f"byte, perplexity {v['val_ppl']:.2f} per token."
        )
    rows = [
        f"| {_cell(suite['suite'])} | {_cell(name)} | {value:.4f} | {interval} | {chance} |"
        for suite in facts.suites
        for name, value, interval, chance in _scores(suite["scores"])
    ]
    if rows:
        lines += ["| suite | score | value | 95 % interval | chance |\n|---|---|---|---|---|\n" + "\n".join(rows)]
    return "## Evaluation\n\n" + ("\n\n".join(lines) or "Not evaluated, as far as its run folder tells.")


def _scores(scores: Mapping[str, Any], name: str = "") -> Iterator[tuple[str, float, str, str]]:
    """(name, value, interval, chance) of every number that has an interval, and of the plain ones beside them."""
    if "interval_95" in scores:
        key = next(key for key, value in scores.items() if isinstance(value, float | int))
        low, high = scores["interval_95"]
        chance = "" if scores.get("chance") is None else f"{scores['chance']:.3f}"
        yield f"{name} {key}".strip(), float(scores[key]), f"{low:.4f} to {high:.4f}", chance
    for key, value in scores.items():
        if isinstance(value, Mapping) and key != "paradigms":  # dozens; their phenomena are enough
            yield from _scores(value, key if name in ("", "phenomena") else f"{name} {key}")


def _settings(facts: Facts) -> str:
    rows = []
    for section, keys in SETTINGS.items():
        values = facts.settings.get(section)
        for key, value in (values or {}).items():
            if value is not None and (keys is None or key in keys) and not _is_path(value):
                rows.append(f"| {section}.{key} | {_cell(str(value))} |")
    return "## Settings\n\n| setting | value |\n|---|---|\n" + "\n".join(rows) if rows else ""


def _cost(facts: Facts, watts: float | None) -> str:
    energy = estimate_energy(facts, watts)
    if energy is None:
        return ""
    about = facts.environment
    machine = f"{about.get('cores')} cores of {about.get('processor')}"
    device = about.get("device", "cpu")
    where = machine if device == "cpu" else f"{about.get('processes', 1)} x {device}, {machine}"
    versions = ", ".join(f"{name} {version}" for name, version in about.get("packages", {}).items())
    return (
        f"## Time and energy\n\n{facts.seconds or 0:,.0f} seconds of training, evaluations and saves included, on "
        f"{where}. About {energy.kilowatt_hours:.2g} kWh ({energy.how}). Not counted: tokenising, earlier runs, "
        f"cooling, and making the machine.\n\nVersions: {versions}."
    )


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and ("/" in value or "\\" in value)


def _cell(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1].replace("|", "\\|")
