/* fuzz_idx.c - any bytes at all as an IDX file.
 *
 * With -DIPD_LIBFUZZER and -fsanitize=fuzzer it is a target of libFuzzer. Without, it replays the
 * files of tests/data/corpus and thousands of damaged copies of each, the same ones every time.
 */
#include "data/idx.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const int dimensions[] = {IPD_IDX_IMAGES, IPD_IDX_LABELS};
    for (int i = 0; i < 2; i++) {
        ipd_error e = {0};
        ipd_idx x;
        size_t sum = 0, product = 1;
        if (ipd_idx_parse(&x, bytes, length, "fuzz", dimensions[i], MOST, &e)) {
            /* A failure says why, names the file, and leaves nothing. */
            if (strncmp(e.text, "fuzz: ", 6) || e.code == IPD_OK || x.bytes || x.items)
                abort();
            continue;
        }
        for (int k = 0; k < x.dimensions; k++)
            product *= x.size[k];
        for (size_t k = 0; k < x.count; k++)
            sum += x.items[k];
        if (product != x.count || x.count > MOST || sum > 255 * x.count)
            abort();
        ipd_idx_free(&x);
    }
    return 0;
}

#ifndef IPD_LIBFUZZER
#include "base/random.h"
#include "tests/tap.h"

#include <dirent.h>

enum { LARGEST = 1 << 16, COPIES = 3000 };

static uint8_t seed[LARGEST];

static size_t read_seed(const char *folder, const char *name)
{
    char path[4096 + 256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(seed, 1, sizeof seed, f) : 0;
    if (f)
        fclose(f);
    return n;
}

/* Changes a few bytes, cuts, or repeats a piece. */
static size_t damage(uint8_t *to, size_t n, ipd_random *r)
{
    memcpy(to, seed, n);
    for (uint64_t i = ipd_random_below(r, 4) + 1; n && i > 0; i--) {
        size_t at = ipd_random_below(r, n < 24 || ipd_random_below(r, 2) ? n : 24);
        to[at] = (uint8_t)ipd_random_bits(r);
    }
    if (n && ipd_random_below(r, 4) == 0)
        n = ipd_random_below(r, n);
    if (n && n < LARGEST / 2 && ipd_random_below(r, 4) == 0) {
        memcpy(to + n, seed, n);
        n += ipd_random_below(r, n);
    }
    return n;
}

static void replay(const char *folder, const char *name)
{
    static uint8_t copy[LARGEST];
    ipd_random r;
    size_t n = read_seed(folder, name);
    ipd_random_seed(&r, 1, n);
    LLVMFuzzerTestOneInput(seed, n);
    for (int i = 0; i < COPIES; i++) {
        /* Of its own size, so that AddressSanitizer sees a read past the end. */
        size_t length = damage(copy, n, &r);
        uint8_t *exact = malloc(length ? length : 1);
        memcpy(exact, copy, length);
        LLVMFuzzerTestOneInput(exact, length);
        free(exact);
    }
    ok(1, "%s and %d damaged copies", name, COPIES);
}

int main(void)
{
    char folder[4096];
    const char *top = getenv("TOP_SRCDIR");
    struct dirent *entry;
    int files = 0;
    snprintf(folder, sizeof folder, "%s/tests/data/corpus", top ? top : IPD_SRCDIR);
    DIR *d = opendir(folder);
    while (d && (entry = readdir(d)))
        if (entry->d_name[0] != '.') {
            replay(folder, entry->d_name);
            files++;
        }
    if (d)
        closedir(d);
    ok(files >= 10, "the corpus is there");
    return done();
}
#endif
