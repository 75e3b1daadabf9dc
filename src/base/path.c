/* path.c - see path.h. */
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    const char *variable, *below_home;
} homes[] = {[IPD_DATA_HOME] = {"XDG_DATA_HOME", ".local/share"},
             [IPD_STATE_HOME] = {"XDG_STATE_HOME", ".local/state"},
             [IPD_CONFIG_HOME] = {"XDG_CONFIG_HOME", ".config"},
             [IPD_CACHE_HOME] = {"XDG_CACHE_HOME", ".cache"}};

int ipd_path_home(char *path, size_t size, ipd_place_kind kind, const char *name, ipd_error *e)
{
    const char *base = getenv(homes[kind].variable), *home = getenv("HOME");
    int n;
    /* The specification says to ignore a relative path. */
    if (base && base[0] == '/') {
        n = snprintf(path, size, "%s/ipdlam%s%s", base, *name ? "/" : "", name);
    } else {
        struct passwd *p;
        if (!home || home[0] != '/')
            home = (p = getpwuid(getuid())) ? p->pw_dir : NULL;
        if (!home)
            return ipd_fail(e, IPD_EIO, "no home folder is known: set HOME or %s",
                            homes[kind].variable);
        n = snprintf(path, size, "%s/%s/ipdlam%s%s", home, homes[kind].below_home, *name ? "/" : "",
                     name);
    }
    if (n < 0 || (size_t)n >= size)
        return ipd_fail(e, IPD_EIO, "the path to %s is too long: set %s to a shorter one", name,
                        homes[kind].variable);
    return 0;
}

int ipd_path_join(char *path, size_t size, const char *folder, const char *name, ipd_error *e)
{
    size_t n = strlen(folder);
    const char *slash = n && folder[n - 1] == '/' ? "" : "/";
    int written = snprintf(path, size, "%s%s%s", folder, slash, name);
    if (written < 0 || (size_t)written >= size)
        return ipd_fail(e, IPD_EIO, "%s: the path is too long", name);
    return 0;
}

int ipd_path_make_folder(const char *folder, ipd_error *e)
{
    char part[4096];
    size_t n = strlen(folder);
    if (n == 0 || n >= sizeof part)
        return ipd_fail(e, IPD_EIO, "%.60s...: the path is empty or too long", folder);
    memcpy(part, folder, n + 1);
    for (size_t i = 1; i <= n; i++) {
        if (part[i] != '/' && part[i] != 0)
            continue;
        char kept = part[i];
        struct stat s;
        part[i] = 0;
        if (mkdir(part, 0700)) {
            int why = errno; /* EEXIST also says that a file is in the way */
            if (stat(part, &s) || !S_ISDIR(s.st_mode))
                return ipd_fail(e, IPD_EIO, "%.400s: the folder cannot be made: %s", part,
                                strerror(why));
        }
        part[i] = kept;
    }
    return 0;
}

int ipd_path_make_parent(const char *path, ipd_error *e)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return 0;
    if ((size_t)(slash - path) >= sizeof folder)
        return ipd_fail(e, IPD_EIO, "%.60s...: the path is too long", path);
    memcpy(folder, path, (size_t)(slash - path));
    folder[slash - path] = 0;
    return ipd_path_make_folder(folder, e);
}

int ipd_path_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

int ipd_new_file_open(ipd_new_file *f, const char *path, ipd_error *e)
{
    f->stream = NULL;
    if (snprintf(f->path, sizeof f->path, "%s", path) >= (int)sizeof f->path)
        return ipd_fail(e, IPD_EIO, "%.60s...: the path is too long", path);
    snprintf(f->temporary, sizeof f->temporary, "%s.new-%ld", path, (long)getpid());
    int fd = open(f->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return ipd_fail(e, IPD_EIO, "%s: cannot be written: %s", path, strerror(errno));
    f->stream = fdopen(fd, "wb");
    if (!f->stream) {
        close(fd);
        unlink(f->temporary);
        return ipd_fail(e, IPD_EMEMORY, "%s: out of memory", path);
    }
    return 0;
}

void ipd_new_file_abandon(ipd_new_file *f)
{
    if (!f->stream)
        return;
    fclose(f->stream);
    f->stream = NULL;
    unlink(f->temporary);
}

/* A name in a folder is safe from a power cut once the folder is synced, where it can be. */
static void sync_folder_of(const char *path)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1,
             slash ? path : ".");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

int ipd_new_file_commit(ipd_new_file *f, ipd_error *e)
{
    int failed = ferror(f->stream) | fflush(f->stream);
    failed |= fsync(fileno(f->stream));
    int why = errno;
    if (failed) {
        ipd_new_file_abandon(f);
        return ipd_fail(e, IPD_EIO, "%s: writing fails: %s; the old file, if any, is kept", f->path,
                        strerror(why));
    }
    failed = fclose(f->stream);
    f->stream = NULL;
    if (failed || rename(f->temporary, f->path)) {
        why = errno;
        unlink(f->temporary);
        return ipd_fail(e, IPD_EIO, "%s: writing fails: %s; the old file, if any, is kept", f->path,
                        strerror(why));
    }
    sync_folder_of(f->path);
    return 0;
}
