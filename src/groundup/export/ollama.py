"""A Modelfile for Ollama beside a GGUF file. Its template language is Go's own, so the chat format stands
here a third time; `<|endoftext|>` is put first by llama.cpp, not by the template.
"""

from groundup.inference.generation import GenerationConfig
from groundup.tokenizer.special_tokens import SpecialTokens


def modelfile(gguf_name: str, settings: GenerationConfig, specials: SpecialTokens, *, context: int, chat: bool) -> str:
    """The text of a Modelfile. chat: prompts are messages of a conversation, else text to go on from."""
    start, end = specials.im_start, specials.im_end
    chat_template = (
        f"{{{{ range .Messages }}}}{start}{{{{ .Role }}}}\n{{{{ .Content }}}}{end}\n{{{{ end }}}}{start}assistant\n"
    )
    parameters = {
        "num_ctx": context,
        "num_predict": settings.max_new_tokens,
        "temperature": settings.temperature,
        "top_k": settings.top_k or 0,
        "top_p": settings.top_p or 1.0,
        "repeat_penalty": 1.0,
    }
    lines = [
        f"FROM ./{gguf_name}",
        f'TEMPLATE """{chat_template if chat else "{{ .Prompt }}"}"""',
        *(f"PARAMETER {name} {value}" for name, value in parameters.items()),
        *(f'PARAMETER stop "{token}"' for token in (end, specials.end_of_text)),
    ]
    return "\n".join(lines) + "\n"
