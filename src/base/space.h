/* space.h - memory that files back, for data sets larger than memory.
 *
 * The kernel writes such memory to disk and drops it whenever other memory is needed, so it does
 * not count as memory of the process. Functions accept NULL as the space and use malloc then.
 */
#ifndef IPD_BASE_SPACE_H
#define IPD_BASE_SPACE_H

#include "base/error.h"
#include "base/matrix.h"

#include <stddef.h>

typedef struct ipd_space ipd_space;

/* Prefix of the names that these files have until they are unlinked. */
#define IPD_SPACE_PREFIX ".space-"

/* A space whose allocations are files in `folder` without a name: they vanish with the process.
 * folder may be NULL if only ipd_space_map is used. */
ipd_space *ipd_space_new(const char *folder, ipd_error *e);
/* Releases all that is left. Accepts NULL. */
void ipd_space_delete(ipd_space *s);

/* count*size zero bytes, aligned to 64. The disk space is reserved, so that a full disk fails
 * here. */
void *ipd_space_allocate(ipd_space *s, size_t count, size_t size, ipd_error *e);
int ipd_space_matrix(ipd_space *s, ipd_matrix *m, size_t rows, size_t cols, ipd_error *e);
/* Maps a regular file for reading; the result may not be written. It must not be empty. If the file
 * becomes shorter later, or the disk fails, reading the result ends the process with status 1 and a
 * sentence that names the file. Main thread. */
void *ipd_space_map(ipd_space *s, const char *path, size_t *bytes, ipd_error *e);
/* Sets a function that the handler of such a fault calls first, to restore the terminal; or
 * NULL. */
void ipd_space_on_fault(void (*restore)(void));

/* Releases memory of this space, or of malloc if the space is NULL. Accepts NULL. Ignores pointers
 * into the middle of an allocation. */
void ipd_space_free(ipd_space *s, void *p);
void ipd_space_free_matrix(ipd_space *s, ipd_matrix *m);

/* Asks the kernel to read these bytes soon; does nothing for memory that no file backs. */
void ipd_read_ahead(const void *p, size_t bytes);

#endif
