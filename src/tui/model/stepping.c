#include "tui/model/stepping.h"

#include <string.h>

/* The iteration at whose end a step back arrives: the last finished one, or the one before it if
 * the run is at its end; -1 if the run is at its start. */
static long back_to(const ipd_run *run)
{
    long done = (long)ipd_run_record_count(run);
    ipd_place at = ipd_run_place(run);
    ipd_block_report newest;
    size_t any = ipd_run_recent_blocks(run, &newest, 1);

    if (at.batch > 1 || at.sweep > 1 || (any && newest.at.iteration > done))
        return done;
    return done - 1;
}

static ipd_ticket give_back(const ipd_stepping *s, ipd_error *e)
{
    long to = back_to(s->run);

    if (to >= 0) {
        s->going_back(s->context, s->run, to);
        return ipd_run_rewind(s->run, to, e);
    }
    ipd_fail(e, IPD_ESTATE, "the run is at its start and cannot go back");
    return 0;
}

/* Sends the first step to the run. */
static int give_step(ipd_stepping *s, ipd_error *e)
{
    ipd_run *run = s->run;
    ipd_action step = s->steps[0];

    s->ticket = step == IPD_ACT_ITERATION    ? ipd_run_step(run, 1, e)
                : step == IPD_ACT_KIND       ? ipd_run_step_kind(run, 0, 1, e)
                : step == IPD_ACT_BATCH      ? ipd_run_step_batches(run, 1, e)
                : step == IPD_ACT_REWIND     ? give_back(s, e)
                : step == IPD_ACT_BACK_BLOCK ? ipd_run_back(run, 0, 1, e)
                : step == IPD_ACT_BACK_BATCH ? ipd_run_back(run, 1, 1, e)
                : step == IPD_ACT_REDO       ? ipd_run_redo(run, e)
                                             : ipd_run_step_blocks(run, 1, e);
    if (s->ticket)
        return 0;
    s->count = 0;
    return -1;
}

/* 1 if the step goes to another place in the run's past. */
static int is_jump(ipd_action step)
{
    return step == IPD_ACT_REWIND || step == IPD_ACT_BACK_BLOCK || step == IPD_ACT_BACK_BATCH ||
           step == IPD_ACT_REDO;
}

static int add_step(ipd_stepping *s, ipd_run *run, ipd_action step, ipd_error *e)
{
    if (s->count > 0 && s->run != run) /* another run is on the screen; the old one may be freed */
        s->count = 0;
    if (s->count == IPD_STEPS_MAX && s->is_full)
        return 0;
    if ((s->is_full = s->count == IPD_STEPS_MAX))
        return ipd_fail(e, IPD_ESTATE, "%d steps wait. %s pauses the run, C-c cancels the steps",
                        IPD_STEPS_MAX, ipd_key_or(IPD_ACT_RUN, "run:pause()"));
    int waits = ipd_run_is_catching_up(run);
    if (s->count == 0 && ipd_run_get_status(run) == IPD_RUNNING && !waits)
        return ipd_fail(e, IPD_ESTATE, "the run is training: %s pauses it",
                        ipd_key_or(IPD_ACT_RUN, "run:pause()"));
    s->run = run;
    if (s->count == 0)
        s->ticket = 0;
    s->steps[s->count++] = step;
    return s->count > 1 || waits ? 0 : give_step(s, e);
}

static int run_or_pause(ipd_stepping *s, ipd_run *run, ipd_error *e)
{
    int running = ipd_run_get_status(run) == IPD_RUNNING || s->count > 0;

    if (s->count > 0 && s->run == run)
        ipd_run_forget(run, s->ticket);
    s->count = 0;
    ipd_ticket ticket = running ? ipd_run_pause(run, e) : ipd_run_start(run, e);
    ipd_run_forget(run, ticket);
    return ticket ? 0 : -1;
}

int ipd_stepping_act(ipd_stepping *s, ipd_run *run, ipd_action action, ipd_error *e)
{
    if (!run)
        return ipd_fail(e, IPD_ESTATE, "there is no run. Type run = ip.run{ data = \"digits\" }");
    ipd_run_status status = ipd_run_get_status(run);
    if ((status == IPD_DIVERGED || status == IPD_FAILED) && !is_jump(action) && !s->count)
        return ipd_fail(e, IPD_ESTATE, "this run cannot continue: %.300s; %s goes back",
                        ipd_run_status_text(run), ipd_key_or(IPD_ACT_REWIND, "run:rewind(-1)"));
    return action == IPD_ACT_RUN ? run_or_pause(s, run, e) : add_step(s, run, action, e);
}

int ipd_stepping_work(ipd_stepping *s, ipd_run *run, ipd_error *e)
{
    ipd_reply reply;

    if (s->count == 0)
        return 0;
    if (s->run != run) { /* see add_step */
        s->count = 0;
        return 0;
    }
    if (!s->ticket)
        return ipd_run_is_catching_up(run) ? 0 : give_step(s, e);
    if (!ipd_run_replied(run, s->ticket, &reply))
        return 0;
    ipd_run_forget(run, s->ticket);
    if (!reply.failed && s->steps[0] == IPD_ACT_REWIND)
        s->went_back(s->context);
    if (!reply.failed && !reply.cut && s->count > 1) {
        memmove(s->steps, s->steps + 1, (size_t)--s->count * sizeof *s->steps);
        return give_step(s, e);
    }
    s->count = 0;
    if (reply.failed && reply.error.code != IPD_ECALLBACK) { /* Lua reports errors of callbacks */
        *e = reply.error;
        return -1;
    }
    return 0;
}

int ipd_stepping_busy(const ipd_stepping *s)
{
    return s->count > 0;
}

int ipd_stepping_waiting(const ipd_stepping *s)
{
    return s->count > 1 ? s->count - 1 : 0;
}

int ipd_stepping_cancel(ipd_stepping *s)
{
    int dropped = ipd_stepping_waiting(s);

    s->count -= dropped;
    return dropped;
}

int ipd_stepping_stop_jump(ipd_stepping *s)
{
    if (!s->count || !s->ticket || !is_jump(s->steps[0]))
        return 0;
    ipd_run_forget(s->run, ipd_run_pause(s->run, NULL));
    return 1;
}
