/* space.c - see space.h. */
#include "base/space.h"

#include "base/file.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The files that are mapped, for the handler of SIGBUS. A slot without bytes is free. */
enum { MAPS = 64 };
static struct map {
    char *volatile at;
    volatile size_t bytes;
    char path[256];
} maps[MAPS];
static struct sigaction before;
static void (*volatile restore_terminal)(void);

void ipd_space_on_fault(void (*restore)(void))
{
    restore_terminal = restore;
}

/* Uses only async-signal-safe calls. */
static void say(const char *text)
{
    ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
    (void)ignored;
}

/* If the fault is not in a mapped file, restores the previous action, under which it recurs. */
static void on_fault(int number, siginfo_t *info, void *context)
{
    (void)context;
    for (int i = 0; i < MAPS && info->si_code > 0; i++) {
        uintptr_t from = (uintptr_t)maps[i].at, fault = (uintptr_t)info->si_addr;
        if (fault < from || fault - from >= maps[i].bytes)
            continue;
        if (restore_terminal)
            restore_terminal();
        say("ipdlam: ");
        say(maps[i].path);
        say(": cannot be read any more: it became shorter while in use, or the disk failed. Import "
            "the data again and continue runs from their checkpoints\n");
        _exit(1);
    }
    sigaction(number, &before, NULL);
    if (info->si_code <= 0)
        raise(number);
}

static void watch(void *at, size_t bytes, const char *path)
{
    static int installed;
    struct sigaction action = {0};
    int i = 0;
    while (i < MAPS && maps[i].bytes)
        i++;
    if (i == MAPS)
        return;
    snprintf(maps[i].path, sizeof maps[i].path, "%s", path);
    maps[i].at = at;
    maps[i].bytes = bytes;
    if (installed)
        return;
    installed = 1;
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigaction(SIGBUS, &action, &before);
}

static void unmap(void *at, size_t bytes)
{
    for (int i = 0; i < MAPS; i++)
        if (maps[i].bytes && maps[i].at == at)
            maps[i].bytes = 0;
    munmap(at, bytes);
}

typedef struct piece {
    void *at; /* NULL: free */
    size_t bytes;
} piece;

struct ipd_space {
    char *folder;
    piece *pieces;
    size_t count;
};

ipd_space *ipd_space_new(const char *folder, ipd_error *e)
{
    ipd_space *s = ipd_allocate(1, sizeof *s, e);
    if (s && folder && !(s->folder = strdup(folder))) {
        free(s);
        ipd_fail(e, IPD_EMEMORY, "out of memory");
        return NULL;
    }
    return s;
}

void ipd_space_delete(ipd_space *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++)
        if (s->pieces[i].at)
            unmap(s->pieces[i].at, s->pieces[i].bytes);
    free(s->pieces);
    free(s->folder);
    free(s);
}

/* Maps the open file and remembers it; closes it in any case. */
static void *add(ipd_space *s, int file, size_t bytes, int write, ipd_error *e)
{
    piece *more = realloc(s->pieces, (s->count + 1) * sizeof *more);
    void *at = MAP_FAILED;
    if (more) {
        s->pieces = more;
        at = mmap(NULL, bytes, write ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, file, 0);
    }
    close(file);
    if (at == MAP_FAILED) {
        ipd_fail(e, IPD_EMEMORY, "out of memory: %zu bytes of a file cannot be mapped", bytes);
        return NULL;
    }
    s->pieces[s->count++] = (piece){at, bytes};
    return at;
}

/* Opens a file without a name in the folder; -1 with errno. */
static int open_unnamed(const char *folder)
{
    char path[4096];
    if (ipd_path_join(path, sizeof path, folder, IPD_SPACE_PREFIX "XXXXXX", NULL)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int file = mkostemp(path, O_CLOEXEC);
    if (file >= 0)
        unlink(path);
    return file;
}

void *ipd_space_allocate(ipd_space *s, size_t count, size_t size, ipd_error *e)
{
    size_t bytes;
    if (!s)
        return ipd_allocate(count, size, e);
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 4) {
        ipd_fail(e, IPD_EMEMORY, "out of memory");
        return NULL;
    }
    bytes = bytes ? bytes : 1;
    int file = open_unnamed(s->folder);
    int why = file < 0 ? errno : posix_fallocate(file, 0, (off_t)bytes);
    if (why == EINTR) /* a signal, which the caller will see */
        why = ftruncate(file, (off_t)bytes) ? errno : posix_fallocate(file, 0, (off_t)bytes);
    if (!why)
        return add(s, file, bytes, 1, e);
    if (file >= 0)
        close(file);
    ipd_fail(e, why == ENOSPC ? IPD_EBUSY : IPD_EIO, "%.200s: cannot hold %.1f MiB more: %s",
             s->folder, (double)bytes / (1 << 20), strerror(why));
    return NULL;
}

int ipd_space_matrix(ipd_space *s, ipd_matrix *m, size_t rows, size_t cols, ipd_error *e)
{
    size_t count;
    if (!s)
        return ipd_matrix_init(m, rows, cols, e);
    *m = (ipd_matrix){0};
    if (__builtin_mul_overflow(rows, cols, &count))
        return ipd_fail(e, IPD_EMEMORY, "out of memory");
    if (!(m->data = ipd_space_allocate(s, count, sizeof *m->data, e)))
        return -1;
    m->rows = rows;
    m->cols = cols;
    return 0;
}

void *ipd_space_map(ipd_space *s, const char *path, size_t *bytes, ipd_error *e)
{
    int file = ipd_file_open(path, bytes, e);
    if (file < 0)
        return NULL;
    if (*bytes) {
        void *at = add(s, file, *bytes, 0, e);
        if (at)
            watch(at, *bytes, path);
        return at;
    }
    close(file);
    ipd_fail(e, IPD_EFORMAT, "%s: is empty", path);
    return NULL;
}

void ipd_space_free(ipd_space *s, void *p)
{
    if (!s) {
        free(p);
        return;
    }
    for (size_t i = 0; p && i < s->count; i++)
        if (s->pieces[i].at == p) {
            unmap(p, s->pieces[i].bytes);
            s->pieces[i] = s->pieces[--s->count];
            return;
        }
}

void ipd_space_free_matrix(ipd_space *s, ipd_matrix *m)
{
    ipd_space_free(s, m->data);
    *m = (ipd_matrix){0};
}

void ipd_read_ahead(const void *p, size_t bytes)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from = (uintptr_t)p & ~(page - 1);
    (void)madvise((void *)from, (uintptr_t)p + bytes - from, MADV_WILLNEED);
}
