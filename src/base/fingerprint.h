/* fingerprint.h - a number that other bytes hardly have: against mistakes, not against people. */
#ifndef IPD_BASE_FINGERPRINT_H
#define IPD_BASE_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

/* Of h (a fingerprint of what came before, or any number) and so many bytes. Bytes of which one bit
 * differs always have another one. Any thread. */
uint64_t ipd_fingerprint(uint64_t h, const void *data, size_t bytes);

#endif
