"""How replies are judged, on cases worked by hand; and the suite on a tiny model."""

import pytest
import torch

from groundup.data.conversations import Conversation
from groundup.evaluation.conversations import (
    ConversationSuite,
    copy_from_passage,
    is_right,
    measure_baselines,
    score_replies,
    turns_of,
)
from groundup.evaluation.suite import Subject
from groundup.inference.generation import GenerationConfig
from groundup.model.config import ModelConfig
from groundup.model.initialisation import initialise
from groundup.model.loss import cross_entropy
from groundup.model.transformer import Transformer
from groundup.tokenizer.chat_format import Message, render
from groundup.tokenizer.interface import Tokenizer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.utils.errors import UserError
from groundup.utils.progress import quiet

PASSAGE = "Ann was a tall girl. On Monday she found a red ball. Where did she find it?"


def exchange(*contents: str, answers: tuple[str, ...] = ()) -> Conversation:
    messages: list[Message] = [
        {"role": ("user", "assistant")[n % 2], "content": content} for n, content in enumerate(contents)
    ]
    return Conversation(messages, answers)


@pytest.mark.parametrize(
    ("reply", "key", "right"),
    [
        ("It was a red ball.", "red ball", True),
        ("It was a ball that is red.", "red ball", False),  # not in their order
        ("It was a football.", "ball", False),  # not a whole word
        ("It was ANN.", "Ann", True),
        ("Yes, she did.", "yes", True),
        ("No. Yes, she did.", "yes", False),  # what comes first counts
        ("", "ball", False),
        ("On Monday.", "on Monday", True),
    ],
)
def test_a_reply_is_right_if_it_holds_the_key_words(reply: str, key: str, right: bool) -> None:
    assert is_right(reply, key) is right


def test_turns_are_the_questions_with_what_was_said_before() -> None:
    one = exchange("a", "b", "c", "d", answers=("b", "d"))
    turns = turns_of([one, exchange("e", "f")], 10)
    assert [(len(turn.messages), turn.reference, turn.key) for turn in turns] == [
        (1, "b", "b"),
        (3, "d", "d"),
        (1, "f", None),
    ]
    assert [turn.reference for turn in turns_of([exchange("a", str(n)) for n in range(10)], 4)] == ["0", "2", "5", "7"]
    assert len(turns_of([one], 1)) == 1


def test_the_copied_sentence_shares_most_words_and_is_no_question() -> None:
    assert copy_from_passage([{"role": "user", "content": PASSAGE}]) == "On Monday she found a red ball."
    later: list[Message] = [
        {"role": "user", "content": PASSAGE},
        {"role": "assistant", "content": "x"},
        {"role": "user", "content": "Good. Who was a girl?"},
    ]
    assert copy_from_passage(later) == "Ann was a tall girl."


def test_baselines_by_hand() -> None:
    held_out = [exchange(PASSAGE, "On Monday.", answers=("on Monday",)), exchange(PASSAGE, "Yes.", answers=("yes",))]
    training = [exchange("a", "Yes.", answers=("yes",))] * 2 + [exchange("a", "No.", answers=("no",))]
    found = measure_baselines(turns_of(held_out, 10), training)
    assert (found.majority_answer, found.majority_accuracy, found.copy_accuracy) == ("yes", 0.5, 0.5)
    with pytest.raises(UserError, match="no right answers are known"):
        measure_baselines(turns_of([exchange("a", "b")], 10), training)


@pytest.fixture(scope="module")
def subject() -> Subject:
    tokenizer: Tokenizer = train_tokenizer(["user\nYes.\nassistant\nNo. red ball"] * 9, TokenizerConfig(), quiet)
    shape = ModelConfig(
        vocab_size=tokenizer.vocab_size, block_size=64, n_layer=1, n_head=2, n_embd=16, tied_embeddings=True
    )
    return Subject(initialise(Transformer(shape), 1).eval(), tokenizer, batch_tokens=128)


def test_bits_per_byte_are_those_of_each_conversation_alone(subject: Subject) -> None:
    conversations = [exchange("Yes.", "No."), exchange("red", "ball", "Yes.", "No. red"), exchange("a " * 90, "b")]
    found = score_replies(subject, conversations)  # the last one does not fit and is left out
    assert found.bytes == len("No." + "ball" + "No. red")
    nats, tokens = 0.0, 0
    for one in conversations[:2]:
        ids, mask = render(one.messages, subject.tokenizer)
        targets = torch.tensor([id if counts else -100 for id, counts in zip(ids[1:], mask[1:], strict=True)])
        loss, counted = cross_entropy(subject.model(torch.tensor([ids[:-1]])), targets[None])
        nats, tokens = nats + float(loss.detach()), tokens + int(counted)
    assert found.loss == pytest.approx(nats / tokens, rel=1e-5)
    assert found.tokens == tokens


def test_the_suite_puts_before_beside_after(subject: Subject) -> None:
    held_out = [exchange(PASSAGE[:40], "It was red.", answers=("red",))] * 3
    training = [exchange("a", "red", answers=("red",)), exchange("a", "ball", answers=("ball",))]
    settings = GenerationConfig(temperature=0.0, max_new_tokens=5)
    result = ConversationSuite(held_out, training, settings, questions=2, before=subject).run(subject, quiet)
    assert set(result.scores) == {"before", "after", "baselines"}
    assert result.scores["before"] == result.scores["after"]
    assert len(result.items["answers"]["correct"]) == 2
    assert result.scores["baselines"]["majority_accuracy"] == 1.0
    text = "\n".join(result.lines)
    for words in ("before", "after", "answer_accuracy", "majority answer (red)", "copy from the passage"):
        assert words in text
    with pytest.raises(UserError, match="no question"):
        ConversationSuite([], [], settings)
