/* fuzz.h - fuzz targets: built for libFuzzer, or replayed as tests.
 *
 * A target is LLVMFuzzerTestOneInput, which aborts if the parser breaks a promise. With -DIPD_LIBFUZZER and
 * -fsanitize=fuzzer it is all of the program. Otherwise FUZZ_MAIN, or a main that calls fuzz_replay, runs it on each
 * file of a corpus and on damaged copies of each, the same copies every time.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include "base/error.h"
#include "tests/tap.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Inputs that the parser took, counted by the target: a target that refuses all tests nothing. */
__attribute__((unused)) static size_t fuzz_taken;

/* Like assert, and never left out. */
#define fuzz_check(condition) ((condition) ? (void)0 : fuzz_abort(#condition, __FILE__, __LINE__))

__attribute__((noreturn, unused)) static void fuzz_abort(const char *what, const char *file,
                                                         int line)
{
    fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
    abort();
}

/* Checks an error: it has a code and one line of text, which begins with `where`. */
__attribute__((unused)) static void fuzz_check_error(const ipd_error *e, const char *where)
{
    if (e->code == IPD_OK || !*e->text || strchr(e->text, '\n') ||
        strncmp(e->text, where, strlen(where)))
        fuzz_abort(e->text, __FILE__, __LINE__);
}

/* Replaces the content of a file in memory, one per process; returns its path. */
__attribute__((unused)) static const char *fuzz_file(const uint8_t *bytes, size_t length)
{
    static char path[32];
    static int fd = -1;
    if (fd < 0) {
        fd = memfd_create("fuzz", MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    fuzz_check(fd >= 0 && !ftruncate(fd, 0) && pwrite(fd, bytes, length, 0) == (ssize_t)length);
    return path;
}

/* The bytes as a string, malloc'ed. */
__attribute__((unused)) static char *fuzz_text(const uint8_t *bytes, size_t length)
{
    char *text = malloc(length + 1);
    fuzz_check(text != NULL);
    memcpy(text, bytes, length);
    text[length] = 0;
    return text;
}

#ifdef IPD_LIBFUZZER
#define FUZZ_MAIN(...)
#else
#include "base/random.h"

#include <dirent.h>

enum { FUZZ_LARGEST = 1 << 18, FUZZ_HEAD = 24 };

/* Writes a damaged copy to `to`: a few bytes changed (of binary files more at their beginning), then maybe cut, then
 * maybe a piece repeated. `special` are the characters with a meaning in files of text, or NULL. */
static size_t fuzz_damage(uint8_t *to, const uint8_t *from, size_t n, const char *special,
                          ipd_random *r)
{
    memcpy(to, from, n);
    for (uint64_t i = ipd_random_below(r, 4) + 1; n && i > 0; i--) {
        size_t at = ipd_random_below(r, n);
        if (!special && n > FUZZ_HEAD && ipd_random_below(r, 2))
            at = ipd_random_below(r, FUZZ_HEAD);
        to[at] = special && ipd_random_below(r, 4)
                     ? (uint8_t)special[ipd_random_below(r, strlen(special))]
                     : (uint8_t)ipd_random_bits(r);
    }
    if (n && ipd_random_below(r, 4) == 0)
        n = ipd_random_below(r, n);
    if (n && n < FUZZ_LARGEST / 2 && ipd_random_below(r, 4) == 0) {
        memcpy(to + n, from, n);
        n += ipd_random_below(r, n);
    }
    return n;
}

__attribute__((unused)) static void fuzz_replay_file(const char *path, const char *special,
                                                     int copies)
{
    static uint8_t seed[FUZZ_LARGEST], copy[FUZZ_LARGEST];
    const char *name = strrchr(path, '/') + 1;
    ipd_random r;
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(seed, 1, sizeof seed, f) : 0;
    if (f)
        fclose(f);
    ipd_random_seed(&r, 1, n);
    LLVMFuzzerTestOneInput(seed, n);
    for (int i = 0; i < copies; i++) {
        /* Allocated with the exact size, so that AddressSanitizer detects a read past the end. */
        size_t length = fuzz_damage(copy, seed, n, special, &r);
        uint8_t *exact = malloc(length ? length : 1);
        memcpy(exact, copy, length);
        LLVMFuzzerTestOneInput(exact, length);
        free(exact);
    }
    ok(f != NULL, "%s and %d damaged copies", name, copies);
}

/* Replays the files of a folder of the source tree, of which there must be at least `files`. */
__attribute__((unused)) static void fuzz_replay(const char *corpus, const char *special, int copies,
                                                int files)
{
    char folder[4096], path[4096 + 256];
    const char *top = getenv("TOP_SRCDIR");
    struct dirent *entry;
    snprintf(folder, sizeof folder, "%s/%s", top ? top : IPD_SRCDIR, corpus);
    DIR *d = opendir(folder);
    while (d && (entry = readdir(d)))
        if (entry->d_name[0] != '.') {
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            fuzz_replay_file(path, special, copies);
            files--;
        }
    if (d)
        closedir(d);
    ok(files <= 0 && fuzz_taken > 0, "the corpus is there; %zu inputs were good", fuzz_taken);
}

#define FUZZ_MAIN(...)                                                                             \
    int main(void)                                                                                 \
    {                                                                                              \
        fuzz_replay(__VA_ARGS__);                                                                  \
        return done();                                                                             \
    }
#endif
#endif
