/* room.h - reusable scratch memory: each training step needs the same buffers again.
 *
 * Released buffers are kept for the next caller, since new pages were seen to cost more than the
 * arithmetic on them. Any thread, also from within a parallel task.
 */
#ifndef IPD_BASE_ROOM_H
#define IPD_BASE_ROOM_H

#include "base/error.h"

#include <stddef.h>

/* Acquires count*size uninitialised bytes aligned to 64; NULL and *e on overflow or if memory runs
 * out. The caller owns them and calls ipd_room_give. */
void *ipd_room_take(size_t count, size_t size, ipd_error *e);

/* Releases a buffer. Accepts NULL. */
void ipd_room_give(void *p);

#endif
