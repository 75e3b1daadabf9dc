/* fuzz_gzip.c - arbitrary deflate streams as the members of a compressed file, as IDX and as text.
 *
 * Each member gets a header, and the trailer that its content needs: behind zlib's checksum the parser must stand by
 * itself. A zero byte after a member begins data that is no member. The result must be that of the same content
 * without compression.
 */
#include "base/space.h"
#include "data/idx.h"
#include "data/reading.h"
#include "tests/fuzz.h"

#include <zlib.h>

enum { MAX = 1 << 18 };
static const char header[10] = {0x1f, (char)0x8b, 8, 0, 0, 0, 0, 0, 0, 3};

static uint8_t plain[MAX], packed[3 * MAX];

/* Inflates one stream behind plain[*n]; returns how many bytes it has, 0 if it is damaged, cut off or too large. */
static size_t unpack(const uint8_t *bytes, size_t length, size_t *n)
{
    z_stream z = {.next_in = (Bytef *)bytes,
                  .avail_in = (uInt)length,
                  .next_out = plain + *n,
                  .avail_out = (uInt)(MAX - *n)};
    fuzz_check(inflateInit2(&z, -MAX_WBITS) == Z_OK);
    int status = inflate(&z, Z_FINISH);
    *n += z.total_out;
    inflateEnd(&z);
    return status == Z_STREAM_END ? z.total_in : 0;
}

static size_t add(size_t at, const void *bytes, size_t length)
{
    memcpy(packed + at, bytes, length);
    return at + length;
}

/* Makes the file in `packed`; *content: bytes of its content; *whole: 1 if it must be readable as gzip. */
static size_t pack(const uint8_t *bytes, size_t length, size_t *content, int *whole)
{
    size_t at = 0, used = 0;
    *content = *whole = 0;
    do {
        size_t begin = *content, n = unpack(bytes + used, length - used, content);
        at = add(at, header, sizeof header);
        if (!n)
            return add(at, bytes + used, length - used);
        at = add(at, bytes + used, n);
        uint32_t trailer[2] = {(uint32_t)crc32(0, plain + begin, (uInt)(*content - begin)),
                               (uint32_t)(*content - begin)};
        at = add(at, trailer, sizeof trailer); /* least byte first, as this processor's */
        used += n;
    } while (used < length && bytes[used]);
    *whole = 1;
    for (size_t i = used; i < length; i++)
        *whole &= !bytes[i];
    return add(at, bytes + used, length - used);
}

/* The packed file, read as a text from its file. */
static void read_text(size_t n, size_t content, int whole)
{
    ipd_error e = {0};
    size_t length;
    char *text = ipd_read_unpacked(NULL, fuzz_file(packed, n), &length, NULL, &e);
    fuzz_check(!text == !whole);
    if (!text)
        fuzz_check_error(&e, "");
    else
        fuzz_check(length == content && !memcmp(text, plain, length) && !text[length]);
    ipd_space_free(NULL, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    ipd_error e = {0}, plain_error = {0};
    ipd_idx x, y;
    size_t content;
    int whole;
    if (length > MAX / 16) /* a header and a trailer for every two bytes have room */
        return 0;
    size_t n = pack(bytes, length, &content, &whole);
    read_text(n, content, whole);
    uint8_t *exact = malloc(n); /* so that AddressSanitizer sees a read past the end */
    memcpy(exact, packed, n);
    int failed = ipd_idx_parse(&x, exact, n, "fuzz", IPD_IDX_LABELS, MAX, &e);
    free(exact);
    if (failed)
        fuzz_check_error(&e, "fuzz: ");
    fuzz_check(failed || whole);
    if (!whole || (content > 1 && plain[0] == 0x1f && plain[1] == 0x8b))
        return 0; /* compressed twice: the content is no IDX file, but would be read as gzip */
    int plain_failed = ipd_idx_parse(&y, plain, content, "fuzz", IPD_IDX_LABELS, MAX, &plain_error);
    fuzz_check(failed == plain_failed);
    fuzz_taken += !failed;
    fuzz_check(failed || (x.count == y.count && !memcmp(x.items, y.items, x.count)));
    ipd_idx_free(&x);
    ipd_idx_free(&y);
    return 0;
}

FUZZ_MAIN("tests/data/corpus_gzip", NULL, 3000, 6)
