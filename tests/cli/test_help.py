"""`groundup --help` answers at once: what is heavy is imported by the verb that needs it."""

import subprocess
import sys

HEAVY = {"torch", "numpy", "omegaconf", "tokenizers", "transformers", "pyarrow", "fastapi"}


def test_nothing_heavy_is_imported_before_a_verb_runs() -> None:
    code = "import groundup.cli.main, sys; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())
