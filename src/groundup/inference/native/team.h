/* Threads that share out the chunks of one piece of work after another.

   Chunks are claimed, not assigned: a thread that the system does not run claims nothing, and nobody waits for it.
   (With OpenMP's fixed shares, two threads on a busy machine were several times slower than one.) */

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

typedef void (*work_function)(void *context, int chunk, int thread);

typedef struct {
    /* Number of the work (24 bits), its chunks (20), the next one to claim (20): one word, so that a claim always
       belongs to the work that it was made for. */
    _Atomic uint64_t board;
    _Atomic int done;
    _Atomic int awake; /* between `team_begin` and `team_end` */
    _Atomic int leaving;
    work_function function;
    void *context;
    pthread_mutex_t lock;
    pthread_cond_t call;
    int n_workers;
    pthread_t workers[64];
} team;

typedef struct {
    team *team;
    int thread;
} seat;

#define CHUNK_BITS 20
#define CHUNK_MASK ((1u << CHUNK_BITS) - 1)
#define PATIENCE 4000 /* looks at the board before going to sleep: some tens of microseconds */

static inline void breathe(int looks) {
    if (looks % 64 == 63)
        sched_yield();
    else {
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        __asm__ __volatile__("yield");
#endif
    }
}

/* Claim and do chunks until none is left. Returns how many. */
static int help(team *t, int thread) {
    int chunks = 0;
    for (;;) {
        uint64_t board = atomic_load_explicit(&t->board, memory_order_acquire);
        if ((board & CHUNK_MASK) >= ((board >> CHUNK_BITS) & CHUNK_MASK)) return chunks;
        board = atomic_fetch_add_explicit(&t->board, 1, memory_order_acq_rel);
        uint32_t chunk = board & CHUNK_MASK;
        if (chunk >= ((board >> CHUNK_BITS) & CHUNK_MASK)) return chunks;
        t->function(t->context, (int)chunk, thread);
        atomic_fetch_add_explicit(&t->done, 1, memory_order_release);
        chunks++;
    }
}

static void *worker(void *argument) {
    seat own = *(seat *)argument;
    team *t = own.team;
    free(argument);
    int looks = 0;
    while (!atomic_load(&t->leaving)) {
        if (help(t, own.thread)) looks = 0;
        breathe(++looks);
        if (looks < PATIENCE || atomic_load(&t->awake)) continue;
        pthread_mutex_lock(&t->lock);
        while (!atomic_load(&t->awake) && !atomic_load(&t->leaving)) pthread_cond_wait(&t->call, &t->lock);
        pthread_mutex_unlock(&t->lock);
        looks = 0;
    }
    return NULL;
}

static void team_begin(team *t) {
    if (!t->n_workers) return;
    pthread_mutex_lock(&t->lock);
    atomic_store(&t->awake, 1);
    pthread_cond_broadcast(&t->call);
    pthread_mutex_unlock(&t->lock);
}

static void team_end(team *t) { atomic_store(&t->awake, 0); }

/* Do chunks 0 .. n-1 of a work, together; returns when all are done. */
static void share(team *t, work_function function, void *context, int n) {
    if (t->n_workers == 0 || n == 1) {
        for (int chunk = 0; chunk < n; chunk++) function(context, chunk, 0);
        return;
    }
    t->function = function;
    t->context = context;
    atomic_store_explicit(&t->done, 0, memory_order_relaxed);
    uint64_t number = (atomic_load_explicit(&t->board, memory_order_relaxed) >> (2 * CHUNK_BITS)) + 1;
    atomic_store_explicit(&t->board, (number << (2 * CHUNK_BITS)) | ((uint64_t)n << CHUNK_BITS), memory_order_release);
    help(t, 0);
    for (int looks = 0; atomic_load_explicit(&t->done, memory_order_acquire) < n; looks++) breathe(looks);
}

static team *team_new(int n_threads) {
    team *t = calloc(1, sizeof(team));
    if (!t) return NULL;
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->call, NULL);
    if (n_threads > 65) n_threads = 65;
    for (int i = 0; i < n_threads - 1; i++) {
        seat *own = malloc(sizeof(seat));
        if (!own) break;
        *own = (seat){t, t->n_workers + 1};
        if (pthread_create(&t->workers[t->n_workers], NULL, worker, own)) {
            free(own);
            break; /* the system gives no more threads: fewer will do */
        }
        t->n_workers++;
    }
    return t;
}

static void team_free(team *t) {
    pthread_mutex_lock(&t->lock);
    atomic_store(&t->leaving, 1);
    pthread_cond_broadcast(&t->call);
    pthread_mutex_unlock(&t->lock);
    for (int i = 0; i < t->n_workers; i++) pthread_join(t->workers[i], NULL);
    pthread_cond_destroy(&t->call);
    pthread_mutex_destroy(&t->lock);
    free(t);
}
