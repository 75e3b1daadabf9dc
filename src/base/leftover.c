/* leftover.c - see leftover.h. */
#include "base/leftover.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TEMPORARY ".ipdlam-new-"
enum { DIGITS = 16, DAY = 86400 };

/* Whether the n characters are a checkpoint's name in ipdlam 0.1.0:
 * 000012-iteration-7.safetensors. */
static int is_checkpoint(const char *name, size_t n)
{
    int end = -1;
    sscanf(name, "%*6[0-9]-iteration-%*[0-9].safetensors%n", &end);
    return end >= 0 && (size_t)end == n;
}

/* Whether the entry was left by ipdlam 0.1.0: NAME.new-PID next to the file being written, of a
 * process that is gone. A process on another machine may share the folder, so files younger than a
 * day stay. Small numbers stay too: they are likely to be a user's numbered copies. */
static int is_old_leftover(const char *entry, const char *name, const struct stat *s)
{
    enum { SMALL = 300 };
    static const char middle[] = ".new-";
    const char *at = strstr(entry, middle), *digits = at ? at + sizeof middle - 1 : NULL;
    size_t n = at ? (size_t)(at - entry) : 0;
    char *end;
    if (!at || *digits < '1' || *digits > '9')
        return 0;
    long pid = strtol(digits, &end, 10);
    int is_ours = (strlen(name) == n && !strncmp(entry, name, n)) || is_checkpoint(entry, n);
    return is_ours && !*end && pid > SMALL && pid <= INT_MAX && time(NULL) - s->st_mtime > DAY &&
           kill((pid_t)pid, 0) && errno == ESRCH;
}

void ipd_leftover_name(char *to, size_t size, uint64_t number)
{
    snprintf(to, size, TEMPORARY "%016llx", (unsigned long long)number);
}

static int is_temporary(const char *entry)
{
    const char *digits = entry + sizeof TEMPORARY - 1;
    return !strncmp(entry, TEMPORARY, sizeof TEMPORARY - 1) &&
           strspn(digits, "0123456789abcdef") == DIGITS && !digits[DIGITS];
}

void ipd_leftover_clean(int folder, const char *name)
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    struct stat s;
    if (!d && fd >= 0)
        close(fd);
    while (d && (entry = readdir(d))) {
        int temporary = is_temporary(entry->d_name);
        if (!temporary && !strstr(entry->d_name, ".new-"))
            continue;
        int file = openat(folder, entry->d_name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (file < 0)
            continue;
        if (fstat(file, &s) == 0 && S_ISREG(s.st_mode) &&
            (s.st_uid == geteuid() || geteuid() == 0) &&
            (temporary || is_old_leftover(entry->d_name, name, &s)) &&
            flock(file, LOCK_EX | LOCK_NB) == 0)
            unlinkat(folder, entry->d_name, 0);
        close(file);
    }
    if (d)
        closedir(d);
}
