"""Packages that an extra brings: what each adds, and whether it is here."""

from dataclasses import dataclass
from importlib import metadata


@dataclass(frozen=True)
class Part:
    """An optional package. `extra` is what pip installs it by: pip install "groundup[extra]"."""

    package: str
    extra: str
    adds: str

    def version(self) -> str | None:
        """The installed version, None without one."""
        try:
            return metadata.version(self.package)
        except metadata.PackageNotFoundError:
            return None


PARTS = (
    Part("transformers", "hf", "the reference that tests and benchmarks compare models and tokenizers with"),
    Part("sentencepiece", "sentencepiece", "training sentencepiece tokenizers (its models load without it)"),
    Part("matplotlib", "plot", "plots of tokenizer comparisons (tokenizer compare --plot)"),
    Part("gguf", "gguf", "writing GGUF files for llama.cpp and Ollama (export)"),
    Part("xllamacpp", "gguf", "running a written GGUF file in llama.cpp as its proof (export)"),
    Part("onnxscript", "onnx", "writing ONNX files (export --format onnx)"),
    Part("onnxruntime", "onnx", "running a written ONNX file as its proof (export --format onnx)"),
    Part("huggingface_hub", "hub", "publishing a model (export --format hub --push)"),
    Part("wandb", "wandb", "curves in Weights & Biases (logging.wandb)"),
    Part("mkdocs-material", "docs", "building the pages of docs/"),
    Part("lm-eval", "lm-eval", "the harness's own tasks on your models"),
    Part("ftfy", "clean", "repairing broken characters (corpus --cleaning web)"),
    Part("py3langid", "clean", "telling languages apart (corpus --cleaning web)"),
    Part("datasets", "datasets", "sets of text and benchmarks from the Hugging Face Hub by name (corpus, eval)"),
    Part("pypdf", "pdf", "reading .pdf files (corpus)"),
)
"""What the extras of pyproject.toml but `dev` are for; tests/runs/test_parts.py compares."""
