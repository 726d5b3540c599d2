"""How many parameters, FLOPs and bytes a shape costs: formulas, proved against built models by the tests.

Letters: L layers, C width, F feed-forward width, H query heads, K key/value heads, D head size, V vocabulary,
T context.
"""

from dataclasses import dataclass

from groundup.model.config import ModelConfig, resolve

TOKENS_PER_PARAMETER = 20
"""Compute-optimal training tokens per parameter (Hoffmann et al. 2022)."""


@dataclass(frozen=True)
class ParameterCount:
    """Parameters by part; a tied head counts once, as embedding."""

    token_embedding: int
    position_embedding: int
    attention: int
    feed_forward: int
    norms: int
    head: int

    @property
    def total(self) -> int:
        """All of them."""
        return (
            self.token_embedding + self.position_embedding + self.attention + self.feed_forward + self.norms + self.head
        )

    @property
    def without_embeddings(self) -> int:
        """What multiplies activations in the blocks: attention, feed-forward and norms."""
        return self.attention + self.feed_forward + self.norms


def count_parameters(config: ModelConfig) -> ParameterCount:
    """Parameters of the model that `Transformer(config)` builds."""
    c = resolve(config)
    C, F, L = c.n_embd, c.n_ff, c.n_layer
    q, kv = c.n_head * c.head_size, c.n_kv_head * c.head_size
    attention = 2 * C * q + 2 * C * kv + (q + 2 * kv + C) * c.attention_bias
    matrices = 3 if c.activation == "swiglu" else 2
    feed_forward = matrices * C * F + ((matrices - 1) * F + C) * c.mlp_bias
    norm = C * (2 if c.norm == "layernorm" else 1)
    norms_per_block = norm * (1 if c.parallel_residual else 2) + 2 * c.head_size * c.qk_norm
    head = (0 if c.tied_embeddings else c.vocab_size * C) + c.vocab_size * c.head_bias
    return ParameterCount(
        token_embedding=c.vocab_size * C,
        position_embedding=c.block_size * C if c.positions == "learned" else 0,
        attention=L * attention,
        feed_forward=L * feed_forward,
        norms=L * norms_per_block + (norm if c.norm_position == "pre" else 0),
        head=head,
    )


def matrix_parameters(config: ModelConfig) -> int:
    """Elements of the matrices in the blocks: what costs nearly all the time, and what Muon updates."""
    c = resolve(config)
    attention = 2 * c.n_embd * (c.n_head + c.n_kv_head) * c.head_size
    feed_forward = (3 if c.activation == "swiglu" else 2) * c.n_embd * c.n_ff
    return c.n_layer * (attention + feed_forward)


def is_gpt2_shaped(config: ModelConfig) -> bool:
    """Whether GPT-2's published formula counts this shape."""
    c = resolve(config)
    textbook = (c.positions, c.norm, c.norm_position) == ("learned", "layernorm", "pre") and c.activation != "swiglu"
    heads = c.n_kv_head == c.n_head and c.n_head * c.head_size == c.n_embd and not (c.qk_norm or c.parallel_residual)
    biases = c.attention_bias and c.mlp_bias and not c.head_bias
    return textbook and heads and biases and c.n_ff == 4 * c.n_embd and c.tied_embeddings


def gpt2_parameters(*, n_layer: int, n_embd: int, vocab_size: int, block_size: int) -> int:
    """GPT-2's published count: V C + T C + L (12 C² + 13 C) + 2 C. 124,439,808 for the small one."""
    return vocab_size * n_embd + block_size * n_embd + n_layer * (12 * n_embd**2 + 13 * n_embd) + 2 * n_embd


def flops_per_token(config: ModelConfig) -> float:
    """FLOPs of forward and backward for one token of training at full context: 6 N + 6 L H D T.

    N counts the parameters that multiply activations: all matrices and the head, no embedding look-up. The second term
    is attention's scores and values, halved since a position sees only what came before (PaLM, appendix B, which does
    not halve). Backward costs twice forward.
    """
    c = resolve(config)
    multiplied = matrix_parameters(c) + c.vocab_size * c.n_embd
    return 6.0 * multiplied + 6.0 * c.n_layer * c.n_head * c.head_size * c.block_size


def optimal_tokens(config: ModelConfig) -> int:
    """Tokens for compute-optimal training: 20 a parameter."""
    return TOKENS_PER_PARAMETER * count_parameters(config).total


def state_bytes(config: ModelConfig, *, optimizer: str = "muon") -> int:
    """Bytes of float32 weights, gradients and optimizer state: Muon keeps one number a matrix element, AdamW two."""
    total = count_parameters(config).total
    state = 2 * total - (matrix_parameters(config) if optimizer == "muon" else 0)
    return 4 * (2 * total + state)


def activation_bytes(config: ModelConfig, batch_size: int, *, element_bytes: int = 4, explicit: bool = True) -> int:
    """Bytes that forward keeps for backward, for `batch_size` sequences at full context, and the logits beside them.

    Kept for each token, in a block: of each norm its normalised input and its output, which the matrices after it keep;
    of attention q, k, v, its output, and T weights a head on the explicit path; of the feed-forward layer what goes in
    and out of the activation. Below float32 the cast matrices are kept, too. The head keeps its input and what the loss
    makes of the logits. Dropout's masks are left out.
    """
    c = resolve(config)
    q, kv, F = c.n_head * c.head_size, c.n_kv_head * c.head_size, c.n_ff
    norms = (2 if c.parallel_residual else 4) * c.n_embd + (q + kv) * c.qk_norm
    weights = c.n_head * c.block_size if explicit else q  # SDPA keeps its output before it is put in order
    attention = 2 * q + 2 * kv + weights
    feed_forward = (4 if c.activation == "swiglu" else 2) * F
    token = c.n_layer * (norms + attention + feed_forward) + 2 * c.n_embd + 2 * c.vocab_size
    cast = matrix_parameters(c) + c.vocab_size * c.n_embd if element_bytes < 4 else 0
    return (batch_size * c.block_size * token + cast) * element_bytes


def cache_bytes(config: ModelConfig, batch_size: int = 1, *, element_bytes: int = 4) -> int:
    """Bytes of the KV cache at full context."""
    c = resolve(config)
    return 2 * c.n_layer * batch_size * c.block_size * c.n_kv_head * c.head_size * element_bytes


@dataclass(frozen=True)
class Costs:
    """What a shape costs, for a person who chooses one. Memory in bytes."""

    parameters: ParameterCount
    total_parameters: int
    gpt2_formula_parameters: int | None  # by GPT-2's published formula; None where the shape is not GPT-2's
    training_flops_per_token: float
    optimal_tokens: int
    optimal_flops: float  # of training on that many
    state_bytes: int  # weights, gradients and optimizer
    activation_bytes: dict[str, int]  # at the batch size, by dtype of the activations, on the explicit attention path
    activation_bytes_fused: dict[str, int]  # the same with fused attention
    cache_bytes: dict[str, int]  # KV cache of one sequence at full context, by dtype


def measure_costs(config: ModelConfig, *, batch_size: int, optimizer: str) -> Costs:
    """All costs of a shape. batch_size: sequences that go through the model at once."""
    c = resolve(config)
    parameters, flops, tokens = count_parameters(c), flops_per_token(c), optimal_tokens(c)
    published = (
        gpt2_parameters(n_layer=c.n_layer, n_embd=c.n_embd, vocab_size=c.vocab_size, block_size=c.block_size)
        if is_gpt2_shaped(c)
        else None
    )
    sizes = {"float32": 4, "bfloat16": 2}
    return Costs(
        parameters=parameters,
        total_parameters=parameters.total,
        gpt2_formula_parameters=published,
        training_flops_per_token=flops,
        optimal_tokens=tokens,
        optimal_flops=tokens * flops,
        state_bytes=state_bytes(c, optimizer=optimizer),
        activation_bytes={name: activation_bytes(c, batch_size, element_bytes=n) for name, n in sizes.items()},
        activation_bytes_fused={
            name: activation_bytes(c, batch_size, element_bytes=n, explicit=False) for name, n in sizes.items()
        },
        cache_bytes={name: cache_bytes(c, element_bytes=n) for name, n in sizes.items()},
    )
