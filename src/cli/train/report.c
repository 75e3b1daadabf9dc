/* report.c - the output of `ipdlam train`: the lines before training, the progress, the summary and
 * charts. */
#include "base/blas.h"
#include "base/clock.h"
#include "base/kernel.h"
#include "base/parallel.h"
#include "base/text.h"
#include "cli/machine.h"
#include "cli/train/train.h"
#include "plot/chart.h"
#include "report/diagnostics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *phi_name(void)
{
    return ipd_terminal_utf8() ? "Φ" : "phi";
}

/* Returns 1 if Phi is shown as the mean over samples (mini-batches) rather than the sum (full
 * batch). */
static int shows_mean(const ipd_train *t)
{
    return ipd_run_settings(t->run)->batch != 0;
}

/* Returns 1 if the method has an objective Phi; otherwise the loss of the forward pass is shown. */
static int has_blocks(const ipd_train *t)
{
    return ipd_method_find(ipd_run_settings(t->run)->method)->variables != NULL;
}

static double shown_value(const ipd_train *t, const ipd_record *r)
{
    return (has_blocks(t) ? r->phi : r->forward_loss) / (shows_mean(t) ? r->samples : 1);
}

static const char *shown_name(const ipd_train *t)
{
    return has_blocks(t) ? phi_name() : "loss";
}

void ipd_train_show_plan(const ipd_train *t, double needed, double available)
{
    const ipd_settings *s = ipd_run_settings(t->run);
    const ipd_dataset *d = t->dataset;
    char need[32], have[32], batch[96] = "full batch", activations[512];
    ipd_machine_bytes(need, sizeof need, needed);
    ipd_machine_bytes(have, sizeof have, available);
    printf("data      %s: %zu training", d->name, d->train.X.cols);
    if (d->validation.X.cols)
        printf(", %zu validation", d->validation.X.cols);
    printf(" and %zu test samples of ", d->test.X.cols);
    if (ipd_dataset_has_images(d))
        printf("%zu x %zu", d->width, d->height);
    else
        printf("%zu inputs", d->inputs);
    printf(", %zu %s (%s)\n", d->classes,
           !d->values        ? "classes"
           : d->classes == 1 ? "value"
                             : "values",
           d->source);
    for (const char *line = d->warnings; *line; line = strchr(line, '\n') + 1)
        printf("warning   %.*s\n", (int)strcspn(line, "\n"), line);
    printf("network   ");
    for (int l = 0; l <= t->L; l++)
        printf("%s%zu", l ? "-" : "", t->widths[l]);
    if (t->initial.L > 1)
        ipd_network_activations(&t->initial, activations, sizeof activations);
    printf(", %s, %s loss, weights from %s\n", t->initial.L > 1 ? activations : s->activation,
           t->initial.L ? t->initial.loss->name : s->loss, t->init ? t->init : "the seed");
    if (s->batch)
        snprintf(batch, sizeof batch, "mini-batches of %ld %s", s->batch,
                 s->shuffle ? "shuffled samples" : "samples in order");
    if (has_blocks(t)) {
        printf("method    %s, preset %s: alpha %g, beta %g, gamma %g, delta %g\n", s->method,
               s->preset, s->alpha, s->beta, s->gamma, s->delta);
        if (!strcmp(s->rho_schedule, "geometric"))
            printf("penalty   rho from %g, times %g per iteration, at most %g\n", s->rho,
                   s->rho_growth, s->rho_max);
        else
            printf("penalty   rho %g, schedule %s\n", s->rho, s->rho_schedule);
        printf("sweep     order %s, %s", s->order, batch);
        if (s->batch)
            printf(", %ld sweep%s each", s->inner, s->inner == 1 ? "" : "s");
        printf("; seed %ld\n", s->seed);
    } else {
        printf("method    %s by back-propagation: lr %g; %s; seed %ld\n", s->method, s->lr, batch,
               s->seed);
    }
    printf("machine   %d thread%s, OpenBLAS %s (%s%s%s); memory: %s needed, %s available\n",
           ipd_threads(), ipd_threads() == 1 ? "" : "s", ipd_blas_version(), ipd_blas_kernel(),
           *ipd_kernel_reason() ? ", " : "", ipd_kernel_reason(), need, have);
    fflush(stdout);
}

/* Writes "Φ 0.0712 (mean)  train 95.20%  test 94.10%", or with `brief` "Φ/N 0.0712  train 95.2%
 * ...". */
static void measures(const ipd_train *t, const ipd_record *r, int brief, char *to, size_t size)
{
    int mean = shows_mean(t), digits = brief ? 1 : 2;
    const char *kind = brief ? "" : mean ? " (mean)" : " (sum)";
    size_t at = 0;
    *to = 0;
    if (!isnan(shown_value(t, r))) /* metrics_every may skip the loss */
        at = (size_t)snprintf(to, size, "%s%s %.4g%s", shown_name(t), brief && mean ? "/N" : "",
                              shown_value(t, r), kind);
    const struct {
        const char *name;
        double value;
    } shares[] = {{"train", r->train_accuracy},
                  {brief ? "valid." : "validation", r->validation_accuracy},
                  {"test", r->test_accuracy},
                  {"averaged", r->averaged_test_accuracy}};
    int is_r2 = t->dataset->values;
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        char text[IPD_QUALITY_TEXT];
        ipd_quality_text(text, shares[i].value, is_r2, is_r2 ? digits + 2 : digits);
        if (isfinite(shares[i].value))
            at += (size_t)snprintf(to + at, size - at, "  %s %s", shares[i].name, text);
    }
    if (isfinite(r->test_rmse) && !brief)
        snprintf(to + at, size - at, "  test RMSE %.5g", r->test_rmse);
}

void ipd_train_show_record(ipd_train *t, const ipd_record *record)
{
    char text[160];
    t->recent[t->recent_count++ % 8] = ipd_seconds();
    if (!t->plain)
        return;
    measures(t, record, 0, text, sizeof text);
    printf("iteration %d/%ld%s%s  %.2fs", record->iteration, t->iterations, *text ? "  " : "", text,
           record->seconds);
    if (record->seconds > 0 && isfinite(record->gflop))
        printf("  %.1f GFLOP/s", record->gflop / record->seconds);
    putchar('\n');
    fflush(stdout);
}

/* Mean seconds of the latest iterations; 0 if there are none. */
static double pace(const ipd_train *t)
{
    if (t->recent_count == 0)
        return 0;
    size_t span = t->recent_count < 8 ? t->recent_count : 7;
    double first = t->recent_count < 8 ? t->started : t->recent[t->recent_count % 8];
    return (t->recent[(t->recent_count - 1) % 8] - first) / (double)span;
}

/* The fraction of the present iteration that is done, 0 to 1, counted in blocks. */
static double fraction(const ipd_run *run)
{
    ipd_place at = ipd_run_place(run);
    const ipd_order *order = ipd_run_order(run);
    int block = at.block.kind == IPD_STEP ? 0 : order->count; /* a gradient step is one unit */
    for (int i = 0; i < order->count; i++)
        if (order->blocks[i].kind == at.block.kind && order->blocks[i].layer == at.block.layer)
            block = i;
    if (!at.batches)
        return 0;
    return (at.batch - 1 + (double)block / order->count) / at.batches;
}

void ipd_train_show_live(ipd_train *t)
{
    char line[512], text[160] = "", left[32], block[8], each[32];
    double now = ipd_seconds();
    if (!t->live || now < t->shown + 0.1) /* at most ten updates per second */
        return;
    t->shown = now;
    ipd_place at = ipd_run_place(t->run);
    size_t count = ipd_run_record_count(t->run);
    double iteration = pace(t), done = fraction(t->run);
    double spent = now - t->started;
    double remaining = (double)(t->iterations - (long)count) - done;
    if (iteration > 0)
        ipd_text_duration(left, sizeof left, fmax(remaining, 0) * iteration);
    else if (done > 0.05)
        ipd_text_duration(left, sizeof left, spent / done * remaining);
    else
        strcpy(left, "?");
    ipd_text_duration(each, sizeof each, iteration);
    ipd_block_text(at.block, block);
    if (count) {
        ipd_record last = ipd_run_record(t->run, count - 1);
        measures(t, &last, 1, text, sizeof text);
    }
    size_t n = (size_t)snprintf(line, sizeof line, "iteration %d/%ld", at.iteration, t->iterations);
    if (at.batches > 1)
        n += (size_t)snprintf(line + n, sizeof line - n, " batch %d/%d", at.batch, at.batches);
    else
        n += (size_t)snprintf(line + n, sizeof line - n, " block %s", block);
    n += (size_t)snprintf(line + n, sizeof line - n, ", %s left", left);
    if (*text)
        n += (size_t)snprintf(line + n, sizeof line - n, "  %s", text);
    /* The last column stays free, since some terminals wrap there. Φ is the only character of more
     * than one byte. */
    int width = ipd_terminal_width(STDERR_FILENO, 80) - 1, columns = 0;
    if (count && n + strlen(each) + 5 <= (size_t)width)
        snprintf(line + n, sizeof line - n, "  %s/it", each);
    const char *end = line;
    for (; *end && columns < width; end++)
        columns += (end[1] & 0xC0) != 0x80;
    fprintf(stderr, "\r%.*s\033[K", (int)(end - line), line);
    fflush(stderr);
}

void ipd_train_wipe_live(const ipd_train *t)
{
    if (t->live) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
}

static void draw(const ipd_chart *chart)
{
    ipd_error e;
    int width = ipd_terminal_width(STDOUT_FILENO, 72);
    putchar('\n');
    if (ipd_chart_text(stdout, chart, width > 100 ? 100 : width, 14, ipd_charset_of_locale(),
                       ipd_terminal_colour(STDOUT_FILENO), &e) &&
        !ferror(stdout)) /* a failure of stdout is reported at the end */
        fprintf(stderr, "ipdlam train: the chart: %s\n", e.text);
}

static void read_shown(const void *of, int column, size_t from, size_t count, double *to)
{
    const ipd_train *t = of;
    const ipd_records *records = ipd_run_records(t->run);

    ipd_records_read(records, column, from, count, to);
    for (size_t i = 0; i < count && shows_mean(t); i++)
        to[i] /= ipd_records_number(records, "samples", from + i);
}

static void show_charts(const ipd_train *t)
{
    const ipd_records *records = ipd_run_records(t->run);
    size_t count = records->count;
    enum { ACCURACIES = 4 };
    static const char *const names[] = {"train", "test", "averaged", "validation"};
    static const char *const fields[] = {"train_accuracy", "test_accuracy",
                                         "averaged_test_accuracy", "validation_accuracy"};
    ipd_series objective = {.name = shown_name(t),
                            .x = ipd_values_of(records, "iteration", 0),
                            .y = ipd_values_of(records, has_blocks(t) ? "phi" : "forward_loss", 0),
                            .count = count,
                            .ink = IPD_INK_SERIES_1},
               accuracies[ACCURACIES];
    objective.y.read = read_shown;
    objective.y.source = t;
    int shown = 0;
    for (int i = 0; i < ACCURACIES; i++) {
        ipd_values y = ipd_values_of(records, fields[i], 0);
        if (i < 2 || isfinite(ipd_value_at(&y, count - 1)))
            accuracies[shown++] = (ipd_series){.name = names[i],
                                               .x = objective.x,
                                               .y = y,
                                               .count = count,
                                               .ink = (ipd_ink)(IPD_INK_SERIES_1 + 1 + i)};
    }
    char title[96];
    snprintf(title, sizeof title, "%s, %s", shown_name(t),
             shows_mean(t) ? "mean over samples" : "sum over samples");
    draw(&(ipd_chart){.title = title,
                      .x_label = "iteration",
                      .y_kind = IPD_LOG,
                      .x_whole = 1,
                      .series = &objective,
                      .series_count = 1});
    draw(&(ipd_chart){.title = t->dataset->values ? "R²" : "accuracy",
                      .x_label = "iteration",
                      .percent = !t->dataset->values,
                      .x_whole = 1,
                      .series = accuracies,
                      .series_count = shown,
                      .legend = 1});
    putchar('\n');
}

void ipd_train_show_finding(const ipd_train *t, const ipd_log_entry *entry)
{
    char batch[32] = "";
    if (strncmp(entry->text, IPD_LOG_AUDIT, strlen(IPD_LOG_AUDIT)))
        return;
    if (entry->place.batches > 1)
        snprintf(batch, sizeof batch, "batch %d, ", entry->place.batch);
    ipd_train_wipe_live(t);
    fflush(stdout);
    fprintf(stderr, "ipdlam train: audit: iteration %d, %s%s\n", entry->place.iteration, batch,
            entry->text + strlen(IPD_LOG_AUDIT));
}

static void show_audit(const ipd_train *t)
{
    if (t->audited == 0)
        return;
    if (t->findings > 0) {
        fflush(stdout);
        fprintf(stderr,
                "ipdlam train: the audit checked %.0f blocks and found %.0f of them wrong\n",
                t->audited, t->findings);
    } else if (!t->quiet && !ipd_json_asked(&t->json)) {
        printf("the audit checked %.0f blocks and found no error; relative to the rounding error, "
               "the largest residual is %.2g %%, the largest rise %.2g %%\n",
               t->audited, 100 * t->residual, 100 * t->rise);
        fflush(stdout);
    }
}

/* Prints diagnostics per layer. */
static void show_diagnostics(const ipd_train *t)
{
    static ipd_diagnostics diagnostics; /* large, so not on the stack */
    diagnostics = (ipd_diagnostics){0};
    ipd_diagnostics_read(&diagnostics, ipd_run_records(t->run));
    char *text = ipd_diagnostics_text(&diagnostics, ipd_run_widths(t->run),
                                      ipd_run_settings(t->run), phi_name(), 79);
    if (text)
        fputs(text, stdout);
    free(text);
}

void ipd_train_show_end(const ipd_train *t)
{
    size_t count = ipd_run_record_count(t->run), best = 0;
    char text[160], spent[32];
    show_audit(t);
    if (t->quiet || ipd_json_asked(&t->json) || !count)
        return;
    if (!t->no_chart && count > 1)
        show_charts(t);
    int validates = t->dataset->validation.X.cols > 0;
    ipd_values accuracy = ipd_values_of(ipd_run_records(t->run),
                                        validates ? "validation_accuracy" : "test_accuracy", 0);
    for (size_t i = 1; i < count; i++)
        if (ipd_value_at(&accuracy, i) > ipd_value_at(&accuracy, best) ||
            isnan(ipd_value_at(&accuracy, best))) /* skipped by metrics_every */
            best = i;
    ipd_text_duration(spent, sizeof spent, ipd_seconds() - t->started);
    ipd_record last = ipd_run_record(t->run, count - 1);
    measures(t, &last, 0, text, sizeof text);
    printf("%zu iteration%s in %s%s%s", count, count == 1 ? "" : "s", spent, *text ? ": " : "",
           text);
    if (best + 1 < count)
        printf(t->dataset->values ? " (best %s%.4f at iteration %zu)"
                                  : " (best %s%.2f%% at iteration %zu)",
               validates ? "validation " : "",
               (t->dataset->values ? 1 : 100) * ipd_value_at(&accuracy, best), best + 1);
    putchar('\n');
    show_diagnostics(t);
    if (ipd_run_id(t->run))
        printf("kept in the history as run %ld\n", ipd_run_id(t->run));
    fflush(stdout);
}
