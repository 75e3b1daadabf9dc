/* checksum.c - see checksum.h. */
#include "data/checksum.h"

#include <nettle/version.h>
#include <stdint.h>
#include <stdio.h>

void ipd_checksum_init(ipd_checksum *c)
{
    sha256_init(c);
}

void ipd_checksum_add(ipd_checksum *c, const void *bytes, size_t count)
{
    sha256_update(c, count, bytes);
}

void ipd_checksum_text(ipd_checksum *c, char to[65])
{
    uint8_t digest[SHA256_DIGEST_SIZE];
#if NETTLE_VERSION_MAJOR >= 4
    sha256_digest(c, digest);
#else
    sha256_digest(c, sizeof digest, digest);
#endif
    for (int i = 0; i < SHA256_DIGEST_SIZE; i++)
        snprintf(to + 2 * i, 3, "%02x", digest[i]);
}
