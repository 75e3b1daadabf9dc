/* path.h - the standard folders (XDG base directories), and how folders are created; for files see
 * file.h. */
#ifndef IPD_BASE_PATH_H
#define IPD_BASE_PATH_H

#include "base/error.h"

#include <stdio.h>

typedef enum ipd_place_kind {
    IPD_DATA_HOME,
    IPD_STATE_HOME,
    IPD_CONFIG_HOME,
    IPD_CACHE_HOME
} ipd_place_kind;

/* Writes $XDG_..._HOME/ipdlam/NAME (or its default below $HOME) to path. NAME may be "" for the
 * folder. Creates nothing. Fails if no home folder is known or the path does not fit. */
int ipd_path_home(char *path, size_t size, ipd_place_kind kind, const char *name, ipd_error *e);

/* Writes FOLDER/NAME to path; fails if it does not fit. */
int ipd_path_join(char *path, size_t size, const char *folder, const char *name, ipd_error *e);

/* Fails because the path with its final NUL does not fit into `size` bytes. Returns -1. */
int ipd_path_too_long(const char *path, size_t size, ipd_code code, ipd_error *e);

/* Copies a path; fails if it does not fit, since a truncated path would name another file. */
int ipd_path_copy(char *path, size_t size, const char *from, ipd_error *e);

/* Creates the folder and its parents (new ones with mode 0700). */
int ipd_path_make_folder(const char *folder, ipd_error *e);

/* The same for the folder of the file `path`. */
int ipd_path_make_parent(const char *path, ipd_error *e);

/* 1 if the path exists; ipd_path_is_folder: and is a folder, or a link to one. */
int ipd_path_exists(const char *path);
int ipd_path_is_folder(const char *path);

#endif
