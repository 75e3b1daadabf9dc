/* poll.c - the main thread receives messages of the worker; see run.h. */
#include "base/contract.h"
#include "run/mailbox.h"
#include "run/request.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int ipd_run_fd(const ipd_run *run)
{
    return run->descriptor;
}

/* Reserves space in `to` for the items of `from`. */
static int reserve(ipd_list *to, const ipd_list *from, size_t size)
{
    size_t capacity = to->count + from->count;
    if (capacity <= to->capacity)
        return 0;
    if (capacity < 2 * to->capacity)
        capacity = 2 * to->capacity;
    void *items = realloc(to->items, capacity * size);
    if (!items)
        return -1;
    to->items = items;
    to->capacity = capacity;
    return 0;
}

/* Moves the items of `from` to the end of `to`, which has space for them. Returns their number. */
static size_t move_items(ipd_list *to, ipd_list *from, size_t size)
{
    size_t count = from->count;
    if (count)
        memcpy((char *)to->items + to->count * size, from->items, count * size);
    to->count += count;
    free(from->items);
    *from = (ipd_list){0};
    return count;
}

/* Waits for the descriptor; 0, or -1 after a signal. */
static int listen_for(ipd_run *run, int timeout_ms)
{
    struct pollfd p = {run->descriptor, POLLIN, 0};
    return timeout_ms != 0 && poll(&p, 1, timeout_ms) < 0 ? -1 : 0;
}

static void pass(ipd_run *run, ipd_message message, unsigned long index)
{
    if (run->listener)
        run->listener(run->listener_context, run, message, index);
}

/* Passes the next new message to the listener; returns 0 if there is none. */
static int pass_next(ipd_run *run)
{
    const ipd_request *request = &run->seen.request;
    if (run->passed_rewinds < run->seen.rewinds) {
        run->passed_rewinds = run->seen.rewinds;
        pass(run, IPD_REWOUND, run->records.count);
    } else if (run->passed_records < run->records.count) {
        pass(run, IPD_NEW_RECORD, run->passed_records++);
    } else if (run->passed_log < run->inbox.log.count) {
        pass(run, IPD_NEW_CHANGE, run->passed_log++);
    } else if (run->passed_notices < run->inbox.notices.count) {
        pass(run, IPD_NEW_NOTICE, run->passed_notices++);
    } else if (run->passed_status != run->seen.status) {
        run->passed_status = run->seen.status;
        pass(run, IPD_NEW_STATUS, 0);
    } else if (request->number > run->passed_request) {
        run->passed_request = request->number;
        pass(run, IPD_NEW_REQUEST, request->number);
    } else {
        return 0;
    }
    return 1;
}

/* Forgets log entries that a rewind has removed. */
static void cut(ipd_run *run, const ipd_run_mail *mail)
{
    ipd_list *log = &run->inbox.log;
    if (!mail->cut)
        return;
    if (log->count > mail->log_kept)
        log->count = mail->log_kept;
    if (run->passed_records > mail->records_kept)
        run->passed_records = mail->records_kept;
    if (run->passed_log > log->count)
        run->passed_log = log->count;
}

/* Updates the path at whose end the run works, from the records and changes that arrived. */
static void update_open_path(ipd_run *run)
{
    ipd_future_info *info = run->futures_seen.items;
    for (size_t i = 0; i < run->futures_seen.count; i++)
        if (info[i].open || (info[i].here && ((long)run->records.count > info[i].iterations ||
                                              run->inbox.log.count > info[i].log))) {
            ipd_future_figures(&info[i], &run->records);
            info[i].set[0] = 0;
            for (size_t k = info[i].entries; k < run->inbox.log.count; k++)
                ipd_log_add_text(ipd_run_log(run, k)->text, info[i].set, sizeof info[i].set);
        }
}

/* Moves the outbox to the inbox and calls the listener for each new message. If the listener waits
 * for a reply, this function runs again inside that call: the inner call only updates the inbox,
 * and the outer one passes all new messages to the listener in order. */
static int receive(ipd_run *run)
{
    ipd_run_mail mail;
    ipd_run_status before = run->seen.status;
    unsigned long asked = run->seen.request.number;
    unsigned long long count;
    pthread_mutex_lock(&run->lock);
    ipd_run_mail *in = &run->inbox, *out = &run->outbox;
    size_t kept =
        out->cut && out->records_kept < run->records.count ? out->records_kept : run->records.count;
    if (reserve(&in->log, &out->log, sizeof(ipd_log_entry)) ||
        reserve(&in->notices, &out->notices, sizeof(ipd_notice)) ||
        ipd_records_share(&run->batches_seen, &run->batches, run->batches.count, NULL) ||
        ipd_records_share(&run->records, &run->journal.records, run->now->records, NULL)) {
        /* Out of memory: the messages stay in the outbox, and the descriptor stays readable. */
        pthread_mutex_unlock(&run->lock);
        return 0;
    }
    if (atomic_load(&run->rang) && read(run->descriptor, &count, sizeof count) == sizeof count)
        atomic_store(&run->rang, 0);
    if (run->seen.futures != run->now->futures) {
        run->futures_seen.count = 0;
        ipd_list_add_all(&run->futures_seen, run->futures.items, run->futures.count,
                         sizeof(ipd_future_info));
    }
    mail = run->outbox;
    run->outbox = (ipd_run_mail){0};
    run->seen = run->view;
    pthread_mutex_unlock(&run->lock);
    ipd_probe_receive(run);
    cut(run, &mail);
    size_t records = run->records.count - kept;
    size_t entries = move_items(&run->inbox.log, &mail.log, sizeof(ipd_log_entry));
    update_open_path(run);
    size_t replies = ipd_answers_move(&run->inbox.answers, &mail.answers);
    size_t notices = move_items(&run->inbox.notices, &mail.notices, sizeof(ipd_notice));
    if (!run->in_listener) {
        run->in_listener = 1;
        while (pass_next(run))
            ;
        run->in_listener = 0;
    }
    return (int)(records + entries + replies + notices) + (before != run->seen.status) +
           (asked != run->seen.request.number);
}

int ipd_run_look_out(ipd_run *run)
{
    return ipd_look_out(&run->request_lookout, &run->rang);
}

int ipd_run_poll(ipd_run *run, int timeout_ms)
{
    IPD_MAIN_THREAD();
    if (!timeout_ms && !atomic_load(&run->rang))
        return 0;
    if (listen_for(run, timeout_ms))
        return 0;
    return receive(run);
}

int ipd_run_wait(ipd_run *run, ipd_ticket ticket, ipd_reply *reply, ipd_error *e)
{
    IPD_MAIN_THREAD();
    while (!ipd_run_replied(run, ticket, reply)) {
        if (ipd_run_answered(run, ticket))
            return ipd_fail(e, IPD_EUSAGE, "the reply to command %lu was discarded", ticket);
        if (listen_for(run, -1))
            return ipd_fail(e, IPD_EINTERRUPT, "interrupted");
        receive(run);
    }
    ipd_run_forget(run, ticket);
    if (reply->failed) {
        if (e)
            *e = reply->error;
        return -1;
    }
    return 0;
}

void ipd_run_listen(ipd_run *run, ipd_listener *listener, void *context)
{
    IPD_MAIN_THREAD();
    run->listener = listener;
    run->listener_context = context;
}
