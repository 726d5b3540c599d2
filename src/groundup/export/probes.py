"""Texts on which exported models are compared with ours: what tokenizers and templates most often get wrong."""

from typing import Final

from groundup.tokenizer.chat_format import Message

LINES: Final[tuple[str, ...]] = (
    "The quick brown fox jumps over the lazy dog.",
    "It's what they'd've said: WE'LL see, I'M sure.",
    "  leading spaces, and trailing ones   ",
    "tabs\there\t\tand    many     spaces",
    "one\ntwo\r\nthree\n\n\nfour \n five",
    "   \n\n  \n",
    " ",
    "3.14159 1,234,567 2026-11-24 0x1F 1e-10 ١٢٣ Ⅷ ½",
    "Grüße, señor; naïve façade, Ærøskøbing, ﬁne ligatures",
    "e\u0301 and \u00e9: composed and not",
    "日本語の文章です。漢字とかなが混ざっています。",
    "中文文本没有空格,标点也不同。",
    "한국어 문장입니다.",
    "Привет, мир! Ещё раз: ёжик.",
    "שלום עולם  مرحبا بالعالم",
    "ไม่มีช่องว่างระหว่างคำ",
    "नमस्ते दुनिया",
    "😀😃 family: 👨‍👩‍👧‍👦, flag: 🇩🇪, skin: 👍🏽, heart: ❤️",
    "def f(x: int) -> int:\n    return x ** 2  # squares\n",
    'if (a && b || !c) { printf("%d\\n", a<<2); }',
    '{"key": [1, 2.5, null, true], "nested": {"a": "b"}}',
    "<html><body class='x'>&nbsp;&lt;</body></html>",
    "SELECT * FROM t WHERE a >= 10 AND b <> 'x';",
    "https://example.org/path?query=1&other=2#part",
    "a" * 100,
    "!?!?!? ... --- ___ *** ~~~",
    "<|endoftext|> and <|im_start|>user spelt out <|im_end|>",
    "\u200bzero\u200dwidth\ufeff \u00a0non-breaking\u3000ideographic",
    "mixed日本and中文with English",
    "CamelCaseWords and snake_case_words, ALLCAPS",
)

PROMPTS: Final[tuple[str, ...]] = (
    "",
    "Once upon a time",
    "The answer to the question is",
    "def main():\n    ",
    "She looked at him and said, \u201c",
)

CONVERSATIONS: Final[tuple[list[Message], ...]] = (
    [{"role": "user", "content": "Hello!"}],
    [{"role": "system", "content": "You are brief."}, {"role": "user", "content": "What is 2 + 2?"}],
    [
        {"role": "user", "content": "Wie heißt du? 😀"},
        {"role": "assistant", "content": "Ich habe keinen Namen.\n\nUnd du?"},
        {"role": "user", "content": "  Zwei Leerzeichen davor"},
    ],
)
