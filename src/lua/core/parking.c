/* parking.c - a session's private folder for parked runs without a history.
 *
 * The session removes it at its end. Folders that kill -9 or a power failure left behind are
 * removed by the next session: no lock is held on them. */
#include "base/path.h"
#include "lua/core/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const prefix = "ipdlam-parked-";

/* Checkpoints are large and outlive a typical use of /tmp. */
static const char *place(void)
{
    const char *named = getenv("TMPDIR");
    return named && *named ? named : "/var/tmp";
}

/* Removes all files in an open folder and closes it. */
static void empty(int folder)
{
    struct dirent *entry;
    DIR *d = fdopendir(folder);
    if (!d) {
        close(folder);
        return;
    }
    while ((entry = readdir(d)))
        unlinkat(folder, entry->d_name, 0);
    closedir(d);
}

static void remove_left_behind(void)
{
    struct dirent *entry;
    struct stat s;
    DIR *d = opendir(place());
    while (d && (entry = readdir(d))) {
        if (strncmp(entry->d_name, prefix, strlen(prefix)))
            continue;
        int folder =
            openat(dirfd(d), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (folder < 0)
            continue;
        if (fstat(folder, &s) || s.st_uid != geteuid() || flock(folder, LOCK_EX | LOCK_NB)) {
            close(folder);
            continue;
        }
        empty(folder);
        unlinkat(dirfd(d), entry->d_name, AT_REMOVEDIR);
    }
    if (d)
        closedir(d);
}

static int make(ipd_lua *lua, ipd_error *e)
{
    char path[sizeof lua->parking];
    if (snprintf(path, sizeof path, "%s/%sXXXXXX", place(), prefix) >= (int)sizeof path)
        return ipd_fail(e, IPD_EIO, "%.60s...: the path is too long. Set TMPDIR to a shorter one",
                        path);
    remove_left_behind();
    if (!mkdtemp(path))
        return ipd_fail(e, IPD_EIO, "%.200s: %s. Name a folder for parked runs with TMPDIR",
                        place(), strerror(errno));
    lua->parking_lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lua->parking_lock >= 0)
        flock(lua->parking_lock, LOCK_EX | LOCK_NB);
    memcpy(lua->parking, path, sizeof path);
    return 0;
}

int ipd_lua_parking_path(ipd_lua *lua, unsigned long number, char *path, size_t size, ipd_error *e)
{
    char name[48];
    snprintf(name, sizeof name, "%lu.safetensors", number);
    if (!*lua->parking && make(lua, e))
        return -1;
    return ipd_path_join(path, size, lua->parking, name, e);
}

void ipd_lua_remove_parking(ipd_lua *lua)
{
    if (!*lua->parking)
        return;
    if (lua->parking_lock >= 0)
        empty(lua->parking_lock);
    rmdir(lua->parking);
    lua->parking[0] = 0;
}
