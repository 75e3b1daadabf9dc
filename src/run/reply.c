/* reply.c - answers to commands; see run.h.
 *
 * The memory for an answer is allocated with its command, so that no answer is lost if memory runs
 * out. The answer waits in `sent`; the worker fills it in and moves it to the outbox; it stays in
 * the inbox until it is discarded.
 */
#include "base/contract.h"
#include "run/mailbox.h"

#include <stdlib.h>

static ipd_answer *pop(ipd_answers *list)
{
    ipd_answer *a = list->first;
    if (a && !(list->first = a->next))
        list->last = NULL;
    return a;
}

static void push(ipd_answers *list, ipd_answer *a)
{
    a->next = NULL;
    if (list->last)
        list->last->next = a;
    else
        list->first = a;
    list->last = a;
}

static ipd_answer *find(const ipd_answers *list, ipd_ticket ticket)
{
    ipd_answer *a = list->first;
    while (a && a->reply.ticket != ticket)
        a = a->next;
    return a;
}

/* Removes an answer, which must be in the list. */
static void remove_answer(ipd_answers *list, const ipd_answer *a)
{
    ipd_answer *before = NULL;
    for (ipd_answer *b = list->first; b != a; b = b->next)
        before = b;
    if (before)
        before->next = a->next;
    else
        list->first = a->next;
    if (list->last == a)
        list->last = before;
}

void ipd_answers_free(ipd_answers *list)
{
    ipd_answer *a;
    while ((a = pop(list)))
        free(a);
}

/* The worker's side. */

void ipd_answer_expect(ipd_run *run, ipd_answer *a)
{
    push(&run->sent, a);
}

void ipd_answer_send(ipd_run *run, const ipd_reply *reply, int hold)
{
    ipd_answer *a = find(&run->sent, reply->ticket);
    if (!a)
        return;
    a->reply = *reply;
    if ((a->held = hold))
        return;
    remove_answer(&run->sent, a);
    push(&run->outbox.answers, a);
}

void ipd_answers_release(ipd_run *run, const ipd_error *e)
{
    ipd_answer *next;
    for (ipd_answer *a = run->sent.first; a; a = next) {
        next = a->next;
        if (!a->held)
            continue;
        a->reply.place = run->now->place;
        if (e && !a->reply.failed) {
            a->reply.failed = 1;
            a->reply.error = *e;
        }
        remove_answer(&run->sent, a);
        push(&run->outbox.answers, a);
    }
}

/* The main thread's side. */

size_t ipd_answers_move(ipd_answers *to, ipd_answers *from)
{
    size_t count = 0;
    for (ipd_answer *a; (a = pop(from)); count++)
        if (a->forgotten)
            free(a);
        else
            push(to, a);
    return count;
}

int ipd_run_replied(const ipd_run *run, ipd_ticket ticket, ipd_reply *reply)
{
    IPD_MAIN_THREAD();
    const ipd_answer *a = find(&run->inbox.answers, ticket);
    if (a)
        *reply = a->reply;
    return a != NULL;
}

int ipd_run_answered(ipd_run *run, ipd_ticket ticket)
{
    IPD_MAIN_THREAD();
    pthread_mutex_lock(&run->lock);
    int waits = find(&run->sent, ticket) || find(&run->outbox.answers, ticket);
    pthread_mutex_unlock(&run->lock);
    return !waits;
}

void ipd_run_forget(ipd_run *run, ipd_ticket ticket)
{
    IPD_MAIN_THREAD();
    ipd_answer *a = find(&run->inbox.answers, ticket);
    if (a) {
        remove_answer(&run->inbox.answers, a);
        free(a);
        return;
    }
    pthread_mutex_lock(&run->lock);
    if ((a = find(&run->sent, ticket)) || (a = find(&run->outbox.answers, ticket)))
        a->forgotten = 1;
    pthread_mutex_unlock(&run->lock);
}
