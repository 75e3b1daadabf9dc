/* eval.c - `ipdlam eval`: evaluates a saved network on a data set. */
#include "base/parallel.h"
#include "base/text.h"
#include "cli/bar.h"
#include "cli/cli.h"
#include "cli/data_choice.h"
#include "cli/json_output.h"
#include "cli/options.h"
#include "data/store.h"
#include "format/export.h"
#include "format/weights.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_CONFUSION = 40 }; /* classes of a confusion matrix in the terminal */

struct eval {
    const char *weights, *data, *set;
    ipd_data_choice choice;
    long threads;
    ipd_json_output json;
    ipd_network net;
    ipd_dataset *dataset;
    ipd_evaluation out;
    size_t N, classes;
    ipd_encoding *encoding; /* of the weights; NULL: unknown */
    size_t *counts;         /* classes x classes: [label * classes + answer] */
};

static int count_answers(struct eval *v, ipd_error *e)
{
    const ipd_dataset *d = v->dataset;
    const ipd_samples *s = !strcmp(v->set, "train")        ? &d->train
                           : !strcmp(v->set, "all")        ? &d->train
                           : !strcmp(v->set, "validation") ? &d->validation
                                                           : &d->test;
    v->N = s->X.cols;
    v->classes = v->net.d[v->net.L];
    if (!v->N)
        return ipd_fail(e, IPD_EUSAGE, "%s has no %s samples to evaluate on%s", v->dataset->name,
                        v->set,
                        strcmp(v->set, "validation") ? "" : ". Hold some out with --validation N");
    if (d->values)
        return ipd_network_evaluate(&v->net, ipd_samples_inputs(s), ipd_samples_truth(d, s), NULL,
                                    &v->out, NULL, NULL, e);
    ipd_label *answers = ipd_allocate(v->N, sizeof *answers, e);
    v->counts = ipd_allocate(v->classes * v->classes, sizeof *v->counts, e);
    int failed = !answers || !v->counts ||
                 ipd_network_evaluate(&v->net, ipd_samples_inputs(s), ipd_samples_truth(d, s), NULL,
                                      &v->out, NULL, answers, e);
    for (size_t n = 0; n < v->N && !failed; n++)
        v->counts[s->labels[n] * v->classes + answers[n]]++;
    free(answers);
    return failed ? -1 : 0;
}

/* The number of samples of class c, of samples classified as c, and of those where both hold. */
static void class_sums(const struct eval *v, size_t c, double *are, double *said, double *both)
{
    *are = *said = 0;
    for (size_t i = 0; i < v->classes; i++) {
        *are += (double)v->counts[c * v->classes + i];
        *said += (double)v->counts[i * v->classes + c];
    }
    *both = (double)v->counts[c * v->classes + c];
}

/* The mean recall of the classes that have samples. */
static double balanced(const struct eval *v)
{
    double sum = 0, present = 0;
    for (size_t c = 0; c < v->classes; c++) {
        double are, said, both;
        class_sums(v, c, &are, &said, &both);
        sum += are > 0 ? both / are : 0;
        present += are > 0;
    }
    return sum / present;
}

static void print_json(const struct eval *v)
{
    double are, said, both;
    printf("{\"weights\": ");
    ipd_json_string(stdout, v->weights);
    printf(", \"data\": ");
    ipd_json_string(stdout, v->dataset->name);
    printf(", \"set\": \"%s\", \"samples\": %zu, \"correct\": %zu, \"accuracy\": ", v->set, v->N,
           v->out.correct);
    ipd_json_number(stdout, v->out.accuracy);
    printf(", \"loss\": ");
    ipd_json_number(stdout, v->out.loss);
    printf(", \"loss_function\": \"%s\"", v->net.loss->name);
    if (v->dataset->values) {
        printf(", \"r2\": ");
        ipd_json_number(stdout, v->out.accuracy);
        printf(", \"rmse\": ");
        ipd_json_number(stdout, v->out.rmse);
        printf("}\n");
        return;
    }
    printf(", \"balanced_accuracy\": ");
    ipd_json_number(stdout, balanced(v));
    printf(", \"classes\": [");
    for (size_t c = 0; c < v->classes; c++) {
        class_sums(v, c, &are, &said, &both);
        printf("%s{\"samples\": %.0f, \"recall\": ", c ? ", " : "", are);
        ipd_json_number(stdout, both / are);
        printf(", \"precision\": ");
        ipd_json_number(stdout, both / said);
        printf("}");
    }
    printf("], \"confusion\": [");
    for (size_t i = 0; i < v->classes * v->classes; i++)
        printf("%s%s%zu%s", i ? ", " : "", i % v->classes ? "" : "[", v->counts[i],
               (i + 1) % v->classes ? "" : "]");
    printf("]}\n");
}

static void print_share(double part, double all)
{
    if (all > 0)
        printf("  %6.2f %%", 100 * part / all);
    else
        printf("  %8s", "-");
}

static void print_text(const struct eval *v)
{
    double are, said, both;
    if (v->dataset->values) {
        printf("%s on %s, %zu %s samples: R² %.4f, RMSE %.6g, %s loss %.6g (mean %.6g)\n",
               v->weights, v->dataset->name, v->N, v->set, v->out.accuracy, v->out.rmse,
               v->net.loss->name, v->out.loss, v->out.loss / (double)v->N);
        return;
    }
    printf("%s on %s, %zu %s samples: accuracy %.2f %% (%zu right), %s loss %.6g (mean %.6g)\n\n",
           v->weights, v->dataset->name, v->N, v->set, 100 * v->out.accuracy, v->out.correct,
           v->net.loss->name, v->out.loss, v->out.loss / (double)v->N);
    size_t columns = v->classes > MAX_CONFUSION ? 0 : v->classes;
    printf("%-12s", "class");
    for (size_t c = 0; c < columns; c++)
        printf(" %6zu", c);
    printf("  %8s  %s\n", "recall", "precision");
    for (size_t c = 0; c < v->classes; c++) {
        char name[32];
        if (c < v->dataset->classes)
            ipd_dataset_class_name(v->dataset, c, name, sizeof name);
        else
            snprintf(name, sizeof name, "%zu", c);
        printf("%-12.12s", name);
        for (size_t i = 0; i < columns; i++)
            printf(" %6zu", v->counts[c * v->classes + i]);
        class_sums(v, c, &are, &said, &both);
        print_share(both, are);
        print_share(both, said);
        putchar('\n');
    }
    printf("\nBalanced accuracy, the mean recall: %.2f %%\n", 100 * balanced(v));
    printf(columns ? "Rows are the labels of the samples, columns the answers of the network.\n"
                   : "--json has the confusion matrix.\n");
}

/* With the columns, classes, scale and split that the weights know. */
static int open_data(struct eval *v, ipd_error *e)
{
    char none[8], known[4096] = "?";
    ipd_dataset_options *o = ipd_allocate(1, sizeof *o, e);
    int failed = !o;
    if (!failed && v->net.encoding)
        v->encoding = ipd_encoding_parse(v->net.encoding, v->net.d[0], v->net.d[v->net.L], e);
    failed = failed || (v->net.encoding && !v->encoding);
    if (v->encoding && v->encoding->options && !ipd_store_holds(v->data))
        snprintf(known + 1, sizeof known - 1, "%s", v->encoding->options);
    failed = failed || ipd_data_options_parse(o, known, none, sizeof none, e) ||
             ipd_data_choice_read(&v->choice, o, e);
    if (!failed && *o->words[IPD_DATA_TEST_FILE] && !v->choice.test &&
        strcmp(v->set, "validation")) { /* nothing was held out in training */
        *o->words[IPD_DATA_TEST_FILE] = 0;
        v->set = "all";
    }
    if (!failed) {
        o->whole = !strcmp(v->set, "all");
        ipd_bar bar;
        ipd_data_progress progress = ipd_bar_start(&bar);
        failed = ipd_dataset_open_as(&v->dataset, v->data, o, v->encoding, &progress, e);
        ipd_bar_end(&bar);
    }
    free(o);
    return failed ? -1 : 0;
}

static int go(struct eval *v, ipd_error *e)
{
    if (!v->weights)
        return ipd_fail(e, IPD_EUSAGE, "name the weights: ipdlam eval WEIGHTS --data NAME");
    static const char *const sets[] = {"train", "validation", "test", "all", NULL};
    if (ipd_text_index(v->set, sets) < 0)
        return ipd_fail(e, IPD_EUSAGE,
                        "--set must be train, validation, test or all, not \"%.40s\"", v->set);
    if (ipd_threads_set((int)v->threads, e))
        return -1;
    if (ipd_weights_load(&v->net, v->weights, ipd_activation_find("relu"), ipd_loss_find("squared"),
                         e)) {
        e->code = IPD_EFORMAT; /* the file is wrong, not the usage */
        return -1;
    }
    if (open_data(v, e))
        return -1;
    if (v->net.d[0] != v->dataset->inputs || v->net.d[v->net.L] < v->dataset->classes)
        return ipd_fail(
            e, IPD_EUSAGE,
            "%s: the network has %zu inputs and %zu outputs, but the data set %s has %zu and %zu",
            v->weights, v->net.d[0], v->net.d[v->net.L], v->dataset->name, v->dataset->inputs,
            v->dataset->classes);
    if (count_answers(v, e))
        return -1;
    (ipd_json_asked(&v->json) ? print_json : print_text)(v);
    return 0;
}

int ipd_cli_eval(int argc, char **argv)
{
    struct eval v = {.data = "digits", .set = "test"};
    int operands = 0;
    const ipd_option table[] = {
        IPD_OPTION_DATA(&v.data),
        IPD_OPTION("set", "SET", &v.set,
                   "samples to use: test, validation, train, or all of a file (default test)"),
        IPD_OPTIONS_DATA(v.choice),
        IPD_OPTION_DATA_SEED(v.choice),
        IPD_OPTION_THREADS(&v.threads),
        IPD_OPTION_JSON(v.json),
        {0}};
    const ipd_options options = {
        .name = "eval",
        .usage = " WEIGHTS [OPTION...]\n\nEvaluates a saved network on a data set: accuracy, loss, "
                 "and the confusion matrix; for values, R² and RMSE.",
        .table = table,
        .operands = &operands,
        .max_operands = 1};
    ipd_error e;
    int code = ipd_options_parse(&options, argc, argv);
    if (code >= 0)
        return code;
    v.weights = operands ? argv[1] : NULL;
    code = go(&v, &e) ? ipd_cli_error("eval", &e) : IPD_EXIT_DONE;
    ipd_network_free(&v.net);
    ipd_dataset_unref(v.dataset);
    ipd_encoding_free(v.encoding);
    free(v.counts);
    return code;
}
