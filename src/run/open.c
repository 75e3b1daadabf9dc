/* open.c - opens, ends and frees runs, on the main thread; see run.h. */
#include "base/contract.h"
#include "base/parallel.h"
#include "base/path.h"
#include "base/process.h"
#include "run/journal.h"
#include "run/mailbox.h"
#include "run/memory.h"
#include "run/request.h"
#include "run/time/log.h"
#include "run/time/space.h"
#include "run/time/state.h"
#include "run/time/tree.h"
#include "run/worker.h"
#include "settings/schedule.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* The initial network: given, or random by the settings. */
static int first_network(ipd_network *net, const ipd_dataset *data, const ipd_settings *settings,
                         const ipd_run_options *options, ipd_error *e)
{
    size_t d[IPD_MAX_LAYERS + 1] = {data->inputs};
    int L = options->hidden_count + 1;
    if (options->initial) {
        const ipd_network *given = options->initial;
        if (given->d[0] != data->inputs || given->d[given->L] < data->classes)
            return ipd_fail(e, IPD_EUSAGE,
                            "the network has %zu inputs and %zu outputs, but %s has %zu inputs and "
                            "%zu classes. Choose a network or a data set that fits",
                            given->d[0], given->d[given->L], data->name, data->inputs,
                            data->classes);
        return ipd_network_copy(net, given, e);
    }
    if (L > IPD_MAX_LAYERS)
        return ipd_fail(e, IPD_EUSAGE, "%d layers are too many. Use at most %d", L, IPD_MAX_LAYERS);
    for (int l = 1; l < L; l++)
        d[l] = options->hidden[l - 1];
    d[L] = data->classes;
    if (ipd_network_init(net, L, d, NULL, ipd_loss_find(settings->loss), e) ||
        ipd_network_set_activations(net, settings->activation, e))
        return -1;
    if (!strcmp(settings->init, "he"))
        ipd_network_randomize_by_inputs(net, (uint64_t)settings->seed, 2, settings->init_last,
                                        settings->init_bias);
    else
        ipd_network_randomize(net, (uint64_t)settings->seed, settings->init_scale,
                              settings->init_bias);
    return 0;
}

static int start_worker(ipd_run *run, ipd_error *e)
{
    run->descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (run->descriptor < 0)
        return ipd_fail(e, IPD_EIO, "cannot start a run: %s", strerror(errno));
    int failed = ipd_thread_start(&run->thread, ipd_worker, run);
    if (failed)
        return ipd_fail(
            e, IPD_EMEMORY,
            "cannot start the thread of a run: %s. Raise the limit of processes (ulimit -u)",
            strerror(failed));
    run->thread_started = 1;
    ipd_rescue_add(run);
    return 0;
}

/* Sets the problem to train on. Fails if the network does not fit its targets. */
static int set_problem(ipd_run *run, const ipd_network *net, ipd_error *e)
{
    const ipd_dataset *data = run->data;
    const ipd_samples *train = &data->train;
    size_t outputs = net->d[net->L];
    run->problem = (ipd_problem){ipd_samples_inputs(train),
                                 data->values ? &train->Y : &run->Y,
                                 train->labels,
                                 train->X.cols,
                                 data->unit,
                                 train->weight,
                                 net->loss};
    if (outputs > IPD_MAX_OUTPUTS)
        return ipd_fail(e, IPD_EUSAGE, "%zu outputs are too many. At most %d are supported",
                        outputs, IPD_MAX_OUTPUTS);
    run->Y = (ipd_matrix){outputs, train->X.cols, NULL}; /* for labels */
    if (!data->values)
        return 0;
    if (!net->loss->takes_values)
        return ipd_fail(e, IPD_EUSAGE,
                        "the loss %s needs classes, but %s has values to learn. Use loss = squared",
                        net->loss->name, data->name);
    return outputs == data->classes
               ? 0
               : ipd_fail(e, IPD_EUSAGE,
                          "the network has %zu outputs, but %s has %zu values per "
                          "sample. They must be equal",
                          outputs, data->name, data->classes);
}

/* Makes everything except the worker, from `net` and the settings in *run. */
static int make_run(ipd_run *run, const ipd_network *net, ipd_error *e)
{
    const ipd_samples *train = &run->data->train;
    ipd_parameters par;
    run->L = net->L;
    memcpy(run->d, net->d, sizeof run->d);
    run->method = ipd_method_find(run->settings.method);
    run->first_rho = run->settings.rho;
    snprintf(run->settings.loss, sizeof run->settings.loss, "%s", net->loss->name);
    ipd_network_activations(net, run->settings.activation, sizeof run->settings.activation);
    ipd_schedule_apply_rho(&run->settings, 1);
    ipd_schedules_apply(&run->settings, 1);
    if (ipd_settings_check(&run->settings, net->L, run->data->name, train->X.cols, e) ||
        ipd_settings_parameters(&run->settings, net->L, &par, e) ||
        ipd_network_copy(&run->start, net, e) ||
        !(run->definitions = ipd_allocate(IPD_OWN_TEXTS, 1, e)) ||
        ipd_network_definitions(net, run->definitions, e) ||
        ipd_own_append(IPD_OWN_PENALTY, run->definitions, e) || set_problem(run, net, e))
        return -1;
    run->start.width = run->data->width;
    run->start.height = run->data->height;
    run->first_settings = run->settings;
    free(run->start.encoding);
    run->start.encoding = NULL;
    if (run->data->encoding_text && !(run->start.encoding = strdup(run->data->encoding_text)))
        return ipd_fail(e, IPD_EMEMORY, "out of memory");
    run->state = run->method->open(run->method, &run->problem, &run->start, &par, e);
    return run->state ? 0 : -1;
}

static ipd_run *new_run(ipd_dataset *data, const ipd_run_options *options, ipd_error *e)
{
    ipd_run *run = ipd_allocate(1, sizeof *run, e);
    if (!run)
        return NULL;
    run->now = &run->view;
    run->descriptor = -1;
    run->goal = IPD_NO_GOAL;
    run->parent.iteration = -1;
    pthread_mutex_init(&run->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&run->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    if (options->name)
        snprintf(run->view.name, sizeof run->view.name, "%s", options->name);
    run->data = ipd_dataset_ref(data);
    run->answers = options->answers;
    run->snapshots.budget = run->view.snapshot_budget = options->snapshots;
    run->given = options->initial != NULL;
    return run;
}

int ipd_run_open(ipd_run **out, ipd_dataset *data, const ipd_settings *settings,
                 const ipd_run_options *options, ipd_error *e)
{
    ipd_network net = {0};
    ipd_archive *ar = options->archive;
    int behind = 0;
    ipd_run *run = new_run(data, options, e);
    if (!run)
        return -1;
    if (ipd_path_copy(run->history_path, sizeof run->history_path,
                      options->history ? options->history : "", e) ||
        ipd_path_copy(run->initial, sizeof run->initial,
                      options->initial_file ? options->initial_file : "", e) ||
        ipd_keep_init(run, options, e))
        goto fail;
    if (settings)
        run->settings = *settings;
    if ((!ar && ipd_run_check_memory(data, &run->settings, options, e)) ||
        (!ipd_threads_ready() && ipd_threads_set(0, e)) ||
        (ar ? ipd_archive_first(ar, data, &run->settings, &net, e)
            : first_network(&net, data, &run->settings, options, e)) ||
        make_run(run, &net, e) ||
        (ar && (ipd_archive_journal(ar, run, &behind, e) || ipd_snapshots_read(run, ar, e))) ||
        ipd_request_check(run, &run->settings, e))
        goto fail;
    if (!options->name && !ar)
        ipd_run_name_by_default(run);
    if (options->parent)
        run->parent = *options->parent;
    run->view.saved = ipd_keep_progress(run);
    snprintf(run->view.status_text, sizeof run->view.status_text, "paused");
    ipd_run_refresh(run);
    if (behind) { /* the worker first catches up with the journal */
        ipd_run_set_status(run, IPD_RUNNING, "branches");
        ipd_ticket ticket = ipd_run_send(run, (ipd_command){.kind = IPD_DO_CATCH_UP}, e);
        if (!ticket)
            goto fail;
        ipd_run_forget(run, ticket);
    } else if (run->tree.now)
        ipd_tree_show(run);
    run->seen = run->view;
    ipd_list_add_all(&run->futures_seen, run->futures.items, run->futures.count,
                     sizeof(ipd_future_info));
    if (start_worker(run, e))
        goto fail;
    ipd_network_free(&net);
    *out = run;
    return 0;
fail:
    ipd_network_free(&net);
    ipd_run_free(run);
    return -1;
}

void ipd_run_free(ipd_run *run)
{
    ipd_command *c;
    if (!run)
        return;
    assert(!run->in_listener); /* its listener must not free it */
    ipd_run_end(run, NULL);
    while ((c = run->first)) {
        run->first = c->next;
        free(c->path);
        if (c->kind == IPD_DO_WRITE) {
            ipd_matrix_free(c->matrix);
            free(c->matrix);
        }
        free(c);
    }
    ipd_answers_free(&run->sent);
    ipd_keep_free(run);
    free(run->switching);
    if (run->method)
        run->method->close(run->state);
    ipd_network_free(&run->start);
    free(run->definitions);
    ipd_probe_free(run->probe);
    ipd_probe_free(run->next_probe);
    ipd_dataset_unref(run->data);
    if (run->descriptor >= 0)
        close(run->descriptor);
    ipd_run_mail *mail[] = {&run->inbox, &run->outbox};
    for (int i = 0; i < 2; i++) {
        free(mail[i]->log.items);
        free(mail[i]->notices.items);
        ipd_answers_free(&mail[i]->answers);
    }
    ipd_records_free(&run->records);
    ipd_records_free(&run->batches);
    ipd_records_free(&run->batches_seen);
    free(run->futures.items);
    free(run->futures_seen.items);
    ipd_tree_free(&run->tree);
    ipd_snapshots_free(&run->snapshots);
    free(run->undos.items);
    ipd_journal_free(&run->journal);
    pthread_mutex_destroy(&run->lock);
    pthread_cond_destroy(&run->wake);
    free(run);
}

int ipd_run_checkpoint_fits(const ipd_run *run, double *limit)
{
    ipd_space space;
    *limit = INFINITY;
    if (*run->keep.folder || !*run->keep.history)
        return 1;
    ipd_space_make(&space, run->keep.history, run->keep.identity, run->seen.checkpoint_bytes, NULL,
                   NULL);
    *limit = space.limit;
    return space.fits;
}

void ipd_run_set_ending(ipd_run *run, const char *ending)
{
    pthread_mutex_lock(&run->lock);
    snprintf(run->ending, sizeof run->ending, "%s", ending);
    pthread_mutex_unlock(&run->lock);
}

int ipd_run_end(ipd_run *run, ipd_error *e)
{
    IPD_MAIN_THREAD();
    if (run->thread_started && !run->ended) {
        pthread_mutex_lock(&run->lock);
        run->quit = 1;
        atomic_store(&run->called, 1);
        pthread_cond_signal(&run->wake);
        pthread_mutex_unlock(&run->lock);
        pthread_join(run->thread, NULL);
        ipd_rescue_remove(run);
        run->ended = 1;
        ipd_run_poll(run, 0);
    }
    if (run->lost.code == IPD_OK)
        return 0;
    if (e)
        *e = run->lost;
    return -1;
}
