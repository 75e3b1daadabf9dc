#include "tui/stepping.h"

static int place_in_order(const ipd_order *o, ipd_block block)
{
    for (int i = 0; i < o->count; i++)
        if (o->blocks[i].kind == block.kind && o->blocks[i].layer == block.layer)
            return i;
    return o->count;
}

/* How many blocks of the same kind come next in a row: all z in increase order, one in nested reverse. */
static long blocks_of_kind(ipd_run *run)
{
    const ipd_order *o = ipd_run_order(run);
    ipd_block next = ipd_run_place(run).block;
    int at = place_in_order(o, next), count = 0;

    while (at + count < o->count && o->blocks[at + count].kind == next.kind)
        count++;
    return count ? count : 1;
}

/* How many blocks are left of this batch, in all of its sweeps. */
static long blocks_of_batch(ipd_run *run)
{
    const ipd_order *o = ipd_run_order(run);
    ipd_place at = ipd_run_place(run);
    int index = place_in_order(o, at.block);
    long sweeps = ipd_run_settings(run)->inner - at.sweep;

    if (index == o->count) /* a gradient step on the batch, or nothing left */
        return 1;
    return o->count - index + (sweeps > 0 ? sweeps * o->count : 0);
}

static int give_step(ipd_stepping *s, ipd_run *run, ipd_error *e)
{
    long blocks = s->kind == IPD_STEPS_KIND    ? blocks_of_kind(run)
                  : s->kind == IPD_STEPS_BATCH ? blocks_of_batch(run)
                                               : 1;

    s->ticket = s->kind == IPD_STEPS_ITERATION ? ipd_run_step(run, 1, e)
                                               : ipd_run_step_blocks(run, blocks, e);
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
    if (status == IPD_DIVERGED || status == IPD_FAILED)
        return ipd_fail(e, IPD_ESTATE, "this run goes no further: %.300s",
                        ipd_run_status_text(run));
    return action == IPD_ACT_RUN         ? run_or_pause(s, run, e)
           : action == IPD_ACT_ITERATION ? step(s, run, IPD_STEPS_ITERATION, e)
           : action == IPD_ACT_KIND      ? step(s, run, IPD_STEPS_KIND, e)
           : action == IPD_ACT_BATCH     ? step(s, run, IPD_STEPS_BATCH, e)
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
