"""The sections `training` and `logging` of a configuration, with units."""

from dataclasses import dataclass

from groundup.utils.errors import UserError, nearest_hint

IntOrAuto = int | str
FloatOrAuto = float | str

OPTIMIZERS = ("muon", "adamw")
SCHEDULES = ("wsd", "linear", "cosine", "constant")


@dataclass
class TrainingConfig:
    """How a model is trained. "auto" is decided once, printed with its reason, and kept at every resume."""

    block_size: int = 256  # context length in tokens
    batch_size: int = 8  # sequences in one optimizer step, over all processes: what learning depends on
    micro_batch_size: IntOrAuto = "auto"  # sequences that go through the model at once: only memory
    max_steps: int | None = None  # limit in optimizer steps of the run
    max_tokens: int | None = None  # limit in tokens of the run
    max_minutes: float | None = None  # limit in minutes of training, evaluations and saves included

    optimizer: str = "muon"  # muon (matrices; AdamW for the rest) | adamw
    learning_rate: FloatOrAuto = "auto"  # of the matrices under muon (0.03), of everything under adamw (0.002)
    embedding_learning_rate: FloatOrAuto = "auto"  # AdamW's beside muon: 0.2, or 0.003 where tied
    head_learning_rate: FloatOrAuto = "auto"  # AdamW's for the untied output head beside muon: 0.01
    gain_learning_rate: FloatOrAuto = "auto"  # AdamW's for norms and biases beside muon: 0.01
    weight_decay: float = 0.0  # decoupled, on matrices; follows the schedule
    max_grad_norm: float = 0.0  # gradients beyond this norm are scaled down to it; 0 never
    spike_deviations: float = 6.0  # a step whose loss or gradient norm is so far above the usual is skipped; 0 never
    schedule: str = "wsd"  # wsd | linear | cosine | constant
    warmup: float = 0.01  # share of the steps over which the learning rate rises
    decay: float = 0.7  # share of the steps over which wsd falls, linearly
    final_learning_rate: float = 0.0  # share of the learning rate that is left at the end

    document_mask: bool = False  # packed documents do not see each other
    precision: str = "auto"  # auto | float32 | bfloat16: of the matrix products; weights are kept in float32
    attention: str = "auto"  # auto | explicit | sdpa: two paths to the same result
    compile: bool | str = "auto"  # auto | true | false: torch.compile
    device: str = "auto"  # auto | cpu | cuda | cuda:N | mps
    distributed: str = "auto"  # auto | ddp | fsdp: with several processes, all of the model on each, or a part
    threads: IntOrAuto = "auto"  # processor threads that torch uses
    workers: IntOrAuto = "auto"  # threads that each take rows of a micro-batch through the model alone; 1: none does
    seed: int = 1  # of all chance: weights, order, dropout, samples

    replay_fraction: float = 0.0  # share of old text among the tokens of an --only-new phase
    eval_interval: IntOrAuto = "auto"  # steps between evaluations
    eval_tokens: int = 16384  # validation tokens read by evaluations on the way; the last one reads all
    checkpoint_interval: IntOrAuto = "auto"  # steps between checkpoints
    checkpoint_minutes: float = 10.0  # at most this much work is lost to a power cut, whatever the interval
    keep: int = 2  # newest checkpoints kept, beside the best
    sample_tokens: int = 48  # length of the sample written at each evaluation; 0 for none
    output_dir: str | None = None  # run folder; checkpoints/<name> unless given
    init_from: str | None = None  # model folder or checkpoint whose weights, shape and tokenizer the run begins with


@dataclass
class LoggingConfig:
    """What is recorded beside metrics.jsonl."""

    interval: int = 1  # steps between rows of metrics.jsonl
    tensorboard: bool = True  # curves in the run folder's tensorboard/
    wandb: bool = False  # Weights & Biases; WANDB_MODE=offline keeps the numbers here
    windows: bool = False  # windows.jsonl: which windows of which dataset each step read


# Embeddings that start with deviation 1 take large steps; those that start at 0.02 (tied, textbook) AdamW's usual ones.
EMBEDDING_LEARNING_RATE = {"wide": 0.2, "narrow": 0.003}
WIDE = 0.5  # deviation of embeddings between the two
TRAINED_SHARE = 0.1  # of all rates, for weights that are trained already (LOG.md, training on from a model)
DEFAULT_LEARNING_RATE = {"muon": 0.03, "adamw": 0.002}
SMALL_LEARNING_RATE = 0.01  # of the head and the gains beside muon
RATES = ("learning_rate", "embedding_learning_rate", "head_learning_rate", "gain_learning_rate")


def fill_rates(training: "TrainingConfig", share: float, embedding: str) -> None:
    """Let the learning rates that are open be `share` of those for fresh weights. embedding: wide | narrow."""
    fresh = {
        "learning_rate": DEFAULT_LEARNING_RATE[training.optimizer],
        "embedding_learning_rate": EMBEDDING_LEARNING_RATE[embedding],
        "head_learning_rate": SMALL_LEARNING_RATE,
        "gain_learning_rate": SMALL_LEARNING_RATE,
    }
    for key in RATES:
        if getattr(training, key) == "auto":
            setattr(training, key, share * fresh[key])


def check_settings(training: TrainingConfig) -> None:
    """Raise UserError for a value that cannot work, naming the value and its limit."""
    for key in ("block_size", "batch_size", "keep", "eval_tokens"):
        if getattr(training, key) < 1:
            raise UserError(f"training.{key} is {getattr(training, key)}; it must be at least 1.")
    for key in ("max_steps", "max_tokens", "max_minutes", "checkpoint_minutes"):
        value = getattr(training, key)
        if value is not None and value <= 0:
            raise UserError(f"training.{key} is {value}; it must be above 0, or left out.")
    for key in ("micro_batch_size", "threads", "workers", "eval_interval", "checkpoint_interval"):
        value = getattr(training, key)
        if value != "auto" and (not isinstance(value, int) or value < 1):
            raise UserError(f'training.{key} is "{value}"; it must be a number of at least 1, or auto.')
    for key in RATES:
        rate = getattr(training, key)
        if rate != "auto" and (isinstance(rate, str) or rate <= 0):
            raise UserError(f'training.{key} is "{rate}"; it must be a number above 0, or auto.')
    if not 0 <= training.replay_fraction < 1:
        raise UserError(f"training.replay_fraction is {training.replay_fraction}; it must be at least 0 and below 1.")
    if training.spike_deviations < 0:
        raise UserError(f"training.spike_deviations is {training.spike_deviations}; it must be above 0, or 0 for none.")
    _check_shares_and_names(training)


def _check_shares_and_names(training: TrainingConfig) -> None:
    for key in ("warmup", "decay", "final_learning_rate"):
        if not 0 <= getattr(training, key) <= 1:
            raise UserError(f"training.{key} is {getattr(training, key)}; it is a share between 0 and 1.")
    for key, valid in (
        ("optimizer", OPTIMIZERS),
        ("schedule", SCHEDULES),
        ("attention", ("auto", "explicit", "sdpa")),
        ("distributed", ("auto", "ddp", "fsdp")),
    ):
        if getattr(training, key) not in valid:
            raise UserError(
                f'training.{key} "{getattr(training, key)}" is unknown.{nearest_hint(getattr(training, key), valid)}'
            )
    if training.compile not in ("auto", True, False):
        raise UserError(f'training.compile is "{training.compile}"; choose auto, true or false.')
