/* state.c - the state of a run and of the process that runs it; see history.h. */
#include "history/private.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const ipd_history_states[] = {"running", "paused",      "finished", "left", "diverged",
                                          "failed",  "interrupted", "lost",     NULL};

/* Field 22 of /proc/PID/stat, counted after the last ')', since the process name can contain
 * anything. */
long long ipd_history_process_start(long pid)
{
    char name[64], line[1024] = "";
    long long start = 0;
    snprintf(name, sizeof name, "/proc/%ld/stat", pid);
    FILE *f = fopen(name, "r");
    const char *at = f && fgets(line, sizeof line, f) ? strrchr(line, ')') : NULL;
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    if (at)
        start = strtoll(at, NULL, 10);
    if (f)
        fclose(f);
    return start;
}

int ipd_history_process(const char *host, long pid, long long started)
{
    char here[128] = "";
    gethostname(here, sizeof here - 1);
    if (pid <= 0 || strcmp(host, here))
        return 0;
    if (kill((pid_t)pid, 0) && errno == ESRCH)
        return -1;
    /* The number may belong to another process now. */
    long long now = started ? ipd_history_process_start(pid) : 0;
    return now && now != started ? -1 : 1;
}

int ipd_history_is_lost(const char *status, int process)
{
    return process < 0 && (!strncmp(status, "running", 7) || !strncmp(status, "paused", 6));
}

void ipd_history_state(const ipd_history_run *run, char *to, size_t size)
{
    snprintf(to, size, "%.*s", (int)strcspn(run->status, " :,"), run->status);
}

int ipd_history_is_open(const ipd_history_run *run)
{
    char state[32];
    ipd_history_state(run, state, sizeof state);
    return !strcmp(state, "running") || !strcmp(state, "paused");
}

static void state_function(sqlite3_context *c, int count, sqlite3_value **v)
{
    const char *status = (const char *)sqlite3_value_text(v[0]);
    const char *host = (const char *)sqlite3_value_text(v[1]);
    (void)count;
    if (!status)
        status = "";
    int process = ipd_history_process(host ? host : "", (long)sqlite3_value_int64(v[2]),
                                      sqlite3_value_int64(v[3]));
    if (ipd_history_is_lost(status, process))
        sqlite3_result_text(c, "lost", -1, SQLITE_STATIC);
    else
        sqlite3_result_text(c, status, (int)strcspn(status, " :,"), SQLITE_TRANSIENT);
}

int ipd_history_register(ipd_history *h, ipd_error *e)
{
    return sqlite3_create_function(h->db, "ipd_state", 4, SQLITE_UTF8, NULL, state_function, NULL,
                                   NULL) == SQLITE_OK
               ? 0
               : ipd_history_fail(h, e);
}
