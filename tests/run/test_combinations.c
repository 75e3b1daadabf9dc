/* test_combinations.c - every loss with every activation, regularizer, order and batch mode learns
 * something of the digits, and so does every method; a constant answer is right in a tenth of the cases.
 */
#include "base/parallel.h"
#include "data/dataset.h"
#include "settings/settings.h"
#include "tests/tap.h"

#include <math.h>
#include <string.h>

enum { ITERATIONS = 12 };
#define ABOVE_CHANCE 0.2 /* of 200 samples: more than four standard deviations */

static ipd_dataset *data;

static void set(ipd_settings *s, const char *name, const char *value)
{
    ipd_error e;
    if (ipd_settings_set(s, name, value, &e)) {
        printf("Bail out! %s\n", e.text);
        exit(99);
    }
}

/* Best test accuracy within ITERATIONS iterations; NaN if the run diverges or fails. */
static double best_accuracy(ipd_settings *s)
{
    const size_t widths[] = {data->inputs, 20, 12, data->classes};
    ipd_problem problem = {.X = ipd_samples_inputs(&data->train), .labels = data->train.labels};
    ipd_network net;
    ipd_matrix Y;
    ipd_parameters par;
    ipd_record record;
    ipd_evaluation test;
    ipd_error e = {0};
    double best = 0;
    problem.N = data->train.X.cols;
    if (ipd_network_init(&net, 3, widths, NULL, ipd_loss_find(s->loss), &e) ||
        ipd_network_set_activations(&net, s->activation, &e) ||
        ipd_targets(&Y, net.loss, problem.labels, problem.N, data->classes, &e) ||
        ipd_settings_check(s, 3, data->name, problem.N, &e) ||
        ipd_settings_parameters(s, 3, &par, &e)) {
        printf("Bail out! %s\n", e.text);
        exit(99);
    }
    problem.Y = &Y;
    ipd_network_randomize(&net, 1, 0.1, 0.1);
    const ipd_method *method = ipd_method_find(s->method);
    void *state = method->open(method, &problem, &net, &par, &e);
    for (int k = 0; k < ITERATIONS && state && best < ABOVE_CHANCE; k++) {
        ipd_unit unit = {0};
        while (!unit.iteration_done && !unit.not_finite)
            if (method->advance(state, &unit, &e)) {
                printf("# %s\n", e.text);
                unit.not_finite = 1;
            }
        if (unit.not_finite) {
            best = NAN;
            break;
        }
        method->finish(state, &record, &e);
        ipd_network_evaluate(method->network(state), ipd_samples_inputs(&data->test),
                             ipd_truth_labels(data->test.labels), NULL, &test, NULL, NULL, &e);
        best = fmax(best, test.accuracy);
    }
    method->close(state);
    ipd_matrix_free(&Y);
    ipd_network_free(&net);
    return best;
}

/* Halves width and height: means of 2 x 2 pixels. */
static void pool(ipd_samples *samples, size_t width)
{
    ipd_matrix small;
    size_t half = width / 2;
    ipd_matrix_init(&small, half * half, samples->X.cols, NULL);
    for (size_t n = 0; n < small.cols; n++)
        for (size_t i = 0; i < width * width; i++)
            small.data[i / width / 2 * half + i % width / 2 + n * small.rows] +=
                samples->X.data[i + n * width * width] / 4;
    ipd_matrix_free(&samples->X);
    samples->X = small;
}

/* All orders and batch modes of one loss, activation and regularizer. */
static void test_one(const char *loss, const char *activation, const char *regularizer)
{
    static const char *const orders[] = {"increase", "reverse", "nested_reverse",
                                         "a2 z3 W3 z1 W1 a1 z2 W2"};
    double min = 1;
    char where[128] = "";
    for (int order = 0; order < 4; order++)
        for (int batch = 0; batch < 2; batch++) {
            ipd_settings s;
            ipd_settings_init(&s);
            set(&s, "loss", loss);
            set(&s, "activation", activation);
            set(&s, "regularizer", regularizer);
            set(&s, "lambda", "0.01");
            set(&s, "order", orders[order]);
            set(&s, "batch", batch ? "100" : "0");
            double best = best_accuracy(&s);
            if (isnan(best) || best < min) {
                min = best;
                snprintf(where, sizeof where, "%s, batch %ld", orders[order], s.batch);
            }
            if (isnan(best))
                break;
        }
    ok(min >= ABOVE_CHANCE,
       "%s, %s, %s: at least %.0f %% in all orders, full and mini-batches (%s)", loss, activation,
       regularizer, 100 * min, where);
}

int main(void)
{
    ipd_error e;
    const ipd_dataset_options sizes = {.train = 400, .test = 200, .seed = 1};
    if (ipd_threads_set(2, &e) || ipd_dataset_open(&data, "digits", &sizes, &e)) {
        printf("Bail out! %s\n", e.text);
        return 99;
    }
    pool(&data->train, data->width); /* a quarter of the inputs: the test is long enough */
    pool(&data->test, data->width);
    data->inputs = data->train.X.rows;
    for (const char *const *loss = ipd_loss_names(); *loss; loss++)
        for (const char *const *activation = ipd_activation_names(); *activation; activation++)
            for (const char *const *r = ipd_regularizer_names(); *r; r++)
                test_one(*loss, *activation, *r);
    for (const char *const *method = ipd_method_names(); *method; method++) {
        ipd_settings s;
        ipd_settings_init(&s);
        set(&s, "method", *method);
        if (!strcmp(*method, "sgd")) {
            set(&s, "lr", "0.1");
            set(&s, "momentum", "0.9");
        } else if (strcmp(*method, "ipdlam") && strcmp(*method, "bcd")) {
            set(&s, "lr", !strcmp(*method, "adadelta") ? "1" : "0.01");
        }
        set(&s, "batch", "20");
        double best = best_accuracy(&s);
        ok(best >= ABOVE_CHANCE, "%s: %.0f %%", *method, 100 * best);
    }
    ipd_dataset_unref(data);
    return done();
}
