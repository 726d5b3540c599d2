"""Everything before the first step, from one configuration: corpus, tokenizer, token files. What fits is reused."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from groundup.data.chat_tokens import METHOD, conversation_rows, file_sources, write_rows
from groundup.data.conversation_rows import expand, read_conversations
from groundup.data.corpus import build_corpus
from groundup.data.corpus_report import is_prepared_corpus
from groundup.data.currency import corpus_is_current
from groundup.data.documents import read_corpus
from groundup.data.split import SplitRule, choose_rule
from groundup.data.token_files import TokenSet, find_token_sets
from groundup.data.tokenize import recorded_rule, tokenize_corpus
from groundup.tokenizer.huggingface import HuggingFaceTokenizer
from groundup.tokenizer.interface import Tokenizer
from groundup.tokenizer.loading import load_tokenizer
from groundup.tokenizer.training import LOADED_KINDS, train_tokenizer
from groundup.training.config import Config
from groundup.utils.errors import UserError
from groundup.utils.files import fingerprint, sha256_file
from groundup.utils.progress import Say, quiet


@dataclass(frozen=True)
class Prepared:
    """What training stands on."""

    tokenizer: HuggingFaceTokenizer
    tokenizer_path: Path
    train: list[TokenSet]
    val: list[TokenSet]


def prepare(config: Config, say: Say) -> Prepared:
    """Make whatever is missing before training, saying so. Raises UserError where the pieces do not fit each other."""
    require_tokenizer(config)
    say("1/4 corpus")
    corpus = prepare_corpus(config, say)
    validation = prepare_validation(config, say)
    say("2/4 tokenizer")
    tokenizer = prepare_tokenizer(config, corpus, validation, say)
    say("3/4 token files")
    if corpus is not None:
        prepare_tokens(config, corpus, validation, tokenizer, say)
    prepared = Prepared(
        tokenizer,
        Path(str(config.tokenizer.path)),
        [*matching_sets(config, "train", tokenizer), *mixed_conversations(config, tokenizer, say)],
        matching_sets(config, "val", tokenizer),
    )
    for split, sets in (("training", prepared.train), ("validation", prepared.val)):
        for token_set in sets:
            token_set.verify(deep=True)  # a file that changed since it was made would silently be another text
        if not sets:
            raise UserError(
                f"{config.dataset.dir} holds no token files for {split}. "
                "Name text in corpus.input, or run groundup tokenize."
            )
    say("4/4 training")
    return prepared


def load_prepared(config: Config) -> Prepared:
    """What `prepare` has made: for the other processes of a run, after one of them has prepared."""
    path = Path(str(config.tokenizer.path))
    tokenizer = load_tokenizer(path, config.tokenizer.special_tokens if config.tokenizer.kind in LOADED_KINDS else ())
    train = [*matching_sets(config, "train", tokenizer), *mixed_conversations(config, tokenizer, quiet)]
    return Prepared(tokenizer, path, train, matching_sets(config, "val", tokenizer))


def prepare_tokens(config: Config, corpus: Path, validation: float | Path, tokenizer: Tokenizer, say: Say) -> None:
    """Tokenise what has no token files yet."""
    tokenize_corpus(
        corpus,
        tokenizer,
        config.dataset,
        validation=validation,
        block_size=config.training.block_size,
        tokenizer_path=str(config.tokenizer.path),
        say=say,
    )


def matching_sets(config: Config, split: str, tokenizer: Tokenizer) -> list[TokenSet]:
    """The token files of one side that were cut as the configuration says."""
    return find_token_sets(
        Path(str(config.dataset.dir)),
        split=split,
        method=config.dataset.method,
        seq_len=config.dataset.seq_len or config.training.block_size,
        tokenizer_fingerprint=tokenizer.fingerprint,
    )


def mixed_conversations(config: Config, tokenizer: Tokenizer, say: Say) -> list[TokenSet]:
    """The token files of dataset.conversations: rows of whole conversations, all of which is learned."""
    files = expand(config.dataset.conversations)
    if not files:
        return []
    block_size = config.training.block_size
    name = f"chat-{fingerprint([[sha256_file(file) for file in files], tokenizer.fingerprint, block_size])[:12]}"
    folder = Path(str(config.dataset.dir)) / "conversations"
    found = find_token_sets(folder, split="train", method=METHOD, tokenizer_fingerprint=tokenizer.fingerprint)
    made = [token_set for token_set in found if token_set.name.startswith(name)]
    if made:
        return made
    conversations, report = read_conversations(files, say)
    say(f"conversations: {report.describe(len(conversations))}")
    rows, fitted = conversation_rows(conversations, tokenizer, block_size, learn_all=True)
    say(f"mixed in: {fitted.describe()}")
    sources = file_sources(files)
    return [write_rows(rows, folder, name, "train", tokenizer=tokenizer, seq_len=block_size, sources=sources)]


def prepare_corpus(config: Config, say: Say) -> Path | None:
    """Return the corpus file, made or made again when its inputs have changed; None when only token files are given."""
    inputs = config.corpus.input
    if not inputs:
        if find_token_sets(Path(str(config.dataset.dir))):
            say("corpus.input is empty: training on the token files that are there")
            return None
        raise UserError("corpus.input is empty. Name the files or folders with your text: corpus.input=[my-texts]")
    if len(inputs) == 1 and is_prepared_corpus(Path(inputs[0])):
        say(f"using the corpus {inputs[0]}")
        return Path(inputs[0])
    output = Path(str(config.corpus.output))
    if corpus_is_current(inputs, output, config.corpus):
        say(f"{output} is up to date")
    else:
        build_corpus(inputs, output, config.corpus, say)
    return output


def prepare_validation(config: Config, say: Say) -> float | Path:
    """Return the share of the corpus kept for validation, or the corpus file of an explicit validation text."""
    validation = config.corpus.validation
    if isinstance(validation, float):
        return validation
    given = Path(validation)
    if is_prepared_corpus(given):
        return given
    corpus = Path(str(config.corpus.output))
    output = corpus.with_name(f"{corpus.stem}.validation.jsonl")
    if not corpus_is_current([given], output, config.corpus):
        build_corpus([given], output, config.corpus, say)
    return output


def prepare_tokenizer(config: Config, corpus: Path | None, validation: float | Path, say: Say) -> HuggingFaceTokenizer:
    """Load the tokenizer that the configuration names, or train it on the training side of the corpus."""
    path = Path(str(config.tokenizer.path))
    if is_taken_over(config) or (path / "tokenizer.json").exists():
        say(f"using the tokenizer {path}")
        return load_tokenizer(path, config.tokenizer.special_tokens if is_taken_over(config) else ())
    if corpus is None:
        raise UserError(
            f"there is no tokenizer at {path}, and no corpus to train it on. Set tokenizer.path or corpus.input."
        )
    texts = training_texts(corpus, validation, recorded_rule(Path(str(config.dataset.dir))))
    mixed_in = expand(config.dataset.conversations)
    if mixed_in:
        conversations, _ = read_conversations(mixed_in)
        texts = chain(texts, (message["content"] for one in conversations for message in one.messages))
    size = sum(file.stat().st_size for file in (corpus, *mixed_in))
    tokenizer = train_tokenizer(texts, config.tokenizer, say, text_bytes=size)
    tokenizer.save(path)
    say(f"trained a tokenizer of {tokenizer.vocab_size:,} tokens: {path}")
    return tokenizer


def is_taken_over(config: Config) -> bool:
    """Whether the tokenizer comes from somebody else's files or from the model that training begins with."""
    return config.tokenizer.kind in LOADED_KINDS or config.training.init_from is not None


def require_tokenizer(config: Config) -> None:
    """Raise UserError if the tokenizer is to be taken over and is not there, before minutes go into the corpus."""
    if is_taken_over(config):
        load_tokenizer(Path(str(config.tokenizer.path)))


def training_texts(corpus: Path, validation: float | Path, rule: SplitRule | None) -> Iterator[str]:
    """The texts of the training side: a tokenizer fitted to the validation text would flatter the numbers."""
    if isinstance(validation, Path):
        held_out = {document.id for document in read_corpus(validation)}
        return (document.text for document in read_corpus(corpus) if document.id not in held_out)
    chosen = rule or choose_rule((document.id for document in read_corpus(corpus)), validation)
    return (document.text for document in read_corpus(corpus) if chosen.side(document.id) == "train")


def check_tokenizer(checkpoint: Path, tokenizer: Tokenizer, path: Path) -> None:
    """Raise UserError when a checkpoint was trained with another tokenizer than the one at `path`."""
    trained_with = load_tokenizer(checkpoint / "model").fingerprint
    if trained_with != tokenizer.fingerprint:
        raise UserError(
            f"{checkpoint} was trained with tokenizer {trained_with[:12]}, but {path} is {tokenizer.fingerprint[:12]}. "
            "Put the earlier tokenizer back, or begin anew with --restart."
        )
