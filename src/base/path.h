/* path.h - where files live (XDG base directories) and the folders that hold them; files themselves: file.h. */
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

/* Writes $XDG_..._HOME/ipdlam/NAME (or its default below $HOME) to path. Fails where no home is
 * known or the result does not fit. NAME may be "" for the folder. Makes nothing. */
int ipd_path_home(char *path, size_t size, ipd_place_kind kind, const char *name, ipd_error *e);

/* FOLDER/NAME in path; fails where it does not fit. */
int ipd_path_join(char *path, size_t size, const char *folder, const char *name, ipd_error *e);

/* A path that is kept for later; fails where it does not fit, never cut to another file's. */
int ipd_path_copy(char *path, size_t size, const char *from, ipd_error *e);

/* Makes the folder and its parents (mode 0700 for what is new). */
int ipd_path_make_folder(const char *folder, ipd_error *e);

/* The same for the folder that holds the file `path`. */
int ipd_path_make_parent(const char *path, ipd_error *e);

int ipd_path_exists(const char *path);

#endif
