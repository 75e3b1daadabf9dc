/* mailbox.c - messages of the worker to the main thread: replies, notices, status. */
#include "run/mailbox.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void ipd_run_ring(ipd_run *run)
{
    unsigned long long one = 1;
    pthread_mutex_lock(&run->lock);
    if (!atomic_exchange(&run->rang, 1) &&
        write(run->descriptor, &one, sizeof one) !=
            sizeof one) /* only the descriptor wakes a waiting poll */
        atomic_store(&run->rang, 0);
    pthread_mutex_unlock(&run->lock);
}

ipd_progress ipd_keep_progress(const ipd_run *run)
{
    return (ipd_progress){run->journal.units, run->journal.log.count + run->renames,
                          run->now->rewinds};
}

ipd_run_view *ipd_run_view_lock(ipd_run *run)
{
    pthread_mutex_lock(&run->lock);
    return &run->view;
}

void ipd_run_refresh(ipd_run *run)
{
    ipd_run_view *view = &run->view;
    const ipd_parameters *par = run->method->parameters(run->state);
    ipd_settings_from_parameters(&run->settings, par);
    view->settings = run->settings;
    view->order = par->order;
    view->place = run->method->place(run->state);
    view->left = run->goal == IPD_DO_STEP ? run->left : 0;
    view->progress = ipd_keep_progress(run);
}

void ipd_run_set_status(ipd_run *run, ipd_run_status status, const char *text)
{
    run->view.status = status;
    snprintf(run->view.status_text, sizeof run->view.status_text, "%s", text);
}

void ipd_run_add_reply(ipd_run *run, ipd_ticket ticket, int cut, const ipd_place *place,
                       const ipd_place *at, const ipd_error *e, int hold)
{
    ipd_reply reply = {.ticket = ticket, .cut = cut, .failed = e != NULL};
    if (!ticket)
        return;
    if (e)
        reply.error = *e;
    reply.place = place ? *place : run->now->place;
    reply.at = at ? *at : reply.place;
    ipd_answer_send(run, &reply, hold);
    if (hold)
        run->held = 1;
}

void ipd_run_reply_at(ipd_run *run, ipd_ticket ticket, int cut, const ipd_place *place,
                      const ipd_error *e)
{
    pthread_mutex_lock(&run->lock);
    ipd_run_add_reply(run, ticket, cut, place, NULL, e, 0);
    pthread_mutex_unlock(&run->lock);
    ipd_run_ring(run);
}

void ipd_run_reply(ipd_run *run, ipd_ticket ticket, int cut, const ipd_error *e)
{
    ipd_run_reply_at(run, ticket, cut, NULL, e);
}

void ipd_run_notify(ipd_run *run, const char *format, ...)
{
    ipd_notice notice;
    va_list list;
    va_start(list, format);
    vsnprintf(notice.text, sizeof notice.text, format, list);
    va_end(list);
    pthread_mutex_lock(&run->lock);
    ipd_list_add(&run->outbox.notices, &notice, sizeof notice);
    pthread_mutex_unlock(&run->lock);
    ipd_run_ring(run);
}

void ipd_run_reply_quietly(ipd_run *run, ipd_ticket ticket)
{
    pthread_mutex_lock(&run->lock);
    ipd_run_add_reply(run, ticket, 0, NULL, NULL, NULL, 0);
    pthread_mutex_unlock(&run->lock);
}

void ipd_run_hold_reply(ipd_run *run, ipd_ticket ticket)
{
    pthread_mutex_lock(&run->lock);
    ipd_run_add_reply(run, ticket, 0, NULL, NULL, NULL, 1);
    pthread_mutex_unlock(&run->lock);
}

void ipd_run_reply_change(ipd_run *run, ipd_ticket ticket, const ipd_place *at, int hold)
{
    pthread_mutex_lock(&run->lock);
    ipd_run_add_reply(run, ticket, 0, NULL, at, NULL, hold);
    pthread_mutex_unlock(&run->lock);
    if (!hold)
        ipd_run_ring(run);
}
