/* describe.c - see describe.h. */
#include "run/describe.h"
#include "base/text.h"
#include "run/learned.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 5 };      /* iterations over which a rate is taken */
#define STANDS_STILL 5e-4 /* a change an iteration that is not worth a word */
#define ACCURACY_MOVES 1e-3

static const ipd_record *run_record(const void *source, size_t index)
{
    return ipd_run_record(source, index);
}

ipd_story ipd_story_of(const ipd_run *run)
{
    ipd_story s = {.name = ipd_run_name(run),
                   .data = ipd_run_dataset(run)->name,
                   .status = ipd_run_status_text(run),
                   .diverged = ipd_run_get_status(run) == IPD_DIVERGED,
                   .source = run,
                   .count = ipd_run_record_count(run),
                   .record = run_record,
                   .settings = ipd_run_settings(run),
                   .phi = "phi"};

    for (size_t i = ipd_run_log_count(run); i > 0 && !s.change; i--) {
        const ipd_log_entry *entry = ipd_run_log(run, i - 1);
        /* What a function says of rho each iteration, and what the audit finds, nobody decided. */
        if (strncmp(entry->text, IPD_LOG_AUDIT, sizeof IPD_LOG_AUDIT - 1) != 0 &&
            strncmp(entry->text, "set rho = ", 10) != 0) {
            s.change = entry->text;
            s.change_iteration = entry->place.iteration;
        }
    }
    return s;
}

static const ipd_record *at(const ipd_story *s, size_t index)
{
    return s->record(s->source, index);
}

/* What falls where training works: Phi, or without it the loss of the network. */
static double objective(const ipd_record *r)
{
    return isfinite(r->phi) ? r->phi : r->forward_loss;
}

static const char *objective_name(const ipd_story *s, const ipd_record *r)
{
    return isfinite(r->phi) ? s->phi : "the training loss";
}

/* Relative change an iteration between two records, a geometric mean: -0.02 falls by 2 %. NaN where it
 * cannot be said. */
static double rate(const ipd_story *s, size_t from, size_t to)
{
    double x = objective(at(s, from)), y = objective(at(s, to));

    if (to <= from || !(x > 0) || !(y > 0) ||
        isfinite(at(s, from)->phi) != isfinite(at(s, to)->phi))
        return NAN;
    return pow(y / x, 1.0 / (double)(to - from)) - 1;
}

static void say_rate(FILE *to, double r, int past)
{
    static const char *const words[2][3] = {{"falls", "rises", "stands still"},
                                            {"fell", "rose", "stood still"}};
    double size = fabs(r);

    if (size < STANDS_STILL)
        fputs(words[past][2], to);
    else
        fprintf(to, "%s %sby %.2g %% an iteration", words[past][r > 0],
                size > 0.1    ? "fast, "
                : size < 0.01 ? "slowly, "
                              : "",
                100 * size);
}

static void say_objective(FILE *to, const ipd_story *s)
{
    size_t n = s->count, last = n - 1, w = n > 2 * WINDOW ? WINDOW : last;
    const ipd_record *r = at(s, last), *first = at(s, 0);
    const char *name = objective_name(s, r);
    double now = rate(s, last - w, last),
           before = n > 2 * WINDOW ? rate(s, last - 2 * w, last - w) : NAN;

    fprintf(to, "%c%s is %.5g", toupper((unsigned char)name[0]), name + 1, objective(r));
    if (isnan(now)) {
        fputs(".\n", to);
        return;
    }
    fprintf(to, ", from %.5g in iteration %d; it ", objective(first), first->iteration);
    say_rate(to, now, 0);
    if (w < last)
        fprintf(to, " over the last %zu", w);
    if (isfinite(before) && fabs(before) > STANDS_STILL && now * before > 0)
        fputs(fabs(now) < 0.7 * fabs(before)   ? ", less and less"
              : fabs(now) > 1.4 * fabs(before) ? ", more and more"
                                               : "",
              to);
    if (isfinite(r->phi) && r->rho > at(s, last - w)->rho * 1.0001)
        fprintf(to, ", while rho grew from %.4g to %.4g", at(s, last - w)->rho, r->rho);
    fputs(".\n", to);
}

static void say_accuracy(FILE *to, const ipd_story *s)
{
    size_t last = s->count - 1, best = 0, w = last < WINDOW ? last : WINDOW;
    const ipd_record *r = at(s, last);

    if (!isfinite(r->test_accuracy) || !isfinite(r->train_accuracy))
        return; /* metrics_every leaves them out */
    for (size_t i = 1; i < s->count; i++)
        if (at(s, i)->test_accuracy > at(s, best)->test_accuracy)
            best = i;
    fprintf(
        to,
        "The network answers %.2f %% of the test samples right and %.2f %% of the training samples",
        100 * r->test_accuracy, 100 * r->train_accuracy);
    if (w) {
        double moved = r->test_accuracy - at(s, last - w)->test_accuracy;
        if (fabs(moved) < ACCURACY_MOVES)
            fprintf(to, "; on the test samples level for %zu iteration%s", w, w > 1 ? "s" : "");
        else
            fprintf(to, "; on the test samples %s by %.2f points in %zu iteration%s",
                    moved > 0 ? "up" : "down", 100 * fabs(moved), w, w > 1 ? "s" : "");
        if (at(s, best)->test_accuracy - r->test_accuracy > ACCURACY_MOVES)
            fprintf(to, ", below the best, %.2f %% in iteration %d",
                    100 * at(s, best)->test_accuracy, at(s, best)->iteration);
    }
    fputs(".\n", to);
    double apart = r->auxiliary_accuracy - r->train_accuracy;
    if (fabs(apart) > 0.01)
        fprintf(
            to,
            "z%d alone is right on %.2f %% of the training samples: the penalty problem is %s of "
            "the network.\n",
            r->L, 100 * r->auxiliary_accuracy, apart > 0 ? "ahead" : "short");
}

/* The layer with the largest part of a sum. */
static int largest(const double *by_layer, int count)
{
    int most = 1;

    for (int l = 2; l <= count; l++)
        if (by_layer[l] > by_layer[most])
            most = l;
    return most;
}

static void say_gaps(FILE *to, const ipd_story *s)
{
    size_t last = s->count - 1;
    const ipd_record *r = at(s, last), *before = at(s, last < WINDOW ? 0 : last - WINDOW);
    double gap = r->linear_gap + r->activation_gap,
           old = before->linear_gap + before->activation_gap;

    if (!isfinite(gap))
        return;
    fprintf(to, "The gaps are %.4g (linear, most of it in layer %d) and %.4g (activation",
            r->linear_gap, largest(r->linear_gap_by_layer, r->L), r->activation_gap);
    if (r->L > 1)
        fprintf(to, ", layer %d", largest(r->activation_gap_by_layer, r->L - 1));
    fputc(')', to);
    if (last && old > 0 && isfinite(old))
        fprintf(to, ", %s",
                fabs(gap / old - 1) < 0.01 ? "as before"
                : gap < old                ? "closing"
                                           : "opening");
    fputs(".\n", to);
}

/* Rates before and after, where both are known. */
static void say_change(FILE *to, const ipd_story *s)
{
    size_t first = s->count; /* of the records that the change reached */

    if (!s->change)
        return;
    for (size_t i = s->count; i > 0 && at(s, i - 1)->iteration >= s->change_iteration; i--)
        first = i - 1;
    fprintf(to, "The last change, \"%.120s\" in iteration %d", s->change, s->change_iteration);
    if (first >= s->count) {
        fputs(", is not measured yet.\n", to);
        return;
    }
    size_t n = s->count - first > WINDOW ? first + WINDOW - 1 : s->count - 1;
    double after = rate(s, first ? first - 1 : 0, n);
    double before = first > 1 ? rate(s, first > WINDOW ? first - 1 - WINDOW : 0, first - 1) : NAN;
    if (isnan(after)) {
        fputs(", cannot be compared with what was before.\n", to);
        return;
    }
    fprintf(to, ": since then %s ", objective_name(s, at(s, n)));
    say_rate(to, after, 0);
    if (isfinite(before)) {
        fputs("; before, it ", to);
        say_rate(to, before, 1);
    }
    if (first)
        fprintf(to, "; test accuracy %.2f %% before, %.2f %% now",
                100 * at(s, first - 1)->test_accuracy, 100 * at(s, s->count - 1)->test_accuracy);
    fputs(".\n", to);
}

static void say_learned(FILE *to, const ipd_story *s)
{
    char notes[IPD_LEARNED_NOTES][IPD_LEARNED_NOTE];
    ipd_learned *learned = calloc(1, sizeof *learned);

    if (!learned)
        return;
    for (size_t i = 0; i < s->count; i++)
        ipd_learned_add(learned, at(s, i));
    int count = ipd_learned_notes(learned, s->settings, s->phi, notes);
    for (int i = 0; i < count; i++)
        fprintf(to, "%s\n", notes[i]);
    const double *moved = learned->last.moved_W;
    int most = largest(moved, learned->last.L), least = most;
    for (int l = 1; l <= learned->last.L; l++)
        least = moved[l] < moved[least] ? l : least;
    if (!count && most != least && isfinite(moved[most]) && isfinite(moved[least]))
        fprintf(
            to,
            "The weights moved most in layer %d (by %.3g %% of its first norm) and least in layer "
            "%d (%.3g %%).\n",
            most, 100 * moved[most], least, 100 * moved[least]);
    free(learned);
}

char *ipd_describe(const ipd_story *s)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);

    if (!to)
        return NULL;
    fprintf(to, "%s on %s", s->name, s->data);
    if (s->count)
        fprintf(to, ", after iteration %d (%s, %s order)", at(s, s->count - 1)->iteration,
                at(s, s->count - 1)->method, at(s, s->count - 1)->order);
    else
        fputs(", before its first iteration's end", to);
    fprintf(to, "%s%s.\n", s->status ? ": " : "", s->status ? s->status : "");
    if (s->diverged)
        fputs("A value is not finite any more, so it goes no further; a smaller inertia or step, "
              "or a "
              "larger delta, is what to try from an earlier iteration.\n",
              to);
    if (s->count) {
        say_objective(to, s);
        say_accuracy(to, s);
        say_gaps(to, s);
        say_change(to, s);
        say_learned(to, s);
    } else {
        fputs("Nothing is measured yet.\n", to);
    }
    if (ipd_text_close(to, &text)) {
        free(text);
        return NULL;
    }
    return text;
}

void ipd_describe_iteration(const ipd_story *s, char *to, size_t size)
{
    char trend[64] = "";

    to[0] = 0;
    if (!s->count)
        return;
    const ipd_record *r = at(s, s->count - 1);
    double step = s->count > 1 ? rate(s, s->count - 2, s->count - 1) : NAN;
    if (isfinite(step) && fabs(step) < STANDS_STILL)
        snprintf(trend, sizeof trend, ", level");
    else if (isfinite(step))
        snprintf(trend, sizeof trend, ", %s by %.2g %%", step < 0 ? "falling" : "rising",
                 100 * fabs(step));
    snprintf(to, size, "iteration %d: %s %.5g%s; test accuracy %.2f %%", r->iteration,
             objective_name(s, r), objective(r), trend, 100 * r->test_accuracy);
}
