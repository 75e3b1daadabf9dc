/* train_checkpoint.c - checkpoints of `ipdlam train`: when they are due, and going on from one. */
#include "base/text.h"
#include "cli/train.h"

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
                        : t->given.count ? t->given.items[0].setting->name
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
