/* trainer.c - the trainer of a run or replay: opening, settings, switches, the end of an
 * iteration. */
#include "run/trainer.h"
#include "base/vector.h"
#include "settings/schedule.h"

#include <math.h>
#include <string.h>

ipd_trainer ipd_run_trainer(const ipd_run *run)
{
    return (ipd_trainer){run->method, run->state, run->settings};
}

/* Gives the method these settings as of iteration k. */
static int put(const ipd_run *run, ipd_trainer *a, ipd_settings *new, int k, ipd_error *e)
{
    ipd_parameters par;
    ipd_schedules_apply(new, k);
    if (ipd_settings_check(new, run->L, run->data->name, run->problem.N, e) ||
        ipd_settings_parameters(new, run->L, &par, e))
        return -1;
    a->settings = *new;
    a->method->set(a->state, &par);
    return 0;
}

int ipd_trainer_open(const ipd_run *run, ipd_trainer *a, const ipd_settings *settings, ipd_error *e)
{
    ipd_parameters par;
    *a = (ipd_trainer){.method = ipd_method_find(settings->method), .settings = *settings};
    if (ipd_settings_parameters(settings, run->L, &par, e))
        return -1;
    a->state = a->method->open(a->method, &run->problem, &run->start, &par, e);
    return a->state ? 0 : -1;
}

void ipd_trainer_close(ipd_trainer *a)
{
    if (a->method)
        a->method->close(a->state);
    a->state = NULL;
}

/* 1 if no block of the iteration is done. */
static int begins(const ipd_trainer *a)
{
    ipd_place at = a->method->place(a->state);
    const ipd_order *order = &a->method->parameters(a->state)->order;
    return at.batch == 1 && at.sweep == 1 &&
           (!a->method->variables || !memcmp(&at.block, &order->blocks[0], sizeof at.block));
}

int ipd_trainer_set(const ipd_run *run, ipd_trainer *a, const ipd_change *change, ipd_error *e)
{
    ipd_settings new = a->settings;
    int k = a->method->place(a->state).iteration;
    ipd_settings_from_parameters(&new, a->method->parameters(a->state));
    if (ipd_change_apply(change, &new, 1, e))
        return -1;
    /* rho changes between iterations */
    if (strcmp(new.rho_schedule, a->settings.rho_schedule) && begins(a))
        ipd_schedule_apply_rho(&new, k);
    return put(run, a, &new, k, e);
}

/* Replaces the text of a method from a file, at the same place and with the same variables. */
static int replace_text(const ipd_run *run, ipd_trainer *a, const ipd_method *method,
                        const ipd_settings *new, const ipd_parameters *par, ipd_error *e)
{
    ipd_archive *ar = ipd_archive_new(e);
    void *state = NULL;
    int failed = !ar || a->method->transfer(a->state, ar, e);
    if (!failed) {
        ipd_archive_rewind(ar);
        state = method->open(method, &run->problem, a->method->network(a->state), par, e);
        failed = !state || method->transfer(state, ar, e);
    }
    ipd_archive_free(ar);
    if (failed) {
        method->close(state);
        return ipd_fail_in(e, "%s", method->name);
    }
    a->method->close(a->state);
    *a = (ipd_trainer){method, state, *new};
    return 0;
}

int ipd_trainer_switch(const ipd_run *run, ipd_trainer *a, const ipd_settings *new, ipd_error *e)
{
    const ipd_method *method = ipd_method_find(new->method);
    ipd_parameters par;
    ipd_settings now = *new;
    int k = a->method->place(a->state).iteration;
    int reload = ipd_method_is_reload(a->method, method);
    if (!reload)
        ipd_schedule_apply_rho(&now, k);
    ipd_schedules_apply(&now, k);
    if (ipd_settings_parameters(&now, run->L, &par, e))
        return -1;
    par.first = k;
    if (reload)
        return replace_text(run, a, method, &now, &par, e);
    void *state = method->open(method, &run->problem, a->method->network(a->state), &par, e);
    if (!state)
        return -1;
    a->method->close(a->state);
    *a = (ipd_trainer){method, state, now};
    return 0;
}

/* |x - start| / |start|, or |x| if the start is zero. */
static double moved(const ipd_matrix *x, const ipd_matrix *start)
{
    double by = ipd_sum_squared_difference(x->data, start->data, x->rows * x->cols);
    double from = ipd_sum_squared(start->data, x->rows * x->cols);
    return sqrt(from > 0 ? by / from : by);
}

/* Evaluates the samples that metrics_samples selects; NaN without samples. *loss, the sum over
 * these samples, is optional. */
static int evaluate(const ipd_network *net, const ipd_dataset *data, const ipd_parameters *par,
                    const ipd_samples *s, double *accuracy, double *rmse, double *loss,
                    ipd_error *e)
{
    ipd_evaluation found = {.accuracy = NAN, .rmse = NAN, .loss = NAN};
    ipd_inputs X = ipd_samples_inputs(s);
    if (X.cols && ipd_network_evaluate_some(net, X, ipd_samples_truth(data, s),
                                            ipd_metrics_step(par, X.cols), &found, e))
        return -1;
    *accuracy = found.accuracy;
    if (rmse)
        *rmse = found.rmse;
    if (loss)
        *loss = found.loss;
    return 0;
}

/* Evaluates test or validation samples, with the recall of each class if it is asked for; recalls:
 * IPD_RECALLS values. */
static int evaluate_set(const ipd_trainer *a, const ipd_dataset *data, const ipd_samples *s,
                        double *accuracy, double *rmse, double *loss, double *balanced,
                        double *recalls, ipd_error *e)
{
    const ipd_network *net = a->method->network(a->state);
    const ipd_parameters *par = a->method->parameters(a->state);
    ipd_evaluation found;
    ipd_recall recall;
    if (!a->settings.recall || !s->labels || !s->X.cols)
        return evaluate(net, data, par, s, accuracy, rmse, loss, e);
    if (ipd_network_recall(net, ipd_samples_inputs(s), s->labels, ipd_metrics_step(par, s->X.cols),
                           &found, &recall, e))
        return -1;
    *accuracy = found.accuracy;
    if (loss)
        *loss = found.loss;
    *balanced = recall.balanced;
    for (size_t c = 0; c < recall.classes && c < IPD_RECALLS; c++)
        if (recall.samples[c])
            recalls[c] = (double)recall.correct[c] / (double)recall.samples[c];
    ipd_recall_free(&recall);
    return 0;
}

int ipd_trainer_finish(const ipd_run *run, ipd_trainer *a, ipd_record *record, ipd_error *e)
{
    const ipd_dataset *data = run->data;
    if (a->method->finish(a->state, record, e))
        return -1;
    const ipd_network *net = a->method->network(a->state), *mean = a->method->averaged(a->state);
    const ipd_parameters *par = a->method->parameters(a->state);
    int due = ipd_metrics_due(par, record->iteration);
    if (due && (evaluate_set(a, data, &data->test, &record->test_accuracy, &record->test_rmse, NULL,
                             &record->test_balanced_accuracy, record->test_recall, e) ||
                evaluate_set(a, data, &data->validation, &record->validation_accuracy,
                             &record->validation_rmse, &record->validation_loss,
                             &record->validation_balanced_accuracy, record->validation_recall, e)))
        return -1;
    if (due && mean &&
        (evaluate(mean, data, par, &data->test, &record->averaged_test_accuracy, NULL, NULL, e) ||
         evaluate(mean, data, par, &data->validation, &record->averaged_validation_accuracy, NULL,
                  NULL, e) ||
         evaluate(mean, data, par, &data->train, &record->averaged_train_accuracy, NULL, NULL, e)))
        return -1;
    for (int l = 1; l <= run->L; l++) {
        record->moved_W[l] = moved(&net->W[l], &run->start.W[l]);
        record->moved_b[l] = moved(&net->b[l], &run->start.b[l]);
    }
    if (!*a->settings.schedule && !strchr(a->settings.rho_schedule, ':'))
        return 0;
    ipd_settings next = a->settings;
    ipd_settings_from_parameters(&next, par);
    ipd_schedule_apply_rho(&next, record->iteration + 1);
    return put(run, a, &next, record->iteration + 1, e);
}
