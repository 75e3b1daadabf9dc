/* travel.c - the main thread's side of steps, going back and branching; see run.h. */
#include "run/run_private.h"

#include <math.h>

ipd_ticket ipd_run_step(ipd_run *run, long iterations, ipd_error *e)
{
    return ipd_run_send_work(run, (ipd_command){.kind = IPD_DO_STEP, .count = iterations}, e);
}

ipd_ticket ipd_run_step_blocks(ipd_run *run, long blocks, ipd_error *e)
{
    return ipd_run_send_work(run, (ipd_command){.kind = IPD_DO_STEP_BLOCKS, .count = blocks}, e);
}

ipd_ticket ipd_run_step_batches(ipd_run *run, long count, ipd_error *e)
{
    return ipd_run_send_work(run, (ipd_command){.kind = IPD_DO_STEP_BATCHES, .count = count}, e);
}

ipd_ticket ipd_run_step_kind(ipd_run *run, ipd_block_kind kind, long count, ipd_error *e)
{
    if (kind && kind != IPD_Z && kind != IPD_W && kind != IPD_A) {
        ipd_fail(e, IPD_EUSAGE, "there is no kind '%c' of blocks: use z, W or a", kind);
        return 0;
    }
    return ipd_run_send_work(
        run, (ipd_command){.kind = IPD_DO_STEP_KIND, .variable = kind, .count = count}, e);
}

ipd_ticket ipd_run_undo(ipd_run *run, ipd_error *e)
{
    return ipd_run_send(run, (ipd_command){.kind = IPD_DO_UNDO}, e);
}

ipd_ticket ipd_run_set_breaks(ipd_run *run, int count, ipd_error *e)
{
    return ipd_run_send(run, (ipd_command){.kind = IPD_DO_BREAKS, .count = count}, e);
}

ipd_ticket ipd_run_set_calls(ipd_run *run, unsigned events, ipd_error *e)
{
    return ipd_run_send(run, (ipd_command){.kind = IPD_DO_CALLS, .count = (long)events}, e);
}

ipd_ticket ipd_run_archive(ipd_run *run, ipd_archive *archive, ipd_error *e)
{
    return ipd_run_send(run, (ipd_command){.kind = IPD_DO_ARCHIVE, .archive = archive}, e);
}

ipd_ticket ipd_run_branch(ipd_run *run, long iteration, ipd_archive *archive, ipd_error *e)
{
    return ipd_run_send(
        run, (ipd_command){.kind = IPD_DO_BRANCH, .count = iteration, .archive = archive}, e);
}

ipd_ticket ipd_run_rewind(ipd_run *run, long iteration, ipd_error *e)
{
    return ipd_run_send(run, (ipd_command){.kind = IPD_DO_REWIND, .count = iteration}, e);
}

ipd_ticket ipd_run_verify(ipd_run *run, ipd_error *e)
{
    return ipd_run_send(run, (ipd_command){.kind = IPD_DO_VERIFY}, e);
}

ipd_ticket ipd_run_set_snapshot_budget(ipd_run *run, double bytes, ipd_error *e)
{
    if (!(bytes >= 0 && isfinite(bytes)) && bytes != -1) {
        ipd_fail(e, IPD_EUSAGE, "a budget of %g bytes is not possible: use 0 or more, or -1",
                 bytes);
        return 0;
    }
    return ipd_run_send(run, (ipd_command){.kind = IPD_DO_BUDGET, .value = bytes}, e);
}

ipd_ticket ipd_run_flip_snapshot(ipd_run *run, long index, long bit, ipd_error *e)
{
    return ipd_run_send(run, (ipd_command){.kind = IPD_DO_FLIP, .count = index, .bit = bit}, e);
}

unsigned long ipd_run_rewinds(const ipd_run *run)
{
    return run->seen.rewinds;
}

const ipd_snapshot_info *ipd_run_snapshots(const ipd_run *run, size_t *count)
{
    *count = run->seen.snapshot_count;
    return run->seen.snapshots;
}

double ipd_run_snapshot_budget(const ipd_run *run)
{
    return run->seen.snapshot_budget;
}

const ipd_parent *ipd_run_parent(const ipd_run *run)
{
    return run->parent.iteration < 0 ? NULL : &run->parent;
}
