"""The walls between the folders: who may import whom, and that nothing is imported in hiding."""

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src" / "groundup"

LAYERS = [
    {"utils"},
    {"tokenizer", "runs"},
    {"data", "model"},
    {"inference"},
    {"evaluation", "export", "serving", "report"},
    {"training"},
    {"cli"},
]
HEIGHT = {folder: height for height, layer in enumerate(LAYERS) for folder in layer}

# Packages that an extra brings: they may be imported where they are used, since they may be missing.
OPTIONAL = {
    "transformers",
    "tiktoken",
    "sentencepiece",
    "gguf",
    "matplotlib",
    "wandb",
    "datasets",
    "xllamacpp",
    "onnx",
    "onnxruntime",
    "lm_eval",
    "huggingface_hub",
    "ftfy",
    "py3langid",
    "pypdf",
    "datatrove",
}


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield path.relative_to(SOURCE), ast.parse(path.read_text(encoding="utf-8"))


def imported_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def edges() -> Iterator[tuple[Path, str]]:
    """(file, imported module of this project) for every import, wherever it stands."""
    for path, tree in modules():
        for node in ast.walk(tree):
            for name in imported_names(node):
                if name.split(".")[0] == "groundup":
                    yield path, name


def allowed(source: str, target: str) -> bool:
    return source == target or HEIGHT[target] < HEIGHT[source]


def test_imports_go_one_way() -> None:
    wrong = []
    for path, name in edges():
        parts = name.split(".")
        if len(path.parts) == 1 or len(parts) < 2:  # groundup/__init__.py and __main__.py stand above the folders
            continue
        if not allowed(path.parts[0], parts[1]):
            wrong.append(f"{path} imports {name}")
    assert not wrong, wrong


def test_every_folder_has_its_place() -> None:
    folders = {path.parts[0] for path, _ in modules() if len(path.parts) > 1}
    assert folders <= set(HEIGHT)


def test_files_do_not_import_each_other_in_circles() -> None:
    graph: dict[str, set[str]] = {}
    names = {".".join(("groundup", *path.with_suffix("").parts)).removesuffix(".__init__") for path, _ in modules()}
    for path, name in edges():
        source = ".".join(("groundup", *path.with_suffix("").parts)).removesuffix(".__init__")
        target = name if name in names else name.rpartition(".")[0]
        if target in names and target != source:
            graph.setdefault(source, set()).add(target)
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, f"circle: {' -> '.join((*path, module))}"
        if module in done:
            return
        for target in sorted(graph.get(module, ())):
            visit(target, (*path, module))
        done.add(module)

    for module in sorted(graph):
        visit(module, ())


def test_no_import_hides_in_a_function() -> None:
    hidden = []
    for path, tree in modules():
        if path.parts[0] == "cli":  # --help must not wait for torch
            continue
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(function):
                found = [name for name in imported_names(node) if name.split(".")[0] not in OPTIONAL]
                hidden += [f"{path}:{node.lineno} {name}" for name in found]  # type: ignore[attr-defined]
    assert not hidden, hidden


def test_what_needs_no_torch_does_not_import_it() -> None:
    for path, tree in modules():
        if path.parts[0] in ("tokenizer", "runs", "data"):
            for node in ast.walk(tree):
                assert not any(name.split(".")[0] == "torch" for name in imported_names(node)), path


def test_files_fit_one_idea() -> None:
    long = {str(path): n for path, _ in modules() if (n := len((SOURCE / path).read_text().splitlines())) > 400}
    assert not long, long
