#include "tui/prompt_history.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <readline/history.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { KEPT = 5000 };

static char file[4096]; /* "" where there is none */

int ipd_prompt_history_load(ipd_error *e)
{
    using_history();
    history_comment_char = '#'; /* "#1700000000" before an entry is its time */
    history_write_timestamps = 1;
    history_multiline_entries = 1;
    file[0] = 0;
    char path[sizeof file];
    if (ipd_path_home(path, sizeof path, IPD_STATE_HOME, "history", e) < 0 ||
        ipd_path_make_parent(path, e) < 0)
        return -1;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return ipd_fail(e, IPD_EIO, "the history of the prompt is not kept: %s: %s", path,
                        strerror(errno));
    close(fd);
    int failed = read_history(path);
    if (failed)
        return ipd_fail(e, IPD_EIO, "the history of the prompt cannot be read: %s: %s", path,
                        strerror(failed));
    if (history_length > KEPT + KEPT / 4)
        history_truncate_file(path, KEPT);
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
    using_history(); /* Readline stands at the end again: the next Up gives this entry */
    if (!*file)
        return 0;
    int failed = append_history(1, file);
    if (failed) {
        ipd_fail(e, IPD_EIO, "the history of the prompt is not kept: %s: %s", file,
                 strerror(failed));
        *file = 0; /* said once */
        return -1;
    }
    return 0;
}
