/* train.c - `ipdlam train`: options, preparation, training, exit code. */
#include "cli/train/train.h"
#include "base/clock.h"
#include "base/ending.h"
#include "base/file.h"
#include "base/parallel.h"
#include "base/path.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "format/weights.h"
#include "history/history.h"
#include "optim/methods.h"
#include "run/memory.h"
#include "run/time/space.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* The default of --layers. */
static const char default_layers[] = "300,300";

/* Nothing to do: the main loop reads ipd_ending_signal. */
static void on_signal(void *context, int number)
{
    (void)context;
    (void)number;
}

/* Sets widths[1 ... L-1] and L. */
static int read_layers(ipd_train *t, ipd_error *e)
{
    int hidden;
    if (ipd_options_widths(t->layers, t->widths + 1, &hidden, e))
        return -1;
    t->L = hidden + 1;
    return 0;
}

/* Fails if a given activation or loss differs from that of the network of --init. */
static int check_function(const ipd_train *t, const char *name, int has_one, ipd_error *e)
{
    const char *given = ipd_given_value(&t->given, name);
    char has[512];
    if (!given || !has_one)
        return 0;
    if (!strcmp(name, "loss"))
        snprintf(has, sizeof has, "%s", t->initial.loss->name);
    else
        ipd_network_activations(&t->initial, has, sizeof has);
    if (ipd_settings_same_list(given, has))
        return 0;
    return ipd_fail(e, IPD_EUSAGE,
                    "--%s %.60s contradicts %s, whose network has %.60s. Leave it out", name, given,
                    t->init, has);
}

/* Loads --init and checks that it fits the data. */
static int load_initial(ipd_train *t, ipd_error *e)
{
    const ipd_dataset *d = t->dataset;
    const ipd_activation *activation = ipd_activation_find(t->settings.activation);
    if (ipd_weights_load(&t->initial, t->init,
                         activation ? activation : ipd_activation_find("relu"),
                         ipd_loss_find(t->settings.loss), e) ||
        check_function(t, "activation", t->initial.L > 1, e) || check_function(t, "loss", 1, e))
        return -1;
    t->L = t->initial.L;
    memcpy(t->widths, t->initial.d, sizeof t->widths);
    if (t->widths[0] != d->inputs || t->widths[t->L] != d->classes)
        return ipd_fail(
            e, IPD_EUSAGE,
            "%s: the network has %zu inputs and %zu outputs, but the data set %s has %zu and %zu",
            t->init, t->widths[0], t->widths[t->L], d->name, d->inputs, d->classes);
    return 0;
}

/* Fails if two outputs go to the same place, or one to a file that is read. */
static int check_apart(const ipd_train *t, ipd_error *e)
{
    enum { CSV, SAVE, AVERAGED, JSON, HISTORY, INIT, RESUME, COUNT };
    const char *const files[][2] = {[CSV] = {"csv", t->csv},
                                    [SAVE] = {"save", t->save},
                                    [AVERAGED] = {"save-averaged", t->save_averaged},
                                    [JSON] = {"json", ipd_json_asked(&t->json) ? "-" : NULL},
                                    [HISTORY] = {"history", t->no_history ? NULL : t->history_path},
                                    [INIT] = {"init", t->init},
                                    [RESUME] = {"resume", t->resume}};
    for (int i = CSV; i <= AVERAGED; i++)
        for (int k = i + 1; k < COUNT; k++) {
            const char *path = files[i][1], *other = files[k][1];
            if (!path || !other || (i == SAVE && k == INIT) || /* this pair continues a file */
                !ipd_file_is_same(path, other))
                continue;
            if (k >= INIT)
                return ipd_fail(e, IPD_EUSAGE, "--%s would overwrite %.200s, which --%s reads",
                                files[i][0], path, files[k][0]);
            return ipd_fail(e, IPD_EUSAGE, "--%s and --%s would write to the same place, %.200s",
                            files[i][0], files[k][0],
                            strcmp(other, "-") ? path : "standard output");
        }
    return 0;
}

/* Checkpoints are stored beside the history, so --checkpoint-every needs a history or a folder. */
static int check_history(const ipd_train *t, ipd_error *e)
{
    ipd_history *h;
    int failed = ipd_history_open(&h, t->history_path, 1, e);
    if (failed && e->code == IPD_EBUSY) /* locked by another process; the run will try again */
        return 0;
    ipd_history_close(h);
    size_t length = strlen(e->text);
    if (failed && !strstr(e->text, "--history"))
        snprintf(e->text + length, sizeof e->text - length,
                 ". Name a folder for the checkpoints with --checkpoint-dir");
    return failed;
}

/* Checks before training that all outputs can be written. */
static int check_outputs(const ipd_train *t, ipd_error *e)
{
    char path[4096];
    if (t->checkpoint_every && t->no_history && !t->checkpoint_dir)
        return ipd_fail(e, IPD_EUSAGE,
                        "without a history the run has no number. Name a folder for its "
                        "checkpoints with --checkpoint-dir");
    if (t->checkpoint_every && !t->checkpoint_dir && check_history(t, e))
        return -1;
    if (check_apart(t, e) || (t->csv && ipd_new_file_check(t->csv, e)) ||
        (t->save && ipd_new_file_check(t->save, e)) ||
        (t->save_averaged && ipd_new_file_check(t->save_averaged, e)))
        return -1;
    return t->checkpoint_dir &&
                   (ipd_path_join(path, sizeof path, t->checkpoint_dir, "checkpoint", e) ||
                    ipd_new_file_check(path, e))
               ? -1
               : 0;
}

/* Without --length, schedules use the number of iterations. */
static void resolve_length(ipd_train *t)
{
    char why[160];
    if (ipd_given_value(&t->given, "length"))
        return;
    t->settings.length = t->iterations;
    if (ipd_settings_unused(&t->settings, "length", 0, why, sizeof why))
        t->settings.length = 0;
}

/* Opens the data and checks network, settings and memory, before any file is written. */
static int prepare(ipd_train *t, double *needed, double *available, ipd_error *e)
{
    const ipd_setting *init = ipd_setting_find("init");
    for (int i = 0; t->init && init->choices()[i]; i++)
        if (!strcmp(t->init, init->choices()[i])) { /* no file */
            if (ipd_given_add(&t->given, init, t->init, e))
                return -1;
            t->init = NULL;
        }
    if (t->init && t->layers)
        return ipd_fail(e, IPD_EUSAGE,
                        "--init brings its own layers. Leave --layers or --init out");
    if (t->no_history && t->history)
        return ipd_fail(e, IPD_EUSAGE, "--history and --no-history exclude each other");
    if (t->history ? ipd_path_copy(t->history_path, sizeof t->history_path, t->history, e)
                   : !t->no_history && ipd_history_path(t->history_path, sizeof t->history_path, e))
        return -1;
    if (t->checkpoint_space && ipd_space_set(t->checkpoint_space, e))
        return -1;
    if (check_outputs(t, e) || ipd_train_read_every(t, e))
        return -1;
    if (t->resume)
        return ipd_threads_set((int)t->threads, e) || ipd_train_resume(t, e) ? -1 : 0;
    if (!t->layers)
        t->layers = default_layers;
    if (!t->data)
        t->data = "digits";
    if (!t->iterations)
        t->iterations = 20;
    ipd_settings_init(&t->settings);
    t->choice.no_bar = t->quiet;
    if (ipd_given_apply(&t->given, &t->settings, e) || read_layers(t, e) ||
        ipd_threads_set((int)t->threads, e) ||
        ipd_data_choice_open(&t->dataset, t->data, &t->choice, e))
        return -1;
    t->widths[0] = t->dataset->inputs;
    t->widths[t->L] = t->dataset->classes;
    if (t->init && load_initial(t, e))
        return -1;
    resolve_length(t);
    if (ipd_settings_check(&t->settings, t->L, t->dataset->name, t->dataset->train.X.cols, e))
        return -1;
    ipd_given_warn("train", &t->given, &t->settings, t->init != NULL);
    ipd_network shape = {.L = t->L};
    memcpy(shape.d, t->widths, sizeof shape.d);
    return ipd_run_fits(&t->settings, &shape, t->dataset->train.X.cols,
                        t->dataset->train.bytes != NULL, needed, available, e);
}

/* Waits for a ticket, even if signals arrive. */
static int wait_for(ipd_train *t, ipd_ticket ticket, ipd_error *e)
{
    ipd_reply reply;
    int failed;
    if (!ticket)
        return -1;
    do
        failed = ipd_run_wait(t->run, ticket, &reply, e);
    while (failed && e->code == IPD_EINTERRUPT);
    return failed;
}

/* Trains until the iterations are done, a signal arrives, or the run diverges. */
static int train(ipd_train *t, ipd_error *e)
{
    ipd_reply reply = {0};
    long done = (long)ipd_run_record_count(t->run);
    ipd_ticket ticket = ipd_run_step(t->run, t->iterations - done, e);
    if (!ticket)
        return -1;
    while (!ipd_run_replied(t->run, ticket, &reply)) {
        ipd_run_poll(t->run, 200);
        ipd_train_show_live(t);
        if (ipd_ending_signal() || t->output_failed) {
            ipd_ending_heard();
            ipd_run_set_ending(t->run, "interrupted");
            if (wait_for(t, ipd_run_pause(t->run, e), e))
                return -1;
            break;
        }
    }
    if ((long)ipd_run_record_count(t->run) >= t->iterations)
        ipd_run_set_ending(t->run, "finished");
    if (reply.failed &&
        reply.error.code == IPD_ECALLBACK) /* the run could go on with another text */
        t->method_error = reply.error;
    ipd_train_wipe_live(t);
    if (t->output_failed && ipd_ending_signal() != SIGPIPE) {
        *e = t->output_error;
        return -1;
    }
    return 0;
}

/* Saves the weights, or with `averaged` their running mean, to `path`; NULL: does nothing. */
static int save(ipd_train *t, const char *path, int averaged, ipd_error *e)
{
    ipd_network net = {0};
    if (!path)
        return 0;
    int failed =
        wait_for(t, (averaged ? ipd_run_copy_average : ipd_run_copy_network)(t->run, &net, e), e);
    if (!failed)
        failed = ipd_weights_save(&net, path, e);
    if (!failed && !t->quiet && !ipd_json_asked(&t->json))
        printf("%s saved in %s\n", averaged ? "averaged weights" : "weights", path);
    ipd_network_free(&net);
    return failed;
}

/* Prints the result and returns the exit code. */
static int finish(ipd_train *t, ipd_error *e)
{
    ipd_run_status status = ipd_run_get_status(t->run);
    int caught = ipd_ending_signal();
    char place[96];
    ipd_error lost;
    if (!caught)
        ipd_train_show_end(t);
    int goes_on = status != IPD_DIVERGED && status != IPD_FAILED;
    int unsaved = goes_on && (save(t, t->save, 0, e) || save(t, t->save_averaged, 1, e));
    ipd_train_before_end(t, !caught);
    int unkept = ipd_run_end(t->run, &lost);
    const char *checkpoint = ipd_run_checkpoint(t->run);
    if (caught) /* after a signal, save first: the terminal may be closed */
        ipd_train_show_end(t);
    if (status == IPD_DIVERGED) {
        fflush(stdout);
        fprintf(stderr, "ipdlam train: %s%s. Try %s.\n", ipd_run_status_text(t->run),
                t->save ? ", so no weights are saved" : "",
                ipd_method_find(ipd_run_settings(t->run)->method)->advice);
        return IPD_EXIT_DIVERGED;
    }
    if (status == IPD_FAILED) {
        ipd_fail(e, IPD_ENUMERIC, "%s", ipd_run_status_text(t->run));
        return ipd_cli_error("train", e);
    }
    if (unsaved)
        return ipd_cli_error("train", e);
    if (*checkpoint && (caught || t->checkpoint_every) && !t->quiet && !ipd_json_asked(&t->json))
        printf("checkpoint in %s\n", checkpoint);
    if (caught) {
        ipd_place at = ipd_run_place(t->run);
        ipd_place_text(&at, place, sizeof place);
        fflush(stdout);
        fprintf(stderr, "ipdlam train: stopped by a signal at %s%s%s\n", place,
                *checkpoint ? ". Continue it with ipdlam train --resume " : "", checkpoint);
    }
    if (unkept)
        return ipd_cli_error("train", &lost);
    if (t->method_error.code)
        return ipd_cli_error("train", &t->method_error);
    return t->findings > 0 ? IPD_EXIT_FAILED : IPD_EXIT_DONE;
}

/* The parent of a resumed run. */
static ipd_parent resumed_from(const ipd_train *t)
{
    ipd_parent p = {.id = t->from.run, .iteration = t->from.iteration};
    memcpy(p.name, t->from.name, sizeof p.name);
    return p;
}

/* After a resumed run was opened: copies its settings and shape, and prints its records as JSON. */
static void copy_resumed(ipd_train *t)
{
    ipd_archive_free(t->archive);
    t->archive = NULL;
    t->settings = *ipd_run_settings(t->run);
    t->L = ipd_run_depth(t->run);
    memcpy(t->widths, ipd_run_widths(t->run), sizeof *t->widths * ((size_t)t->L + 1));
    ipd_error e;
    for (size_t i = 0; ipd_json_asked(&t->json) && i < ipd_run_record_count(t->run); i++) {
        ipd_record record = ipd_run_record(t->run, i);
        ipd_train_print_json(t, &record, &e);
    }
}

static int go(ipd_train *t)
{
    ipd_error e = {0};
    double needed = 0, available = 0;
    if (ipd_ending_begin(
            &(ipd_ending_host){.asked = on_signal, .interrupt_ends = 1, .pipe_ends = 1}, &e) ||
        prepare(t, &needed, &available, &e))
        return ipd_cli_error("train", &e);
    if (ipd_ending_signal()) /* a signal before the start */
        return IPD_EXIT_DONE;
    const ipd_parent parent = resumed_from(t);
    const ipd_run_options options = {.archive = t->archive,
                                     .parent = t->archive || t->from.run ? &parent : NULL,
                                     .initial = t->initial.L ? &t->initial : NULL,
                                     .initial_file = t->init,
                                     .hidden = t->widths + 1,
                                     .hidden_count = t->L - 1,
                                     .history = t->no_history ? NULL : t->history_path,
                                     .name = t->name,
                                     .keep = {.from = t->archive ? t->from.path : NULL,
                                              .folder = t->checkpoint_dir,
                                              .every_iterations = t->every_iterations,
                                              .every_seconds = t->every_seconds,
                                              .goal = t->iterations}};
    if (ipd_run_open(&t->run, t->dataset, t->archive ? NULL : &t->settings, &options, &e))
        return ipd_cli_error("train", &e);
    ipd_json_begin(&t->json);
    if (t->archive)
        copy_resumed(t);
    if (ipd_train_open_outputs(t, &e))
        return ipd_cli_error("train", &e);
    ipd_run_listen(t->run, ipd_train_on_message, t);
    int talks = !t->quiet && !ipd_json_asked(&t->json) &&
                !(t->csv && ipd_file_is_same(t->csv, "-")) &&
                !(t->save && ipd_file_is_same(t->save, "-"));
    t->live = !t->quiet && isatty(STDERR_FILENO);
    t->plain = talks && !(isatty(STDOUT_FILENO) && t->live);
    t->quiet = !talks;
    if (talks)
        ipd_train_show_plan(t, needed, available);
    t->started = ipd_seconds();
    if (train(t, &e)) {
        ipd_train_wipe_live(t);
        return ipd_cli_error("train", &e);
    }
    return finish(t, &e);
}

int ipd_cli_train(int argc, char **argv)
{
    ipd_train t = {0};
    const ipd_option table[] = {
        IPD_OPTION_DATA(&t.data),
        IPD_OPTIONS_DATA(t.choice),
        IPD_OPTION_DATA_SEED(t.choice),
        IPD_OPTION_LAYERS(&t.layers),
        IPD_OPTION_IN("iterations", "N", &t.iterations, 1, 1e9,
                      "number of iterations (default 20)"),
        IPD_OPTION("init", "FILE", &t.init,
                   "start from these weights (safetensors, .npz), or from random ones: normal, he"),
        IPD_OPTION("save", "FILE", &t.save,
                   "save the weights at the end (.npz, or safetensors; - for standard output)"),
        IPD_OPTION("save-averaged", "FILE", &t.save_averaged,
                   "save the running mean of the weights (average_weights) at the end"),
        IPD_OPTION("csv", "FILE", &t.csv,
                   "write the records during training (- for standard output)"),
        IPD_OPTION("tensorboard", "DIR", &t.tensorboard,
                   "write the records during training to an event file in this folder"),
        IPD_OPTION_JSON_PER(t.json, "record"),
        IPD_OPTION("checkpoint-every", "N", &t.checkpoint_every,
                   "write checkpoints every so many iterations, or every 90s, 10m, 1h"),
        IPD_OPTION("checkpoint-dir", "DIR", &t.checkpoint_dir,
                   "folder of the checkpoints (default: the run's own)"),
        IPD_OPTION("checkpoint-space", "SIZE", &t.checkpoint_space,
                   "limit for all checkpoints (default 10%, at most 20G)"),
        IPD_OPTION("resume", "ID|FILE", &t.resume,
                   "continue from a run's last checkpoint, or from a checkpoint file"),
        IPD_OPTION_THREADS(&t.threads),
        IPD_OPTION("name", "NAME", &t.name,
                   "name of the run in the history (default: such as digits-300-300-ipdlam-7)"),
        IPD_OPTION("history", "FILE", &t.history, "database of runs to use"),
        IPD_OPTION_NO_HISTORY(&t.no_history),
        IPD_OPTION("no-chart", NULL, &t.no_chart, "no charts at the end"),
        IPD_OPTION("quiet", NULL, &t.quiet, "print errors only"),
        {0}};
    const ipd_options options = {
        .name = "train",
        .usage =
            " [OPTION...]\n\nTrains a network and shows its progress; every run is kept in the "
            "history.",
        .after = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 diverged. See ipdlam-train(1).",
        .table = table,
        .settings = &t.given,
        .settings_title = "Settings of the method; --preset is applied first, then --method:"};
    ipd_error e;
    int code = ipd_options_parse(&options, argc, argv);
    if (code >= 0)
        return code;
    code = go(&t);
    ipd_json_close(&t.json);
    ipd_run_free(t.run);
    ipd_network_free(&t.initial);
    if (ipd_tensorboard_close(t.events, &e) && code == IPD_EXIT_DONE)
        code = ipd_cli_error("train", &e);
    ipd_archive_free(t.archive);
    ipd_dataset_unref(t.dataset);
    if (t.csv_file && ipd_stream_close(t.csv_file) && code == IPD_EXIT_DONE) {
        fprintf(stderr, "ipdlam train: %s: cannot be written: %s\n", t.csv, strerror(errno));
        code = IPD_EXIT_FAILED;
    }
    int caught = ipd_ending_signal();
    if (caught && code == IPD_EXIT_DONE)
        ipd_ending_die(caught); /* end by the signal, so that a calling shell script stops too */
    return code;
}
