/* test_describe.c - the trend of a run in words, from records made up for it. */
#include "report/describe.h"
#include "tests/plot/doubles.h"
#include "tests/tap.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 40 };
static ipd_record records[MOST];

/* The first records, as a description has them. */
static const ipd_records *in_columns(size_t count)
{
    static ipd_records columns;
    ipd_records_free(&columns);
    for (size_t i = 0; i < count; i++)
        if (ipd_records_add(&columns, &records[i]))
            exit(1);
    return &columns;
}

/* Phi falls to `share` of itself in every iteration, the accuracy by steps to `best` and then stays. */
static ipd_description description(size_t count, double share, double best)
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
    return (ipd_description){.name = "run 1",
                             .data = "digits",
                             .status = "paused",
                             .records = in_columns(count),
                             .phi = "phi"};
}

/* The description of the present records. */
static char *describe(const ipd_description *s)
{
    in_columns(s->records->count);
    return ipd_describe(s);
}

static void says(const ipd_description *s, const char *what, const char *name)
{
    char *text = describe(s);

    if (!ok(text && strstr(text, what), "%s", name))
        printf("# there is no \"%s\" in:\n# %s", what, text ? text : "(nothing)");
    free(text);
}

static void hushes(const ipd_description *s, const char *what, const char *name)
{
    char *text = describe(s);

    if (!ok(text && !strstr(text, what), "%s", name))
        printf("# there is \"%s\" in:\n# %s", what, text ? text : "(nothing)");
    free(text);
}

static void trends(void)
{
    ipd_description s = description(0, 1, 1);
    says(&s, "Nothing is measured yet.", "before the first record");
    s = description(1, 0.9, 0.9);
    says(&s, "Phi is 1000.\n", "one record has no trend");
    s = description(20, 0.95, 0.9);
    says(&s, "it falls by 5 % per iteration over the last 5", "it falls, and how fast");
    hushes(&s, "less and less", "at a steady rate it is not slower");
    s = description(20, 0.7, 0.9);
    says(&s, "falls fast, by 30 %", "fast");
    s = description(20, 0.996, 0.9);
    says(&s, "falls slowly, by 0.4 %", "slowly");
    s = description(20, 1, 0.9);
    says(&s, "stands still", "not at all");
    s = description(20, 1.03, 0.9);
    says(&s, "rises by 3 %", "it rises");
    s = description(20, 0.8, 0.9);
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
    ipd_description s = description(20, 0.95, 0.9);
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
         "by 20 % per iteration; before, it fell by 5 % per iteration",
         "what the last change did");
    s.change_iteration = 21;
    says(&s, "is not measured yet", "a change without a record");
    s.change_iteration = 1;
    says(&s, "since then phi", "a change before the first record");
    records[19].auxiliary_accuracy = 0.99;
    records[19].test_accuracy = 0.7;
    says(&s, "z3 by itself classifies 99.00 %", "z_L beside the network");
    says(&s, "below the best, 90.00 % in iteration 9", "the best accuracy was another");
    s.diverged = 1;
    s.status = "diverged at iteration 21, block W2";
    says(&s,
         "run 1 on digits, after iteration 20 (ipdlam, reverse order): diverged at iteration 21, "
         "block W2.",
         "the status");
    says(&s, "no longer finite", "what diverging means");
}

/* metrics_every leaves most records without accuracies and the forward loss. */
static void gaps(void)
{
    ipd_description s = description(20, 0.9, 0.9);
    for (size_t i = 0; i < 20; i++)
        if ((i + 1) % 6)
            records[i].test_accuracy = records[i].train_accuracy = records[i].auxiliary_accuracy =
                NAN;
    records[17].test_accuracy = 0.7;
    s.change = "set delta = 0.3";
    s.change_iteration = 11;
    says(&s,
         "In iteration 18 the network classified 70.00 % of the test samples correctly, and 90.00 "
         "% of the "
         "training samples; on the test samples down by 20.00 points in 6 iterations, below the "
         "best, 90.00 % in iteration 12.",
         "accuracies of the last iteration that has them");
    says(&s, "test accuracy 60.00 % before, 70.00 % now", "before a change, too");
    hushes(&s, "nan", "no nan");
    for (size_t i = 0; i < 20; i++) {
        records[i].phi = NAN;
        records[i].forward_loss = (i + 1) % 6 ? NAN : 1000 * pow(0.9, (double)i);
    }
    says(&s, "The training loss is 166.77, from 590.49 in iteration 6; it falls by 10 %",
         "a loss of the last iteration that has it");
    /* A method without Phi for the first ten iterations. */
    s = description(20, 0.9, 0.9);
    for (size_t i = 0; i < 10; i++) {
        records[i].phi = NAN;
        records[i].forward_loss = 7e5;
    }
    says(&s, "Phi is 135.09, from 348.68 in iteration 11;", "phi is compared with phi alone");
    s.diverged = 1;
    says(&s, "Try less inertia or a larger delta from an earlier iteration", "what to try");
    strcpy(records[19].method, "sgd");
    says(&s, "Try a smaller lr from an earlier iteration", "of another method");
    for (int i = 0; ipd_method_names()[i]; i++) {
        const char *advice = ipd_method_find(ipd_method_names()[i])->advice;
        ok(advice && *advice, "%s: try %s", ipd_method_names()[i], advice ? advice : "?");
    }
}

/* No sentence appears about values that the records lack. */
static void holes(void)
{
    static const ptrdiff_t fields[] = {
        offsetof(ipd_record, phi),           offsetof(ipd_record, forward_loss),
        offsetof(ipd_record, test_accuracy), offsetof(ipd_record, train_accuracy),
        offsetof(ipd_record, linear_gap),    offsetof(ipd_record, activation_gap),
        offsetof(ipd_record, rho),           offsetof(ipd_record, auxiliary_accuracy)};
    int wrong = 0;

    ipd_random_seed(&random_state, 7, 0);
    for (int n = 0; n < some_of(2000); n++) {
        ipd_description s = description(1 + (size_t)one_of(MOST), 0.9, 0.9);
        for (size_t i = 0; i < s.records->count; i++) {
            records[i].forward_loss = 100;
            for (size_t f = 0; f < sizeof fields / sizeof *fields; f++)
                if (one_of(3) == 0)
                    *(double *)(void *)((char *)&records[i] + fields[f]) =
                        one_of(2) || fields[f] == offsetof(ipd_record, test_accuracy) ||
                                fields[f] == offsetof(ipd_record, train_accuracy) ||
                                fields[f] == offsetof(ipd_record, auxiliary_accuracy)
                            ? NAN
                            : number(one_of(9));
        }
        s.change = one_of(2) ? "set delta = 0.3" : NULL;
        s.change_iteration = (int)one_of(MOST + 2);
        char *text = describe(&s);
        if (strstr(text, "nan") || strstr(text, "by inf")) {
            printf("# %s\n", text);
            wrong++;
        }
        free(text);
    }
    ok(wrong == 0, "missing and extreme values do no harm");
}

int main(void)
{
    gaps();
    holes();
    trends();
    rest();
    return done();
}
