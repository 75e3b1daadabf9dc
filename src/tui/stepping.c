#include "tui/stepping.h"

long ipd_stepping_back_to(const ipd_run *run)
{
    long done = (long)ipd_run_record_count(run);
    ipd_place at = ipd_run_place(run);
    ipd_block_report newest;
    size_t any = ipd_run_recent_blocks(run, &newest, 1);

    if (at.batch > 1 || at.sweep > 1 || (any && newest.at.iteration > done))
        return done;
    return done - 1;
}

static ipd_ticket give_back(ipd_run *run, ipd_error *e)
{
    long to = ipd_stepping_back_to(run);

    if (to >= 0)
        return ipd_run_rewind(run, to, e);
    ipd_fail(e, IPD_ESTATE, "the run is at its start: there is nothing to go back to");
    return 0;
}

static int give_step(ipd_stepping *s, ipd_run *run, ipd_error *e)
{
    s->ticket = s->kind == IPD_STEPS_ITERATION ? ipd_run_step(run, 1, e)
                : s->kind == IPD_STEPS_KIND    ? ipd_run_step_kind(run, 0, 1, e)
                : s->kind == IPD_STEPS_BATCH   ? ipd_run_step_batches(run, 1, e)
                : s->kind == IPD_STEPS_BACK    ? give_back(run, e)
                                               : ipd_run_step_blocks(run, 1, e);
    s->run = run;
    if (s->ticket)
        return 0;
    *s = (ipd_stepping){0};
    return -1;
}

static int step(ipd_stepping *s, ipd_run *run, int kind, ipd_error *e)
{
    if (s->kind != IPD_NO_STEP) {
        if ((int)s->kind == kind && s->run == run) {
            s->waiting++;
            return 0;
        }
        return ipd_fail(e, IPD_ESTATE, "the last key's step is not done yet: wait, or press F5");
    }
    if (ipd_run_get_status(run) == IPD_RUNNING)
        return ipd_fail(e, IPD_ESTATE, "the run is at work: F5 pauses it");
    s->kind = kind;
    return give_step(s, run, e);
}

static int run_or_pause(ipd_stepping *s, ipd_run *run, ipd_error *e)
{
    int running = ipd_run_get_status(run) == IPD_RUNNING || s->kind != IPD_NO_STEP;

    *s = (ipd_stepping){0};
    return (running ? ipd_run_pause(run, e) : ipd_run_start(run, e)) ? 0 : -1;
}

int ipd_stepping_act(ipd_stepping *s, ipd_run *run, ipd_action action, ipd_error *e)
{
    if (!run)
        return ipd_fail(e, IPD_ESTATE, "there is no run: type run = ip.run{ data = \"digits\" }");
    ipd_run_status status = ipd_run_get_status(run);
    if ((status == IPD_DIVERGED || status == IPD_FAILED) && action != IPD_ACT_REWIND)
        return ipd_fail(e, IPD_ESTATE, "this run goes no further: %.300s; F12 goes back",
                        ipd_run_status_text(run));
    return action == IPD_ACT_RUN         ? run_or_pause(s, run, e)
           : action == IPD_ACT_ITERATION ? step(s, run, IPD_STEPS_ITERATION, e)
           : action == IPD_ACT_KIND      ? step(s, run, IPD_STEPS_KIND, e)
           : action == IPD_ACT_BATCH     ? step(s, run, IPD_STEPS_BATCH, e)
           : action == IPD_ACT_REWIND    ? step(s, run, IPD_STEPS_BACK, e)
                                         : step(s, run, IPD_STEPS_BLOCK, e);
}

int ipd_stepping_work(ipd_stepping *s, ipd_run *run, ipd_error *e)
{
    ipd_reply reply;

    if (s->kind == IPD_NO_STEP)
        return 0;
    if (s->run != run) { /* another run is on the screen, the old one may be gone */
        *s = (ipd_stepping){0};
        return 0;
    }
    if (!ipd_run_replied(run, s->ticket, &reply))
        return 0;
    if (!reply.failed && !reply.cut && s->waiting > 0) {
        s->waiting--;
        return give_step(s, run, e);
    }
    *s = (ipd_stepping){0};
    if (reply.failed) {
        *e = reply.error;
        return -1;
    }
    return 0;
}

int ipd_stepping_busy(const ipd_stepping *s)
{
    return s->kind != IPD_NO_STEP;
}
