/* fuzz_definition.c - arbitrary text as the definition of an activation. One that is accepted reads
 * back from its own text, and computes without touching other memory.
 */
#include "net/activation.h"
#include "tests/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *text = fuzz_text(bytes, length);
    ipd_error e = {0};
    const ipd_activation *f = ipd_activation_read(text, 0, &e);
    free(text);
    if (!f) {
        fuzz_check_error(&e, "");
        return 0;
    }
    float w[3] = {-1, 0.5f, 1e30f}, v[3] = {0.1f, -2, 3}, x[3];
    fuzz_taken++;
    fuzz_check(ipd_activation_read(f->own->text, 0, &e) == f);
    ipd_activation_prox(f, w, v, 2, x, 3);
    ipd_activation_apply(f, x, x, 3);
    ipd_activation_derivative(f, v, x, 3);
    return 0;
}

FUZZ_MAIN("tests/net/corpus_definition", " ;:|=->tx0", 1500, 3)
