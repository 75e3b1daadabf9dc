/* name.c - the default name of a run: "digits-300-300-ipdlam-7", from data, hidden widths, method
 * and number.
 *
 * With a history the number is that of the row that the run is expected to get. Another program can
 * take this row first, so row.c renames the run if it gets another one.
 */
#include "run/journal.h"

#include <stdio.h>
#include <string.h>

enum { MAX_DATA = 18, MAX_WIDTHS = 16, MAX_METHOD = 14 }; /* with a number of 11 digits: 63 bytes */

/* Appends at most `max` bytes of from[0 .. n), in whole characters. Spaces and control characters
 * become '_'. Returns the new length. */
static size_t append(char *to, size_t at, const char *from, size_t n, size_t max)
{
    if (n > max)
        for (n = max; n && ((unsigned char)from[n] & 0xC0) == 0x80;)
            n--;
    for (size_t i = 0; i < n; i++)
        to[at++] = (unsigned char)from[i] <= ' ' || from[i] == 0x7F ? '_' : from[i];
    to[at] = 0;
    return at;
}

/* The hidden widths: "-300-300", shortened to "-8x300" or "-784-..-30"; "" without hidden
 * layers. */
static void widths(const ipd_run *run, char *to, size_t size)
{
    size_t at = 0;
    int hidden = run->L - 1, alike = 1;
    *to = 0;
    for (int l = 1; l <= hidden && at < size; l++) {
        at += (size_t)snprintf(to + at, size - at, "-%zu", run->d[l]);
        alike = alike && run->d[l] == run->d[1];
    }
    if (at <= MAX_WIDTHS)
        return;
    if (alike)
        snprintf(to, size, "-%dx%zu", hidden, run->d[1]);
    else
        snprintf(to, size, "-%zu-..-%zu", run->d[1], run->d[hidden]);
}

void ipd_run_default_name(const ipd_run *run, long number, char to[IPD_RUN_NAME])
{
    const char *data = run->data->name, *slash = strrchr(data, '/');
    char hidden[64], digits[24];
    size_t n = strcspn(data, "?");
    if (slash && slash[1] && slash < data + n) {
        n -= (size_t)(slash + 1 - data);
        data = slash + 1;
    }
    for (size_t i = n; i-- > 1;)
        if (data[i] == '.')
            n = i; /* without extensions */
    widths(run, hidden, sizeof hidden);
    const char *method = run->first_settings.method;
    snprintf(digits, sizeof digits, "-%ld", number);
    size_t at = append(to, 0, data, n, MAX_DATA);
    at = append(to, at, hidden, strlen(hidden), MAX_WIDTHS);
    at = append(to, at, "-", 1, 1);
    at = append(to, at, method, strcspn(method, "@"), MAX_METHOD);
    append(to, at, digits, strlen(digits), IPD_RUN_NAME - 1 - at);
}

void ipd_run_name_by_default(ipd_run *run)
{
    static long last;          /* the last number given, */
    static char history[4096]; /* to a run of this history; "": to one without a history */
    ipd_history *h = NULL;
    long next = 1;
    if (strcmp(history, run->history_path) != 0)
        last = 0;
    memcpy(history, run->history_path, sizeof history);
    if (*history && !ipd_history_open(&h, history, 0, NULL) && ipd_history_next(h, &next, NULL))
        next = 1;
    ipd_history_close(h);
    last = next > last ? next : last + 1;
    run->wanted = *history ? last : 0;
    ipd_run_default_name(run, last, run->view.name);
}
