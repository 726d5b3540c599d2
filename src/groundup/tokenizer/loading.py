"""Tokenizer folders: opening one, and not writing over one that other files depend on."""

from pathlib import Path

import tokenizers

from groundup.tokenizer.huggingface import OWN_KEY, HuggingFaceTokenizer
from groundup.tokenizer.interface import Tokenizer
from groundup.utils.errors import UserError
from groundup.utils.files import read_json
from groundup.utils.progress import Say, quiet


def load_tokenizer(folder: Path) -> Tokenizer:
    """Open a tokenizer folder (or a model folder, which holds one). Raises UserError if it is none."""
    path = folder / "tokenizer.json"
    if not path.is_file():
        raise UserError(
            f"{folder} is not a tokenizer folder: tokenizer.json is missing. Make one with `groundup tokenizer train`."
        )
    config_path = folder / "tokenizer_config.json"
    own = read_json(config_path).get(OWN_KEY) if config_path.is_file() else None
    if not own:
        raise UserError(f"{folder} was not made by groundup: its tokenizer_config.json names no special-token roles.")
    try:
        backend = tokenizers.Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare Exception for whatever is wrong with the file
        raise UserError(f"{path} is damaged ({error}). Restore it or train the tokenizer again.") from error
    roles: dict[str, str] = own["roles"]
    missing = [token for token in roles.values() if backend.token_to_id(token) is None]
    if missing:
        raise UserError(f"{path} lacks the tokens {', '.join(missing)} that {config_path.name} names. Train it again.")
    return HuggingFaceTokenizer(backend, roles, llama_cpp_name=own.get("llama_cpp_pre_tokenizer"))


def save_tokenizer(tokenizer: Tokenizer, folder: Path, *, force: bool = False, say: Say = quiet) -> None:
    """Write `tokenizer` to `folder`, unless another one is there: files made with that one would fit no longer.

    An equal one is left as it is. `force` writes in every case.
    """
    if (folder / "tokenizer.json").exists() and not force:
        if load_tokenizer(folder).fingerprint != tokenizer.fingerprint:
            raise UserError(
                f"{folder} holds another tokenizer. Token files and checkpoints made with it would fit no longer. "
                "Choose another --output-dir, or replace it with --force."
            )
        say(f"{folder} already holds exactly this tokenizer; left as it is.")
        return
    tokenizer.save(folder)
