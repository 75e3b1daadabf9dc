/* fingerprint.c - see fingerprint.h. */
#include "base/fingerprint.h"

#include <string.h>

/* A bijection of the lane for each word (odd factor, xor with a shift), so a changed word cannot
 * cancel out. */
static uint64_t mix(uint64_t lane, uint64_t word)
{
    lane = (lane ^ word) * 0x9E3779B97F4A7C15u;
    return lane ^ lane >> 29;
}

uint64_t ipd_fingerprint(uint64_t h, const void *data, size_t bytes)
{
    uint64_t word, lane[4] = {h ^ bytes, h + 1, h + 2, h + 3};
    const char *from = data;
    size_t at = 0;
    for (; at + 32 <= bytes; at += 32)
        for (int i = 0; i < 4; i++) {
            memcpy(&word, from + at + 8 * i, 8);
            lane[i] = mix(lane[i], word);
        }
    for (; at < bytes; at += 4) {
        word = 0;
        memcpy(&word, from + at, bytes - at < 4 ? bytes - at : 4);
        lane[0] = mix(lane[0], word);
    }
    for (int i = 1; i < 4; i++)
        lane[0] = (lane[0] ^ lane[i]) * 0xD1B54A32D192ED03u;
    return lane[0] ^ lane[0] >> 32;
}
