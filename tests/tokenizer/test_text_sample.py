"""A stream that is too rich for the trainer's memory is thinned evenly; any other is taken whole."""

from groundup.tokenizer.text_sample import TextSample

# Every text brings 10 words of 8 bytes that no other has.
UNIQUE = [" ".join(f"{n:04d}{k:04d}" for k in range(10)) for n in range(2000)]
SIZE = sum(len(text) for text in UNIQUE)


def share_of_first_half(chosen: list[str]) -> float:
    return sum(text < UNIQUE[1000] for text in chosen) / len(chosen)


def test_small_and_repetitive_streams_are_taken_whole() -> None:
    sample = TextSample(UNIQUE, SIZE, distinct_budget=SIZE)
    assert list(sample) == UNIQUE
    assert not sample.is_partial
    assert sample.bytes_taken == SIZE
    repetitive = TextSample(UNIQUE[:8] * 500, SIZE * 2, distinct_budget=SIZE // 10)
    assert len(list(repetitive)) == 4000


def test_too_many_distinct_words_are_thinned_evenly() -> None:
    sample = TextSample(UNIQUE, SIZE, distinct_budget=80 * 500)
    chosen = list(sample)
    assert sample.is_partial
    assert 450 <= len(chosen) <= 510
    assert 0.48 < share_of_first_half(chosen) < 0.62
    assert list(TextSample(UNIQUE, SIZE, distinct_budget=80 * 500)) == chosen


def test_too_much_text_is_thinned_evenly() -> None:
    sample = TextSample(UNIQUE, SIZE, total_budget=SIZE // 4)
    chosen = list(sample)
    assert sample.is_partial
    assert abs(sample.bytes_taken - SIZE / 4) < 200
    assert 0.48 < share_of_first_half(chosen) < 0.62


def test_streams_of_unknown_length_end_at_the_budget() -> None:
    sample = TextSample(iter(UNIQUE), total_budget=SIZE // 4)
    chosen = list(sample)
    assert chosen == UNIQUE[: len(chosen)]
    assert sample.is_partial
    assert abs(sample.bytes_taken - SIZE / 4) < 200
