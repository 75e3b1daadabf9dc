/* checksum.h - SHA-256, over what nettle's versions call it. */
#ifndef IPD_DATA_CHECKSUM_H
#define IPD_DATA_CHECKSUM_H

#include <nettle/sha2.h>
#include <stddef.h>

typedef struct sha256_ctx ipd_checksum;

/* None of them can fail. Any thread. */
void ipd_checksum_init(ipd_checksum *c);
void ipd_checksum_add(ipd_checksum *c, const void *bytes, size_t count);
/* Writes 64 hexadecimal digits and a zero; c is as after init. */
void ipd_checksum_text(ipd_checksum *c, char to[65]);

#endif
