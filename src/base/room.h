/* room.h - memory for a moment: what a step of training needs, the next one needs again.
 *
 * What is given back is kept for who takes next, since new pages have been seen to cost more than the
 * sums on them. Any thread, also from within a parallel task.
 */
#ifndef IPD_BASE_ROOM_H
#define IPD_BASE_ROOM_H

#include "base/error.h"

#include <stddef.h>

/* count*size bytes aligned to 64, of any content; NULL and *e when it overflows or memory runs out. The
 * caller owns them and calls ipd_room_give. */
void *ipd_room_take(size_t count, size_t size, ipd_error *e);

/* Gives back what was taken. Takes NULL. */
void ipd_room_give(void *p);

#endif
