"""Sections: the text comes back, sizes keep their bounds, and pieces make no difference."""

from hypothesis import example, given
from hypothesis import strategies as st

from groundup.data.sections import SECTION_LIMIT, cut_sections

# Words of a few lengths between borders of each kind, repeated so that documents become long.
fragments = st.lists(
    st.sampled_from(["a", "word ", "long" * 300, "\n", "\n\n", "End. ", "! ", "。", "e\u0301", " " * 700, "\t"]),
    max_size=12,
)
texts = st.builds(lambda parts, times: "".join(parts) * times, fragments, st.sampled_from([1, 5, 40, 150, 900]))


def cut(text):
    return list(cut_sections([text]))


def without_space(text):
    return "".join(text.split())


@given(texts)
@example("x" * 1_000_000)
@example(" " * 900_000 + "x")
@example("x" * 20_001)
def test_sections_give_the_text_back(text):
    sections = cut(text)
    assert without_space("".join(sections)) == without_space(text)
    position = 0
    for section in sections:  # each is a stretch of the text, in order
        position = text.index(section, position) + len(section)
    assert all(section.strip() and len(section) <= SECTION_LIMIT for section in sections)
    assert bool(sections) == bool(text.strip())


@given(texts, st.integers(1, 60_000))
def test_pieces_make_no_difference(text, size):
    pieces = [text[i : i + size] for i in range(0, len(text), size)] if len(text) < 5000 * size else [text, ""]
    assert list(cut_sections(pieces)) == cut(text)


@given(texts)
def test_a_section_is_not_cut_again(text):
    for section in cut(text):
        assert cut(section) == [section]


def test_short_documents_stay_whole():
    text = "  A line. " * 2000
    assert len(text) == SECTION_LIMIT
    assert cut(text) == [text]


def test_a_book_of_100_kb_gives_about_25_sections():
    book = "\n\n".join(f"Paragraph {n}. " + "It went on and on. " * 20 for n in range(260))
    sections = cut(book)
    assert 100_000 < len(book) < 110_000
    assert 20 <= len(sections) <= 35
    assert min(map(len, sections)) > 1000


def test_the_end_changes_nothing_before_it_in_a_long_text():
    book = "\n\n".join(f"Paragraph {n}. " + "It went on and on. " * 20 for n in range(1500))
    longer = cut(book + "\n\nAnd one more thing.")
    assert longer[:-2] == cut(book)[: len(longer) - 2]


def test_cuts_prefer_the_stronger_border():
    filler = "x" * 3000
    # in the window of the first cut (2,000 to 4,000) stand a space, a sentence end, a line end, a blank line
    strongest_first = ["\n\n", "\n", ". ", " "]
    for index, border in enumerate(strongest_first):
        weaker = strongest_first[index + 1 :]
        text = filler + border + "y" * 200 + "".join("z" + mark for mark in weaker) + "w" * 30_000
        assert cut(text)[0] == (filler + border).rstrip()


def test_without_any_border_an_accent_stays_with_its_letter():
    text = "e\u0301" * 15_000 + "e\u0301\u0302" * 10_000
    assert all(section.startswith("e") for section in cut(text))
