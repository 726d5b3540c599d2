/* Passes over the activations of a training step, each in one sweep: PyTorch takes four to twelve for the same. Every
   function is the twin of one in model/functions.py or model/loss.py and runs on the thread that calls it.

   type: of x, y and their gradients (FLOAT32, BFLOAT16); gains, scales and tables are fp32, as is all arithmetic.
   Rows are contiguous; their lengths are multiples of 16, but for cross-entropy. */

#include "vectors.h"

#define TYPED(call) ((type) == FLOAT32 ? call(FLOAT32) : call(BFLOAT16))
#define LARGEST_HEAD 512

INLINE v16 at(const int type, const void *p, size_t i) { return load_weight(type, p, i); }

INLINE const void *row_of(const int type, const void *p, size_t i) { return (const char *)p + i * (type == FLOAT32 ? 4 : 2); }

/* --- RMSNorm ---------------------------------------------------------------------------------------------------- */

INLINE float inverse_rms(const int type, const void *x, size_t n, float eps) {
    v16 squares = fill(0.0f);
    for (size_t i = 0; i < n; i += LANES) {
        v16 v = at(type, x, i);
        squares += v * v;
    }
    return 1.0f / sqrtf(sum(squares) / n + eps);
}

INLINE void norm_forward(const int type, size_t rows, size_t n, const void *x, const float *gain, float eps, void *y,
                         float *scale) {
    for (size_t r = 0; r < rows; r++) {
        const size_t from = r * n;
        const float s = scale[r] = inverse_rms(type, row_of(type, x, from), n, eps);
        for (size_t i = 0; i < n; i += LANES) store_as(type, y, from + i, at(type, x, from + i) * fill(s) * load(gain + i));
    }
}

void rms_norm_forward(int type, size_t rows, size_t n, const void *x, const float *gain, float eps, void *y,
                      float *scale) {
#define CALL(T) norm_forward(T, rows, n, x, gain, eps, y, scale)
    TYPED(CALL);
#undef CALL
}

/* grad_x = base + s (g gain - u mean(g gain u)), grad_gain += g u, where u = x s. base may be NULL: zero. */
INLINE void norm_backward(const int type, size_t rows, size_t n, const void *grad, const void *x, const float *gain,
                          const float *scale, const void *base, void *grad_x, float *grad_gain) {
    for (size_t r = 0; r < rows; r++) {
        const size_t from = r * n;
        const v16 s = fill(scale[r]);
        v16 along = fill(0.0f);
        for (size_t i = 0; i < n; i += LANES) {
            v16 product = at(type, grad, from + i) * at(type, x, from + i) * s;
            along += product * load(gain + i);
            store(grad_gain + i, load(grad_gain + i) + product);
        }
        const v16 mean = fill(sum(along) / n) * s;
        for (size_t i = 0; i < n; i += LANES) {
            v16 g = s * (at(type, grad, from + i) * load(gain + i) - at(type, x, from + i) * mean);
            store_as(type, grad_x, from + i, base ? at(type, base, from + i) + g : g);
        }
    }
}

void rms_norm_backward(int type, size_t rows, size_t n, const void *grad, const void *x, const float *gain,
                       const float *scale, const void *base, void *grad_x, float *grad_gain) {
#define CALL(T) norm_backward(T, rows, n, grad, x, gain, scale, base, grad_x, grad_gain)
    TYPED(CALL);
#undef CALL
}

/* --- heads: (B, T, H, D) -> (B, H, T, D), normalised where there is a gain, rotated where there are tables ---------
   row: elements of x from one position to the next, H D or, where x is a part of something wider, more. */

/* out = v cos + partner(v) sin; component i < half belongs with i + half, the rest stays. half is a multiple of 16. */
INLINE void turn(const float *v, const float *cos, const float *sin, float sign, size_t half, size_t D, float *out) {
    for (size_t i = 0; i < D; i += LANES) {
        size_t partner = i < half ? i + half : i < 2 * half ? i - half : i;
        store(out + i, load(v + i) * load(cos + i) + load(v + partner) * load(sin + i) * fill(sign));
    }
}

INLINE void forward_heads(const int type, size_t B, size_t T, size_t H, size_t D, size_t row, const void *x,
                          const float *gain, float eps, const float *cos, const float *sin, size_t table_stride, size_t half, void *y,
                          float *scale) {
    float unit[LARGEST_HEAD], turned[LARGEST_HEAD];
    for (size_t b = 0; b < B; b++)
        for (size_t h = 0; h < H; h++)
            for (size_t t = 0; t < T; t++) {
                const size_t from = (b * T + t) * row + h * D, to = ((b * H + h) * T + t) * D;
                float s = 1.0f;
                if (gain) s = scale[(b * H + h) * T + t] = inverse_rms(type, row_of(type, x, from), D, eps);
                for (size_t i = 0; i < D; i += LANES) {
                    v16 v = at(type, x, from + i);
                    store(unit + i, gain ? v * fill(s) * load(gain + i) : v);
                }
                const float *rotated = unit;
                if (cos) {
                    const size_t place = b * table_stride + t * D;
                    turn(unit, cos + place, sin + place, 1.0f, half, D, turned);
                    rotated = turned;
                }
                for (size_t i = 0; i < D; i += LANES) store_as(type, y, to + i, load(rotated + i));
            }
}

void heads_forward(int type, size_t B, size_t T, size_t H, size_t D, size_t row, const void *x, const float *gain,
                   float eps, const float *cos, const float *sin, size_t table_stride, size_t half, void *y, float *scale) {
#define CALL(K) forward_heads(K, B, T, H, D, row, x, gain, eps, cos, sin, table_stride, half, y, scale)
    TYPED(CALL);
#undef CALL
}

INLINE void backward_heads(const int type, size_t B, size_t T, size_t H, size_t D, size_t row, const void *grad,
                           const void *x, const float *gain, const float *cos, const float *sin, size_t table_stride, size_t half,
                           const float *scale, void *grad_x, float *grad_gain) {
    float g[LARGEST_HEAD], turned[LARGEST_HEAD];
    for (size_t b = 0; b < B; b++)
        for (size_t h = 0; h < H; h++)
            for (size_t t = 0; t < T; t++) {
                const size_t to = (b * T + t) * row + h * D, from = ((b * H + h) * T + t) * D;
                for (size_t i = 0; i < D; i += LANES) store(g + i, at(type, grad, from + i));
                const float *back = g;
                if (cos) { /* the inverse of a rotation: by the negative angle */
                    const size_t place = b * table_stride + t * D;
                    turn(g, cos + place, sin + place, -1.0f, half, D, turned);
                    back = turned;
                }
                if (!gain) {
                    for (size_t i = 0; i < D; i += LANES) store_as(type, grad_x, to + i, load(back + i));
                    continue;
                }
                const v16 s = fill(scale[(b * H + h) * T + t]);
                v16 along = fill(0.0f);
                for (size_t i = 0; i < D; i += LANES) {
                    v16 product = load(back + i) * at(type, x, to + i) * s;
                    along += product * load(gain + i);
                    store(grad_gain + i, load(grad_gain + i) + product);
                }
                const v16 mean = fill(sum(along) / D) * s;
                for (size_t i = 0; i < D; i += LANES)
                    store_as(type, grad_x, to + i, s * (load(back + i) * load(gain + i) - at(type, x, to + i) * mean));
            }
}

void heads_backward(int type, size_t B, size_t T, size_t H, size_t D, size_t row, const void *grad, const void *x,
                    const float *gain, const float *cos, const float *sin, size_t table_stride, size_t half,
                    const float *scale, void *grad_x, float *grad_gain) {
#define CALL(K) backward_heads(K, B, T, H, D, row, grad, x, gain, cos, sin, table_stride, half, scale, grad_x, grad_gain)
    TYPED(CALL);
#undef CALL
}

/* --- causal softmax: row t of each (T, T) sees columns begins[t] .. t; the others become zero and are never read ---- */

/* Lane by lane: x where begin <= column < end, else other. The first lane's column is `from`. */
INLINE v16 within(v16 x, size_t from, size_t begin, size_t end, float other) {
    const i16 step = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const int32_t low = (int32_t)begin - (int32_t)from, high = (int32_t)end - (int32_t)from;
    return choose((step >= low) & (step < high), x, fill(other));
}

/* Where row r begins to see; `group` rows (heads times T) share one row of `begins`, which may be NULL. */
INLINE size_t first_seen(const int32_t *begins, size_t r, size_t group, size_t T) {
    return begins ? (size_t)begins[r / group * T + r % T] : 0;
}

INLINE float largest(v16 x) {
    lanes l = {x};
    float m = l.lane[0];
    for (int i = 1; i < LANES; i++) m = l.lane[i] > m ? l.lane[i] : m;
    return m;
}

INLINE v16 larger(v16 a, v16 b) { return choose(a > b, a, b); }

/* exponentials: room for T. */
INLINE void forward_softmax(const int type, size_t rows, size_t T, size_t group, const int32_t *begins, float factor,
                            void *scores, float *exponentials) {
    const v16 f = fill(factor);
    for (size_t r = 0; r < rows; r++) {
        const size_t row = r * T, end = r % T + 1, begin = first_seen(begins, r, group, T), low = begin / LANES * LANES;
        v16 top = fill(-INFINITY);
        for (size_t i = low; i < end; i += LANES)
            top = larger(within(at(type, scores, row + i) * f, i, begin, end, -INFINITY), top);
        const v16 most = fill(largest(top));
        v16 total = fill(0.0f);
        for (size_t i = low; i < end; i += LANES) {
            v16 e = within(exponential(at(type, scores, row + i) * f - most), i, begin, end, 0.0f);
            store(exponentials + i, e);
            total += e;
        }
        const v16 inverse = fill(1.0f / sum(total));
        for (size_t i = 0; i < T; i += LANES)
            store_as(type, scores, row + i, low <= i && i < end ? load(exponentials + i) * inverse : fill(0.0f));
    }
}

void causal_softmax_forward(int type, size_t rows, size_t T, size_t group, const int32_t *begins, float factor,
                            void *scores, float *exponentials) {
#define CALL(K) forward_softmax(K, rows, T, group, begins, factor, scores, exponentials)
    TYPED(CALL);
#undef CALL
}

/* grad (of the weights) becomes factor p (grad - sum(p grad)), the gradient of the unscaled scores. */
INLINE void backward_softmax(const int type, size_t rows, size_t T, size_t group, const int32_t *begins, float factor,
                             const void *weights, void *grad) {
    for (size_t r = 0; r < rows; r++) {
        const size_t row = r * T, end = r % T + 1, begin = first_seen(begins, r, group, T), low = begin / LANES * LANES;
        v16 total = fill(0.0f);
        for (size_t i = low; i < end; i += LANES)
            total += within(at(type, weights, row + i) * at(type, grad, row + i), i, begin, end, 0.0f);
        const v16 along = fill(sum(total)), f = fill(factor);
        for (size_t i = 0; i < T; i += LANES) {
            v16 g = fill(0.0f);
            if (low <= i && i < end)
                g = within(f * at(type, weights, row + i) * (at(type, grad, row + i) - along), i, begin, end, 0.0f);
            store_as(type, grad, row + i, g);
        }
    }
}

void causal_softmax_backward(int type, size_t rows, size_t T, size_t group, const int32_t *begins, float factor,
                             const void *weights, void *grad) {
#define CALL(K) backward_softmax(K, rows, T, group, begins, factor, weights, grad)
    TYPED(CALL);
#undef CALL
}

/* --- SwiGLU: out = gate sigmoid(gate) up, n components a position; row: from one of gate or up to the next ----------- */

INLINE v16 sigmoid(v16 x) { return fill(1.0f) / (fill(1.0f) + exponential(-x)); }

INLINE void forward_swiglu(const int type, size_t rows, size_t n, size_t row, const void *gate, const void *up,
                           void *out) {
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < n; i += LANES) {
            v16 g = at(type, gate, r * row + i);
            store_as(type, out, r * n + i, g * sigmoid(g) * at(type, up, r * row + i));
        }
}

void swiglu_forward(int type, size_t rows, size_t n, size_t row, const void *gate, const void *up, void *out) {
#define CALL(K) forward_swiglu(K, rows, n, row, gate, up, out)
    TYPED(CALL);
#undef CALL
}

INLINE void backward_swiglu(const int type, size_t rows, size_t n, size_t row, const void *grad, const void *gate,
                            const void *up, void *grad_gate, void *grad_up) {
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < n; i += LANES) {
            const size_t place = r * row + i;
            v16 d = at(type, grad, r * n + i), g = at(type, gate, place), s = sigmoid(g);
            store_as(type, grad_up, place, d * g * s);
            store_as(type, grad_gate, place, d * at(type, up, place) * s * (fill(1.0f) + g * (fill(1.0f) - s)));
        }
}

void swiglu_backward(int type, size_t rows, size_t n, size_t row, const void *grad, const void *gate, const void *up,
                     void *grad_gate, void *grad_up) {
#define CALL(K) backward_swiglu(K, rows, n, row, grad, gate, up, grad_gate, grad_up)
    TYPED(CALL);
#undef CALL
}

/* --- cross-entropy ----------------------------------------------------------------------------------------------- */

/* The vector at `i` of a row of V, whose last vector may be incomplete: the lanes that are missing are `other`. */
INLINE v16 at_end(const int type, const void *row, size_t i, size_t V, float other) {
    if (i + LANES <= V) return at(type, row, i);
    char part[LANES * sizeof(float)] = {0};
    memcpy(part, row_of(type, row, i), (size_t)((const char *)row_of(type, row, V) - (const char *)row_of(type, row, i)));
    return within(at(type, part, 0), i, 0, V, other);
}

INLINE void store_end(const int type, void *row, size_t i, size_t V, v16 x) {
    if (i + LANES <= V) {
        store_as(type, row, i, x);
        return;
    }
    char part[LANES * sizeof(float)];
    store_as(type, part, 0, x);
    char *from = (char *)row_of(type, row, i);
    memcpy(from, part, (size_t)((const char *)row_of(type, row, V) - from));
}

/* Sum of -log p(target) over rows whose target is not negative; their gradient, zero elsewhere, into `gradient`, which
   may be `logits` itself, or NULL. exponentials: room for V, rounded up to whole vectors. V may be any number. */
INLINE double forward_cross_entropy(const int type, size_t rows, size_t V, const void *logits, const int64_t *targets,
                                    void *gradient, float *exponentials) {
    double nats = 0.0;
    for (size_t r = 0; r < rows; r++) {
        const void *row = row_of(type, logits, r * V);
        void *gradients = gradient ? (void *)row_of(type, gradient, r * V) : NULL;
        const int64_t target = targets[r];
        if (target < 0) {
            if (gradient) memset(gradients, 0, (size_t)((const char *)row_of(type, row, V) - (const char *)row));
            continue;
        }
        v16 top = fill(-INFINITY);
        for (size_t i = 0; i < V; i += LANES) top = larger(at_end(type, row, i, V, -INFINITY), top);
        const float most = largest(top);
        v16 total = fill(0.0f);
        for (size_t i = 0; i < V; i += LANES) {
            v16 e = exponential(at_end(type, row, i, V, 0.0f) - fill(most));
            e = i + LANES <= V ? e : within(e, i, 0, V, 0.0f);
            store(exponentials + i, e);
            total += e;
        }
        const float whole = sum(total);
        lanes group = {at_end(type, row, (size_t)target / LANES * LANES, V, 0.0f)};
        nats += (double)logf(whole) + most - group.lane[target % LANES];
        if (gradient) {
            const v16 inverse = fill(1.0f / whole);
            exponentials[target] -= whole;
            for (size_t i = 0; i < V; i += LANES) store_end(type, gradients, i, V, load(exponentials + i) * inverse);
        }
    }
    return nats;
}

double cross_entropy_forward(int type, size_t rows, size_t V, const void *logits, const int64_t *targets,
                             void *gradient, float *exponentials) {
#define CALL(K) forward_cross_entropy(K, rows, V, logits, targets, gradient, exponentials)
    return TYPED(CALL);
#undef CALL
}

/* --- gradients of several threads -------------------------------------------------------------------------------- */

INLINE void add_gradients(const int type, size_t n, float *total, int fresh, int count, const void *const *parts) {
    for (size_t i = 0; i < n; i += LANES) {
        v16 x = fresh ? fill(0.0f) : load(total + i);
        for (int p = 0; p < count; p++) x += at(type, parts[p], i);
        store(total + i, x);
    }
}

/* total (fp32) = or += the sum of `count` parts, from the first to the last; n is a multiple of 16. */
void gradients_add(int type, size_t n, float *total, int fresh, int count, const void *const *parts) {
#define CALL(K) add_gradients(K, n, total, fresh, count, parts)
    TYPED(CALL);
#undef CALL
}
