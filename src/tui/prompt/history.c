#include "tui/prompt/history.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <readline/history.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEPT = 5000, LONGEST = 4 << 20 };

static char file[4096]; /* "" if there is none */

/* Keeps two programs from writing at once. Locks a file beside the history, because truncation
 * replaces the history itself. Returns a descriptor to close, or -1 if locking is impossible; the
 * caller then continues without a lock. */
static int lock(const char *path)
{
    char name[sizeof file + 8];

    snprintf(name, sizeof name, "%s.lock", path);
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    while (fd >= 0 && flock(fd, LOCK_EX) < 0 && errno == EINTR)
        ;
    return fd;
}

static void unlock(int fd)
{
    if (fd >= 0)
        close(fd);
}

static int read_file(const char *path, ipd_error *e)
{
    struct stat s;
    int locked = lock(path), fd = open(path, O_RDWR | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0600),
        failed = fd < 0 || fstat(fd, &s);

    if (failed || !S_ISREG(s.st_mode)) {
        ipd_fail(e, IPD_EIO, "the prompt's history is not saved: %s: %s", path,
                 failed ? strerror(errno) : "is not a regular file");
        unlock(locked);
        unlock(fd);
        return -1;
    }
    close(fd);
    failed = read_history(path);
    if (!failed && history_length > KEPT + KEPT / 4)
        history_truncate_file(path, KEPT);
    unlock(locked);
    return failed ? ipd_fail(e, IPD_EIO, "cannot read the prompt's history: %s: %s", path,
                             strerror(failed))
                  : 0;
}

int ipd_prompt_history_load(ipd_error *e)
{
    char path[sizeof file];

    using_history();
    history_comment_char = '#'; /* begins the line with the time of an entry, which delimits it */
    history_write_timestamps = 1;
    history_multiline_entries = 1;
    file[0] = 0;
    if (ipd_path_home(path, sizeof path, IPD_STATE_HOME, "history", e) < 0 ||
        ipd_path_make_parent(path, e) < 0 || read_file(path, e) < 0)
        return -1;
    stifle_history(KEPT);
    memcpy(file, path, sizeof file);
    return 0;
}

int ipd_prompt_history_add(const char *text, ipd_error *e)
{
    HIST_ENTRY *last = history_length ? history_get(history_base + history_length - 1) : NULL;

    if (text[strspn(text, " \t\n")] == 0 || (last && strcmp(last->line, text) == 0))
        return 0;
    add_history(text);
    using_history(); /* go to the end: the next Up gives this entry */
    if (!*file)
        return 0;
    if (strlen(text) > LONGEST)
        return ipd_fail(e, IPD_EUSAGE,
                        "an entry of %.1f MiB is not saved in the prompt's history, whose limit is "
                        "%d MiB per entry. It is available until you leave",
                        (double)strlen(text) / (1 << 20), LONGEST >> 20);
    int locked = lock(file), failed = append_history(1, file);
    unlock(locked);
    if (failed) {
        ipd_fail(e, IPD_EIO, "the prompt's history is not saved: %s: %s", file, strerror(failed));
        *file = 0; /* warn once */
        return -1;
    }
    return 0;
}
