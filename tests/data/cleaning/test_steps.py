"""Single steps: what each changes or drops, with the value and the limit, and what it leaves alone."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup.data.cleaning import quality
from groundup.data.cleaning.boilerplate import collapse_repeats, strip_boilerplate
from groundup.data.cleaning.contamination import EvaluationTexts, read_evaluation, remove_evaluation
from groundup.data.cleaning.gutenberg import strip_gutenberg
from groundup.data.cleaning.mojibake import repair_mojibake
from groundup.data.cleaning.profile import Cleaner, resolve
from groundup.data.cleaning.repetition import repetition
from groundup.data.cleaning.words import Measures
from groundup.utils.errors import UserError

STORY = (
    "The old lighthouse keeper walked down to the shore each morning to see what the sea had brought in the night. "
    "Most days there was nothing but weed and rope, and once a chair that had come from another country. "
    "He kept the chair in the lamp room, and sat in it when the wind blew hard from the west."
)


def test_mojibake_is_repaired_line_by_line_and_counted():
    text = "A fine day.\nThe cafÃ© was â€œfullâ€\x9d.\nReal: café, “quotes”, 5 €."
    repaired, (finding,) = repair_mojibake(text)
    assert repaired == "A fine day.\nThe café was “full”.\nReal: café, “quotes”, 5 €."
    assert finding.count == 1
    for good in ("Łódź Grüße naïve", "Добрый день, мир", "你好", "“It’s” — fine"):
        assert repair_mojibake(good) == (good, [])


def test_gutenberg_is_cut_off():
    book = (
        "The Project Gutenberg EBook of X\n\n*** START OF THIS PROJECT GUTENBERG EBOOK X ***\n\n"
        "Produced by Jane Doe and\nthe Team\n\n\nCHAPTER I\n\nText.\n\n"
        "End of the Project Gutenberg EBook of X\n\n*** END OF THIS PROJECT GUTENBERG EBOOK X ***\nlicence"
    )
    text, findings = strip_gutenberg(book)
    assert text == "CHAPTER I\n\nText."
    assert [finding.rule for finding in findings] == ["header", "licence at the end", "credits"]
    about = "Johannes Gutenberg lived in Mainz. Project Gutenberg bears his name."
    assert strip_gutenberg(about) == (about, [])


def test_boilerplate_lines_go_and_prose_stays():
    page = (
        f"Home | About us | Contact\nSkip to content\n{STORY}\nWe use cookies to improve this site.\nShare on Facebook"
    )
    text, findings = strip_boilerplate(page)
    assert text == STORY
    assert {finding.rule: finding.count for finding in findings} == {"button or menu": 3, "policy or notice": 1}
    prose = "She read the privacy policy twice, " * 8 + "and signed.\nHome at last.\nThey share this house."
    assert strip_boilerplate(prose) == (prose, [])


def test_a_line_repeated_in_a_row_is_kept_once():
    text, (finding,) = collapse_repeats("a\nx\n\nx\nx\nb\ny\ny\nc")
    assert text == "a\nx\nb\ny\ny\nc"
    assert (finding.value, finding.limit, finding.count) == (3, 2, 2)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Too short.", "words"),
        (" ".join(["a b c"] * 20), "mean word length"),
        (" ".join(["keeper #"] * 30), "# or ... per word"),
        ("\n".join(f"- item number {n} of this list" for n in range(20)), "lines that are bullets"),
        ("\n".join(f"Line {n} breaks off before it..." for n in range(20)), "# or ... per word"),
        ("12345 1234 " * 30 + "a few words", "digits"),
        ("word +=%& <>{} " * 30, "symbols"),
        (STORY + " Lorem ipsum dolor sit amet.", "lorem ipsum"),
        ("\n".join(f"heading number {n} here it is" for n in range(20)), "lines that end with punctuation"),
    ],
)
def test_documents_that_a_rule_drops(text, rule):
    m = Measures(text)
    judges = [quality.length, quality.ratios, quality.gopher, quality.c4, quality.fineweb]
    reasons = [reason for judge in judges if (reason := judge(m))]
    assert reasons[0].rule == rule
    assert reasons[0].drops


def test_good_text_passes_in_any_script():
    chinese = "早上天气很好，我们一起去公园散步，看见很多人在湖边唱歌跳舞。" + "".join(
        f"后来我们又走了{n}里路，遇见了不同的朋友，说了许多有趣的话，吃了不一样的点心。" for n in ("一", "二", "三")
    )
    for text in (STORY, chinese):
        m = Measures(text)
        for judge in (quality.length, quality.ratios, quality.gopher, quality.c4, quality.fineweb):
            assert judge(m) is None, judge


def slow_repeated_share(words, n):
    """Characters of words in sequences that have been there before, counted word by word."""
    seen, covered = set(), set()
    for start in range(len(words) - n + 1):
        gram = tuple(words[start : start + n])
        if gram in seen:
            covered.update(range(start, start + n))
        seen.add(gram)
    return sum(len(words[place]) for place in covered) / sum(map(len, words))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["a", "bb", "ccc", "dddd", "e"]), min_size=12, max_size=60))
def test_repeated_sequences_agree_with_the_slow_count(words):
    reason = repetition(Measures(" ".join(words)))
    if reason and "characters in repeated sequences" in reason.rule:
        n = int(reason.rule.split()[-2])
        assert reason.value == pytest.approx(slow_repeated_share(words, n))
    elif reason is None:
        assert slow_repeated_share(words, 5) <= 0.15


def test_repetition_names_what_repeats():
    assert repetition(Measures(STORY)) is None
    assert repetition(Measures("\n".join([STORY[:60]] * 3 + [STORY]))).rule == "repeated lines"
    assert "sequence" in repetition(Measures("the cat sat on the mat " * 20)).rule


def test_a_book_may_repeat_its_headings():
    chance = random.Random(5)
    words = [
        a + b
        for a in ("lo", "mi", "ba", "ter", "sun", "wal")
        for b in ("ket", "dor", "ne", "ril", "shaw", "pin", "gle")
    ]
    heads = [f"Chapter {n}" for n in range(8)]
    chapters = [f"{head}\n{' '.join(chance.choices(words, k=60))}." for head in heads]
    assert repetition(Measures("\n".join(heads + chapters))) is None


def test_evaluation_texts_are_cut_out(tmp_path):
    (tmp_path / "pairs.jsonl").write_text('{"good": "Who has John not seen?", "n": 1, "bad": "Yes."}\n')
    (tmp_path / "long.txt").write_text(STORY + "\n")
    evaluation = read_evaluation([tmp_path / "pairs.jsonl", tmp_path / "long.txt"])
    assert (evaluation.texts, evaluation.too_short) == (2, 1)
    document = "First line stays.\nHe asked: “WHO has john, not seen”?\nLast line stays.\n" + "word " * 40
    text, (finding,) = remove_evaluation(document, evaluation)
    assert text == "First line stays.\nLast line stays.\n" + "word " * 40
    assert (finding.count, finding.value) == (1, "He asked: “WHO has john, not seen”?")
    thirteen = " ".join(STORY.split()[5:18])
    assert remove_evaluation(f"x y z {thirteen}", evaluation)[1][0].drops
    assert remove_evaluation(" ".join(STORY.split()[5:17]), evaluation)[1] == []
    with pytest.raises(UserError, match=r"gone\.jsonl cannot be read"):
        read_evaluation([tmp_path / "gone.jsonl"])


@settings(deadline=None)
@given(st.lists(st.sampled_from("abc"), min_size=5, max_size=9), st.lists(st.sampled_from("abc"), max_size=40))
def test_matches_agree_with_a_slow_search(wanted, words):
    evaluation = EvaluationTexts(iter([" ".join(wanted)]))
    n = len(wanted)
    slow = [(start, n) for start in range(len(words) - n + 1) if words[start : start + n] == wanted]
    assert evaluation.matches(Measures(" ".join(words)).hashes) == slow


def test_web_takes_a_document_through_all_steps():
    cleaner = Cleaner(resolve("web", languages=["en"]))
    outcome = cleaner.clean(f"Skip to content\n\nThe cafÃ©.\x00\n\n\n{STORY} Mail anna@example.com.")
    assert outcome.text == f"The café.\n\n{STORY} Mail <email>."
    assert outcome.dropped is None
    assert outcome.language == "en"
    assert [f.step for f in outcome.findings] == ["mojibake", "light", "light", "boilerplate", "personal data"]
    assert "Skip" in outcome.before
    german = cleaner.clean(
        "Der alte Leuchtturmwärter ging jeden Morgen zum Strand hinunter und sah nach, was das Meer gebracht hatte. "
        "Manchmal lag dort ein Stuhl aus einem anderen Land, und er nahm ihn mit in die Lampenstube, um zu sitzen."
    )
    assert (german.dropped.step, german.dropped.value, german.dropped.limit) == ("language", "de", "en")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"profile": "wep"}, '"web"'),
        ({"profile": "light", "languages": ["xx"]}, '--language "xx" is unknown'),
        ({"profile": "light", "personal_data": "hide"}, 'treated as "hide"'),
        ({"profile": "light", "near_duplicates": 0.1}, "from 0.5 to 1"),
        ({"profile": "light", "evaluation": ["gone.jsonl"]}, "does not exist"),
    ],
)
def test_wrong_settings_are_said(settings, words):
    with pytest.raises(UserError, match=words):
        resolve(**settings)


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=400))
def test_no_text_makes_a_step_fail(text):
    cleaner = Cleaner(resolve("web"))
    outcome = cleaner.clean(text)
    assert outcome.dropped or outcome.signature is not None or not outcome.text.strip()
