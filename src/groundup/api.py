"""The Python interface: load a model and let it write or answer; train one."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from groundup.inference.chat import answer
from groundup.inference.generation import GenerationConfig, check_generation, complete, load_generation
from groundup.model.bundle import find_bundle, load_bundle
from groundup.model.transformer import Transformer
from groundup.tokenizer.chat_format import Message
from groundup.tokenizer.interface import Tokenizer
from groundup.training.config import load_config
from groundup.training.observer import Observer
from groundup.training.pretrain import pretrain
from groundup.training.result import Result
from groundup.utils.device import resolve_device
from groundup.utils.progress import Say, quiet


class Model:
    """A trained model with its tokenizer and the way of writing that its folder recommends."""

    def __init__(self, transformer: Transformer, tokenizer: Tokenizer, settings: GenerationConfig) -> None:
        self.transformer = transformer
        self.tokenizer = tokenizer
        self.settings = settings

    def generate(self, prompt: str = "", *, on_text: Callable[[str], None] = quiet, **settings: Any) -> str:
        """What the model writes after `prompt`, without it; `on_text` gets each piece as soon as it is certain.

        settings: max_new_tokens, temperature, top_k, top_p, seed, stop; what is not given is as the model's folder
        recommends. The same seed writes the same text. Raises UserError for a value that cannot work.
        """
        return complete(self.transformer, self.tokenizer, prompt, self._with(settings), on_text=on_text).text

    def chat(
        self, messages: str | Sequence[Message], *, on_text: Callable[[str], None] = quiet, **settings: Any
    ) -> str:
        """The model's answer to a question, or to a conversation: [{"role": "user", "content": "..."}, ...].

        Roles are system (first only), user and assistant; markers in a content stay text. When the conversation is
        longer than the context, its oldest turns are left out. settings: as for `generate`.
        """
        turns: Sequence[Message] = [{"role": "user", "content": messages}] if isinstance(messages, str) else messages
        return answer(self.transformer, self.tokenizer, turns, self._with(settings), on_text=on_text).text

    def _with(self, settings: Mapping[str, Any]) -> GenerationConfig:
        chosen = replace(self.settings, **settings)
        check_generation(chosen)
        return chosen


def load(path: str | Path, *, device: str = "auto") -> Model:
    """Open a model: a run folder (its best checkpoint), a checkpoint, quickstart's folder, or a Hugging Face folder.

    device: auto, cpu, cuda, cuda:N or mps. Weights are held in float32. Raises UserError where there is no model.
    """
    bundle = find_bundle(Path(path))
    transformer, tokenizer = load_bundle(bundle, device=resolve_device(device))
    transformer.set_compute(attention="sdpa")
    return Model(transformer, tokenizer, load_generation(bundle))


def train(
    config: str | Path,
    settings: Mapping[str, Any] | None = None,
    *,
    only_new: bool = False,
    restart: bool = False,
    say: Say = print,
) -> Result:
    """Train as `groundup train` does, going on where an earlier start left off; returns how it went.

    config: a configuration file. settings override it: {"training.max_steps": 200, "corpus.input": ["my-texts"]}.
    only_new: train on text alone that the run has not seen. restart: begin anew; the earlier run is kept aside.
    say gets what happens, line by line. Raises UserError for whatever a user can mend.
    """
    overrides = [f"{key}={json.dumps(value)}" for key, value in (settings or {}).items()]
    return pretrain(load_config(Path(config), overrides), only_new=only_new, restart=restart, observer=Observer(say))
