/* The products that everything else is made of.

   One rule stands above speed: a result depends on its own inputs alone. Every dot product is summed in one fixed
   order (one running sum along k), however many tokens or rows share a call, so that a sequence has the
   same bits alone and among others, read at once or token by token. Nothing here may be compiled with -ffast-math. */

#pragma once
#include "vectors.h"

/* The processor follows a stream to the end of a page only. Asking for 8 KiB ahead made a step of sixteen long sequences
   a fifth to a quarter shorter, of sixteen short ones a tenth. */
#define AHEAD 2048 /* floats */
#define PREFETCH(p) __builtin_prefetch(p, 0, 2)

/* Weights lie in panels of 32 rows, column by column: for each column the 32 rows' weights side by side. So a token's
   product reads memory in one stream, its sums stand in the order of the rows and need no adding across a vector, and
   a panel's column serves several tokens while it is in registers. (With sums along the columns, sixteen tokens cost
   what five cost alone: half of the time went into adding across vectors.) */
#define PANEL 32

/* Column i of a panel. In bf16 a number of 32 bits holds the weights of rows r (low half) and r + 16 (high half). */
INLINE void load_column(const int type, const void *panel, size_t i, v16 *low, v16 *high) {
    if (type == FLOAT32) {
        const float *at = (const float *)panel + i * PANEL;
        *low = load(at), *high = load(at + LANES);
    } else {
        u16 both = *(const u16_any *)((const uint16_t *)panel + i * PANEL);
        *low = (v16)(both << 16), *high = (v16)(both & 0xffff0000u);
    }
}

/* Products of a panel (k columns) with T rows of x (k apart), to out[t * out_stride + row].
   T and type are constants where this is inlined, so that the sums live in registers. */
INLINE void tile(const int T, const int type, const void *panel, size_t k, const float *x, float *out, size_t out_stride) {
    const size_t size = type == FLOAT32 ? 4 : 2;
    v16 low[8], high[8];
    for (int t = 0; t < T; t++) low[t] = high[t] = fill(0.0f);
    for (size_t i = 0; i < k; i++) {
        v16 a, b;
        load_column(type, panel, i, &a, &b);
        PREFETCH((const char *)panel + (i * PANEL + AHEAD) * size);
        if (type == FLOAT32) PREFETCH((const char *)panel + (i * PANEL + AHEAD + LANES) * size);
#pragma GCC unroll 8
        for (int t = 0; t < T; t++) {
            v16 by = fill(x[t * k + i]);
            low[t] += a * by;
            high[t] += b * by;
        }
    }
    for (int t = 0; t < T; t++) {
        store(out + t * out_stride, low[t]);
        store(out + t * out_stride + LANES, high[t]);
    }
}

INLINE void multiply_typed(const int type, const void *panel, size_t k, const float *x, int n, float *out,
                           size_t out_stride) {
    int t = 0;
    for (; t + 8 <= n; t += 8) tile(8, type, panel, k, x + t * k, out + t * out_stride, out_stride);
    if (n - t >= 4) {
        tile(4, type, panel, k, x + t * k, out + t * out_stride, out_stride);
        t += 4;
    }
    if (n - t >= 2) {
        tile(2, type, panel, k, x + t * k, out + t * out_stride, out_stride);
        t += 2;
    }
    if (t < n) tile(1, type, panel, k, x + t * k, out + t * out_stride, out_stride);
}

/* out[t * out_stride + r] = row r . x[t] for the rows of a panel and n rows of x, k apart. */
static void multiply(int type, const void *panel, size_t k, const float *x, int n, float *out, size_t out_stride) {
    if (type == FLOAT32)
        multiply_typed(FLOAT32, panel, k, x, n, out, out_stride);
    else
        multiply_typed(BFLOAT16, panel, k, x, n, out, out_stride);
}
