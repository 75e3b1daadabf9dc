/* blas_start.c - keeps OpenBLAS from starting threads and from hanging without memory.
 *
 * When it is loaded, before main, OpenBLAS starts one thread per processor. They would never have
 * work, because ipd_parallel_for distributes tasks; and if a process limit refuses one, OpenBLAS
 * kills the process. Each computing thread gets a buffer of address space (in recent versions the
 * first one at load time); if a limit refuses it, OpenBLAS retries forever.
 */
#include "base/blas.h"
#include "base/machine.h"

#include <cblas.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* In every OpenBLAS, but in none of its headers. */
extern void *blas_memory_alloc(int position) __attribute__((weak));
extern void blas_memory_free(void *buffer) __attribute__((weak));

/* Bytes of the largest buffer on any processor, with its alignment. */
enum { BUFFER = (128 << 20) + (1 << 16), MAX_BUFFERS = 1 << 11 };
/* The size of OpenBLAS's smallest table of buffers, in any build. */
enum { MAX_HELD = 64 };

/* OpenBLAS reads its number of threads from the environment. The environment cannot be extended
 * before that, but one of its entries can be replaced for the time being: an executable's preinit
 * functions run before the constructors of all libraries, its own constructors after them. Only
 * OpenBLAS and other libraries' constructors see the replacement. On systems that do not call
 * preinit functions, OpenBLAS has idle threads. */
static char one_thread[] = "OPENBLAS_NUM_THREADS=1";
static char **exchanged, *entry;

/* Sanitizers are not initialised that early. */
#define EARLY __attribute__((no_sanitize("address", "thread", "undefined")))

EARLY static int begins(const char *text, const char *with)
{
    while (*with && *text == *with) {
        text++;
        with++;
    }
    return !*with;
}

/* Runs before OpenBLAS is loaded, because recent versions allocate their first buffer then. */
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
        if (!begins(*at, "OPENBLAS_")) /* OpenBLAS must see its other variables */
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

/* Maps and unmaps `count` buffers; 0 if there is address space for all. */
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
    /* One more for a run's thread that calls LAPACK while others work on tasks. */
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
