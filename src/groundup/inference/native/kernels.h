/* Vectors of 16 floats, and the products that everything else is made of.

   One rule stands above speed: a result depends on its own inputs alone. Every dot product is summed in one fixed
   order (16 running sums along k, then a tree), however many tokens or rows share a call, so that a sequence has the
   same bits alone and among others, read at once or token by token. Nothing here may be compiled with -ffast-math. */

#include <math.h>
#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define LANES 16

typedef float v16 __attribute__((vector_size(64)));
typedef int32_t i16 __attribute__((vector_size(64)));
typedef uint32_t u16 __attribute__((vector_size(64)));
typedef float v16_any __attribute__((vector_size(64), aligned(4), may_alias));
typedef uint16_t h16_any __attribute__((vector_size(32), aligned(2), may_alias));
typedef float v8 __attribute__((vector_size(32)));
typedef float v4 __attribute__((vector_size(16)));
typedef union {
    v16 all;
    float lane[LANES];
} lanes;

enum { FLOAT32 = 0, BFLOAT16 = 1 };

INLINE v16 load(const float *p) { return *(const v16_any *)p; }
INLINE void store(float *p, v16 x) { *(v16_any *)p = x; }
INLINE v16 fill(float x) { return (v16){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x}; }

INLINE v16 load_weight(const int type, const void *w, size_t at) {
    if (type == FLOAT32) return load((const float *)w + at);
    u16 wide = __builtin_convertvector(*(const h16_any *)((const uint16_t *)w + at), u16) << 16;
    return (v16)wide;
}

INLINE float sum(v16 x) {
    v8 a = __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7) + __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15);
    v4 b = __builtin_shufflevector(a, a, 0, 1, 2, 3) + __builtin_shufflevector(a, a, 4, 5, 6, 7);
    return (b[0] + b[2]) + (b[1] + b[3]);
}

INLINE v16 choose(i16 where, v16 a, v16 b) { return (v16)((where & (i16)a) | (~where & (i16)b)); }

/* e^x to about 1e-7 (Cephes' polynomial); inputs are held within the range that has normal results. */
INLINE v16 exponential(v16 x) {
    x = choose(x < fill(-87.0f), fill(-87.0f), x);
    x = choose(x > fill(88.0f), fill(88.0f), x);
    const v16 magic = fill(12582912.0f); /* 1.5 * 2^23: adding it rounds to whole numbers */
    v16 n = (x * fill(1.44269504f) + magic) - magic;
    v16 f = x - n * fill(0.693359375f) - n * fill(-2.12194440e-4f);
    v16 p = fill(1.9875691500e-4f);
    p = p * f + fill(1.3981999507e-3f);
    p = p * f + fill(8.3334519073e-3f);
    p = p * f + fill(4.1665795894e-2f);
    p = p * f + fill(1.6666665459e-1f);
    p = p * f + fill(5.0000001201e-1f);
    p = p * f * f + f + fill(1.0f);
    i16 power = (__builtin_convertvector(n, i16) + 127) << 23;
    return p * (v16)power;
}

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
