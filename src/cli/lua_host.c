/* lua_host.c - functions shared by `ipdlam run` and the line prompt; see lua_host.h. */
#include "cli/lua_host.h"
#include "base/clock.h"
#include "base/machine.h"
#include "base/path.h"
#include "base/text.h"
#include "cli/cli.h"
#include "history/history.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *ipd_cli_history(const char *command, char *path, size_t size)
{
    ipd_error e;
    if (ipd_history_path(path, size, &e) || ipd_path_make_parent(path, &e)) {
        fprintf(stderr, "ipdlam %s: runs are not stored in a history: %s\n", command, e.text);
        return NULL;
    }
    return path;
}

static int shown;

/* Overwrites the line on the terminal. Uses spaces instead of escape sequences, which some
 * terminals do not know. */
static void show_line(const char *text)
{
    const char *kind = getenv("TERM");
    int width = ipd_terminal_width(STDERR_FILENO, 80) - 1,
        plain = !kind || !*kind || !strcmp(kind, "dumb");
    if (plain)
        fprintf(stderr, "\r%-*.*s%s", width, width, text, *text ? "" : "\r");
    else
        fprintf(stderr, "\r%.*s\033[K", width, text);
    fflush(stderr);
    shown = *text != 0;
}

void ipd_cli_hide_progress(void)
{
    if (shown)
        show_line("");
}

static void line_text(const ipd_lua_progress *p, char *to, size_t size)
{
    ipd_place at = ipd_run_place(p->run);
    size_t records = ipd_run_record_count(p->run);
    double done = (double)(at.iteration - p->first), all = (double)(p->last - p->first + 1);
    if (at.batches > 0)
        done += (double)(at.batch - 1) / at.batches;
    char left[16] = "", metrics[96] = "";
    if (done > 0)
        ipd_text_duration(left, sizeof left, p->seconds * (all - done) / done);
    if (records) {
        ipd_record m = ipd_run_record(p->run, records - 1);
        int n = snprintf(metrics, sizeof metrics, "  phi %.5g", m.phi);
        char train[IPD_QUALITY_TEXT], test[IPD_QUALITY_TEXT];
        int is_r2 = ipd_record_is_r2(&m);
        ipd_quality_text(train, m.train_accuracy, is_r2, is_r2 ? 4 : 2);
        ipd_quality_text(test, m.test_accuracy, is_r2, is_r2 ? 4 : 2);
        if (isfinite(m.train_accuracy))
            snprintf(metrics + n, sizeof metrics - (size_t)n, "  train %s  test %s", train, test);
    }
    snprintf(to, size, "%s: iteration %d of %ld%s%s%s", ipd_run_name(p->run), at.iteration, p->last,
             metrics, *left ? "  left " : "", left);
}

void ipd_cli_show_progress(ipd_lua *lua)
{
    static double last;
    ipd_lua_progress p;
    if (!ipd_lua_get_progress(lua, &p) || p.seconds < 0.3 || ipd_seconds() - last < 0.1 ||
        !isatty(STDERR_FILENO))
        return;
    char text[320];
    last = ipd_seconds();
    line_text(&p, text, sizeof text);
    fflush(stdout);
    show_line(text);
}
