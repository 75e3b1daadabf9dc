/* train_checkpoint.c - checkpoints of `ipdlam train`: when one is due, writing it, going on from one. */
#include "base/clock.h"
#include "base/path.h"
#include "base/text.h"
#include "cli/train.h"

#include <stdlib.h>
#include <string.h>

/* "5" iterations, or a time: "90s", "10m", "1h". */
int ipd_train_read_every(ipd_train *t, ipd_error *e)
{
    const char *text = t->checkpoint_every;
    size_t length = text ? strlen(text) : 0;
    char number[32];
    long n;
    double unit = 0;
    if (!text)
        return 0;
    if (length && strchr("smh", text[length - 1]))
        unit = text[length - 1] == 's' ? 1 : text[length - 1] == 'm' ? 60 : 3600;
    snprintf(number, sizeof number, "%.*s", (int)(length - (unit > 0)), text);
    if (length >= sizeof number || ipd_text_to_long(number, &n) || n < 1 || n > 1000000000)
        return ipd_fail(e, IPD_EUSAGE,
                        "--checkpoint-every is a number of iterations, or a time like 90s, 10m or "
                        "1h, not \"%.40s\"",
                        text);
    if (unit > 0)
        t->every_seconds = (double)n * unit;
    else
        t->every_iterations = n;
    return 0;
}

/* What is given beside --resume must not say what the checkpoint says. */
static int check_alone(const ipd_train *t, ipd_error *e)
{
    const char *other = t->data          ? "data"
                        : t->layers      ? "layers"
                        : t->init        ? "init"
                        : t->train       ? "train"
                        : t->test        ? "test"
                        : t->given_count ? t->given[0].name
                                         : NULL;
    if (!other)
        return 0;
    return ipd_fail(
        e, IPD_EUSAGE,
        "--resume brings data, network and settings: leave --%s out, or change a running "
        "run in Lua with ip.resume",
        other);
}

int ipd_train_resume(ipd_train *t, ipd_error *e)
{
    ipd_error damaged;
    char difference[300];
    if (check_alone(t, e) ||
        ipd_checkpoint_find(&t->from, t->resume, t->history_path, &t->archive, &damaged, e))
        return -1;
    if (*damaged.text)
        fprintf(stderr, "ipdlam train: warning: %s; taken is the one before it, %s\n", damaged.text,
                t->from.path);
    ipd_checkpoint_difference(&t->from, difference, sizeof difference);
    if (*difference)
        fprintf(stderr, "ipdlam train: warning: %s\n", difference);
    if (!t->iterations)
        t->iterations = t->from.goal ? t->from.goal : 20;
    if (t->iterations <= t->from.iteration)
        return ipd_fail(e, IPD_EUSAGE,
                        "the %d iterations that were asked for are done: --iterations %d goes on",
                        t->from.iteration, t->from.iteration + 20);
    return ipd_checkpoint_dataset(&t->from, &t->dataset, e);
}

/* The folder, made when the first is written: "" where there is none. */
static void set_folder(ipd_train *t)
{
    ipd_error e;
    if (*t->folder)
        return;
    if (t->checkpoint_dir)
        snprintf(t->folder, sizeof t->folder, "%s", t->checkpoint_dir);
    else if (ipd_run_id(t->run) && ipd_checkpoint_folder(t->folder, sizeof t->folder,
                                                         t->history_path, ipd_run_id(t->run), &e))
        t->folder[0] = 0;
}

/* Writes what the worker has put into the archive. A failure is said when it is another than the last. */
static int write_checkpoint(ipd_train *t)
{
    ipd_checkpoint c;
    ipd_error e;
    ipd_checkpoint_describe(&c, t->run, t->iterations);
    if (ipd_checkpoint_keep(&c, t->folder, t->state, t->history_path, &e)) {
        /* Each has a name of its own; why it fails is said once. */
        const char *why = strstr(e.text, ": "), *known = strstr(t->checkpoint_error.text, ": ");
        if (!why || !known || strcmp(why, known)) {
            ipd_train_wipe_live(t);
            fprintf(stderr, "ipdlam train: warning: no checkpoint: %s\n", e.text);
        }
        t->checkpoint_error = e;
        return -1;
    }
    t->checkpoint_error.text[0] = 0;
    memcpy(t->checkpoint_path, c.path, sizeof t->checkpoint_path);
    return 0;
}

static int is_due(const ipd_train *t)
{
    long done = (long)ipd_run_record_count(t->run);
    return (t->every_iterations && done - t->checkpoint_iteration >= t->every_iterations) ||
           (t->every_seconds > 0 && ipd_seconds() - t->checkpoint_time >= t->every_seconds);
}

static int ask_for_state(ipd_train *t, ipd_error *e)
{
    set_folder(t);
    if (!*t->folder)
        return -1;
    ipd_archive_free(t->state);
    if (!(t->state = ipd_archive_new(e)))
        return -1;
    t->checkpoint_iteration = (long)ipd_run_record_count(t->run);
    t->checkpoint_time = ipd_seconds();
    t->state_ticket = ipd_run_archive(t->run, t->state, e);
    return t->state_ticket ? 0 : -1;
}

void ipd_train_checkpoint(ipd_train *t)
{
    ipd_reply reply;
    ipd_error e;
    if (!t->checkpoint_time)
        t->checkpoint_time = ipd_seconds();
    if (t->state_ticket && ipd_run_replied(t->run, t->state_ticket, &reply)) {
        t->state_ticket = 0;
        if (!reply.failed)
            write_checkpoint(t);
    }
    if (!t->state_ticket && is_due(t))
        ask_for_state(t, &e);
}

int ipd_train_last_checkpoint(ipd_train *t)
{
    ipd_reply reply;
    ipd_error e;
    if (t->state_ticket) /* the worker writes to the archive: it is waited for */
        while (ipd_run_wait(t->run, t->state_ticket, &reply, &e) && e.code == IPD_EINTERRUPT)
            ;
    t->state_ticket = 0;
    if (ask_for_state(t, &e))
        return -1;
    int failed;
    do
        failed = ipd_run_wait(t->run, t->state_ticket, &reply, &e);
    while (failed && e.code == IPD_EINTERRUPT);
    t->state_ticket = 0;
    return failed ? -1 : write_checkpoint(t);
}
