/* leftover.h - the names of temporary files, and those that programs left behind when they were killed. Any thread. */
#ifndef IPD_BASE_LEFTOVER_H
#define IPD_BASE_LEFTOVER_H

#include <stddef.h>
#include <stdint.h>

/* The name of a temporary file; its writer holds a lock on the file (flock). 29 bytes. */
void ipd_leftover_name(char *to, size_t size, uint64_t number);

/* Removes from an open folder the temporary files that nobody holds locked, and what ipdlam 0.1.0 left of checkpoints and
 * of the file `name`. Errors are ignored. */
void ipd_leftover_clean(int folder, const char *name);

#endif
