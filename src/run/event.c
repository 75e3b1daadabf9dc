/* event.c - events with callbacks: the run waits at the boundary until the callbacks have returned.
 * Worker.
 *
 * An event is a request, IPD_ASK_CALLBACK. The events of a boundary are sent one after the other,
 * in the order of ipd_event. They come before a step ends there, before the iteration is saved, and
 * before the next unit of work. No command withdraws an event, because its callbacks may be
 * running. Replies to pauses, steps and changes are held back meanwhile, so that their senders
 * continue after the callbacks.
 */
#include "base/contract.h"
#include "run/mailbox.h"
#include "run/request.h"

static unsigned bit(ipd_event event)
{
    return 1u << event;
}

static int change_is_due(const ipd_run *run)
{
    return run->calls & bit(IPD_EVENT_CHANGE) && run->changes_sent < run->journal.log.count;
}

int ipd_event_open(const ipd_run *run)
{
    return run->now->request.number && run->now->request.kind == IPD_ASK_CALLBACK;
}

int ipd_event_waits(const ipd_run *run)
{
    return run->due || change_is_due(run) || ipd_event_open(run);
}

void ipd_event_note(ipd_run *run, const ipd_unit *unit)
{
    IPD_THREAD_OF(run);
    unsigned due = bit(IPD_EVENT_BLOCK);
    if (unit->iteration_done)
        due |= bit(IPD_EVENT_BATCH) | bit(IPD_EVENT_ITERATION);
    else if (run->method->place(run->state).batch != unit->at.batch)
        due |= bit(IPD_EVENT_BATCH);
    run->due |= due & run->calls;
}

void ipd_event_set_calls(ipd_run *run, unsigned calls)
{
    if (calls & ~run->calls & bit(IPD_EVENT_CHANGE)) /* only for changes from now on */
        run->changes_sent = run->journal.log.count;
    run->calls = calls;
    run->due &= calls;
}

void ipd_event_forget(ipd_run *run)
{
    run->due = 0;
    run->save_due = 0;
    run->changes_sent = run->journal.log.count;
}

void ipd_event_end(ipd_run *run)
{
    IPD_THREAD_OF(run);
    run->calls = 0;
    ipd_event_forget(run);
    ipd_run_view *now = ipd_run_view_lock(run);
    if (ipd_event_open(run))
        now->request = (ipd_request){0};
    pthread_mutex_unlock(&run->lock);
}

static void ask(ipd_run *run, ipd_event event, size_t index)
{
    ipd_request q = {.number = ++run->requests,
                     .kind = IPD_ASK_CALLBACK,
                     .place = run->method->place(run->state),
                     .stepping = run->goal != IPD_DO_START && run->goal != IPD_NO_GOAL,
                     .event = event,
                     .index = index};
    ipd_run_view_lock(run)->request = q;
    pthread_mutex_unlock(&run->lock);
    ipd_run_ring(run);
}

int ipd_event_ask(ipd_run *run)
{
    IPD_THREAD_OF(run);
    size_t records = run->journal.records.count;
    if (ipd_event_open(run))
        return 1;
    for (ipd_event event = 0; event < IPD_EVENT_CHANGE; event++)
        if (run->due & bit(event)) {
            run->due &= ~bit(event);
            ask(run, event, records ? records - 1 : 0);
            return 1;
        }
    if (!change_is_due(run))
        return 0;
    ask(run, IPD_EVENT_CHANGE, run->changes_sent++);
    return 1;
}
