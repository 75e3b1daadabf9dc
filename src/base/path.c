/* path.c - see path.h. */
#include "base/path.h"

#include <errno.h>
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
            return ipd_fail(e, IPD_EIO, "no home folder is known. Set HOME or %s",
                            homes[kind].variable);
        n = snprintf(path, size, "%s/%s/ipdlam%s%s", home, homes[kind].below_home, *name ? "/" : "",
                     name);
    }
    if (n < 0 || (size_t)n >= size)
        return ipd_fail(e, IPD_EIO, "the path to %s is too long. Set %s to a shorter one", name,
                        homes[kind].variable);
    return 0;
}

int ipd_path_too_long(const char *path, size_t size, ipd_code code, ipd_error *e)
{
    return ipd_fail(e, code, "%.60s...: the path is too long. Use one below %zu bytes", path, size);
}

int ipd_path_join(char *path, size_t size, const char *folder, const char *name, ipd_error *e)
{
    size_t n = strlen(folder);
    const char *slash = n && folder[n - 1] == '/' ? "" : "/";
    int written = snprintf(path, size, "%s%s%s", folder, slash, name);
    if (written < 0 || (size_t)written >= size)
        return ipd_path_too_long(folder, size > strlen(name) ? size - strlen(name) - 1 : 0, IPD_EIO,
                                 e);
    return 0;
}

int ipd_path_copy(char *path, size_t size, const char *from, ipd_error *e)
{
    size_t n = strlen(from);
    if (n >= size)
        return ipd_path_too_long(from, size, IPD_EUSAGE, e);
    memmove(path, from, n + 1);
    return 0;
}

int ipd_path_make_folder(const char *folder, ipd_error *e)
{
    char part[4096];
    size_t n = strlen(folder);
    if (n == 0)
        return ipd_fail(e, IPD_EUSAGE, "the name of the folder is empty. Name a folder");
    if (ipd_path_copy(part, sizeof part, folder, e))
        return -1;
    for (size_t i = 1; i <= n; i++) {
        if (part[i] != '/' && part[i] != 0)
            continue;
        char kept = part[i];
        struct stat s;
        part[i] = 0;
        if (mkdir(part, 0700)) {
            int why = errno; /* EEXIST may also mean that a file is in the way */
            if (stat(part, &s) || !S_ISDIR(s.st_mode))
                return ipd_fail(e, IPD_EIO, "%.400s: cannot make the folder: %s", part,
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
        return ipd_path_too_long(path, sizeof folder, IPD_EIO, e);
    memcpy(folder, path, (size_t)(slash - path));
    folder[slash - path] = 0;
    return ipd_path_make_folder(folder, e);
}

int ipd_path_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

int ipd_path_is_folder(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}
