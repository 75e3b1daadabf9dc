/* request.c - requests of the worker to the main thread; see run.h.
 *
 * A new kind of request needs three things here: its kind, when it is due, and the effect of its answer.
 */
#include "run/request.h"
#include "base/clock.h"
#include "base/contract.h"
#include "format/export.h"

#include <math.h>
#include <stdio.h>

/* With breakpoints, a request is due at every boundary except the one where the run started. */
static int break_is_due(const ipd_run *run)
{
    return run->breaks && run->passed != run->journal.units + 1;
}

/* rho is requested once per iteration, by methods that have one. */
static int rho_is_due(const ipd_run *run)
{
    return !run->within && run->method->variables &&
           run->method->parameters(run->state)->schedule.kind == IPD_RHO_ASKED &&
           run->rho_iteration != run->method->place(run->state).iteration;
}

int ipd_request_due(ipd_run *run)
{
    IPD_THREAD_OF(run);
    unsigned long number = run->now.request.number;
    int breaks = break_is_due(run);
    if (run->goal < 0 || (!breaks && !rho_is_due(run))) {
        ipd_request_withdraw(run);
        return 0;
    }
    ipd_request_kind kind = breaks ? IPD_ASK_BREAK : IPD_ASK_RHO;
    if (number && kind != run->now.request.kind)
        number = 0;
    ipd_request q = {.number = number ? number : ++run->requests,
                     .kind = kind,
                     .place = run->method->place(run->state),
                     .stepping = run->goal != IPD_DO_START};
    run->paused_since = ipd_seconds();
    pthread_mutex_lock(&run->lock);
    run->now.request = q;
    if (!breaks) /* breakpoints come at every block: no status for these */
        snprintf(run->now.status_text, sizeof run->now.status_text,
                 "running, waits for rho of iteration %d", q.place.iteration);
    pthread_mutex_unlock(&run->lock);
    return 1;
}

static void end_request(ipd_run *run)
{
    pthread_mutex_lock(&run->lock);
    run->now.request = (ipd_request){0};
    if (run->now.status == IPD_RUNNING)
        snprintf(run->now.status_text, sizeof run->now.status_text, "running");
    pthread_mutex_unlock(&run->lock);
}

void ipd_request_withdraw(ipd_run *run)
{
    IPD_THREAD_OF(run);
    if (run->now.request.number && !ipd_event_open(run))
        end_request(run);
}

int ipd_request_accept(ipd_run *run, const ipd_command *c, ipd_change *change, ipd_error *e)
{
    IPD_THREAD_OF(run);
    const ipd_parameters *par = run->method->parameters(run->state);
    ipd_request_kind kind = run->now.request.kind;
    char text[IPD_NUMBER_TEXT];
    if (!c->request || c->request != run->now.request.number)
        return ipd_fail(e, IPD_ESTATE, "this request is no longer open");
    end_request(run);
    if (kind == IPD_ASK_CALLBACK)
        return 0;
    if (kind == IPD_ASK_BREAK)
        run->passed = run->journal.units + 1;
    if (c->why[0] || kind == IPD_ASK_BREAK)
        return !c->why[0] && c->value > 0;
    run->rho_iteration = run->method->place(run->state).iteration;
    double rho = fmin(c->value, par->rho_max);
    if (rho == par->rho)
        return 0;
    ipd_number_text(rho, text);
    return ipd_change_add(change, "rho", text, e);
}
