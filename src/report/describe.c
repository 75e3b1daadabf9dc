/* describe.c - see describe.h. */
#include "report/describe.h"
#include "base/text.h"
#include "report/diagnostics.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 5 };      /* iterations over which a rate is averaged */
#define STANDS_STILL 5e-4 /* relative change per iteration that counts as none */
#define ACCURACY_MOVES 1e-3

ipd_description ipd_description_of(const ipd_run *run)
{
    ipd_description s = {.name = ipd_run_name(run),
                         .data = ipd_run_dataset(run)->name,
                         .status = ipd_run_status_text(run),
                         .diverged = ipd_run_get_status(run) == IPD_DIVERGED,
                         .records = ipd_run_records(run),
                         .settings = ipd_run_settings(run),
                         .phi = "phi"};

    for (size_t i = ipd_run_log_count(run); i > 0 && !s.change; i--) {
        const ipd_log_entry *entry = ipd_run_log(run, i - 1);
        /* Skip changes that no person made: a function's rho per iteration, and audit findings. */
        if (strncmp(entry->text, IPD_LOG_AUDIT, sizeof IPD_LOG_AUDIT - 1) != 0 &&
            strncmp(entry->text, "set rho = ", 10) != 0) {
            s.change = entry->text;
            s.change_iteration = entry->place.iteration;
        }
    }
    return s;
}

static double value(const ipd_description *s, size_t index, const char *field)
{
    return ipd_records_number(s->records, field, index);
}

static int iteration(const ipd_description *s, size_t index)
{
    return (int)value(s, index, "iteration");
}

static const size_t none = SIZE_MAX;

/* The objective that training decreases: Phi, or the network's loss for methods without Phi. The
 * last record's method decides for all records. */
static int has_phi(const ipd_description *s)
{
    return !isnan(value(s, s->records->count - 1, "phi"));
}

static double objective(const ipd_description *s, size_t index)
{
    return value(s, index, has_phi(s) ? "phi" : "forward_loss");
}

static const char *objective_name(const ipd_description *s)
{
    return has_phi(s) ? s->phi : "the training loss";
}

static int is_valued(const ipd_description *s, size_t index)
{
    return isfinite(objective(s, index));
}

/* With metrics_every > 1 most records lack accuracies. */
static int is_measured(const ipd_description *s, size_t index)
{
    return isfinite(value(s, index, "test_accuracy")) &&
           isfinite(value(s, index, "train_accuracy"));
}

typedef int known_fn(const ipd_description *s, size_t index);

/* The newest record up to an index for which known() is true, or `none`. */
static size_t newest(const ipd_description *s, size_t index, known_fn *known)
{
    for (size_t i = index + 1; i > 0; i--)
        if (known(s, i - 1))
            return i - 1;
    return none;
}

/* The same, at least `by` records before `index`; the first such record if none is that old. */
static size_t before(const ipd_description *s, size_t index, size_t by, known_fn *known)
{
    size_t i = index >= by ? newest(s, index - by, known) : none;
    for (size_t k = 0; i == none && k < index; k++)
        if (known(s, k))
            i = k;
    return i;
}

/* Relative change per iteration between two records, as a geometric mean: -0.02 is a fall by 2 %.
 * NaN if it is undefined. */
static double rate(const ipd_description *s, size_t from, size_t to)
{
    if (from == none || to == none || to <= from)
        return NAN;
    double x = objective(s, from), y = objective(s, to);
    if (!isfinite(x) || !isfinite(y) || !(x > 0) || !(y > 0))
        return NAN;
    double r = pow(y / x, 1.0 / (iteration(s, to) - iteration(s, from))) - 1;
    return r < 1e300 ? r : NAN; /* also finite in percent */
}

static void say_rate(FILE *to, double r, int past)
{
    static const char *const words[2][3] = {{"falls", "rises", "stands still"},
                                            {"fell", "rose", "stood still"}};
    double size = fabs(r);

    if (size < STANDS_STILL)
        fputs(words[past][2], to);
    else
        fprintf(to, "%s %sby %.2g %% per iteration", words[past][r > 0],
                size > 0.1    ? "fast, "
                : size < 0.01 ? "slowly, "
                              : "",
                100 * size);
}

static void say_objective(FILE *to, const ipd_description *s)
{
    size_t last = newest(s, s->records->count - 1, is_valued), first = 0;
    const char *name = objective_name(s);

    if (last == none)
        return; /* the loss is measured together with the accuracies */
    while (!is_valued(s, first))
        first++;
    size_t w = s->records->count > 2 * WINDOW ? WINDOW : last;
    size_t from = before(s, last, w, is_valued);
    size_t earlier = s->records->count > 2 * WINDOW && from != none && from
                         ? before(s, from, w, is_valued)
                         : none;
    double now = rate(s, from, last), then = rate(s, earlier, from);

    fprintf(to, "%c%s is %.5g", toupper((unsigned char)name[0]), name + 1, objective(s, last));
    if (isnan(now)) {
        fputs(".\n", to);
        return;
    }
    fprintf(to, ", from %.5g in iteration %d; it ", objective(s, first), iteration(s, first));
    say_rate(to, now, 0);
    if (from > first)
        fprintf(to, " over the last %d", iteration(s, last) - iteration(s, from));
    if (isfinite(then) && fabs(then) > STANDS_STILL && now * then > 0)
        fputs(fabs(now) < 0.7 * fabs(then)   ? ", less and less"
              : fabs(now) > 1.4 * fabs(then) ? ", more and more"
                                             : "",
              to);
    if (has_phi(s) && value(s, last, "rho") > value(s, from, "rho") * 1.0001)
        fprintf(to, ", while rho grew from %.4g to %.4g", value(s, from, "rho"),
                value(s, last, "rho"));
    fputs(".\n", to);
}

/* The trend of the test accuracy up to a record, and the best accuracy. */
static void say_accuracy_trend(FILE *to, const ipd_description *s, size_t last)
{
    size_t from = before(s, last, last < WINDOW ? last : WINDOW, is_measured), best = last;

    if (from == none || from == last)
        return;
    for (size_t i = last; i > 0; i--)
        if (is_measured(s, i - 1) &&
            value(s, i - 1, "test_accuracy") >= value(s, best, "test_accuracy"))
            best = i - 1;
    int span = iteration(s, last) - iteration(s, from);
    double moved = value(s, last, "test_accuracy") - value(s, from, "test_accuracy");
    if (fabs(moved) < ACCURACY_MOVES)
        fprintf(to, "; on the test samples level for %d iteration%s", span, span > 1 ? "s" : "");
    else
        fprintf(to, "; on the test samples %s by %.2f points in %d iteration%s",
                moved > 0 ? "up" : "down", 100 * fabs(moved), span, span > 1 ? "s" : "");
    if (value(s, best, "test_accuracy") - value(s, last, "test_accuracy") > ACCURACY_MOVES)
        fprintf(to, ", below the best, %.2f %% in iteration %d",
                100 * value(s, best, "test_accuracy"), iteration(s, best));
}

static void say_accuracy(FILE *to, const ipd_description *s)
{
    size_t last = newest(s, s->records->count - 1, is_measured);

    if (last == none)
        return;
    ipd_record r = ipd_records_get(s->records, last);
    if (isfinite(r.test_rmse)) { /* values, not classes */
        fprintf(to,
                "In iteration %d, R² is %.4f on the test samples (root mean square error %.4g) and "
                "%.4f on the training samples.\n",
                r.iteration, r.test_accuracy, r.test_rmse, r.train_accuracy);
        return;
    }
    if (last + 1 < s->records->count)
        fprintf(to, "In iteration %d the network classified", r.iteration);
    else
        fputs("The network classifies", to);
    fprintf(to, " %.2f %% of the test samples correctly, and %.2f %% of the training samples",
            100 * r.test_accuracy, 100 * r.train_accuracy);
    say_accuracy_trend(to, s, last);
    fputs(".\n", to);
    double apart = r.auxiliary_accuracy - r.train_accuracy;
    if (fabs(apart) > 0.01)
        fprintf(to,
                "z%d by itself classifies %.2f %% of the training samples correctly: it is %s the "
                "network.\n",
                r.L, 100 * r.auxiliary_accuracy, apart > 0 ? "ahead of" : "behind");
}

/* The layer with the largest value, of layers 1 ... count. */
static int largest(const double *by_layer, int count)
{
    int max = 1;

    for (int l = 2; l <= count; l++)
        if (by_layer[l] > by_layer[max])
            max = l;
    return max;
}

static void say_gaps(FILE *to, const ipd_description *s)
{
    size_t last = s->records->count - 1, before = last < WINDOW ? 0 : last - WINDOW;
    ipd_record r = ipd_records_get(s->records, last);
    double gap = r.linear_gap + r.activation_gap,
           old = value(s, before, "linear_gap") + value(s, before, "activation_gap");

    if (!isfinite(gap))
        return;
    fprintf(to, "The gaps are %.4g (linear, most of it in layer %d) and %.4g (activation",
            r.linear_gap, largest(r.linear_gap_by_layer, r.L), r.activation_gap);
    if (r.L > 1)
        fprintf(to, ", layer %d", largest(r.activation_gap_by_layer, r.L - 1));
    fputc(')', to);
    if (last && old > 0 && isfinite(old))
        fprintf(to, ", %s",
                fabs(gap / old - 1) < 0.01 ? "as before"
                : gap < old                ? "closing"
                                           : "opening");
    fputs(".\n", to);
}

/* The rates before and after the last change, if known. */
static void say_change(FILE *to, const ipd_description *s)
{
    size_t first = s->records->count; /* first record affected by the change */

    if (!s->change)
        return;
    for (size_t i = s->records->count; i > 0 && iteration(s, i - 1) >= s->change_iteration; i--)
        first = i - 1;
    fprintf(to, "The last change, \"%.120s\" in iteration %d", s->change, s->change_iteration);
    if (first >= s->records->count) {
        fputs(", is not measured yet.\n", to);
        return;
    }
    size_t n = s->records->count - first > WINDOW ? first + WINDOW - 1 : s->records->count - 1;
    size_t until = newest(s, n, is_valued);
    size_t from = first ? newest(s, first - 1, is_valued) : before(s, n, n, is_valued);
    size_t earlier = first > 1 && from != none && from ? before(s, from, WINDOW, is_valued) : none;
    double after = rate(s, from, until), then = rate(s, earlier, from);
    if (isnan(after)) {
        fputs(", cannot be compared with the time before.\n", to);
        return;
    }
    fprintf(to, ": since then %s ", objective_name(s));
    say_rate(to, after, 0);
    if (isfinite(then)) {
        fputs("; before, it ", to);
        say_rate(to, then, 1);
    }
    size_t old = first ? newest(s, first - 1, is_measured) : none;
    size_t now = newest(s, s->records->count - 1, is_measured);
    if (old != none && now != none && now >= first) {
        int learns = isfinite(value(s, now, "test_rmse")); /* values: the record has R² */
        double unit = learns ? 1 : 100;
        fprintf(to,
                learns ? "; R² on the test samples %.4f before, %.4f now"
                       : "; test accuracy %.2f %% before, %.2f %% now",
                unit * value(s, old, "test_accuracy"), unit * value(s, now, "test_accuracy"));
    }
    fputs(".\n", to);
}

/* "0.12 % of its first norm", "122 times its first norm". */
static const char *share_text(double share, char *to, size_t size)
{
    if (share < 10)
        snprintf(to, size, "%.3g %% of its first norm", 100 * share);
    else
        snprintf(to, size, "%.0f times its first norm", share);
    return to;
}

static void say_diagnostics(FILE *to, const ipd_description *s)
{
    char share[2][64];
    char notes[IPD_DIAGNOSTICS_NOTES][IPD_DIAGNOSTICS_NOTE];
    ipd_diagnostics *diagnostics = calloc(1, sizeof *diagnostics);

    if (!diagnostics)
        return;
    ipd_diagnostics_read(diagnostics, s->records);
    int count = ipd_diagnostics_notes(diagnostics, s->settings, s->phi, notes);
    for (int i = 0; i < count; i++)
        fprintf(to, "%s\n", notes[i]);
    const double *moved = diagnostics->last.moved_W;
    int max = largest(moved, diagnostics->last.L), min = max;
    for (int l = 1; l <= diagnostics->last.L; l++)
        min = moved[l] < moved[min] ? l : min;
    if (!count && max != min && isfinite(moved[max]) && isfinite(moved[min]))
        fprintf(to, "The weights moved most in layer %d (by %s) and least in layer %d (by %s).\n",
                max, share_text(moved[max], share[0], sizeof share[0]), min,
                share_text(moved[min], share[1], sizeof share[1]));
    free(diagnostics);
}

/* Advice after a divergence, from the method of the settings or of the last record. */
static const char *advice_of(const ipd_description *s, const ipd_record *last)
{
    const ipd_method *method = ipd_method_find(s->settings ? s->settings->method : last->method);
    return method ? method->advice : "other settings";
}

char *ipd_describe(const ipd_description *s)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);

    if (!to)
        return NULL;
    fprintf(to, "%s on %s", s->name, s->data);
    ipd_record last = {0};
    if (s->records->count)
        last = ipd_records_get(s->records, s->records->count - 1);
    if (s->records->count)
        fprintf(to, ", after iteration %d (%s%s%s%s)", last.iteration, last.method,
                *last.order ? ", " : "", last.order, *last.order ? " order" : "");
    else
        fputs(", before the end of its first iteration", to);
    fprintf(to, "%s%s.\n", s->status ? ": " : "", s->status ? s->status : "");
    if (s->diverged)
        fprintf(to,
                "A value is no longer finite, so the run cannot continue. Try %s from an earlier "
                "iteration.\n",
                advice_of(s, &last));
    if (s->records->count) {
        say_objective(to, s);
        say_accuracy(to, s);
        say_gaps(to, s);
        say_change(to, s);
        say_diagnostics(to, s);
    } else {
        fputs("Nothing is measured yet.\n", to);
    }
    if (ipd_text_close(to, &text)) {
        free(text);
        return NULL;
    }
    return text;
}

void ipd_describe_left(const ipd_run *run, long iteration, char *to, size_t size)
{
    size_t log = ipd_run_log_count(run);
    long left = (long)ipd_run_record_count(run) - iteration;
    char changes[200] = "";
    for (size_t i = 0; i < log; i++) {
        const ipd_log_entry *x = ipd_run_log(run, i);
        if (x->place.iteration > iteration)
            ipd_log_add_text(x->text, changes, sizeof changes);
    }
    if (left > 0)
        snprintf(to, size, "left %ld iteration%s%s%s", left, left == 1 ? "" : "s",
                 *changes ? " and " : "", changes);
    else if (*changes)
        snprintf(to, size, "left %s", changes);
    else
        snprintf(to, size, "left a part of iteration %ld", iteration + 1);
}
