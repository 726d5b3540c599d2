"""Model folders as others make them: tiny, random, written by transformers, with a tokenizer that has no markers."""

import json
from pathlib import Path

import tokenizers
import torch
import transformers
from tokenizers import decoders, models, pre_tokenizers, trainers

SIZES = {"num_hidden_layers": 2, "hidden_size": 32, "intermediate_size": 48, "num_attention_heads": 2}
CONFIGS = {
    "gpt2": lambda rows: transformers.GPT2Config(vocab_size=rows, n_positions=64, n_layer=2, n_embd=32, n_head=2),
    "llama": lambda rows: transformers.LlamaConfig(vocab_size=rows, max_position_embeddings=64, **SIZES),
    "qwen3": lambda rows: transformers.Qwen3Config(
        vocab_size=rows, max_position_embeddings=64, head_dim=16, num_key_value_heads=1, **SIZES
    ),
    "phi": lambda rows: transformers.PhiConfig(vocab_size=rows, max_position_embeddings=64, **SIZES),
}


def write_foreign(folder: Path, architecture: str, texts: list[str], *, spare_rows: int = 0) -> torch.nn.Module:
    """Write a folder of `architecture` and return the model. spare_rows: embeddings that no token has."""
    backend = tokenizers.Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    backend.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=300, initial_alphabet=alphabet))
    backend.add_special_tokens(["<|endoftext|>"])
    folder.mkdir(parents=True, exist_ok=True)
    backend.save(str(folder / "tokenizer.json"))
    named = {f"{role}_token": "<|endoftext|>" for role in ("bos", "eos", "unk")}
    (folder / "tokenizer_config.json").write_text(json.dumps(named))
    torch.manual_seed(4)
    config = CONFIGS[architecture](backend.get_vocab_size() + spare_rows)
    model = transformers.AutoModelForCausalLM.from_config(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape))
    model.save_pretrained(folder)
    return model
