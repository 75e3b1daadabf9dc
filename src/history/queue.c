/* queue.c - the queue of writes to the history. See history.h.
 *
 * Locks, full disks and disk errors are temporary and queue a write; other errors do not.
 */
#include "history/private.h"

#include <stdlib.h>
#include <string.h>

typedef enum write_kind {
    WRITE_RECORD,
    WRITE_METRICS,
    WRITE_CHANGE,
    WRITE_REWIND,
    WRITE_STATUS
} write_kind;
enum { MAX_WAITING = 4096 };

struct ipd_history_write {
    ipd_history_write *next;
    write_kind kind;
    long id;
    ipd_record record;
    ipd_place place;
    int iteration;
    size_t changes;
    long number; /* a record's node, or a change's entry */
    char text[]; /* a change's text, or a status */
};

static int write_one(ipd_history *h, const ipd_history_write *w, const char *text, ipd_error *e)
{
    switch (w->kind) {
    case WRITE_RECORD:
        return ipd_history_write_record(h, w->id, &w->record, w->number, e);
    case WRITE_METRICS:
        return ipd_history_write_metrics(h, w->id, &w->record, e);
    case WRITE_CHANGE:
        return ipd_history_write_change(h, w->id, &w->place, text, w->number, e);
    case WRITE_REWIND:
        return ipd_history_write_rewind(h, w->id, w->iteration, w->changes, e);
    default:
        return ipd_history_write_status(h, w->id, text, e);
    }
}

static void drop_first(ipd_history *h)
{
    ipd_history_write *w = h->first;
    h->first = w->next;
    if (!h->first)
        h->last = NULL;
    h->waiting--;
    free(w);
}

/* Writes the queue in order until a write fails. -1 if the error is permanent. */
static int flush(ipd_history *h, int patience, ipd_error *e)
{
    int failed = 0;
    sqlite3_busy_timeout(h->db, patience);
    while (h->first && !failed) {
        failed = write_one(h, h->first, h->first->text, &h->why);
        if (!failed)
            drop_first(h);
    }
    if (failed && h->why.code != IPD_EBUSY) {
        if (e)
            *e = h->why;
    } else {
        failed = 0;
    }
    sqlite3_busy_timeout(h->db, h->patience);
    return failed;
}

/* Writes w, or appends a copy to the queue if something is queued already or the error is
 * temporary. */
static int write_or_queue(ipd_history *h, const ipd_history_write *w, const char *text,
                          ipd_error *e)
{
    if (!h->first) {
        if (!write_one(h, w, text, &h->why))
            return 0;
        if (h->why.code != IPD_EBUSY) {
            *e = h->why;
            return -1;
        }
    }
    if (h->waiting == MAX_WAITING) {
        *e = h->why;
        return -1;
    }
    size_t length = text ? strlen(text) + 1 : 0;
    ipd_history_write *copy = malloc(sizeof *copy + length);
    if (!copy)
        return ipd_fail(e, IPD_EMEMORY, "%s: out of memory", h->path);
    memcpy(copy, w, sizeof *copy);
    if (text)
        memcpy(copy->text, text, length);
    copy->next = NULL;
    *(h->last ? &h->last->next : &h->first) = copy;
    h->last = copy;
    /* After the first wait for a lock has failed, do not delay training again. */
    return h->waiting++ ? flush(h, 0, e) : 0;
}

int ipd_history_record(ipd_history *h, long id, const ipd_record *record, long node, ipd_error *e)
{
    ipd_history_write w = {.kind = WRITE_RECORD, .id = id, .record = *record, .number = node};
    return write_or_queue(h, &w, NULL, e);
}

int ipd_history_metrics(ipd_history *h, long id, const ipd_record *record, ipd_error *e)
{
    ipd_history_write w = {.kind = WRITE_METRICS, .id = id, .record = *record};
    return write_or_queue(h, &w, NULL, e);
}

int ipd_history_change(ipd_history *h, long id, const ipd_place *place, const char *text,
                       long entry, ipd_error *e)
{
    ipd_history_write w = {.kind = WRITE_CHANGE, .id = id, .place = *place, .number = entry};
    return write_or_queue(h, &w, text, e);
}

int ipd_history_rewind(ipd_history *h, long id, int iteration, size_t changes, ipd_error *e)
{
    ipd_history_write w = {
        .kind = WRITE_REWIND, .id = id, .iteration = iteration, .changes = changes};
    return write_or_queue(h, &w, NULL, e);
}

int ipd_history_update_status(ipd_history *h, long id, const char *status, ipd_error *e)
{
    ipd_history_write w = {.kind = WRITE_STATUS, .id = id};
    return write_or_queue(h, &w, status, e);
}

int ipd_history_retry(ipd_history *h, ipd_error *e)
{
    return flush(h, 0, e);
}

size_t ipd_history_waiting(const ipd_history *h, const char **why)
{
    if (why)
        *why = h->why.text;
    return h->waiting;
}

int ipd_history_status(ipd_history *h, long id, const char *status, ipd_error *e)
{
    char text[264], lost[64] = "";
    if (flush(h, IPD_HISTORY_PATIENCE, e))
        return -1;
    if (h->waiting)
        snprintf(lost, sizeof lost, ", without the last %zu records", h->waiting);
    snprintf(text, sizeof text, "%.199s%s", status, lost);
    return ipd_history_write_status(h, id, text, e);
}

void ipd_history_close(ipd_history *h)
{
    if (!h)
        return;
    ipd_history_place place = h->db ? ipd_history_moved(h) : IPD_HISTORY_IN_PLACE;
    if (h->db && place == IPD_HISTORY_IN_PLACE)
        flush(h, IPD_HISTORY_PATIENCE, NULL);
    while (h->first)
        drop_first(h);
    sqlite3_finalize(h->record);
    sqlite3_finalize(h->figures);
    sqlite3_finalize(h->curve);
    sqlite3_finalize(h->ends);
    if (place != IPD_HISTORY_IN_PLACE)
        ipd_history_close_log(h, place);
    sqlite3_close(h->db);
    free(h);
}
