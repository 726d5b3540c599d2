"""What grammatical_share and novel_share are shares of."""

from groundup.data.builtin.statistics import complete_sentences, sentence_shares


def test_shares_are_of_all_complete_sentences():
    shares = sentence_shares(
        ["Tom was very happy. Tom were happy very. Mia felt sad. She sat down and"],
        ["Once more.\n\nTom was very\nhappy. The end."],
    )
    assert (shares.complete, shares.well_formed, shares.novel) == (3, 2, 1)
    assert shares.grammatical_share == 2 / 3
    assert shares.novel_share == 1 / 3


def test_copying_is_grammatical_and_not_novel():
    story = "Tom was very happy. Mia felt sad."
    shares = sentence_shares([story], [story])
    assert (shares.grammatical_share, shares.novel_share) == (1.0, 0.0)


def test_gibberish_is_neither():
    shares = sentence_shares(["Tom the the. Ball was of. Xyz."], [])
    assert (shares.complete, shares.grammatical_share, shares.novel_share) == (3, 0.0, 0.0)


def test_nothing_generated_has_no_share():
    assert sentence_shares([], ["Tom was very happy."]).grammatical_share == 0.0
    assert sentence_shares(["She sat down and"], []).novel_share == 0.0


def test_a_sentence_that_breaks_off_is_not_complete():
    assert complete_sentences('He ran. "Stop!" cried Tom. And then') == ["He ran.", '"Stop!" cried Tom.']
