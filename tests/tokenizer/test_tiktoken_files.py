"""tiktoken's and GPT-2's files: the same ids as the tiktoken package gives, markers as single tokens."""

import base64
import inspect
import json
import random
import re
from pathlib import Path

import pytest

from groundup.tokenizer.huggingface import HuggingFaceTokenizer
from groundup.tokenizer.interface import Tokenizer
from groundup.tokenizer.loading import load_tokenizer
from groundup.tokenizer.tiktoken_files import ENCODINGS
from groundup.utils.errors import UserError


def ranks_of(tokenizer: HuggingFaceTokenizer) -> dict[bytes, int]:
    tokens = [tokenizer.token_bytes(id) for id in range(tokenizer.vocab_size)]
    return {token: rank for rank, token in enumerate(token for token in tokens if token)}


@pytest.fixture(scope="module")
def ranks(tokenizer: HuggingFaceTokenizer) -> dict[bytes, int]:
    return ranks_of(tokenizer)


def write_ranks(path: Path, ranks: dict[bytes, int]) -> None:
    path.write_text("".join(f"{base64.b64encode(token).decode()} {rank}\n" for token, rank in ranks.items()))


def published_pattern(name: str) -> str:
    public = pytest.importorskip("tiktoken_ext.openai_public", reason="tiktoken is not installed")
    if name in ("gpt2", "r50k_base", "p50k_base"):
        return public.r50k_pat_str
    source = inspect.getsource(getattr(public, name))
    if name == "cl100k_base":
        return re.search(r'"pat_str": r"""(.*)""",', source)[1]
    return "|".join(re.findall(r'r"""(.*?)""",', source))


def samples(texts: list[str]) -> list[str]:
    chance = random.Random(0)
    pools = ["the fox's IT'S ", "äßéЖбд語海ग", "🦊🌊 12345.5€", " \n\t\r/_-", "aaab"]
    return texts + [
        "".join(chance.choices("".join(chance.sample(pools, 2)), k=chance.randint(1, 60))) for _ in range(500)
    ]


@pytest.mark.parametrize("name", ["r50k_base", "p50k_base", "cl100k_base", "o200k_base"])
def test_ids_are_those_of_tiktoken(tmp_path: Path, ranks: dict[bytes, int], texts: list[str], name: str) -> None:
    tiktoken = pytest.importorskip("tiktoken", reason="tiktoken is not installed")
    write_ranks(tmp_path / f"{name}.tiktoken", ranks)
    ours = load_tokenizer(tmp_path / f"{name}.tiktoken")
    special = dict(ENCODINGS[name].special)
    theirs = tiktoken.Encoding(name, pat_str=published_pattern(name), mergeable_ranks=ranks, special_tokens=special)
    for text in samples(texts):
        ids = theirs.encode(text, disallowed_special=())
        assert ours.encode(text) == ids
        assert ours.decode(ids) == text
        assert [ours.token_bytes(id) for id in ids] == theirs.decode_tokens_bytes(ids)
    for token, id in special.items():
        assert ours.token_to_id(token) == id
    markers = ours.encode("<|im_start|><|im_end|><|pad|>", allow_special=True)
    assert sorted(markers) == [max(special.values()) + n for n in (1, 2, 3)]
    ours.save(tmp_path / "saved")
    again = load_tokenizer(tmp_path / "saved")
    assert again.fingerprint == ours.fingerprint
    assert again.vocab_size == ours.vocab_size == max(special.values()) + 4


def gpt2_folder(tmp_path: Path, tokenizer: HuggingFaceTokenizer, names: tuple[str, str]) -> Tokenizer:
    serialised = json.loads(tokenizer.to_json())
    special = {token["content"] for token in serialised["added_tokens"]}
    plain = [token for token in serialised["model"]["vocab"] if token not in special]
    vocabulary = {token: id for id, token in enumerate([*plain, "<|endoftext|>"])}
    merges = "".join(f"{left} {right}\n" for left, right in serialised["model"]["merges"])
    (tmp_path / names[0]).write_text("#version: 0.2\n" + merges)
    (tmp_path / names[1]).write_text(json.dumps(vocabulary))
    return load_tokenizer(tmp_path)


@pytest.mark.parametrize("names", [("vocab.bpe", "encoder.json"), ("merges.txt", "vocab.json")])
def test_gpt2_files(tmp_path: Path, tokenizer: HuggingFaceTokenizer, names: tuple[str, str]) -> None:
    gpt2 = gpt2_folder(tmp_path, tokenizer, names)
    plain = tokenizer.vocab_size - 8
    assert gpt2.specials.ids == {"end_of_text": plain, "pad": plain + 1, "im_start": plain + 2, "im_end": plain + 3}
    assert gpt2.encode("x", add_special_tokens=True)[0] == plain
    assert gpt2.decode(gpt2.encode("It's 1234 🦊  语")) == "It's 1234 🦊  语"
    assert isinstance(gpt2, HuggingFaceTokenizer)
    assert gpt2.llama_cpp_name == "gpt-2"
    (tmp_path / names[0]).write_text("#version: 0.2\nQQ ZZ\n")
    with pytest.raises(UserError, match="do not belong together"):
        load_tokenizer(tmp_path)


def test_what_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"Fetch https://.*cl100k_base\.tiktoken and put it into the folder cl100k"):
        load_tokenizer(Path("cl100k_base"))
    with pytest.raises(UserError, match=r"vocab\.bpe and https://.*encoder\.json"):
        load_tokenizer(Path("gpt2"))
    with pytest.raises(UserError, match=r"https://huggingface\.co/microsoft/phi-2"):
        load_tokenizer(Path("microsoft/phi-2"))


def test_damaged_and_unknown_files_are_refused(tmp_path: Path, ranks: dict[bytes, int]) -> None:
    write_ranks(tmp_path / "mine.tiktoken", ranks)
    with pytest.raises(UserError, match="its name must be one of"):
        load_tokenizer(tmp_path / "mine.tiktoken")
    path = tmp_path / "cl100k_base.tiktoken"
    path.write_text("<html>not found</html>")
    with pytest.raises(UserError, match="line 1"):
        load_tokenizer(path)
    write_ranks(path, {token: rank for token, rank in ranks.items() if token != b"a"})
    with pytest.raises(UserError, match="not whole"):
        load_tokenizer(path)
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(UserError, match="no tokenizer file"):
        load_tokenizer(tmp_path / "notes.txt")
