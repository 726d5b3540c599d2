"""A folder for the Hugging Face Hub: the model as it is, its card, its ledger; and pushing it, where a login exists."""

import shutil
from importlib.util import find_spec
from pathlib import Path

from groundup.utils.errors import UserError
from groundup.utils.files import folder_atomic, open_atomic

CARD, LEDGER = "README.md", "ledger.json"


def write_hub_folder(bundle: Path, folder: Path, card: str) -> list[Path]:
    """Copy the model folder to the new folder `folder`, with the card and the ledger of its checkpoint.

    Raises UserError when `folder` exists: a card is edited by hand, and must not be written over.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UserError(f"{folder} is not empty. Give another --output, or remove it first.")
    if folder.exists():
        folder.rmdir()
    with folder_atomic(folder) as new:
        for file in sorted(bundle.iterdir()):
            if file.is_file() and not file.name.startswith(".") and file.name != CARD:
                shutil.copyfile(file, new / file.name)
        ledger = bundle.parent / "training" / LEDGER
        if ledger.is_file():
            shutil.copyfile(ledger, new / LEDGER)
        with open_atomic(new / CARD) as f:
            f.write(card)
    return sorted(folder.iterdir())


def push(folder: Path, repository: str, *, private: bool) -> str:
    """Upload the folder as `repository` (USER/NAME); return its address. Raises UserError saying what to do instead."""
    later = f"The folder {folder} is ready; upload it later: hf upload {repository} {folder}"
    if find_spec("huggingface_hub") is None:
        raise UserError(f"pushing needs the package huggingface_hub: pip install 'groundup[hub]'. {later}")
    import huggingface_hub
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, OfflineModeIsEnabled

    if huggingface_hub.get_token() is None:
        raise UserError(f"there is no login for the Hugging Face Hub: hf auth login, or set HF_TOKEN. {later}")
    api = huggingface_hub.HfApi()
    try:
        address = api.create_repo(repository, private=private, exist_ok=True)
        api.upload_folder(repo_id=repository, folder_path=folder)
    except HFValidationError as error:
        raise UserError(f'--push "{repository}" is no name of a repository: {error}. Give USER/NAME.') from error
    except (HfHubHTTPError, OfflineModeIsEnabled, OSError) as error:  # refused, or no network
        why = str(error).strip().splitlines()[0]
        raise UserError(f"the Hub could not be reached or refused ({type(error).__name__}: {why}). {later}") from error
    except Exception as error:
        if not type(error).__module__.startswith(("httpx", "requests")):  # its client for HTTP, by version
            raise
        raise UserError(f"the Hub could not be reached ({type(error).__name__}). {later}") from error
    return str(address)
