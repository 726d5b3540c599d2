"""Write docs/reference/ from the code. mkdocs calls it before it builds, so that the two are never out of step."""

import ast
import dataclasses
import importlib
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer

import groundup
from groundup.cli.main import app
from groundup.training.config import Config

FOLDER = Path(__file__).parent / "reference"
GENERATED = "<!-- written by docs/make_reference.py -->\n"
LONGEST_SIGNATURE = 60  # characters that stand in one line

FORMATS = {  # module whose first text describes a format, by heading
    "Run folder": "groundup.runs.folder",
    "Checkpoint": "groundup.training.checkpoint",
    "Manifest of a checkpoint": "groundup.runs.manifest",
    "Origin of the weights": "groundup.runs.origin",
    "Token files": "groundup.data.token_files",
    "Metrics": "groundup.runs.metrics",
    "Ledger": "groundup.runs.ledger",
    "Decisions of the clock": "groundup.runs.decisions",
    "Evaluation record": "groundup.evaluation.record",
    "Chat format": "groundup.tokenizer.chat_format",
}


def command_line() -> str:
    """Every verb with its arguments and options."""
    root = typer.main.get_command(app)
    parts = [GENERATED, "# Command line\n", "Exit codes: 0 success, 1 a mistake told in one line, 2 wrong usage, 130 "]
    parts[-1] += "Ctrl-C after saving. Dashes and underscores are both accepted in option names.\n"
    for name, command in commands(root, "groundup"):
        parts.append(f"## {name}\n\n{paragraphs(command.help or '')}\n")
        rows = [row for parameter in command.params if (row := parameter_row(parameter))]
        if rows:
            parts.append("| | | default |\n|---|---|---|\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """(full name, command) of every verb, in the order of the path."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield name, command
        return
    for key, value in inner.items():
        yield from commands(value, f"{name} {key}")


def parameter_row(parameter: Any) -> str | None:
    """One line of a table; None for --help."""
    if parameter.name == "help":
        return None
    is_option = any(spelling.startswith("-") for spelling in parameter.opts)
    name = ", ".join(parameter.opts) if is_option else parameter.metavar or str(parameter.name).upper()
    default = parameter.default
    if isinstance(getattr(parameter, "show_default", None), str):
        default = parameter.show_default
    empty = default is None or default is False or callable(default) or default == ()
    return f"| `{name}` | {cell(getattr(parameter, 'help', '') or '')} | {'' if empty else cell(str(default))} |"


def settings() -> str:
    """Every setting with its default and what the code says of it."""
    intro = "A configuration file has these sections; what it leaves out has the default given here. On the command "
    parts = [GENERATED, "# Settings\n", intro + "line a setting is written as `training.max_steps=200`.\n"]
    for section in dataclasses.fields(Config):
        part = getattr(Config(), section.name)
        told = described_fields(type(part))
        parts.append(f"## {section.name}\n\n{paragraphs(inspect.getdoc(type(part)) or '')}\n")
        parts.append("| setting | default | meaning |\n|---|---|---|")
        for item in dataclasses.fields(part):
            default = getattr(part, item.name)
            shown = (
                "" if default in (None, []) else f"`{str(default).lower() if default in (True, False) else default}`"
            )
            name = f"{section.name}.{item.name}".replace(".", ".<wbr>").replace(
                "_", "_<wbr>"
            )  # where a phone may break it
            parts.append(f"| <code>{name}</code> | {shown} | {cell(told.get(item.name, ''))} |")
        parts.append("")
    return "\n".join(parts)


def described_fields(part: type) -> dict[str, str]:
    """What stands beside or below each field of a dataclass: its comment, or the text after it."""
    source = textwrap.dedent(inspect.getsource(part))
    lines = source.splitlines()
    body = ast.parse(source).body[0]
    assert isinstance(body, ast.ClassDef)
    told: dict[str, str] = {}
    for node, following in zip(body.body, [*body.body[1:], None], strict=True):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        # A value in brackets has its comment on a line of its own, inside them.
        value_end = (node.value.end_lineno, node.value.end_col_offset) if node.value else (0, 0)
        ends = (value_end, (node.end_lineno, node.end_col_offset))
        comments = [lines[(line or 1) - 1][column or 0 :].partition("#")[2].strip() for line, column in ends]
        told[node.target.id] = next((comment for comment in comments if comment), "")
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            told[node.target.id] = inspect.cleandoc(str(following.value.value))
    return told


def files() -> str:
    """The formats on disk, as the modules describe them that read and write them."""
    parts = [GENERATED, "# Files\n", "As the modules describe them that read and write them.\n"]
    for title, module in FORMATS.items():
        text = inspect.getdoc(importlib.import_module(module)) or ""
        parts.append(f"## {title}\n\n`{module.replace('.', '/')}.py`\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def python() -> str:
    """The Python interface."""
    parts = [GENERATED, "# Python\n", f"```python\n{example()}\n```\n"]
    for name in groundup.__all__:
        value = getattr(groundup, name)
        parts.append(f"## groundup.{name}\n")
        if inspect.isclass(value):
            parts.append(f"{paragraphs(inspect.getdoc(value) or '')}\n")
            for key, method in vars(value).items():
                if key.startswith("_") and key != "__init__":
                    continue
                parts.append(described(f"{name}.{key}" if key != "__init__" else name, method))
        else:
            parts.append(described(name, value))
    return "\n".join(part for part in parts if part)


def described(name: str, value: Any) -> str:
    """A function or property with its signature and text; empty for what has no text."""
    plain: Callable[..., Any] = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
    text = plain.__doc__ or ""
    if not text or not callable(plain):
        return ""
    signature = "" if isinstance(value, property) else spelled_signature(plain)
    return f"```python\n{name}{signature}\n```\n\n{paragraphs(text)}\n"


def spelled_signature(function: Callable[..., Any]) -> str:
    """(parameters) -> result, as the source spells it; on a line each where they are many."""
    node = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(node, ast.FunctionDef)
    node.args.args = [argument for argument in node.args.args if argument.arg not in ("self", "cls")]
    result = "" if node.returns is None else f" -> {ast.unparse(node.returns)}"
    line = f"({ast.unparse(node.args)}){result}"
    if len(line) <= LONGEST_SIGNATURE:
        return line
    return "(\n" + "".join(f"    {one},\n" for one in parameters_of(node.args)) + f"){result}"


def parameters_of(arguments: ast.arguments) -> Iterator[str]:
    """Each parameter with its default, / and * included, as the source spells it."""
    text, depth, start = ast.unparse(arguments), 0, 0
    for place, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            yield text[start:place].strip()
            start = place + 1
    yield text[start:].strip()


def example() -> str:
    """The example in the package's own text."""
    return textwrap.dedent("\n".join((groundup.__doc__ or "").split("\n\n", 1)[1].splitlines()[:-2])).strip()


def paragraphs(text: str) -> str:
    """Text as Markdown: its own line ends are not kept, markers are shown as they are."""
    return "\n\n".join(escape(" ".join(part.split())) for part in inspect.cleandoc(text).split("\n\n"))


def cell(text: str) -> str:
    """Text in a table."""
    return escape(" ".join(text.split())).replace("|", "\\|")


def escape(text: str) -> str:
    """Nothing in it is a tag."""
    return text.replace("<", "&lt;").replace("*", "\\*")


PAGES = {"command-line.md": command_line, "settings.md": settings, "files.md": files, "python.md": python}


def on_pre_build(config: Any) -> None:
    """What mkdocs calls before it builds."""
    main()


def main() -> None:
    """Write what has changed."""
    FOLDER.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        path, text = FOLDER / name, page().rstrip() + "\n"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"written: {path}", file=sys.stderr)


if __name__ == "__main__":
    main()
