/* Vectors of 16 floats, as GCC's and clang's vector extensions write them: whatever the processor has is used.

   Nothing that includes this may be compiled with -ffast-math: sums have one fixed order. */

#pragma once
#include <math.h>
#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define LANES 16

typedef float v16 __attribute__((vector_size(64)));
typedef int32_t i16 __attribute__((vector_size(64)));
typedef uint32_t u16 __attribute__((vector_size(64)));
typedef float v16_any __attribute__((vector_size(64), aligned(4), may_alias));
typedef uint32_t u16_any __attribute__((vector_size(64), aligned(4), may_alias));
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

INLINE void store_as(const int type, void *p, size_t at, v16 x) {
    if (type == FLOAT32) {
        store((float *)p + at, x);
        return;
    }
    u16 bits = (u16)x; /* to the nearest, ties to even; a NaN stays one, since its upper half has bits of its own */
    bits = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
    *(h16_any *)((uint16_t *)p + at) = __builtin_convertvector(bits, h16_any);
}
