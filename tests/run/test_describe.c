/* test_describe.c - the trend of a run in words, from records made up for it. */
#include "run/describe.h"
#include "tests/tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 40 };
static ipd_record records[MOST];

static const ipd_record *record(const void *source, size_t index)
{
    return (const ipd_record *)source + index;
}

/* Phi falls to `share` of itself in every iteration, the accuracy by steps to `best` and then stays. */
static ipd_story story(size_t count, double share, double best)
{
    for (size_t i = 0; i < count; i++) {
        ipd_record *r = &records[i];
        ipd_record_init(r, 3);
        r->iteration = (int)i + 1;
        r->phi = 1000 * pow(share, (double)i);
        r->rho = 1;
        r->test_accuracy = fmin(best, 0.1 * (double)(i + 1));
        r->train_accuracy = r->auxiliary_accuracy = r->test_accuracy;
        r->linear_gap = r->phi / 2;
        r->activation_gap = r->phi / 4;
        for (int l = 1; l <= 3; l++) {
            r->linear_gap_by_layer[l] = r->linear_gap * (l == 2 ? 0.8 : 0.1);
            r->activation_gap_by_layer[l] = r->activation_gap / 2;
            r->moved_W[l] = 0.1 * l;
        }
        strcpy(r->method, "ipdlam");
        strcpy(r->order, "reverse");
    }
    return (ipd_story){.name = "run 1",
                       .data = "digits",
                       .status = "paused",
                       .source = records,
                       .count = count,
                       .record = record,
                       .phi = "phi"};
}

static void says(const ipd_story *s, const char *what, const char *name)
{
    char *text = ipd_describe(s);

    if (!ok(text && strstr(text, what), "%s", name))
        printf("# there is no \"%s\" in:\n# %s", what, text ? text : "(nothing)");
    free(text);
}

static void hushes(const ipd_story *s, const char *what, const char *name)
{
    char *text = ipd_describe(s);

    if (!ok(text && !strstr(text, what), "%s", name))
        printf("# there is \"%s\" in:\n# %s", what, text ? text : "(nothing)");
    free(text);
}

static void trends(void)
{
    ipd_story s = story(0, 1, 1);
    says(&s, "Nothing is measured yet.", "before the first record");
    s = story(1, 0.9, 0.9);
    says(&s, "Phi is 1000.\n", "one record has no trend");
    s = story(20, 0.95, 0.9);
    says(&s, "it falls by 5 % an iteration over the last 5", "it falls, and how fast");
    hushes(&s, "less and less", "at a steady rate it is not slower");
    s = story(20, 0.7, 0.9);
    says(&s, "falls fast, by 30 %", "fast");
    s = story(20, 0.996, 0.9);
    says(&s, "falls slowly, by 0.4 %", "slowly");
    s = story(20, 1, 0.9);
    says(&s, "stands still", "not at all");
    s = story(20, 1.03, 0.9);
    says(&s, "rises by 3 %", "it rises");
    s = story(20, 0.8, 0.9);
    for (size_t i = 15; i < 20; i++)
        records[i].phi = records[14].phi * pow(0.98, (double)i - 14);
    says(&s, "less and less", "it becomes slower");
    for (size_t i = 0; i < 20; i++)
        records[i].rho = 1 + 0.1 * (double)i;
    says(&s, "while rho grew from 2.4 to 2.9", "what rho did meanwhile");
    for (size_t i = 0; i < 20; i++) {
        records[i].phi = NAN;
        records[i].forward_loss = 100 * pow(0.9, (double)i);
    }
    says(&s, "The training loss is 13.509, from 100 in iteration 1; it falls by 10 %",
         "an optimizer has its loss");
}

static void rest(void)
{
    ipd_story s = story(20, 0.95, 0.9);
    says(&s, "level for 5 iterations", "the accuracy is level");
    says(&s, "most of it in layer 2", "where the gap is");
    says(&s, "closing", "the gap closes");
    says(&s, "most in layer 3 (by 30 %", "which weights moved");
    s.change = "set delta = 0.3";
    s.change_iteration = 11;
    for (size_t i = 10; i < 20; i++)
        records[i].phi = records[9].phi * pow(0.8, (double)i - 9);
    says(&s,
         "The last change, \"set delta = 0.3\" in iteration 11: since then phi falls fast, "
         "by 20 % an iteration; before, it fell by 5 % an iteration",
         "what the last change did");
    s.change_iteration = 21;
    says(&s, "is not measured yet", "a change without a record");
    s.change_iteration = 1;
    says(&s, "since then phi", "a change before the first record");
    records[19].auxiliary_accuracy = 0.99;
    records[19].test_accuracy = 0.7;
    says(&s, "z3 alone is right on 99.00 %", "z_L beside the network");
    says(&s, "below the best, 90.00 % in iteration 9", "the best accuracy was another");
    s.diverged = 1;
    s.status = "diverged at iteration 21, block W2";
    says(&s,
         "run 1 on digits, after iteration 20 (ipdlam, reverse order): diverged at iteration 21, "
         "block W2.",
         "the status");
    says(&s, "not finite any more", "what diverging means");
}

static void lines(void)
{
    char line[200];
    ipd_story s = story(12, 0.9, 0.9);
    ipd_describe_iteration(&s, line, sizeof line);
    if (!ok(!strcmp(line, "iteration 12: phi 313.81, falling by 10 %; test accuracy 90.00 %"),
            "one line for an iteration"))
        printf("# %s\n", line);
    s = story(0, 1, 1);
    ipd_describe_iteration(&s, line, sizeof line);
    ok(!*line, "and none without one");
}

int main(void)
{
    trends();
    rest();
    lines();
    return done();
}
