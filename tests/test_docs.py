"""The documentation: built strictly, complete, and asking nothing of any other host."""

import ast
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from groundup.training.config import default_settings
from groundup.training.loss_law import load_law, load_runs

ROOT = Path(__file__).parent.parent


def script(name: str) -> ModuleType:
    """A script of docs/ as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    return script("make_reference")


def test_the_reference_has_every_setting_with_its_meaning(reference: ModuleType) -> None:
    page = reference.settings().replace("<wbr>", "")
    for key in default_settings():
        assert f"<code>{key}</code>" in page
    without = re.findall(r"\| <code>([\w.]+)</code> \| [^|]* \|  \|", page)
    assert len(without) <= 2, f"settings without a comment or text beside them: {without}"


def test_the_reference_has_every_command(reference: ModuleType) -> None:
    page = reference.command_line()
    for name in ("quickstart", "tokenizer train", "train", "generate", "report", "dashboard"):
        assert f"## groundup {name}\n" in page
    assert "`--only-new`" in page
    assert "KEY=VALUE" in page


def test_the_reference_has_the_python_interface_and_the_files(reference: ModuleType) -> None:
    page = reference.python().replace("(\n    ", "(")
    for name in ("Model.generate(", "Model.chat(", "Tokenizer.train(", "load(path", "train(config"):
        assert name in page
    files = reference.files()
    assert "metrics.jsonl" in files
    assert "manifest.json" in files


def test_fields_are_described_by_comment_or_text(reference: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "sample_settings.py").write_text(
        "from dataclasses import dataclass\n\n@dataclass\nclass A:\n    x: int = 1  # apples # red\n    y: str = '#'\n"
        "    '''Pears.'''\n    z: int = 2\n"
    )
    sys.path.insert(0, str(tmp_path))
    try:
        sample = importlib.import_module("sample_settings")
        assert reference.described_fields(sample.A) == {"x": "apples # red", "y": "Pears.", "z": ""}
    finally:
        sys.path.remove(str(tmp_path))


def test_pictures_show_the_runs_that_are_there_now() -> None:
    pictures = script("make_pictures")
    drawn = pictures.tokens_per_parameter(load_law(), load_runs())
    assert drawn == (ROOT / "docs/pictures/tokens-per-parameter.svg").read_text(encoding="utf-8")
    assert drawn.count("<circle") == len(load_runs()) + 2  # and two in the legend


def test_the_drawn_formula_ends_where_the_runs_end() -> None:
    pictures, law = script("make_pictures"), load_law()
    points = pictures.along_a_budget(law, 1e13, 1.8)
    most = law.seen_range[1] / pictures.BYTES_PER_TOKEN / law.parameters_range[0]
    assert all(0 < x <= most * 1.001 for x, _ in points)
    assert points[0][0] > points[-1][0], "from the smallest model, which reads most, to the largest"


def test_python_in_the_pages_is_python() -> None:
    for page in (ROOT / "docs").glob("*.md"):
        for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            ast.parse(block)


@pytest.mark.long
def test_pages_build_strictly_and_fetch_nothing(tmp_path: Path) -> None:
    pytest.importorskip("material", reason="mkdocs-material is not installed: pip install -e '.[docs]'")
    site = tmp_path / "site"
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(site)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    pages = list(site.rglob("*.html"))
    assert len(pages) >= 8
    for page in pages:
        html = page.read_text(encoding="utf-8")
        assert not re.findall(r'<(?:script|img|iframe|source)[^>]+src="(?:https?:)?//', html), page
        assert not re.findall(r'<link[^>]+rel="(?:stylesheet|preconnect|preload)"[^>]+href="(?:https?:)?//', html), page
