/* leftover.h - names of temporary files, and removal of those that killed programs left behind. Any
 * thread. */
#ifndef IPD_BASE_LEFTOVER_H
#define IPD_BASE_LEFTOVER_H

#include <stddef.h>
#include <stdint.h>

/* Writes the name of a temporary file, 29 bytes. Its writer must hold a lock on the
 * file (flock). */
void ipd_leftover_name(char *to, size_t size, uint64_t number);

/* Removes from an open folder all unlocked temporary files, and those that ipdlam 0.1.0 left of
 * checkpoints and of the file `name`. Ignores errors. */
void ipd_leftover_clean(int folder, const char *name);

#endif
