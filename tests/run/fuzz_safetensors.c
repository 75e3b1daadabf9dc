/* fuzz_safetensors.c - any bytes at all as a file of weights, safetensors or .npz.
 *
 * With -DIPD_LIBFUZZER and -fsanitize=fuzzer it is a target of libFuzzer. Without, it replays the
 * files of tests/run/corpus and hundreds of damaged copies of each, the same ones every time.
 */
#include "format/weights.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { DEFLATE = 1032 }; /* bytes that one byte of an .npz may stand for */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char path[64];
    ipd_error e = {0};
    ipd_network net;
    int fd = memfd_create("fuzz", 0);
    if (fd < 0 || write(fd, bytes, length) != (ssize_t)length)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int failed =
        ipd_weights_load(&net, path, ipd_activation_find("relu"), ipd_loss_find("squared"), &e);
    close(fd);
    if (failed) {
        /* A failure says why, names the file, and leaves nothing. */
        if (strncmp(e.text, path, strlen(path)) || e.code == IPD_OK || net.L)
            abort();
        return 0;
    }
    double sum = 0;
    size_t values = 0;
    for (int l = 1; l <= net.L; l++) {
        values += net.d[l] * (net.d[l - 1] + 1);
        for (size_t i = 0; i < net.d[l] * net.d[l - 1]; i++)
            sum += fabsf(net.W[l].data[i]);
        for (size_t i = 0; i < net.d[l]; i++)
            sum += fabsf(net.b[l].data[i]);
    }
    if (!isfinite(sum) || values * 4 > length * DEFLATE)
        abort();
    ipd_network_free(&net);
    return 0;
}

#ifndef IPD_LIBFUZZER
#include "base/random.h"
#include "tests/tap.h"

#include <dirent.h>

enum { LARGEST = 1 << 14, COPIES = 800 };

static uint8_t seed[LARGEST];

static size_t read_seed(const char *folder, const char *name)
{
    char path[4096 + 256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(seed, 1, sizeof seed / 2, f) : 0;
    if (f)
        fclose(f);
    return n;
}

/* Changes a few bytes (half the time to what JSON gives a meaning), cuts, or repeats a piece. */
static size_t damage(uint8_t *to, size_t n, ipd_random *r)
{
    static const char telling[] = "0123456789-.,:[]{}\"Wbe";
    memcpy(to, seed, n);
    for (uint64_t i = ipd_random_below(r, 4) + 1; n && i > 0; i--) {
        uint8_t c = (uint8_t)ipd_random_bits(r);
        if (ipd_random_below(r, 2))
            c = (uint8_t)telling[ipd_random_below(r, sizeof telling - 1)];
        to[ipd_random_below(r, n)] = c;
    }
    if (n && ipd_random_below(r, 4) == 0)
        n = ipd_random_below(r, n);
    if (n && ipd_random_below(r, 4) == 0) {
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
    for (int i = 0; i < COPIES; i++)
        LLVMFuzzerTestOneInput(copy, damage(copy, n, &r));
    ok(1, "%s and %d damaged copies", name, COPIES);
}

int main(void)
{
    char folder[4096];
    const char *top = getenv("TOP_SRCDIR");
    struct dirent *entry;
    int files = 0;
    snprintf(folder, sizeof folder, "%s/tests/run/corpus", top ? top : IPD_SRCDIR);
    DIR *d = opendir(folder);
    while (d && (entry = readdir(d)))
        if (entry->d_name[0] != '.') {
            replay(folder, entry->d_name);
            files++;
        }
    if (d)
        closedir(d);
    ok(files >= 8, "the corpus is there");
    return done();
}
#endif
