/* One query over the keys and values of its sequence. */

#pragma once
#include "kernels.h"

/* Scores of one query with `blocks` blocks of 16 keys, four at a time. */
static void score(const float *q, const float *keys, int D, int blocks, float *scores) {
    const size_t block = (size_t)D * LANES;
    int b = 0;
    for (; b + 4 <= blocks; b += 4) {
        const float *at = keys + b * block;
        v16 s0 = fill(0.0f), s1 = s0, s2 = s0, s3 = s0;
        for (int i = 0; i < D; i++) {
            v16 by = fill(q[i]);
            PREFETCH(at + AHEAD + i * LANES);
            PREFETCH(at + AHEAD + block + i * LANES);
            PREFETCH(at + AHEAD + 2 * block + i * LANES);
            PREFETCH(at + AHEAD + 3 * block + i * LANES);
            s0 += by * load(at + i * LANES);
            s1 += by * load(at + block + i * LANES);
            s2 += by * load(at + 2 * block + i * LANES);
            s3 += by * load(at + 3 * block + i * LANES);
        }
        store(scores + b * LANES, s0);
        store(scores + (b + 1) * LANES, s1);
        store(scores + (b + 2) * LANES, s2);
        store(scores + (b + 3) * LANES, s3);
    }
    for (; b < blocks; b++) {
        v16 s = fill(0.0f);
        for (int i = 0; i < D; i++) s += fill(q[i]) * load(keys + b * block + i * LANES);
        store(scores + b * LANES, s);
    }
}

/* scores -> weights that are not yet divided by their sum, which is returned. */
static float soften(float *scores, int n, int blocks) {
    for (int i = n; i < blocks * LANES; i++) scores[i] = -INFINITY;
    v16 most = load(scores);
    for (int b = 1; b < blocks; b++) {
        v16 s = load(scores + b * LANES);
        most = choose(s > most, s, most);
    }
    lanes a = {.all = most};
    float top = a.lane[0];
    for (int i = 1; i < LANES; i++) top = a.lane[i] > top ? a.lane[i] : top;
    v16 total = fill(0.0f);
    for (int b = 0; b < blocks; b++) {
        v16 e = exponential(load(scores + b * LANES) - fill(top));
        store(scores + b * LANES, e);
        if (b == blocks - 1) {
            for (int i = n; i < blocks * LANES; i++) scores[i] = 0.0f;
            e = load(scores + b * LANES);
        }
        total += e;
    }
    return sum(total);
}

/* Columns i .. i + 16 C - 1 of the mixture, all rows in one pass: memory is read in one stream. */
INLINE void mix_columns(const int C, const float *weights, const float *values, int D, int n, float scale, float *out) {
    v16 even[4], odd[4];
#pragma GCC unroll 4
    for (int c = 0; c < C; c++) even[c] = odd[c] = fill(0.0f);
    int s = 0;
    for (; s + 2 <= n; s += 2) {
        const float *v = values + (size_t)s * D;
        v16 w0 = fill(weights[s]), w1 = fill(weights[s + 1]);
#pragma GCC unroll 4
        for (int c = 0; c < C; c++) {
            PREFETCH(v + AHEAD + c * LANES);
            PREFETCH(v + AHEAD + D + c * LANES);
            even[c] += w0 * load(v + c * LANES);
            odd[c] += w1 * load(v + D + c * LANES);
        }
    }
    if (s < n)
#pragma GCC unroll 4
        for (int c = 0; c < C; c++) even[c] += fill(weights[s]) * load(values + (size_t)s * D + c * LANES);
#pragma GCC unroll 4
    for (int c = 0; c < C; c++) store(out + c * LANES, (even[c] + odd[c]) * fill(scale));
}

static void mix(const float *weights, const float *values, int D, int n, float scale, float *out) {
    int i = 0;
    for (; i + 4 * LANES <= D; i += 4 * LANES) mix_columns(4, weights, values + i, D, n, scale, out + i);
    for (; i + LANES <= D; i += LANES) mix_columns(1, weights, values + i, D, n, scale, out + i);
    for (; i < D; i++) {
        float total = 0.0f;
        for (int s = 0; s < n; s++) total += weights[s] * values[(size_t)s * D + i];
        out[i] = total * scale;
    }
}
