/* fuzz_encoding.c - the encoding of the data in files of weights: read, it is written to the same text. */
#include "data/encoding.h"
#include "tests/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    enum { INPUTS = 3, OUTPUTS = 2 };
    char *text = fuzz_text(bytes, length);
    ipd_error e;
    ipd_encoding *x = ipd_encoding_parse(text, INPUTS, OUTPUTS, &e);
    free(text);
    if (!x) {
        fuzz_check_error(&e, "the encoding of the data: ");
        return 0;
    }
    fuzz_taken++;
    char *once = ipd_encoding_text(x);
    float input[INPUTS] = {1, 2, 3};
    ipd_encoding_apply(x, input);
    ipd_encoding_free(x);
    fuzz_check(once && (x = ipd_encoding_parse(once, INPUTS, OUTPUTS, &e)));
    char *twice = ipd_encoding_text(x);
    fuzz_check(twice && !strcmp(once, twice));
    ipd_encoding_free(x);
    free(once);
    free(twice);
    return 0;
}

FUZZ_MAIN("tests/data/corpus_encoding", "{}[]:,\"01e-", 300, 5)
