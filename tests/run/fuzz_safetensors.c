/* fuzz_safetensors.c - arbitrary bytes as a file of weights, safetensors or .npz. */
#include "format/weights.h"
#include "tests/fuzz.h"

#include <math.h>

enum { DEFLATE = 1032 }; /* bytes that one byte of an .npz can stand for */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const char *path = fuzz_file(bytes, length);
    ipd_error e = {0};
    ipd_network net;
    double sum = 0;
    size_t values = 0;
    if (ipd_weights_load(&net, path, ipd_activation_find("relu"), ipd_loss_find("squared"), &e)) {
        fuzz_check_error(&e, path);
        fuzz_check(!net.L);
        return 0;
    }
    for (int l = 1; l <= net.L; l++) {
        values += net.d[l] * (net.d[l - 1] + 1);
        for (size_t i = 0; i < net.d[l] * net.d[l - 1]; i++)
            sum += fabsf(net.W[l].data[i]);
        for (size_t i = 0; i < net.d[l]; i++)
            sum += fabsf(net.b[l].data[i]);
    }
    fuzz_check(isfinite(sum) && values * 4 <= length * DEFLATE);
    ipd_network_free(&net);
    fuzz_taken++;
    return 0;
}

FUZZ_MAIN("tests/run/corpus_safetensors", "0123456789-.,:[]{}\"Wbe", 800, 8)
