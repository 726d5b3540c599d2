"""Small tokenizers, trained once on text in several scripts."""

import pytest

from groundup.tokenizer.huggingface import HuggingFaceTokenizer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer

SENTENCES = [
    "The little fox didn't know where the river went, so it followed the water down to the sea.\n",
    "“Where are you going?” asked the owl. I'm going home, said the fox, and it's 12:45 already!\n\n",
    "def area(width, height):\n    return width * height  # in metres\n",
    "Der Bär läuft über die Brücke. Жил-был старик со старухой у самого синего моря.\n",
    "吾輩は猫である。名前はまだ無い。 我们一起去看海吧。 그는 바다로 갔다. ग्राम में एक नदी थी।\n",
    "قال الثعلب إن البحر بعيد. 🦊🌊 👩‍👩‍👧 and then\tthe   end...\r\n",
    "user\nassistant\nsystem\nassistant\n\nYes. sea user\n  No.No Yes" * 4,
]
TEXTS = [sentence * (1 + index % 3) for index, sentence in enumerate(SENTENCES * 4)]


@pytest.fixture(scope="session")
def texts() -> list[str]:
    return TEXTS


@pytest.fixture(scope="session")
def tokenizer() -> HuggingFaceTokenizer:
    return train_tokenizer(TEXTS, TokenizerConfig(vocab_size=600, special_tokens=["<s>", "</s>", "<unk>", "<mask>"]))
