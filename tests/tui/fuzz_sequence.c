/* fuzz_sequence.c - arbitrary bytes after Escape.
 *
 * As a test: random bytes, the same ones every time, and random text with sequences in it, of which
 * only the text must be left. */
#include "tests/fuzz.h"
#include "tui/terminal/sequence.h"

/* Checks the result of a scan and compares it with the results for all prefixes of the bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static char text[1 << 14];
    size_t count = length + 1 < sizeof text ? length + 1 : sizeof text, first = 0;
    ipd_sequence answer = IPD_SEQUENCE_MORE;

    *text = '\033';
    memcpy(text + 1, bytes, count - 1);
    for (size_t n = 1; n <= count; n++) {
        char *exact = malloc(n); /* so that AddressSanitizer sees a read past the end */
        size_t is = 0;
        if (!exact)
            return 0;
        memcpy(exact, text, n);
        ipd_sequence now = ipd_sequence_scan(exact, n, &is);
        free(exact);
        fuzz_check(is >= 1 && is <= n && is <= IPD_SEQUENCE_STRING_MAX + 2);
        if (answer != IPD_SEQUENCE_MORE)
            fuzz_check(now == answer && is == first); /* later bytes do not change the result */
        else if (now == IPD_SEQUENCE_MORE)
            fuzz_check(is == n && n <= IPD_SEQUENCE_STRING_MAX + 1);
        answer = now;
        first = is;
        if (n > 1 && now == IPD_SEQUENCE_MORE && text[n - 1] == '\r') /* Enter is always Enter, */
            fuzz_check(text[1] == '[' && text[2] == 'M');             /* but in a mouse report */
    }
    return 0;
}

#ifndef IPD_LIBFUZZER
static const char *const sequences[] = {"\033[A",
                                        "\033[15;2~",
                                        "\033[3;2~",
                                        "\033[25~",
                                        "\033[27;5;13~",
                                        "\033[105;5u",
                                        "\033[[A",
                                        "\033[?62;22c",
                                        "\033[24;80R",
                                        "\033[M !!",
                                        "\033[<0;12;7M",
                                        "\033[1 q",
                                        "\033[?1;2$y",
                                        "\033OP",
                                        "\033O5P",
                                        "\033O1;2P",
                                        "\033Oj",
                                        "\033]11;rgb:00/00/00\a",
                                        "\033]11;rgb:00/00/00\033\\",
                                        "\033]52;c;aXBk\033\\",
                                        "\033P>|XTerm(370)\033\\",
                                        "\033P1$r0m\033\\",
                                        "\033P!|00000000\033\\",
                                        "\033_Gi=31;OK\033\\"};

enum { SEQUENCES = sizeof sequences / sizeof *sequences };

/* Removes complete and incomplete sequences from a text. */
static void without(const char *bytes, size_t count, char *to)
{
    while (count) {
        size_t length = 1;
        ipd_sequence kind =
            *bytes == '\033' ? ipd_sequence_scan(bytes, count, &length) : IPD_SEQUENCE_NONE;
        if (kind == IPD_SEQUENCE_NONE)
            *to++ = *bytes;
        bytes += length;
        count -= length;
    }
    *to = 0;
}

static void test_between_text(ipd_random *r)
{
    int bad = 0;

    for (int i = 0; i < 20000; i++) {
        char all[512] = "", text[512] = "", left[512];
        for (uint64_t k = ipd_random_below(r, 8); k > 0; k--) {
            char piece[2] = {(char)(32 + ipd_random_below(r, 95)), 0};
            const char *sequence = sequences[ipd_random_below(r, SEQUENCES)];
            if (ipd_random_below(r, 6) == 0) /* an incomplete sequence before it */
                strncat(all, sequence, strchr("[O", sequence[1]) ? 2 : 3);
            strcat(all, sequence);
            strcat(all, piece);
            strcat(text, piece);
        }
        without(all, strlen(all), left);
        if (strcmp(left, text) && !bad++)
            printf("# %s, not %s\n", left, text);
    }
    ok(!bad, "sequences within text are found as a whole");
}

static void test_keys_with_alt(void)
{
    static const char *const keys[] = {"\033g",  "\033\033", "\033]x", "\033Px",
                                       "\033_x", "\033^x",   "\033X1"};
    int bad = 0;
    size_t length;

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        bad += ipd_sequence_scan(keys[i], strlen(keys[i]), &length) != IPD_SEQUENCE_NONE;
    ok(!bad, "Alt and a character are not a sequence");
}

static void test_broken(void)
{
    static const struct {
        const char *bytes;
        size_t length;
    } cases[] = {{"\033[\r", 2}, {"\033[15\033", 4}, {"\033[[1", 3},
                 {"\033O\r", 2}, {"\033]1;x\r", 5},  {"\033P1\033[", 3}};
    int bad = 0;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t length;
        bad += ipd_sequence_scan(cases[i].bytes, strlen(cases[i].bytes), &length) !=
                   IPD_SEQUENCE_BROKEN ||
               length != cases[i].length;
    }
    ok(!bad, "the byte that interrupts a sequence is not part of it");
}

int main(void)
{
    ipd_random r;
    uint8_t bytes[80];

    ipd_random_seed(&r, 1, 0);
    for (int i = 0; i < 200000; i++) {
        static const char often[] = "[[[OP]_M?;<0159~\033\a\r\\u";
        size_t n = ipd_random_below(&r, sizeof bytes);
        for (size_t k = 0; k < n; k++)
            bytes[k] = ipd_random_below(&r, 3)
                           ? (uint8_t)often[ipd_random_below(&r, sizeof often - 1)]
                           : (uint8_t)ipd_random_bits(&r);
        LLVMFuzzerTestOneInput(bytes, n);
    }
    for (int i = 0; i < 3; i++) { /* without end */
        static uint8_t many[6000];
        memset(many, '1', sizeof many);
        many[0] = (uint8_t) "[]P"[i];
        LLVMFuzzerTestOneInput(many, sizeof many);
    }
    ok(1, "random bytes are scanned");
    test_between_text(&r);
    test_keys_with_alt();
    test_broken();
    return done();
}
#endif
