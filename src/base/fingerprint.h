/* fingerprint.h - a 64-bit checksum: detects mistakes, not forgery. */
#ifndef IPD_BASE_FINGERPRINT_H
#define IPD_BASE_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

/* Checksum of `bytes` bytes, continuing from h (the checksum of earlier data, or any number).
 * Changing a single bit always changes it. Any thread. */
uint64_t ipd_fingerprint(uint64_t h, const void *data, size_t bytes);

#endif
