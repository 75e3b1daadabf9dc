/* ask.c - checks the commands of the main thread and queues them for the worker; see run.h. */
#include "base/contract.h"
#include "base/path.h"
#include "net/regularizer.h"
#include "run/mailbox.h"
#include "run/request.h"
#include "run/trainer.h"
#include "settings/schedule.h"
#include "solver/sweep.h"
#include "solver/variable.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

ipd_ticket ipd_run_send(ipd_run *run, ipd_command command, ipd_error *e)
{
    IPD_MAIN_THREAD();
    if (run->ended) {
        ipd_fail(e, IPD_ESTATE, "this run has ended");
        return 0;
    }
    ipd_command *c = malloc(sizeof *c);
    ipd_answer *answer = calloc(1, sizeof *answer);
    if (!c || !answer) {
        free(c);
        free(answer);
        ipd_fail(e, IPD_EMEMORY, "out of memory for a command");
        return 0;
    }
    *c = command;
    c->ticket = answer->reply.ticket = ++run->tickets;
    c->next = NULL;
    pthread_mutex_lock(&run->lock);
    if (run->last)
        run->last->next = c;
    else
        run->first = c;
    run->last = c;
    ipd_answer_expect(run, answer);
    atomic_store(&run->called, 1);
    pthread_mutex_unlock(&run->lock);
    pthread_cond_signal(&run->wake); /* after unlocking: the worker needs the lock first */
    return run->tickets;
}

/* ipd_run_send for commands that take c.count steps, in any direction. */
static ipd_ticket send_steps(ipd_run *run, ipd_command c, ipd_error *e)
{
    if (c.count >= 1)
        return ipd_run_send(run, c, e);
    ipd_fail(e, IPD_EUSAGE, "cannot do %ld steps. Use 1 or more", c.count);
    return 0;
}

/* The same for commands that train: fails if the run has diverged or failed. */
static ipd_ticket send_work(ipd_run *run, ipd_command c, ipd_error *e)
{
    return ipd_run_can_work(&run->seen, e) ? 0 : send_steps(run, c, e);
}

ipd_ticket ipd_run_start(ipd_run *run, ipd_error *e)
{
    return send_work(run, (ipd_command){.kind = IPD_DO_START, .count = 1}, e);
}

ipd_ticket ipd_run_pause(ipd_run *run, ipd_error *e)
{
    return ipd_run_send(run, (ipd_command){.kind = IPD_DO_PAUSE}, e);
}

ipd_ticket ipd_run_pause_within(ipd_run *run, ipd_error *e)
{
    return ipd_run_send(run, (ipd_command){.kind = IPD_DO_PAUSE, .count = 1}, e);
}

int ipd_request_check(const ipd_run *run, const ipd_settings *settings, ipd_error *e)
{
    const ipd_setting *setting = ipd_schedules_function(settings->schedule, 0);
    if (run->answers || (!setting && strcmp(settings->rho_schedule, "function")))
        return 0;
    if (setting)
        return ipd_fail(e, IPD_EUSAGE,
                        "%s = function needs a function. Give %s = function(k, value, m) ... end "
                        "in Lua, or another schedule",
                        setting->name, setting->name);
    return ipd_fail(e, IPD_EUSAGE,
                    "rho_schedule = function needs a function. Give rho = function(k, rho, m) ... "
                    "end in Lua, or another schedule");
}

/* Fails if a penalty of the user was defined after the run began: its files would not have it. */
static int check_penalties(const ipd_run *run, const ipd_settings *settings, ipd_error *e)
{
    ipd_parameters p;
    if (ipd_settings_parameters(settings, run->L, &p, e))
        return -1;
    for (int l = 1; l <= run->L; l++)
        if (p.penalty[l].own && !strstr(run->definitions, p.penalty[l].own->text))
            return ipd_fail(e, IPD_EUSAGE,
                            "the penalty '%s' was defined after this run began. Make a checkpoint, "
                            "resume it, and set the penalty there",
                            p.penalty[l].own->name);
    return 0;
}

ipd_ticket ipd_run_set(ipd_run *run, const ipd_change *change, ipd_error *e)
{
    ipd_settings trial = run->seen.settings;
    if (ipd_run_can_work(&run->seen, e) || ipd_change_apply(change, &trial, 1, e) ||
        ipd_request_check(run, &trial, e) ||
        ipd_settings_check(&trial, run->L, run->data->name, run->problem.N, e) ||
        check_penalties(run, &trial, e))
        return 0;
    return ipd_run_send(run, (ipd_command){.kind = IPD_DO_SET, .change = *change}, e);
}

ipd_ticket ipd_run_switch(ipd_run *run, const char *method, const ipd_change *change, ipd_error *e)
{
    ipd_command c = {.kind = IPD_DO_SWITCH};
    ipd_settings trial;
    char text[IPD_LOG_TEXT];
    if (change)
        c.change = *change;
    if (ipd_run_can_work(&run->seen, e) ||
        ipd_switch_settings(run, &run->seen.settings, method, &c.change, &trial, e) ||
        ipd_request_check(run, &trial, e) || check_penalties(run, &trial, e))
        return 0;
    method = trial.method; /* if it is a file: the name of its text */
    ipd_log_text(IPD_LOG_SWITCH, method, &c.change, text, sizeof text);
    if (strlen(text) == sizeof text - 1) {
        ipd_fail(e, IPD_EUSAGE, "too many settings for one switch. Set some of them afterwards");
        return 0;
    }
    snprintf(c.method, sizeof c.method, "%s", method);
    return ipd_run_send(run, c, e);
}

ipd_ticket ipd_run_rename(ipd_run *run, const char *name, ipd_error *e)
{
    ipd_command c = {.kind = IPD_DO_RENAME};
    size_t length = strlen(name);
    if (!length || length >= sizeof run->now->name) {
        ipd_fail(e, IPD_EUSAGE, "a run's name has 1 to %zu bytes; this one has %zu",
                 sizeof run->now->name - 1, length);
        return 0;
    }
    memcpy(c.why, name, length);
    return ipd_run_send(run, c, e);
}

ipd_ticket ipd_run_copy_path(ipd_run *run, unsigned long future, ipd_records *to, ipd_error *e)
{
    assert(!to->count); /* they would be lost */
    return ipd_run_send(run, (ipd_command){.kind = IPD_DO_PATH, .future = future, .records = to},
                        e);
}

ipd_ticket ipd_run_copy_network(ipd_run *run, ipd_network *net, ipd_error *e)
{
    assert(net->L == 0); /* it would be lost */
    return ipd_run_send(run, (ipd_command){.kind = IPD_DO_COPY_NETWORK, .net = net}, e);
}

ipd_ticket ipd_run_copy_average(ipd_run *run, ipd_network *net, ipd_error *e)
{
    assert(net->L == 0);
    return ipd_run_send(run, (ipd_command){.kind = IPD_DO_COPY_NETWORK, .net = net, .count = 1}, e);
}

ipd_ticket ipd_run_copy(ipd_run *run, ipd_variable x, ipd_matrix *to, ipd_error *e)
{
    assert(!to->data); /* it would be lost */
    if (ipd_variable_check(x, run->L, 0, e))
        return 0;
    return ipd_run_send(run, (ipd_command){.kind = IPD_DO_COPY, .variable = x, .matrix = to}, e);
}

ipd_ticket ipd_run_write(ipd_run *run, ipd_variable x, const ipd_matrix *value, ipd_error *e)
{
    ipd_command c = {.kind = IPD_DO_WRITE, .variable = x};
    ipd_ticket ticket = 0;
    if (ipd_run_can_work(&run->seen, e) || ipd_variable_check(x, run->L, 1, e) ||
        !(c.matrix = ipd_allocate(1, sizeof *c.matrix, e)))
        return 0;
    if (!ipd_matrix_init(c.matrix, value->rows, value->cols, e)) {
        if (value->data)
            ipd_matrix_copy(c.matrix, value);
        ticket = ipd_run_send(run, c, e);
    }
    if (!ticket) {
        ipd_matrix_free(c.matrix);
        free(c.matrix);
    }
    return ticket;
}

ipd_ticket ipd_run_put_metric(ipd_run *run, long iteration, const char *name, double value,
                              ipd_error *e)
{
    ipd_command c = {.kind = IPD_DO_METRIC, .count = iteration, .value = value};
    if (ipd_metric_check(name, e))
        return 0;
    snprintf(c.why, sizeof c.why, "%s", name);
    return ipd_run_send(run, c, e);
}

ipd_ticket ipd_run_step(ipd_run *run, long iterations, ipd_error *e)
{
    return send_work(run, (ipd_command){.kind = IPD_DO_STEP, .count = iterations}, e);
}

ipd_ticket ipd_run_step_blocks(ipd_run *run, long blocks, ipd_error *e)
{
    return send_work(run, (ipd_command){.kind = IPD_DO_STEP_BLOCKS, .count = blocks}, e);
}

ipd_ticket ipd_run_step_batches(ipd_run *run, long count, ipd_error *e)
{
    return send_work(run, (ipd_command){.kind = IPD_DO_STEP_BATCHES, .count = count}, e);
}

ipd_ticket ipd_run_step_kind(ipd_run *run, ipd_block_kind kind, long count, ipd_error *e)
{
    if (kind && kind != IPD_Z && kind != IPD_W && kind != IPD_A) {
        ipd_fail(e, IPD_EUSAGE, "unknown kind of blocks '%c'. Use z, W or a", kind);
        return 0;
    }
    return send_work(run, (ipd_command){.kind = IPD_DO_STEP_KIND, .block = kind, .count = count},
                     e);
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

ipd_ticket ipd_run_back(ipd_run *run, int batches, long count, ipd_error *e)
{
    return send_steps(run, (ipd_command){.kind = IPD_DO_BACK, .layer = batches, .count = count}, e);
}

ipd_ticket ipd_run_forward(ipd_run *run, long iterations, ipd_error *e)
{
    const ipd_command c = {.kind = IPD_DO_FORWARD, .count = iterations};
    return iterations == -1 ? ipd_run_send(run, c, e) : send_steps(run, c, e);
}

ipd_ticket ipd_run_redo(ipd_run *run, ipd_error *e)
{
    return ipd_run_send(run, (ipd_command){.kind = IPD_DO_REDO}, e);
}

ipd_ticket ipd_run_go(ipd_run *run, unsigned long future, long iteration, ipd_error *e)
{
    return ipd_run_send(run, (ipd_command){.kind = IPD_DO_GO, .future = future, .count = iteration},
                        e);
}

ipd_ticket ipd_run_verify(ipd_run *run, ipd_error *e)
{
    return ipd_run_send(run, (ipd_command){.kind = IPD_DO_VERIFY}, e);
}

ipd_ticket ipd_run_set_snapshot_budget(ipd_run *run, double bytes, ipd_error *e)
{
    if (!(bytes >= 0 && isfinite(bytes)) && bytes != -1) {
        ipd_fail(e, IPD_EUSAGE, "snapshot_budget = %g bytes is out of range. Use 0 or more, or -1",
                 bytes);
        return 0;
    }
    return ipd_run_send(run, (ipd_command){.kind = IPD_DO_BUDGET, .value = bytes}, e);
}

ipd_ticket ipd_run_answer(ipd_run *run, unsigned long number, double value, ipd_error *e)
{
    const ipd_request *q = &run->seen.request;
    ipd_value checked;
    if (q->number == number && q->kind == IPD_ASK_VALUE &&
        ipd_value_of_number(q->setting, value, &checked, e))
        return 0;
    return ipd_run_send(run,
                        (ipd_command){.kind = IPD_DO_ANSWER, .request = number, .value = value}, e);
}

ipd_ticket ipd_run_decline(ipd_run *run, unsigned long number, const char *why, ipd_error *e)
{
    ipd_command c = {.kind = IPD_DO_ANSWER, .request = number};
    snprintf(c.why, sizeof c.why, "%s", *why ? why : "there is no answer");
    return ipd_run_send(run, c, e);
}

ipd_ticket ipd_run_ask_probe(ipd_run *run, int what, int layer, ipd_error *e)
{
    if (what & (IPD_PROBE_WEIGHTS | IPD_PROBE_SPREADS) && (layer < 1 || layer > run->L)) {
        ipd_fail(e, IPD_EUSAGE, "this network has no W%d. Use W1...W%d", layer, run->L);
        return 0;
    }
    return ipd_run_send(run, (ipd_command){.kind = IPD_DO_PROBE, .count = what, .layer = layer}, e);
}

static int has_folder(const ipd_run *run, ipd_error *e)
{
    if (*run->keep.folder || *run->keep.history)
        return 1;
    ipd_fail(e, IPD_ESTATE, "this run is not in a history. Name a file for its checkpoint");
    return 0;
}

ipd_ticket ipd_run_save(ipd_run *run, ipd_error *e)
{
    return has_folder(run, e) ? ipd_run_send(run, (ipd_command){.kind = IPD_DO_SAVE}, e) : 0;
}

ipd_ticket ipd_run_write_checkpoint(ipd_run *run, const char *path, ipd_error *e)
{
    ipd_command c = {.kind = IPD_DO_SAVE, .count = 1};
    if (path && strlen(path) >= sizeof run->now->checkpoint) {
        ipd_path_too_long(path, sizeof run->now->checkpoint, IPD_EUSAGE, e);
        return 0;
    }
    if (!path && !has_folder(run, e))
        return 0;
    if (path && !(c.path = strdup(path))) {
        ipd_fail(e, IPD_EMEMORY, "%s: out of memory", path);
        return 0;
    }
    ipd_ticket ticket = ipd_run_send(run, c, e);
    if (!ticket)
        free(c.path);
    return ticket;
}
