/* request.c - requests of the worker to the main thread; see run.h.
 *
 * A new kind of request needs three things here: its kind, when it is due, and the effect of its
 * answer.
 */
#include "run/request.h"
#include "base/clock.h"
#include "base/contract.h"
#include "format/export.h"
#include "run/mailbox.h"
#include "settings/schedule.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* With breakpoints, a request is due at every boundary except the one where the run started. */
static int break_is_due(const ipd_run *run)
{
    return run->breaks && run->passed != run->journal.units + 1;
}

/* The setting whose value is due, or NULL. Before the first block of each iteration a value is
 * requested for rho, if the method has it, and for each setting in `schedule` that follows a
 * function. */
static const ipd_setting *value_due(const ipd_run *run)
{
    int asks_rho = run->method->variables && !strcmp(run->settings.rho_schedule, "function");
    if (run->within || run->settled == run->method->place(run->state).iteration)
        return NULL;
    return asks_rho && run->values == 0
               ? ipd_setting_find("rho")
               : ipd_schedules_function(run->settings.schedule, run->values - asks_rho);
}

int ipd_request_due(ipd_run *run)
{
    IPD_THREAD_OF(run);
    unsigned long number = run->now->request.number;
    int breaks = break_is_due(run);
    const ipd_setting *value = value_due(run);
    if (run->goal < 0 || (!breaks && !value)) {
        ipd_request_withdraw(run);
        return 0;
    }
    ipd_request_kind kind = breaks ? IPD_ASK_BREAK : IPD_ASK_VALUE;
    if (number &&
        (kind != run->now->request.kind || (!breaks && value != run->now->request.setting)))
        number = 0;
    ipd_request q = {.number = number ? number : ++run->requests,
                     .kind = kind,
                     .setting = breaks ? NULL : value,
                     .place = run->method->place(run->state),
                     .stepping = run->goal != IPD_DO_START};
    run->paused_since = ipd_seconds();
    ipd_run_view *now = ipd_run_view_lock(run);
    now->request = q;
    if (!breaks) /* breakpoints request at every block, too often for a status */
        snprintf(now->status_text, sizeof now->status_text, "running, waits for %s of iteration %d",
                 value->name, q.place.iteration);
    pthread_mutex_unlock(&run->lock);
    return 1;
}

static void end_request(ipd_run *run)
{
    ipd_run_view *now = ipd_run_view_lock(run);
    now->request = (ipd_request){0};
    if (now->status == IPD_RUNNING)
        snprintf(now->status_text, sizeof now->status_text, "running");
    pthread_mutex_unlock(&run->lock);
}

void ipd_request_withdraw(ipd_run *run)
{
    IPD_THREAD_OF(run);
    if (run->now->request.number && !ipd_event_open(run))
        end_request(run);
}

int ipd_request_accept(ipd_run *run, const ipd_command *c, ipd_change *change, ipd_error *e)
{
    IPD_THREAD_OF(run);
    const ipd_parameters *par = run->method->parameters(run->state);
    ipd_request_kind kind = run->now->request.kind;
    const ipd_setting *setting = run->now->request.setting;
    ipd_value now;
    char text[IPD_NUMBER_TEXT];
    if (!c->request || c->request != run->now->request.number)
        return ipd_fail(e, IPD_ESTATE, "this request is no longer open");
    end_request(run);
    if (kind == IPD_ASK_CALLBACK)
        return 0;
    if (kind == IPD_ASK_BREAK)
        run->passed = run->journal.units + 1;
    if (c->why[0] || kind == IPD_ASK_BREAK)
        return !c->why[0] && c->value > 0;
    run->values++;
    if (!value_due(run)) {
        run->settled = run->method->place(run->state).iteration;
        run->values = 0;
    }
    double value = !strcmp(setting->name, "rho") ? fmin(c->value, par->rho_max) : c->value;
    ipd_settings_value(&run->settings, setting, &now);
    if (value == ipd_value_number(setting, &now))
        return 0;
    ipd_number_text(value, text);
    return ipd_change_add(change, setting->name, text, e);
}
