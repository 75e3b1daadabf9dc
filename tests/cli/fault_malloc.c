/* fault_malloc.c - preloaded by faults.t: the n-th allocation of the process fails, n from IPD_FAULT_MALLOC ("12": that
 * one; "12+": that one and all after it). Allocations by the dynamic loader, before main, are not counted.
 * IPD_FAULT_COUNT names a file that gets the number of allocations at the end. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_long count;
static long first = -1, last = -1;

static void report(void)
{
    const char *path = getenv("IPD_FAULT_COUNT");
    FILE *f;
    first = last = -1;
    long total = atomic_load(&count);
    if (path && (f = fopen(path, "w"))) {
        fprintf(f, "%ld\n", total);
        fclose(f);
    }
}

__attribute__((constructor)) static void start(void)
{
    const char *text = getenv("IPD_FAULT_MALLOC");
    atexit(report);
    atomic_store(&count, 0);
    if (!text)
        return;
    first = atol(text);
    last = strchr(text, '+') ? 1L << 62 : first;
}

static int fails(void)
{
    long n = atomic_fetch_add(&count, 1) + 1;
    if (n < first || n > last)
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
    return fails() ? NULL : __libc_realloc(p, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **p, size_t alignment, size_t size)
{
    if (fails())
        return ENOMEM;
    return (*p = __libc_memalign(alignment, size)) ? 0 : ENOMEM;
}
