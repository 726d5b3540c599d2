"""A decoder-only transformer, read downward: norm, positions, attention, feed-forward, block, model.

Shapes: B batch, T position (of the queries), S position (of the keys), C embedding, H heads, K key/value heads,
D head size, V vocabulary. Weights stay in fp32 while training; a layer casts them to its input's dtype.

Where this departs from the textbook (Vaswani et al. 2017), by configuration:
* rotary positions, on a share of each head (Su et al. 2021; partial: GPT-J, Phi)
* RMSNorm (Zhang & Sennrich 2019) before each sublayer (pre-norm, GPT-2)
* queries and keys normalised before rotation, with a learned gain (Henry et al. 2020; Qwen3)
* grouped queries: several query heads share one key/value head (Ainslie et al. 2023)
* SwiGLU (Shazeer 2020) or squared ReLU (So et al. 2021) in the feed-forward layer
* attention and feed-forward side by side (GPT-J, Phi)
"""

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from groundup.model import functions
from groundup.model.cache import KVCache
from groundup.model.config import ModelConfig, ResolvedConfig, resolve
from groundup.model.dropout import draw_kept
from groundup.model.dropout import dropout as drop


class Linear(nn.Module):
    """y = x Wᵀ + b, computed in the dtype of x. Weight (out, in), zero until `initialise` draws it."""

    def __init__(self, n_in: int, n_out: int, *, bias: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(n_out, n_in))
        self.bias = nn.Parameter(torch.zeros(n_out)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight.to(x.dtype), None if self.bias is None else self.bias.to(x.dtype))


class Norm(nn.Module):
    """LayerNorm with gain and bias, or RMSNorm with a gain, over the last axis."""

    def __init__(self, size: int, kind: str, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.gain = nn.Parameter(torch.ones(size))
        self.bias = nn.Parameter(torch.zeros(size)) if kind == "layernorm" else None

    def forward(self, x: Tensor) -> Tensor:
        if self.bias is None:
            return functions.rms_norm(x, self.gain, self.eps)
        gain = self.gain.to(x.dtype)
        return F.layer_norm(x, gain.shape, gain, self.bias.to(x.dtype), self.eps)

    def reset(self) -> None:
        """Gain one, bias zero."""
        nn.init.ones_(self.gain)
        if self.bias is not None:
            nn.init.zeros_(self.bias)


def sinusoidal_table(n_positions: int, size: int) -> Tensor:
    """Vaswani et al. 2017, section 3.5: (T, C), sines at even components and cosines at odd ones."""
    angles = rotary_angles(n_positions, size, 10_000.0)
    return torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(-2)


def rotary_angles(n_positions: int, size: int, base: float) -> Tensor:
    """Angle of each pair at each position: (T, size/2), fp32."""
    # On the CPU also in a model without memory: there, arange would load torch's compiler.
    wavelengths = base ** (torch.arange(0, size, 2, dtype=torch.float32, device="cpu") / size)
    return torch.arange(n_positions, dtype=torch.float32, device="cpu")[:, None] / wavelengths


def rotary_tables(config: ResolvedConfig) -> tuple[Tensor, Tensor]:
    """What `rotate` multiplies each component and its partner with: (T, D) each.

    cos  [ cos a | cos a | 1 ]     The last part, 1 and 0, is the share of a head that is not rotated.
    sin  [-sin a | sin a | 0 ]
    """
    angles = rotary_angles(config.block_size, config.rotary_size, config.rotary_base)
    rest = angles.new_zeros(config.block_size, config.head_size - config.rotary_size)
    cos = torch.cat((angles.cos(), angles.cos(), rest + 1), dim=-1)
    sin = torch.cat((-angles.sin(), angles.sin(), rest), dim=-1)
    return cos, sin


@dataclass
class Context:
    """What every block of one forward pass shares."""

    tables: tuple[Tensor, Tensor] | None  # cos and sin, (T, D) or (B, 1, T, D); None: not rotary
    mask: Tensor | None  # additive, (T, S) or (B, 1, T, S); None: SDPA's own causal one, or nothing to hide
    causal: bool  # the mask is the plain causal one
    begins: Tensor | None  # (B, T), int32: it is the causal one within each segment, which begins here
    cache: KVCache | None


class Attention(nn.Module):
    """Causal self-attention with grouped queries."""

    def __init__(self, config: ResolvedConfig, layer: int) -> None:
        super().__init__()
        n_query, n_key = config.n_head * config.head_size, config.n_kv_head * config.head_size
        self.config, self.layer = config, layer
        self.use_sdpa = False
        self.q = Linear(config.n_embd, n_query, bias=config.attention_bias)
        self.k = Linear(config.n_embd, n_key, bias=config.attention_bias)
        self.v = Linear(config.n_embd, n_key, bias=config.attention_bias)
        self.out = Linear(n_query, config.n_embd, bias=config.attention_bias)
        self.q_norm = Norm(config.head_size, "rmsnorm", config.norm_eps) if config.qk_norm else nn.Identity()
        self.k_norm = Norm(config.head_size, "rmsnorm", config.norm_eps) if config.qk_norm else nn.Identity()

    def forward(self, x: Tensor, context: Context) -> Tensor:
        q = self._heads(self.q(x), self.q_norm, context.tables)
        k = self._heads(self.k(x), self.k_norm, context.tables)
        v = self._heads(self.v(x), None, None)
        if context.cache is not None:
            k, v = context.cache.extend(self.layer, k, v)  # (B, K, S, D)
        dropout = self.config.dropout if self.training else 0.0
        mask, causal = context.mask, context.causal
        if self.use_sdpa:
            mixed = attend_sdpa(q, k, v, mask, causal=causal, dropout=dropout)
        else:
            mixed = attend_explicit(q, k, v, mask, causal=causal, begins=context.begins, dropout=dropout)
        out = self.out(mixed.transpose(1, 2).flatten(-2))
        return drop(out, dropout)

    def _heads(self, x: Tensor, norm: Norm | nn.Identity | None, tables: tuple[Tensor, Tensor] | None) -> Tensor:
        """(B, T, H D) -> (B, H, T, D), copied here once so that all that follows reads memory in order."""
        gain, half = norm.gain if isinstance(norm, Norm) else None, self.config.rotary_size // 2
        return functions.split_heads(x, self.config.head_size, gain, self.config.norm_eps, tables, half)


def attend_sdpa(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, *, causal: bool, dropout: float) -> Tensor:
    """PyTorch's fused attention: needs no (T, S) memory. q (B, H, T, D), k and v (B, K, S, D) -> (B, H, T, D)."""
    grouped = q.shape[1] != k.shape[1]
    return F.scaled_dot_product_attention(q, k, v, mask, dropout, is_causal=causal and mask is None, enable_gqa=grouped)


def attend_explicit(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor | None,
    *,
    causal: bool,
    begins: Tensor | None = None,
    dropout: float,
) -> Tensor:
    """The textbook's scores, softmax, values: in bf16 on a CPU its backward is several times faster than SDPA's."""
    assert mask is not None or not causal, "the explicit path needs a mask"
    kept = draw_kept(q.new_empty(*q.shape[:3], k.shape[2]), dropout) if dropout else None
    return functions.attend(q, k, v, mask, causal=causal, begins=begins, kept=kept)


class MLP(nn.Module):
    """The feed-forward layer."""

    def __init__(self, config: ResolvedConfig) -> None:
        super().__init__()
        self.activation, self.dropout = config.activation, config.dropout
        self.up = Linear(config.n_embd, config.n_ff, bias=config.mlp_bias)
        self.gate = Linear(config.n_embd, config.n_ff, bias=config.mlp_bias) if self.activation == "swiglu" else None
        self.down = Linear(config.n_ff, config.n_embd, bias=config.mlp_bias)

    def forward(self, x: Tensor) -> Tensor:
        out = self.down(self.activate(x))
        return drop(out, self.dropout if self.training else 0.0)

    def activate(self, x: Tensor) -> Tensor:
        """The hidden activations: (B, T, C) -> (B, T, n_ff)."""
        if self.gate is not None:
            return functions.swiglu(self.gate(x), self.up(x))
        if self.activation == "relu2":
            return F.relu(self.up(x)).square()
        return F.gelu(self.up(x), approximate="tanh" if self.activation == "gelu_tanh" else "none")


class Block(nn.Module):
    """Pre-norm: each sublayer reads the normalised stream and adds to it."""

    def __init__(self, config: ResolvedConfig, layer: int) -> None:
        super().__init__()
        self.attention_norm = Norm(config.n_embd, config.norm, config.norm_eps)
        self.attention = Attention(config, layer)
        if not config.parallel_residual:
            self.mlp_norm = Norm(config.n_embd, config.norm, config.norm_eps)
        self.mlp = MLP(config)

    def forward(self, x: Tensor, context: Context) -> Tensor:
        x = x + self.attention(self.attention_norm(x), context)
        return x + self.mlp(self.mlp_norm(x))


class PostNormBlock(Block):
    """Post-norm: the stream itself is normalised after each addition."""

    def forward(self, x: Tensor, context: Context) -> Tensor:
        x = self.attention_norm(x + self.attention(x, context))
        return self.mlp_norm(x + self.mlp(x))


class ParallelBlock(Block):
    """Both sublayers read one normalised input."""

    def forward(self, x: Tensor, context: Context) -> Tensor:
        normed = self.attention_norm(x)
        return x + self.attention(normed, context) + self.mlp(normed)


class Transformer(nn.Module):
    """Token ids in, logits out. Weights are zero until `initialise` or `load_bundle` fills them."""

    cos: Tensor | None
    sin: Tensor | None
    sinusoids: Tensor | None

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config = resolve(config)
        self.compute_dtype: torch.dtype | None = None
        self.use_sdpa = False
        block = _block_class(config)
        self.embed = _embedding(config.vocab_size, config.n_embd)
        if config.positions == "learned":
            self.position_embed = _embedding(config.block_size, config.n_embd)
        self.blocks = nn.ModuleList(block(config, layer) for layer in range(config.n_layer))
        self.norm = (
            Norm(config.n_embd, config.norm, config.norm_eps) if config.norm_position == "pre" else nn.Identity()
        )
        self.head = Linear(config.n_embd, config.vocab_size, bias=config.head_bias)
        if config.tied_embeddings:
            self.head.weight = cast(nn.Parameter, self.embed.weight)
        self.fill_tables()

    def fill_tables(self) -> None:
        """Compute the tables that follow from the configuration: moved with the model, never saved."""
        config = self.config
        cos, sin = rotary_tables(config) if config.positions == "rotary" else (None, None)
        sinusoids = sinusoidal_table(config.block_size, config.n_embd) if config.positions == "sinusoidal" else None
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self.register_buffer("sinusoids", sinusoids, persistent=False)

    def set_compute(self, dtype: torch.dtype | None = None, *, attention: str = "explicit") -> None:
        """Choose the dtype of activations (None: that of the weights) and the attention path: explicit or sdpa."""
        assert attention in ("explicit", "sdpa"), attention
        self.compute_dtype, self.use_sdpa = dtype, attention == "sdpa"
        for module in self.modules():
            if isinstance(module, Attention):
                module.use_sdpa = self.use_sdpa

    def forward(
        self,
        ids: Tensor,
        *,
        positions: Tensor | None = None,
        segments: Tensor | None = None,
        cache: KVCache | None = None,
        wanted: Tensor | None = None,
    ) -> Tensor:
        """Logits (B, T, V) of the token after each position, in the compute dtype.

        ids (B, T) int64. positions (B, T): place of each token in its text; by default counted from the start of the
        row or segment, going on from what the cache holds. segments (B, T): a position sees its own segment only.
        wanted (N,) int64: logits (N, V) of these positions only, counted through all rows.
        """
        x = self.hidden(ids, positions=positions, segments=segments, cache=cache)
        return self.head(x if wanted is None else x.flatten(0, 1).index_select(0, wanted))

    def hidden(
        self,
        ids: Tensor,
        *,
        positions: Tensor | None = None,
        segments: Tensor | None = None,
        cache: KVCache | None = None,
    ) -> Tensor:
        """What the head reads, (B, T, C); arguments as for `forward`."""
        past = 0 if cache is None else cache.length
        T = ids.shape[1]
        assert past + T <= self.config.block_size, f"{past + T} tokens exceed the context of {self.config.block_size}"
        if positions is None and segments is not None:
            positions = positions_in_segments(segments)
        x = self._embed(ids, slice(past, past + T) if positions is None else positions)
        context = self._context(x, past, positions, segments, cache)
        for block in self.blocks:
            x = block(x, context)
        if cache is not None:
            cache.advance(T)
        return self.norm(x)

    def _embed(self, ids: Tensor, places: slice | Tensor) -> Tensor:
        x = self.embed(ids)
        if self.config.positions == "learned":
            x = x + self.position_embed.weight[places]
        elif self.sinusoids is not None:
            x = x + self.sinusoids[places]
        x = x if self.compute_dtype is None else x.to(self.compute_dtype)
        return drop(x, self.config.dropout if self.training else 0.0)

    def _context(
        self, x: Tensor, past: int, positions: Tensor | None, segments: Tensor | None, cache: KVCache | None
    ) -> Context:
        T = x.shape[1]
        tables = None
        if self.cos is not None and self.sin is not None:
            if positions is None:
                tables = self.cos[past : past + T], self.sin[past : past + T]
            else:
                tables = self.cos[positions].unsqueeze(1), self.sin[positions].unsqueeze(1)
        causal = past == 0 and segments is None and T > 1
        mask = None if T == 1 or (causal and self.use_sdpa) else attention_mask(x, past, segments)
        begins = None if segments is None else segments_begin(segments).to(torch.int32)
        return Context(tables, mask, causal=causal, begins=begins, cache=cache)


def empty_model(config: ModelConfig) -> Transformer:
    """The model's structure without memory for its weights, for counting and naming them."""
    with torch.device("meta"):
        return Transformer(config)


def _embedding(n_rows: int, size: int) -> nn.Embedding:
    return nn.Embedding(n_rows, size, _weight=torch.zeros(n_rows, size))


def _block_class(config: ResolvedConfig) -> type[Block]:
    if config.parallel_residual:
        return ParallelBlock
    return PostNormBlock if config.norm_position == "post" else Block


def attention_mask(x: Tensor, past: int, segments: Tensor | None) -> Tensor:
    """Added to the scores: 0 where a query (row) sees a key (column), -inf elsewhere. (T, past + T), or (B, 1, T, T).

    x (B, T, C) gives length, device and dtype; past: tokens before it in the cache.

    Two segments a a b b, queries downward:     0 . . .
                                                0 0 . .
                                                . . 0 .
                                                . . 0 0
    """
    T = x.shape[1]
    mask = torch.full((T, past + T), float("-inf"), device=x.device, dtype=x.dtype).triu(past + 1)
    if segments is None:
        return mask
    assert past == 0, "segments are for training; a cache holds one text per row"
    other = segments[:, None, :, None] != segments[:, None, None, :]
    return mask.masked_fill(other, float("-inf"))


def positions_in_segments(segments: Tensor) -> Tensor:
    """Place of each token in its own segment: [a a b b b] -> [0 1 0 1 2]. (B, T) -> (B, T)."""
    return torch.arange(segments.shape[1], device=segments.device) - segments_begin(segments)


def segments_begin(segments: Tensor) -> Tensor:
    """Where each token's own segment begins: [a a b b b] -> [0 0 2 2 2]. (B, T) -> (B, T)."""
    index = torch.arange(segments.shape[1], device=segments.device).expand_as(segments)
    first = torch.ones_like(segments, dtype=torch.bool)
    first[:, 1:] = segments[:, 1:] != segments[:, :-1]
    return index.where(first, 0).cummax(dim=1).values
