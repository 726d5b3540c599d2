"""Bytes to text: encodings, compression, damage."""

import gzip

import pytest
import zstandard

from groundup.data.decoding import SkipFile, byte_blocks, detect_form, read_text

TEXT = "Grüße aus Łódź — “quoted” 你好 👋\nsecond line\n"


def read(path):
    """(text, encoding, everything that was remarked)"""
    notes = []
    form = detect_form(path)
    text = "".join(read_text(path, form, notes.append))
    return text, form.encoding, [form.note] * bool(form.note) + notes


def write(folder, data, suffix=""):
    path = folder / f"file.txt{suffix}"
    packed = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}[suffix](data)
    path.write_bytes(packed)
    return path


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8-sig"),
        (TEXT.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.replace("\n", "\r\n").encode(), "utf-8"),
        (TEXT.replace("\n", "\r").encode(), "utf-8"),
    ],
)
def test_unicode_text_is_read_exactly(tmp_path, data, encoding, suffix):
    assert read(write(tmp_path, data, suffix)) == (TEXT, encoding, [])


def test_characters_and_line_ends_across_blocks(tmp_path):
    text = "é" * 700_000 + "👋" * 400_000 + "\r\n" * 700_000
    path = write(tmp_path, b"x" + text.encode())
    assert read(path)[0] == "x" + text.replace("\r\n", "\n")


def test_western_text_is_decoded_as_cp1252_and_said(tmp_path):
    text, encoding, notes = read(write(tmp_path, "Voilà — “déjà vu” 5 €".encode("cp1252")))
    assert (text, encoding) == ("Voilà — “déjà vu” 5 €", "cp1252")
    assert "cp1252" in notes[0]


def test_a_few_bad_bytes_do_not_ruin_utf_8(tmp_path):
    text, encoding, notes = read(write(tmp_path, "naïve café ".encode() * 3 + b"bad \xff byte"))
    assert (text, encoding) == ("naïve café " * 3 + "bad \ufffd byte", "utf-8")
    assert notes == ["1 places are not UTF-8 and were replaced by U+FFFD"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_last_character_cut_off_is_left_out_and_said(tmp_path, encoding):
    text, _, notes = read(write(tmp_path, "naïve é".encode(encoding)[:-1]))
    assert text == "naïve "
    assert "cut off" in notes[0]


@pytest.mark.parametrize(
    "data",
    [
        b"text and then \0",
        "text".encode("utf-16-le"),  # no byte order mark
        b"\xff\xfe" + b"\x00\xdc" * 5,  # lone surrogates
        TEXT.encode("utf-32"),
        b"\x89PNG\r\n\x1a\n\xff\xd8",
        b"\x81\x8d\x8f\x90" * 10,
        b"a" * 3_000_000 + b"\xff" + b"b" * 3_000_000 + b"\0",  # what tells comes last
    ],
)
def test_binary_is_skipped(tmp_path, data):
    with pytest.raises(SkipFile) as caught:
        detect_form(write(tmp_path, data))
    assert caught.value.reason == "binary"


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_what_comes_before_damage_is_kept_and_said(tmp_path, suffix):
    lines = "".join(f"{n * 7919 % 10_007} line {n}\n" for n in range(60_000))
    path = write(tmp_path, lines.encode(), suffix)
    whole = path.read_bytes()
    half = len(whole) // 2
    for damaged in (whole[:half], whole[:half] + b"garbage" * 3 + whole[half + 21 :]):
        path.write_bytes(damaged)
        text, _, notes = read(path)
        assert text.startswith(lines[: len(lines) // 4])
        assert len(notes) == 1
        assert "damaged: only the first" in notes[0]


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_several_members_are_one_text(tmp_path, suffix):
    first = write(tmp_path, b"one ", suffix).read_bytes()
    path = write(tmp_path, b"two", suffix)
    second = path.read_bytes()
    path.write_bytes(first + second)
    assert read(path) == ("one two", "utf-8", [])


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_damage_from_the_start_and_emptiness(tmp_path, suffix):
    path = tmp_path / f"a.txt{suffix}"
    path.write_bytes(b"this is no compressed file")
    with pytest.raises(SkipFile) as caught:
        detect_form(path)
    assert caught.value.reason == "damaged"
    with pytest.raises(SkipFile) as caught:
        detect_form(write(tmp_path, b"", suffix))
    assert caught.value.reason == "empty"


def test_a_file_that_has_gone_is_unreadable(tmp_path):
    with pytest.raises(SkipFile) as caught:
        detect_form(tmp_path / "gone.txt")
    assert (caught.value.reason, caught.value.detail) == ("unreadable", "No such file or directory")


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_file_that_unpacks_to_very_much_comes_in_small_blocks(tmp_path, suffix):
    path = write(tmp_path, b"a" * 30_000_000, suffix)
    assert path.stat().st_size < 100_000
    assert max(map(len, byte_blocks(path))) <= 16 << 20
