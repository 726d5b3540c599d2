/* One step of a decoder-only transformer over a slotted KV cache, for any mixture of tokens: the twin of
   model/transformer.py, which it follows sublayer by sublayer. Activations and cache are fp32; weights fp32 or bf16.

   A step reads n tokens, each with its slot and position. Tokens of one slot stand in order. Keys and values of all are
   written before any of them attends, so a prompt's tokens and other sequences' next tokens go through together.

   Cache: keys (slot, layer, kv head, block of 16 positions, D, 16), so that 16 scores come from one pass over D without
   sums across a vector; values (slot, layer, kv head, position, D). */

#include "attention.h"
#include "kernels.h"
#include "team.h"

typedef struct {
    const void *weight; /* panels of 32 rows (see kernels.h); k a multiple of 16 */
    const float *bias;  /* or NULL */
    int64_t rows, k;
} matrix;

typedef struct {
    const float *gain, *bias; /* no gain: no norm; no bias: RMSNorm */
} norm;

typedef struct {
    norm attention_norm, mlp_norm, q_norm, k_norm;
    matrix q, k, v, out, gate, up, down;
} layer;

typedef struct {
    int32_t n_layer, n_head, n_kv_head, head_size, n_embd, n_ff, vocab_size;
    int32_t positions; /* of a slot, a multiple of 16 */
    int32_t rotary_half, layernorm, post_norm, parallel, activation, weight_type, max_tokens;
    float eps;
    const void *embed; /* vocab_size rows of embed_k weights */
    int64_t embed_k;
    const float *places;     /* (positions, n_embd) added to the embedding, or NULL */
    const float *cos, *sin;  /* (positions, head_size), or NULL */
    norm final_norm;
    matrix head;
    const layer *layers;
    float *keys, *values;
} model;

enum { GELU = 0, GELU_TANH = 1, SWIGLU = 2, RELU2 = 3 };
#define ROWS PANEL /* output rows of a chunk */

typedef struct {
    const model *m;
    team *team;
    int width_k, attention_k, ff_k; /* paddings to 16 of n_embd, n_head * head_size, n_ff */
    float *stream, *normed, *q, *k, *v, *mixed, *hidden, *compact; /* a row for each token */
    float **own; /* scratch of each thread */
    /* the step at hand */
    int n, layer_index;
    const layer *layer;
    const int32_t *ids, *slots, *places;
} decoder;

/* n zeros, on the border of a cache line. */
static float *zeros(size_t n) {
    size_t bytes = (n * sizeof(float) + 63) / 64 * 64;
    float *new = aligned_alloc(64, bytes);
    if (new) memset(new, 0, bytes);
    return new;
}

static int padded(int64_t n) { return (int)((n + LANES - 1) / LANES * LANES); }

static void normalise(const norm *by, int layernorm, float eps, int size, const float *x, float *out) {
    v16 squares = fill(0.0f);
    float mean = 0.0f;
    int i = 0;
    if (layernorm) {
        v16 total = fill(0.0f);
        for (; i + LANES <= size; i += LANES) total += load(x + i);
        mean = sum(total);
        for (; i < size; i++) mean += x[i];
        mean /= (float)size;
    }
    for (i = 0; i + LANES <= size; i += LANES) {
        v16 d = load(x + i) - fill(mean);
        squares += d * d;
    }
    float variance = sum(squares);
    for (; i < size; i++) variance += (x[i] - mean) * (x[i] - mean);
    float scale = 1.0f / sqrtf(variance / (float)size + eps);
    for (i = 0; i < size; i++)
        out[i] = (x[i] - mean) * scale * by->gain[i] + (by->bias && layernorm ? by->bias[i] : 0.0f);
}

static void normalise_rows(const decoder *d, const norm *by, const float *from, float *to) {
    const model *m = d->m;
    for (int t = 0; t < d->n; t++) {
        const float *x = from + (size_t)t * d->width_k;
        float *out = to + (size_t)t * d->width_k;
        if (by->gain)
            normalise(by, m->layernorm, m->eps, m->n_embd, x, out);
        else if (from != to)
            memcpy(out, x, m->n_embd * sizeof(float));
    }
}

/* ---- products: chunks of ROWS output rows ------------------------------------------------------------------------ */

typedef struct {
    decoder *d;
    const matrix *parts; /* one to three matrices with one input */
    int n_parts, n;
    const float *x;
    float *outs[3];
    size_t strides[3];
    int add;        /* to what is there */
    int activation; /* -1: none; SWIGLU: parts are gate and up */
} product;

static void multiply_rows(const product *p, const matrix *w, int row, int rows, float *out) {
    const size_t size = p->d->m->weight_type == FLOAT32 ? 4 : 2;
    const char *weight = (const char *)w->weight + (size_t)row * w->k * size;
    multiply(p->d->m->weight_type, weight, w->k, p->x, p->n, out, ROWS);
    if (w->bias)
        for (int t = 0; t < p->n; t++)
            for (int r = 0; r < rows; r++) out[t * ROWS + r] += w->bias[row + r];
}

static v16 activate(int kind, v16 x) {
    if (kind == RELU2) {
        x = choose(x > fill(0.0f), x, fill(0.0f));
        return x * x;
    }
    if (kind == GELU) {
        lanes a = {.all = x};
        for (int i = 0; i < LANES; i++) a.lane[i] = 0.5f * a.lane[i] * (1.0f + erff(a.lane[i] * 0.70710678f));
        return a.all;
    }
    v16 u = x; /* SWIGLU: x sigmoid(x); GELU_TANH: x sigmoid(2u), which is x (1 + tanh u) / 2 */
    if (kind == GELU_TANH) u = fill(2.0f * 0.79788456f) * (x + fill(0.044715f) * x * x * x);
    return x / (fill(1.0f) + exponential(-u));
}

static void product_chunk(void *context, int chunk, int thread) {
    const product *p = context;
    float *out = p->d->own[thread], *other = out + (size_t)p->d->m->max_tokens * ROWS;
    int part = 0;
    if (p->activation != SWIGLU)
        while (chunk >= (p->parts[part].rows + ROWS - 1) / ROWS) chunk -= (int)((p->parts[part++].rows + ROWS - 1) / ROWS);
    const matrix *w = p->parts + part;
    int row = chunk * ROWS, rows = w->rows - row < ROWS ? (int)(w->rows - row) : ROWS;
    multiply_rows(p, w, row, rows, out);
    if (p->activation == SWIGLU) multiply_rows(p, w + 1, row, rows, other);
    for (int t = 0; t < p->n; t++) {
        float *from = out + t * ROWS, *to = p->outs[part] + t * p->strides[part] + row;
        if (p->activation >= 0)
            for (int r = 0; r < rows; r += LANES) {
                v16 y = activate(p->activation, load(from + r));
                store(from + r, p->activation == SWIGLU ? y * load(other + t * ROWS + r) : y);
            }
        if (p->add)
            for (int r = 0; r < rows; r++) to[r] += from[r];
        else
            memcpy(to, from, rows * sizeof(float));
    }
}

static void run_product(product *p) {
    int chunks = 0;
    for (int i = 0; i < (p->activation == SWIGLU ? 1 : p->n_parts); i++) chunks += (int)((p->parts[i].rows + ROWS - 1) / ROWS);
    share(p->d->team, product_chunk, p, chunks);
}

/* ---- attention --------------------------------------------------------------------------------------------------- */

static float *keys_of(const decoder *d, int slot, int head) {
    const model *m = d->m;
    return m->keys + (((size_t)slot * m->n_layer + d->layer_index) * m->n_kv_head + head) * m->positions * m->head_size;
}

static float *values_of(const decoder *d, int slot, int head) {
    return d->m->values + (keys_of(d, slot, head) - d->m->keys);
}

static void rotate(const model *m, float *x, int place) {
    if (!m->cos) return;
    const float *cos = m->cos + (size_t)place * m->head_size, *sin = m->sin + (size_t)place * m->head_size;
    for (int i = 0, half = m->rotary_half; i < half; i++) {
        float a = x[i], b = x[i + half];
        x[i] = a * cos[i] + b * sin[i];
        x[i + half] = b * cos[i + half] + a * sin[i + half];
    }
}

/* One token: norm and rotation of queries and keys; keys and values into the cache. */
static void place_chunk(void *context, int t, int thread) {
    (void)thread;
    decoder *d = context;
    const model *m = d->m;
    const int D = m->head_size, place = d->places[t];
    for (int h = 0; h < m->n_head; h++) {
        float *q = d->q + (size_t)t * d->attention_k + h * D;
        if (d->layer->q_norm.gain) normalise(&d->layer->q_norm, 0, m->eps, D, q, q);
        rotate(m, q, place);
        float scale = 1.0f / sqrtf((float)D);
        for (int i = 0; i < D; i++) q[i] *= scale;
    }
    for (int h = 0; h < m->n_kv_head; h++) {
        float *k = d->k + ((size_t)t * m->n_kv_head + h) * D;
        const float *v = d->v + ((size_t)t * m->n_kv_head + h) * D;
        if (d->layer->k_norm.gain) normalise(&d->layer->k_norm, 0, m->eps, D, k, k);
        rotate(m, k, place);
        float *keys = keys_of(d, d->slots[t], h) + (size_t)(place / LANES) * D * LANES + place % LANES;
        for (int i = 0; i < D; i++) keys[i * LANES] = k[i];
        memcpy(values_of(d, d->slots[t], h) + (size_t)place * D, v, D * sizeof(float));
    }
}

static void attend_chunk(void *context, int chunk, int thread) {
    decoder *d = context;
    const model *m = d->m;
    const int t = chunk / m->n_kv_head, kv = chunk % m->n_kv_head, group = m->n_head / m->n_kv_head, D = m->head_size;
    const int n = d->places[t] + 1, blocks = padded(n) / LANES;
    const float *keys = keys_of(d, d->slots[t], kv), *values = values_of(d, d->slots[t], kv);
    float *scores = d->own[thread];
    for (int h = kv * group; h < (kv + 1) * group; h++) {
        score(d->q + (size_t)t * d->attention_k + h * D, keys, D, blocks, scores);
        float total = soften(scores, n, blocks);
        mix(scores, values, D, n, 1.0f / total, d->mixed + (size_t)t * d->attention_k + h * D);
    }
}

/* ---- the model, read downward ------------------------------------------------------------------------------------ */

static void embed(decoder *d) {
    const model *m = d->m;
    for (int t = 0; t < d->n; t++) {
        float *x = d->stream + (size_t)t * d->width_k;
        for (int i = 0; i < m->n_embd; i++) {
            size_t at = (size_t)d->ids[t] * m->embed_k + i;
            if (m->weight_type == FLOAT32)
                x[i] = ((const float *)m->embed)[at];
            else {
                uint32_t bits = (uint32_t)((const uint16_t *)m->embed)[at] << 16;
                memcpy(x + i, &bits, sizeof bits);
            }
            if (m->places) x[i] += m->places[(size_t)d->places[t] * m->n_embd + i];
        }
    }
}

static void attention(decoder *d, const float *x) {
    const model *m = d->m;
    const layer *l = d->layer;
    size_t keys = (size_t)m->n_kv_head * m->head_size;
    matrix parts[3] = {l->q, l->k, l->v};
    product in = {d, parts, 3, d->n, x, {d->q, d->k, d->v}, {d->attention_k, keys, keys}, 0, -1};
    run_product(&in);
    if (d->n <= 2)
        for (int t = 0; t < d->n; t++) place_chunk(d, t, 0);
    else
        share(d->team, place_chunk, d, d->n);
    share(d->team, attend_chunk, d, d->n * m->n_kv_head);
    product out = {d, &l->out, 1, d->n, d->mixed, {d->stream}, {d->width_k}, 1, -1};
    run_product(&out);
}

static void mlp(decoder *d, const float *x) {
    const layer *l = d->layer;
    matrix parts[2] = {l->gate, l->up};
    int gated = d->m->activation == SWIGLU;
    product up = {d, gated ? parts : parts + 1, gated ? 2 : 1, d->n, x, {d->hidden}, {d->ff_k}, 0, d->m->activation};
    run_product(&up);
    product down = {d, &l->down, 1, d->n, d->hidden, {d->stream}, {d->width_k}, 1, -1};
    run_product(&down);
}

static void block(decoder *d) {
    const layer *l = d->layer;
    if (d->m->post_norm) {
        attention(d, d->stream);
        normalise_rows(d, &l->attention_norm, d->stream, d->stream);
        mlp(d, d->stream);
        normalise_rows(d, &l->mlp_norm, d->stream, d->stream);
        return;
    }
    normalise_rows(d, &l->attention_norm, d->stream, d->normed);
    attention(d, d->normed);
    if (!d->m->parallel) normalise_rows(d, &l->mlp_norm, d->stream, d->normed);
    mlp(d, d->normed);
}

/* Read n tokens; write the logits (vocab_size each) of those `wanted` (indices among the n) to `logits`. */
void decoder_step(decoder *d, int n, const int32_t *ids, const int32_t *slots, const int32_t *places, int n_wanted,
                  const int32_t *wanted, float *logits) {
    const model *m = d->m;
    d->n = n, d->ids = ids, d->slots = slots, d->places = places;
    team_begin(d->team);
    embed(d);
    for (d->layer_index = 0; d->layer_index < m->n_layer; d->layer_index++) {
        d->layer = m->layers + d->layer_index;
        block(d);
    }
    for (int i = 0; i < n_wanted; i++)
        memcpy(d->compact + (size_t)i * d->width_k, d->stream + (size_t)wanted[i] * d->width_k, d->width_k * sizeof(float));
    d->n = n_wanted;
    normalise_rows(d, &m->final_norm, d->compact, d->normed);
    product head = {d, &m->head, 1, n_wanted, d->normed, {logits}, {m->vocab_size}, 0, -1};
    if (n_wanted) run_product(&head);
    team_end(d->team);
}

void decoder_free(decoder *d) {
    if (!d) return;
    if (d->own)
        for (int i = 0; d->team && i <= d->team->n_workers; i++) free(d->own[i]);
    if (d->team) team_free(d->team);
    float *rows[] = {d->stream, d->normed, d->q, d->k, d->v, d->mixed, d->hidden, d->compact};
    for (int i = 0; i < 8; i++) free(rows[i]);
    free(d->own);
    free(d);
}

/* `m` and all that it points to stay the caller's and must outlive the decoder. NULL if memory is short. */
decoder *decoder_new(const model *m, int n_threads) {
    decoder *d = calloc(1, sizeof(decoder));
    if (!d) return NULL;
    d->m = m;
    d->width_k = padded(m->n_embd), d->attention_k = padded((int64_t)m->n_head * m->head_size), d->ff_k = padded(m->n_ff);
    int keys = m->n_kv_head * m->head_size;
    int sizes[] = {d->width_k, d->width_k, d->attention_k, keys, keys, d->attention_k, d->ff_k, d->width_k};
    float **rows[] = {&d->stream, &d->normed, &d->q, &d->k, &d->v, &d->mixed, &d->hidden, &d->compact};
    int whole = 1; /* zeros, so that paddings add nothing */
    for (int i = 0; i < 8; i++) whole &= (*rows[i] = zeros((size_t)m->max_tokens * sizes[i])) != NULL;
    whole = whole && (d->team = team_new(n_threads)) && (d->own = calloc(d->team->n_workers + 1, sizeof(float *)));
    size_t scratch = 2 * (size_t)m->max_tokens * ROWS;
    if (scratch < (size_t)m->positions) scratch = m->positions;
    for (int i = 0; whole && i <= d->team->n_workers; i++) whole = (d->own[i] = zeros(scratch)) != NULL;
    if (whole) return d;
    decoder_free(d);
    return NULL;
}

int decoder_threads(const decoder *d) { return d->team->n_workers + 1; }
