/* test_digits.c - on the embedded digits the default preset learns what a linear classifier and increase
 * order do not: the hidden layers.
 */
#include "base/blas.h"
#include "run/run.h"
#include "tests/tap.h"

#include <string.h>

enum { ITERATIONS = 20 };

/* Pixels and a constant 1 for the bias, d_0 + 1 x N. */
static void with_constant(const ipd_matrix *X, ipd_matrix *to)
{
    ipd_matrix_init(to, X->rows + 1, X->cols, NULL);
    for (size_t n = 0; n < X->cols; n++) {
        memcpy(to->data + n * to->rows, X->data + n * X->rows, X->rows * sizeof *X->data);
        to->data[n * to->rows + X->rows] = 1;
    }
}

/* Test accuracy of W = Y A^T (A A^T)^{-1}; a ridge of 1e-6 is for pixels that are always zero. */
static double least_squares(const ipd_dataset *data)
{
    const ipd_loss *squared = ipd_loss_find("squared");
    ipd_matrix Y, A, T;
    ipd_matrix64 G, W;
    size_t correct = 0;
    ipd_targets(&Y, squared, data->train.labels, data->train.X.cols, data->classes, NULL);
    with_constant(&data->train.X, &A);
    with_constant(&data->test.X, &T);
    ipd_matrix64_init(&G, A.rows, A.rows, NULL);
    ipd_matrix64_init(&W, Y.rows, A.rows, NULL);
    ipd_sum_outer(&A, &A, &G, 1, NULL);
    ipd_sum_outer(&Y, &A, &W, 1, NULL);
    for (size_t i = 0; i < G.rows; i++)
        G.data[i * (G.rows + 1)] += 1e-6;
    ok(ipd_cholesky64(&G) == 0, "the least-squares problem is solved");
    ipd_cholesky_solve_right64(&G, &W, NULL);
    for (size_t n = 0; n < T.cols; n++) {
        float out[256];
        for (size_t c = 0; c < W.rows; c++) {
            double sum = 0;
            for (size_t i = 0; i < T.rows; i++)
                sum += W.data[c + i * W.rows] * (double)T.data[i + n * T.rows];
            out[c] = (float)sum;
        }
        correct += ipd_argmax(out, W.rows) == data->test.labels[n];
    }
    double accuracy = (double)correct / (double)T.cols;
    ipd_matrix_free(&Y);
    ipd_matrix_free(&A);
    ipd_matrix_free(&T);
    ipd_matrix64_free(&G);
    ipd_matrix64_free(&W);
    return accuracy;
}

/* Test accuracy after ITERATIONS of the default preset, in the order given. */
static double trained(ipd_dataset *data, const char *order)
{
    static const size_t hidden[] = {300, 300};
    ipd_run_options options = {.hidden = hidden, .hidden_count = 2};
    ipd_settings settings;
    ipd_reply reply;
    ipd_error e;
    ipd_run *run;
    ipd_settings_init(&settings);
    if (ipd_settings_set(&settings, "order", order, &e) ||
        ipd_run_open(&run, data, &settings, &options, &e))
        return 0;
    ipd_ticket ticket = ipd_run_step(run, ITERATIONS, &e);
    double accuracy = ticket && ipd_run_wait(run, ticket, &reply, &e) == 0
                          ? ipd_run_record(run, ITERATIONS - 1).test_accuracy
                          : 0;
    ipd_run_free(run);
    return accuracy;
}

int main(void)
{
    ipd_dataset *data;
    ipd_error e;
    if (!ok(ipd_dataset_open(&data, "digits", NULL, &e) == 0, "the digits are generated"))
        return done();
    double linear = least_squares(data), nested = trained(data, "nested_reverse");
    double increase = trained(data, "increase");
    printf("# least squares %.3f, nested reverse %.3f, increase %.3f\n", linear, nested, increase);
    ok(nested >= linear + 0.05, "the default preset is 5 points above least squares");
    ok(nested >= increase + 0.05, "the default preset is 5 points above increase order");
    ipd_dataset_unref(data);
    return done();
}
