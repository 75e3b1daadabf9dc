/* blas_start.c - OpenBLAS's threads and memory, which it takes without asking.
 *
 * It starts a thread per processor when it is loaded, before main; none of them ever has work, since tasks
 * are spread by ipd_parallel_for. Where a limit of processes refuses one, it kills the process. Each thread that computes
 * gets a buffer of address space, recent versions one when they are loaded, and where a limit refuses that, OpenBLAS
 * asks again for ever.
 */
#include "base/blas.h"
#include "base/machine.h"

#include <cblas.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Part of every OpenBLAS, but of no header. */
extern void *blas_memory_alloc(int position) __attribute__((weak));
extern void blas_memory_free(void *buffer) __attribute__((weak));

/* Bytes: the largest that any processor's buffer is, and its alignment. */
enum { BUFFER = (128 << 20) + (1 << 16), MAX_BUFFERS = 1 << 11 };
/* So many fit into OpenBLAS's table of buffers, however it was built. */
enum { MAX_HELD = 64 };

/* The environment says how many threads OpenBLAS starts. It cannot be extended before OpenBLAS reads it, but one of
 * its entries can be exchanged until then: an executable's preinit functions run before any library's
 * constructors, its own constructors after them. Nothing but OpenBLAS and other libraries' constructors sees the
 * exchange. Where preinit functions are not called, OpenBLAS has idle threads. */
static char one_thread[] = "OPENBLAS_NUM_THREADS=1";
static char **exchanged, *entry;

/* Sanitizers are not ready yet. */
#define EARLY __attribute__((no_sanitize("address", "thread", "undefined")))

EARLY static int begins(const char *text, const char *with)
{
    while (*with && *text == *with) {
        text++;
        with++;
    }
    return !*with;
}

/* Before OpenBLAS is loaded, since recent versions take their first buffer then. */
EARLY static void require_buffer(void)
{
    static const char sentence[] = "ipdlam: too little address space: OpenBLAS needs 128 MiB. "
                                   "Raise the limit (ulimit -v).\n";
    void *map = mmap(NULL, BUFFER, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) {
        ssize_t written = write(STDERR_FILENO, sentence, sizeof sentence - 1);
        (void)written;
        _exit(EXIT_FAILURE);
    }
    munmap(map, BUFFER);
}

EARLY static void exchange(int argc, char **argv, char **environment)
{
    char **last = NULL;
    (void)argc;
    (void)argv;
    require_buffer();
    for (char **at = environment; *at; at++) {
        if (begins(*at, "OPENBLAS_NUM_THREADS=")) {
            last = at;
            break;
        }
        if (!begins(*at, "OPENBLAS_")) /* the others it is to see */
            last = at;
    }
    if (!last)
        return;
    exchanged = last;
    entry = *last;
    *last = one_thread;
}

__attribute__((section(".preinit_array"), used)) static void (*before_all)(int, char **,
                                                                           char **) = exchange;

__attribute__((constructor)) EARLY static void change_back(void)
{
    if (exchanged)
        *exchanged = entry;
    exchanged = NULL;
}

void ipd_blas_one_thread(void)
{
    openblas_set_num_threads(1);
}

/* Maps and unmaps that many buffers: 0 if there is address space for all of them. */
static int try_buffers(int count)
{
    void *maps[MAX_BUFFERS];
    int got = 0;
    while (got < count) {
        maps[got] = mmap(NULL, BUFFER, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (maps[got] == MAP_FAILED)
            break;
        got++;
    }
    for (int i = 0; i < got; i++)
        munmap(maps[i], BUFFER);
    return got == count ? 0 : -1;
}

int ipd_blas_reserve(int threads, ipd_error *e)
{
    static int reserved;
    void *held[MAX_HELD];
    /* One more, for a run's thread that calls LAPACK beside the others' tasks. */
    int count = threads + 1 < MAX_BUFFERS ? threads + 1 : MAX_BUFFERS;
    if (count <= reserved)
        return 0;
    if (try_buffers(count - reserved)) {
        char need[32], left[32];
        ipd_machine machine;
        ipd_machine_look(&machine);
        ipd_machine_bytes(need, sizeof need, (double)(count - reserved) * BUFFER);
        ipd_machine_bytes(left, sizeof left, machine.available);
        return ipd_fail(e, IPD_EMEMORY,
                        "%d thread%s need%s %s of address space, but only %s are left. Raise the "
                        "limit (ulimit -v)%s",
                        threads, threads > 1 ? "s" : "", threads > 1 ? "" : "s", need, left,
                        threads > 1 && !try_buffers(2 - reserved) ? " or use fewer threads" : "");
    }
    if (blas_memory_alloc && blas_memory_free) {
        int max = count < MAX_HELD ? count : MAX_HELD;
        for (int i = 0; i < max; i++)
            held[i] = blas_memory_alloc(0);
        for (int i = 0; i < max; i++)
            blas_memory_free(held[i]);
    }
    reserved = count;
    return 0;
}
