"""Conversations in every form that people have, and rows that are none."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest
import zstandard

from groundup.data.conversation_rows import read_conversations, read_preferences
from groundup.data.conversations import BadRow, read_conversation, read_preference
from groundup.utils.errors import UserError

EXCHANGE = [{"role": "user", "content": "Hi!"}, {"role": "assistant", "content": "Hello."}]
LONGER = [*EXCHANGE, {"role": "user", "content": "Bye."}, {"role": "assistant", "content": "See you."}]
SYSTEM = {"role": "system", "content": "Be kind."}


@pytest.mark.parametrize(
    ("row", "messages"),
    [
        ({"messages": EXCHANGE}, EXCHANGE),
        (EXCHANGE, EXCHANGE),
        ({"messages": json.dumps(EXCHANGE)}, EXCHANGE),  # as a table's column holds it
        ({"messages": [SYSTEM, *EXCHANGE]}, [SYSTEM, *EXCHANGE]),
        ({"conversations": [{"from": "human", "value": "Hi!"}, {"from": "gpt", "value": "Hello."}]}, EXCHANGE),
        (
            {"system": "Be kind.", "turns": [{"from": "human", "value": "Hi!"}, {"from": "gpt", "value": "Hello."}]},
            [SYSTEM, *EXCHANGE],
        ),
        ({"instruction": "Hi!", "input": "", "output": "Hello."}, EXCHANGE),
        (
            {"instruction": "Add.", "input": "1 and 2", "output": "3"},
            [{"role": "user", "content": "Add.\n\n1 and 2"}, {"role": "assistant", "content": "3"}],
        ),
        ({"prompt": "Hi!", "completion": "Hello."}, EXCHANGE),
        ({"question": "Hi!", "answer": "Hello."}, EXCHANGE),
        ({"dialog": ["Hi!", "Hello.", "Bye.", "See you."]}, LONGER),
        ("Hi! __eou__ Hello. __eou__ Bye. __eou__ See you. __eou__", LONGER),
        ("User: Hi!\nAssistant: Hello.\nUser: Bye.\nAssistant: See you.", LONGER),
        ({"text": "Human: Hi!\nAI: Hello."}, EXCHANGE),
        (
            "User: Hi!\nAssistant: Hello.\nHow are you?",
            [EXCHANGE[0], {"role": "assistant", "content": "Hello.\nHow are you?"}],
        ),
        ({"messages": [*EXCHANGE, {"role": "user", "content": "Still there?"}]}, EXCHANGE),  # nobody answered
    ],
)  # fmt: skip
def test_forms(row: Any, messages: list) -> None:
    assert read_conversation(row).messages == messages


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"messages": []}, "no messages"),
        ({"messages": [{"role": "user", "content": "x"}]}, "nothing is said by the assistant"),
        ({"messages": [EXCHANGE[0], {"role": "assistant", "content": " \n"}]}, "the reply in message 2 is empty"),
        ({"messages": [EXCHANGE[1]]}, "nothing is said by the user"),
        ({"messages": [{"role": "narrator", "content": "x"}]}, "role 'narrator'"),
        ({"messages": [{"role": "user", "content": 3}]}, "the content of message 1 is int, not text"),
        ({"messages": [*EXCHANGE, SYSTEM]}, "Only the first"),
        ({"messages": ["a", 3]}, "message 1 is a str"),
        ({"words": 3}, "its keys are words"),
        (17, "a int is no conversation"),
        ("just a line", "neither lines that begin"),
        ({"messages": EXCHANGE, "answers": ["a", "b"]}, "2 answers for 1 replies"),
    ],
)
def test_rows_that_are_no_conversation(row: Any, words: str) -> None:
    with pytest.raises(BadRow, match=words):
        read_conversation(row)


def write(path: Path, rows: list[dict]) -> Path:
    """The same rows as whatever the name says."""
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(lines.encode()))
    elif path.suffix == ".zst":
        path.write_bytes(zstandard.ZstdCompressor().compress(lines.encode()))
    elif path.suffix == ".json":
        path.write_text(json.dumps(rows))
    elif path.suffix == ".parquet":
        pyarrow.parquet.write_table(pa.Table.from_pylist(rows), path)
    elif path.suffix == ".csv":
        with open(path, "w", newline="") as f:
            writer = csv.DictWriter(f, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    else:
        path.write_text(lines)
    return path


ROWS = [{"prompt": 'Say "a,\nb".', "completion": "a"}, {"prompt": "Say b.", "completion": "b"}]


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.json", "a.parquet", "a.csv"])
def test_file_formats_give_the_same(tmp_path: Path, name: str) -> None:
    conversations, report = read_conversations([write(tmp_path / name, ROWS)])
    assert [one.messages[0]["content"] for one in conversations] == [row["prompt"] for row in ROWS]
    assert [one.replies for one in conversations] == [["a"], ["b"]]
    assert (report.rows, report.bad) == (2, 0)


def test_nested_rows_of_parquet_and_an_object_around_a_json_list(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", [{"messages": EXCHANGE}, {"messages": LONGER}])
    (tmp_path / "b.json").write_text(json.dumps({"version": 1, "data": [{"messages": EXCHANGE}]}))
    conversations, report = read_conversations([tmp_path])
    assert [one.messages for one in conversations] == [EXCHANGE, LONGER]
    assert report.duplicates == 1


def test_bad_rows_are_told_with_file_and_line_counted_and_skipped(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"messages": 3}\n\n{"prompt": "a", "completion": "b"}\nnot json\n')
    said: list[str] = []
    conversations, report = read_conversations([path], said.append)
    assert len(conversations) == 1
    assert (report.rows, report.bad) == (3, 2)
    assert said[0].startswith(f"{path}:1: the turns are a int")
    assert said[1].startswith(f"{path}:4: not JSON")
    assert report.describe(1).startswith("3 rows: 1 kept, 0 duplicates left out, 2 bad (")


def test_many_bad_rows_are_summed_up(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"prompt": "a", "completion": "b"}\n' + "3\n" * 20)
    said: list[str] = []
    read_conversations([path], said.append)
    assert len(said) == 6
    assert said[-1] == f"{path}: 15 further bad rows"


def test_dailydialog_lines(tmp_path: Path) -> None:
    path = tmp_path / "dialogues.txt"
    path.write_text("Hi! __eou__ Hello. __eou__\n\nA __eou__ B __eou__ C __eou__\n")
    conversations, _ = read_conversations([path])
    assert [len(one.messages) for one in conversations] == [2, 2]  # what nobody answers is left out


def test_labelled_text_is_cut_where_a_conversation_begins(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_text(
        "User: Tell me\n\na story.\nAssistant: Once\n\nupon a time.\n\nUser: Hi!\nAssistant: Hello.\n"
        "\nnot for User: this\n\n\nSystem: Be kind.\nUser: Hi!\nAssistant: Hello.\n"
    )
    conversations, _ = read_conversations([path])
    assert conversations[0].messages == [
        {"role": "user", "content": "Tell me\n\na story."},
        {"role": "assistant", "content": "Once\n\nupon a time."},
    ]
    assert conversations[1].replies == ["Hello.\n\nnot for User: this"]
    assert conversations[2].messages == [SYSTEM, *EXCHANGE]


@pytest.mark.parametrize("name", ["nothing.jsonl", "folder", "picture.png", "broken.json", "broken.parquet"])
def test_what_cannot_be_read_at_all_is_one_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "folder":
        path.mkdir()
    elif name != "nothing.jsonl":
        path.write_text("{[")
    with pytest.raises(UserError, match=name) as error:
        read_conversations([path])
    assert "\n" not in str(error.value)


def test_preferences(tmp_path: Path) -> None:
    pair = read_preference({"prompt": "Hi!", "chosen": "Hello.", "rejected": "Go away."})
    assert pair.with_reply(pair.chosen) == EXCHANGE
    whole = {"chosen": EXCHANGE, "rejected": [EXCHANGE[0], {"role": "assistant", "content": "Go away."}]}
    assert read_preference(whole) == pair
    assert read_preference({"prompt": [EXCHANGE[0]], "chosen": [EXCHANGE[1]], "rejected": "Go away."}) == pair
    for row, words in (
        ({"prompt": "Hi!", "chosen": "a"}, "needs the keys"),
        ({"prompt": "Hi!", "chosen": "a", "rejected": "a"}, "the same text"),
        ({"prompt": "Hi!", "chosen": "a", "rejected": " "}, "empty"),
    ):
        with pytest.raises(BadRow, match=words):
            read_preference(row)
    path = write(tmp_path / "p.jsonl", [{"prompt": "Hi!", "chosen": "Hello.", "rejected": "Go away."}] * 2)
    assert read_preferences([path])[1].duplicates == 1
