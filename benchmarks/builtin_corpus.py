"""How rich the built-in stories are, side by side with real ones, for the same number of bytes.

    python benchmarks/builtin_corpus.py --text FILE [--bytes N] [--seed S]

FILE holds real stories, separated by lines `<|endoftext|>`. What the rows mean:

- words: runs of letters; distinct words without regard to capitals; "words for 99 % of the text": how many of the most
  frequent words make up so much of it, which tells the working vocabulary apart from rare words and misspellings.
- sentence shapes: a sentence with every word that is not a function word replaced by a dash. Counted in 10,000 sentences
  taken from the whole text at equal distances.
- compressed: size after compression over size before. gzip sees 32 KB back, xz and zstd -19 the whole text.
"""

import argparse
import gzip
import lzma
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import zstandard

from groundup.data.builtin.stories import generate_corpus
from groundup.data.builtin.tokens import split_sentences

SEPARATOR = "<|endoftext|>"
SENTENCES_FOR_SHAPES = 10_000

# determiners, pronouns, prepositions, conjunctions, auxiliaries, particles, question words, speech tags
FUNCTION_WORDS = frozenset(
    [
        "a",
        "an",
        "the",
        "this",
        "that",
        "these",
        "those",
        "some",
        "any",
        "no",
        "every",
        "each",
        "all",
        "both",
        "another",
        "other",
        "such",
        "many",
        "much",
        "more",
        "most",
        "few",
        "several",
        "i",
        "me",
        "my",
        "mine",
        "myself",
        "you",
        "your",
        "yours",
        "yourself",
        "he",
        "him",
        "his",
        "himself",
        "she",
        "her",
        "hers",
        "herself",
        "it",
        "its",
        "itself",
        "we",
        "us",
        "our",
        "ourselves",
        "they",
        "them",
        "their",
        "themselves",
        "who",
        "whom",
        "whose",
        "which",
        "what",
        "where",
        "when",
        "why",
        "how",
        "someone",
        "somebody",
        "everyone",
        "everybody",
        "nobody",
        "nothing",
        "something",
        "anything",
        "everything",
        "one",
        "two",
        "three",
        "in",
        "on",
        "at",
        "by",
        "to",
        "from",
        "of",
        "off",
        "for",
        "with",
        "without",
        "into",
        "onto",
        "over",
        "under",
        "up",
        "down",
        "out",
        "about",
        "around",
        "through",
        "between",
        "behind",
        "near",
        "next",
        "beside",
        "after",
        "before",
        "during",
        "until",
        "since",
        "across",
        "along",
        "against",
        "above",
        "below",
        "inside",
        "outside",
        "away",
        "back",
        "and",
        "or",
        "but",
        "so",
        "because",
        "if",
        "while",
        "as",
        "than",
        "then",
        "though",
        "although",
        "yet",
        "once",
        "when",
        "whenever",
        "even",
        "either",
        "neither",
        "nor",
        "be",
        "am",
        "is",
        "are",
        "was",
        "were",
        "been",
        "being",
        "have",
        "has",
        "had",
        "having",
        "do",
        "does",
        "did",
        "done",
        "doing",
        "will",
        "would",
        "can",
        "could",
        "shall",
        "should",
        "may",
        "might",
        "must",
        "not",
        "n't",
        "don't",
        "didn't",
        "can't",
        "couldn't",
        "won't",
        "wasn't",
        "isn't",
        "very",
        "too",
        "also",
        "just",
        "only",
        "never",
        "always",
        "again",
        "soon",
        "still",
        "now",
        "here",
        "there",
    ]
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, required=True, help="real stories, separated by lines <|endoftext|>")
    parser.add_argument("--bytes", type=int, default=5_000_000, help="bytes of each text that are compared")
    parser.add_argument("--seed", type=int, default=0, help="seed of the built-in stories")
    options = parser.parse_args()
    real = options.text.read_text(encoding="utf-8").split(SEPARATOR)
    real = up_to((story.strip() for story in real), options.bytes)
    ours = up_to(generate_corpus(options.seed, options.bytes), options.bytes)
    print_table(measures(real), measures(ours))


def up_to(stories: Iterable[str], size: int) -> list[str]:
    """Return whole stories from the beginning, as many as fit into `size` bytes."""
    taken, used = [], 0
    for story in stories:
        used += len(story.encode())
        if used > size:
            break
        taken.append(story)
    return taken


def measures(stories: list[str]) -> dict[str, str]:
    text = "\n".join(stories)
    data = text.encode()
    words = [word.lower() for word in re.findall(r"[A-Za-z]+(?:['-][A-Za-z]+)*", text)]
    counts = Counter(words)
    sentences = [sentence for story in stories for sentence in split_sentences(story)]
    return {
        "bytes": f"{len(data):,}",
        "stories": f"{len(stories):,}",
        "words in a story": f"{len(words) / len(stories):.0f}",
        "words in a sentence": f"{len(words) / len(sentences):.1f}",
        "distinct stories": f"{len(set(stories)):,}",
        "distinct sentences": f"{len(set(sentences)) / len(sentences):.1%}",
        "distinct words": f"{len(counts):,}",
        "distinct words, 5 times or more": f"{sum(count >= 5 for count in counts.values()):,}",
        "words for 95 % of the text": f"{words_for(counts, 0.95):,}",
        "words for 99 % of the text": f"{words_for(counts, 0.99):,}",
        "sentence shapes in 10,000": f"{distinct_shapes(sentences):,}",
        "first three words in 10,000": f"{distinct_openings(sentences):,}",
        "compressed, gzip -9": f"{len(gzip.compress(data, 9)) / len(data):.3f}",
        "compressed, zstd -19": f"{len(zstandard.ZstdCompressor(level=19).compress(data)) / len(data):.3f}",
        "compressed, xz": f"{len(lzma.compress(data)) / len(data):.3f}",
    }


def words_for(counts: Counter[str], share: float) -> int:
    needed, seen = share * sum(counts.values()), 0
    for rank, (_, count) in enumerate(counts.most_common(), start=1):
        seen += count
        if seen >= needed:
            return rank
    return len(counts)


def sample(sentences: list[str]) -> list[str]:
    step = max(1, len(sentences) // SENTENCES_FOR_SHAPES)
    return sentences[::step][:SENTENCES_FOR_SHAPES]


def shape(sentence: str) -> str:
    """Return the sentence with a dash for every word that is not a function word."""
    tokens = re.findall(r"[A-Za-z]+(?:['-][A-Za-z]+)*|[^\sA-Za-z]", sentence)
    return " ".join(t.lower() if t.lower() in FUNCTION_WORDS or not t[0].isalpha() else "-" for t in tokens)


def distinct_shapes(sentences: list[str]) -> int:
    return len({shape(sentence) for sentence in sample(sentences)})


def distinct_openings(sentences: list[str]) -> int:
    return len({" ".join(sentence.split()[:3]) for sentence in sample(sentences)})


def print_table(real: dict[str, str], ours: dict[str, str]) -> None:
    print(f"| {'':32} | {'real stories':>12} | {'built-in':>12} |")
    print(f"|{'-' * 34}|{'-' * 13}:|{'-' * 13}:|")
    for name, value in real.items():
        print(f"| {name:32} | {value:>12} | {ours[name]:>12} |")


if __name__ == "__main__":
    main()
