/* checksum.h - SHA-256, the same interface for all versions of nettle. */
#ifndef IPD_DATA_CHECKSUM_H
#define IPD_DATA_CHECKSUM_H

#include <nettle/sha2.h>
#include <stddef.h>

typedef struct sha256_ctx ipd_checksum;

/* These functions cannot fail. Any thread. */
void ipd_checksum_init(ipd_checksum *c);
void ipd_checksum_add(ipd_checksum *c, const void *bytes, size_t count);
/* Writes 64 hexadecimal digits and a NUL, and resets c as init does. */
void ipd_checksum_text(ipd_checksum *c, char to[65]);

#endif
