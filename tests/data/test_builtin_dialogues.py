"""The built-in dialogues: turns alternate, and every answer can be read off the passage."""

import re
from itertools import islice

import pytest

from groundup.data.builtin.cast import is_held_out
from groundup.data.builtin.dialogues import dialogue, generate_dialogues
from groundup.data.builtin.grammar import rules

SOME = 1000


@pytest.fixture(scope="module")
def dialogues():
    return list(islice(generate_dialogues(2), SOME))


def test_a_dialogue_depends_on_its_numbers_alone(dialogues):
    assert dialogue(2, 321) == dialogues[321]
    assert next(generate_dialogues(2, start=99)) == dialogues[99]
    assert dialogue(3, 321) != dialogues[321]


def test_turns_alternate_and_end_with_the_assistant(dialogues):
    for one in dialogues:
        roles = [message["role"] for message in one["messages"]]
        assert roles == ["user", "assistant"] * (len(roles) // 2)
        assert len(roles) == 2 * len(one["answers"])
        assert one["answer"] == one["answers"][-1]


def test_answers_hold_their_key_word_and_can_be_derived(dialogues):
    for one in dialogues:
        passage = one["messages"][0]["content"].lower()
        answers = [message["content"].lower() for message in one["messages"][1::2]]
        for key, answer in zip(one["answers"], answers, strict=True):
            assert key.lower() in answer
            assert key in ("yes", "no") or key.lower() in passage


def test_no_question_is_asked_twice(dialogues):
    for one in dialogues:
        asked = [message["content"] for message in one["messages"][::2]]
        assert len(set(asked)) == len(asked)


def test_there_are_several_hundred_phrasings():
    kinds = ("question", "answer", "fact")
    assert sum(len(rule.productions) for rule in rules().values() if rule.kind in kinds) > 200


def test_many_kinds_of_questions_are_asked(dialogues):
    text = " ".join(message["content"].lower() for one in dialogues for message in one["messages"][::2])
    for word in ("who ", "what ", "where ", "why ", "how ", "when ", "did ", "how many "):
        assert text.count(word) > 20, word


def test_yes_and_no_are_both_right_answers(dialogues):
    keys = [key for one in dialogues for key in one["answers"]]
    assert 0.4 < keys.count("yes") / (keys.count("yes") + keys.count("no")) < 0.75


def test_held_out_dialogues_share_no_combination():
    held_out = list(islice(generate_dialogues(2, held_out=True), 50))
    assert held_out[0] != dialogue(2, 0)
    assert is_held_out("fox", "ball", "find") == is_held_out("fox", "ball", "find")


def test_a_name_that_is_asked_for_is_written_as_in_the_passage(dialogues):
    """Behind a space, never at the beginning of a reply: tokenizers write the two differently, and a small model can
    only fetch what it has read."""
    for one in dialogues:
        for key, message in zip(one["answers"], one["messages"][1::2], strict=True):
            assert key in ("yes", "no") or f" {key.lower()}" in message["content"].lower(), message


def test_nobody_gives_away_what_is_lost(dialogues):
    for one in dialogues:
        passage = one["messages"][0]["content"]
        if " gave " in passage:
            assert not any(word in passage for word in (" lost ", " broke ", " dropped ", " hid ", " repaired "))


def test_a_day_is_asked_for_only_where_the_passage_names_one(dialogues):
    asked = 0
    for one in dialogues:
        for key, message in zip(one["answers"], one["messages"][::2], strict=True):
            question = message["content"].lower()
            if "on which day" in question or "what day" in question:
                asked += 1
                assert "day" in key, message
    assert asked > 10


def test_what_is_asked_or_said_of_a_place_is_in_the_passage(dialogues):
    """A model that has to say how a place looks, where nobody told it, learns to make things up."""
    asked = said = 0
    for one in dialogues:
        passage = one["messages"][0]["content"].lower()  # and the first question: only later ones are looked at
        for turn, (question, answer) in enumerate(zip(one["messages"][::2], one["messages"][1::2], strict=True)):
            place = re.search(r"who went (?:up )?to the (.+)\?", question["content"].lower())
            if turn and place:
                asked += 1
                assert place[1] in passage, question
            place = re.search(r"went (?:up )?to the (.+)\.", answer["content"].lower())
            if "where did" in question["content"].lower() and place:
                said += 1
                assert place[1] in passage, answer
    assert asked > 20
    assert said > 20
