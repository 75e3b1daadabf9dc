/* fuzz_idx.c - arbitrary bytes as an IDX file, plain or compressed. */
#include "data/idx.h"
#include "tests/fuzz.h"

enum { MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const int dimensions[] = {IPD_IDX_IMAGES, IPD_IDX_LABELS};
    for (int i = 0; i < 2; i++) {
        ipd_error e = {0};
        ipd_idx x;
        size_t sum = 0, product = 1;
        if (ipd_idx_parse(&x, bytes, length, "fuzz", dimensions[i], MAX, &e)) {
            fuzz_check_error(&e, "fuzz: ");
            fuzz_check(!x.bytes && !x.items);
            continue;
        }
        for (int k = 0; k < x.dimensions; k++)
            product *= x.size[k];
        for (size_t k = 0; k < x.count; k++)
            sum += x.items[k];
        fuzz_check(product == x.count && x.count <= MAX && sum <= 255 * x.count);
        ipd_idx_free(&x);
        fuzz_taken++;
    }
    return 0;
}

FUZZ_MAIN("tests/data/corpus_idx", NULL, 3000, 10)
