/* checkpoint.c - checkpoints of `ipdlam train`: --checkpoint-every and --resume. */
#include "base/machine.h"
#include "base/text.h"
#include "cli/train/train.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Parses "5" (iterations), or a time: "90s", "10m", "1h". */
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
                        "--checkpoint-every must be a number of iterations, or a time such as 90s, "
                        "10m or 1h, not \"%.40s\"",
                        text);
    if (unit > 0)
        t->every_seconds = (double)n * unit;
    else
        t->every_iterations = n;
    return 0;
}

/* Fails if --resume is combined with options for data, network or settings, which the checkpoint
 * determines. */
static int check_alone(const ipd_train *t, ipd_error *e)
{
    const char *other = t->data     ? "data"
                        : t->layers ? "layers"
                        : t->init   ? "init"
                                    : ipd_data_choice_given(&t->choice);
    return ipd_given_beside_resume(&t->given, other,
                                   "or change a running run in Lua with ip.resume", e);
}

static int is_given(void *given, const ipd_place *place, const char *text)
{
    (void)place;
    *(int *)given |= !strncmp(text, IPD_LOG_WEIGHTS, strlen(IPD_LOG_WEIGHTS));
    return 0;
}

/* Finds the run that --resume names, if it was killed and its initial weights come from its
 * seed. */
static int find_killed(const ipd_train *t, ipd_history_run *run)
{
    ipd_history *h;
    char state[32];
    int given = 0;
    if (ipd_history_open(&h, t->history_path, 0, NULL))
        return -1;
    int failed = strcmp(t->resume, "last") ? ipd_history_look_up(h, t->resume, run, NULL)
                                           : ipd_history_last_worked(h, run, NULL);
    failed = failed || ipd_history_changes(h, run->id, is_given, &given, NULL);
    char *definitions = failed ? NULL : ipd_history_definitions(h, run->id, NULL);
    failed = failed || !definitions || ipd_network_read_definitions(definitions, NULL);
    free(definitions);
    ipd_history_close(h);
    if (failed)
        return -1;
    ipd_history_state(run, state, sizeof state);
    return given || strcmp(state, "lost") ? -1 : 0;
}

/* Sets data, network and settings to those of that run, from the history. */
static int read_start(ipd_train *t, const ipd_history_run *run, ipd_error *e)
{
    ipd_checkpoint *c = &t->from;
    memset(c, 0, sizeof *c);
    c->run = run->id;
    c->train = run->train;
    c->test = run->test;
    c->validation = run->validation;
    c->held_out = run->held_out;
    memcpy(c->name, run->name, sizeof c->name);
    memcpy(c->data, run->dataset, sizeof c->data);
    snprintf(c->source, sizeof c->source, "%s", run->source);
    t->L = run->L;
    memcpy(t->widths, run->widths, sizeof run->widths);
    t->iterations = t->iterations ? t->iterations : run->goal ? run->goal : 20;
    if (ipd_history_settings(run, &t->settings, e) || ipd_checkpoint_dataset(c, &t->dataset, e))
        return -1;
    if (!run->L || strcmp(t->dataset->checksum, run->checksum))
        return ipd_fail(e, IPD_EUSAGE,
                        "run %ld was not trained on these samples of %.200s. Restore the data set "
                        "as it was",
                        run->id, t->dataset->name);
    fprintf(stderr, "ipdlam train: run %ld ended before its first checkpoint and starts again\n",
            run->id);
    return 0;
}

static int find(ipd_train *t, ipd_error *damaged, ipd_error *e)
{
    if (!ipd_checkpoint_find(&t->from, t->resume, t->history_path, &t->archive, damaged, e))
        return 0;
    ipd_history_run *run = malloc(sizeof *run);
    int failed = !run || e->code != IPD_ESTATE || find_killed(t, run) || read_start(t, run, e);
    free(run);
    return failed ? -1 : 0;
}

int ipd_train_resume(ipd_train *t, ipd_error *e)
{
    ipd_error damaged;
    char difference[300];
    if (check_alone(t, e) || find(t, &damaged, e))
        return -1;
    if (!t->archive)
        return 0;
    if (*damaged.text)
        fprintf(stderr, "ipdlam train: warning: %s; using the previous checkpoint, %s\n",
                damaged.text, t->from.path);
    ipd_checkpoint_difference(&t->from, difference, sizeof difference);
    if (*difference)
        fprintf(stderr, "ipdlam train: warning: %s\n", difference);
    if (!t->iterations)
        t->iterations = t->from.goal ? t->from.goal : 20;
    if (t->iterations <= t->from.iteration)
        return ipd_fail(e, IPD_EUSAGE,
                        "the run has %d iterations already. Continue with --iterations %d",
                        t->from.iteration, t->from.iteration + 20);
    return ipd_checkpoint_dataset(&t->from, &t->dataset, e);
}

void ipd_train_before_end(ipd_train *t, int ask)
{
    const double large = 256 << 20; /* bytes; writing takes about a second */
    double bytes = ipd_run_checkpoint_bytes(t->run), limit;
    char size[32], max[32], answer[16] = "";
    if (!bytes || t->checkpoint_every)
        return;
    ipd_machine_bytes(size, sizeof size, bytes);
    if (ask && isatty(STDIN_FILENO) && isatty(STDERR_FILENO) &&
        !ipd_run_checkpoint_fits(t->run, &limit)) {
        ipd_machine_bytes(max, sizeof max, limit);
        fflush(stdout);
        fprintf(stderr,
                "the checkpoint of this run takes %s, more than checkpoint_space (%s) allows. Keep "
                "it? [Y/n] ",
                size, max);
        if (fgets(answer, sizeof answer, stdin) && (*answer == 'n' || *answer == 'N')) {
            ipd_run_at_end(t->run, IPD_END_DROP);
            return;
        }
    }
    if (bytes >= large && ipd_run_unsaved(t->run) && !t->quiet)
        printf("writing a checkpoint of %s\n", size);
    fflush(stdout);
}
