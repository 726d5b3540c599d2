/* The products that everything else is made of.

   One rule stands above speed: a result depends on its own inputs alone. Every dot product is summed in one fixed
   order (16 running sums along k, then a tree), however many tokens or rows share a call, so that a sequence has the
   same bits alone and among others, read at once or token by token. Nothing here may be compiled with -ffast-math. */

#include "vectors.h"

/* Weights lie in panels of 8 rows: for each 16 columns, the 8 rows' parts one after the other. So one token's product
   reads memory in one stream. (Row by row, with eight streams, it reached half of the bandwidth, in bf16 a third.) */
#define PANEL 8

/* Products of rows first .. first + R - 1 of a panel (k columns) with T rows of x, to out[t * out_stride + row].
   R, T, type and first are constants where this is inlined, so that the sums live in registers. */
INLINE void tile(const int R, const int T, const int type, const int first, const void *panel, size_t k,
                 const float *x, float *out, size_t out_stride) {
    v16 sums[PANEL][4];
    for (int r = 0; r < R; r++)
        for (int t = 0; t < T; t++) sums[r][t] = fill(0.0f);
    for (size_t i = 0; i < k; i += LANES) {
        v16 inputs[4];
#pragma GCC unroll 4
        for (int t = 0; t < T; t++) inputs[t] = load(x + t * k + i);
#pragma GCC unroll 8
        for (int r = 0; r < R; r++) {
            v16 weight = load_weight(type, panel, i * PANEL + (first + r) * LANES);
#pragma GCC unroll 4
            for (int t = 0; t < T; t++) sums[r][t] += weight * inputs[t];
        }
    }
    for (int r = 0; r < R; r++)
        for (int t = 0; t < T; t++) out[t * out_stride + first + r] = sum(sums[r][t]);
}

INLINE void half_panel(const int type, const int first, const void *panel, size_t k, const float *x, int n, float *out,
                       size_t out_stride) {
    int t = 0;
    for (; t + 4 <= n; t += 4) tile(4, 4, type, first, panel, k, x + t * k, out + t * out_stride, out_stride);
    if (n - t >= 2) {
        tile(4, 2, type, first, panel, k, x + t * k, out + t * out_stride, out_stride);
        t += 2;
    }
    if (t < n) tile(4, 1, type, first, panel, k, x + t * k, out + t * out_stride, out_stride);
}

INLINE void multiply_typed(const int type, const void *panels, size_t k, int n_panels, const float *x, int n,
                           float *out, size_t out_stride) {
    const size_t size = PANEL * k * (type == FLOAT32 ? 4 : 2);
    for (int p = 0; p < n_panels; p++) {
        const char *panel = (const char *)panels + p * size;
        float *to = out + p * PANEL;
        if (n == 1)
            tile(PANEL, 1, type, 0, panel, k, x, to, out_stride);
        else {
            half_panel(type, 0, panel, k, x, n, to, out_stride);
            half_panel(type, 4, panel, k, x, n, to, out_stride);
        }
    }
}

/* out[t * out_stride + r] = row r . x[t] for all rows of some panels and n rows of x; k is a multiple of 16. */
static void multiply(int type, const void *panels, size_t k, int n_panels, const float *x, int n, float *out,
                     size_t out_stride) {
    if (type == FLOAT32)
        multiply_typed(FLOAT32, panels, k, n_panels, x, n, out, out_stride);
    else
        multiply_typed(BFLOAT16, panels, k, n_panels, x, n, out, out_stride);
}
