/* diagnostics.c - see diagnostics.h. */
#include "report/diagnostics.h"
#include "base/text.h"
#include "settings/private.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A layer counts as still if W moved less than STILL, relative to the first weights, and less than
 * STILL_BESIDE_LAST times the last layer's movement: rounding alone moves it by about 1e-6 per
 * epoch. */
#define STILL 1e-3
#define STILL_BESIDE_LAST 1e-4
/* note_phi reports that the training accuracy fell by at least ACCURACY_FELL while Phi fell to at
 * most PHI_FELL times its earlier value. */
#define ACCURACY_FELL 0.001
#define PHI_FELL 0.99

void ipd_diagnostics_add(ipd_diagnostics *l, const ipd_record *record)
{
    int other_samples = l->records && isfinite(record->metrics_samples) &&
                        record->metrics_samples != l->metrics_samples;
    l->records++;
    l->last = *record;
    if (isfinite(record->metrics_samples))
        l->metrics_samples = record->metrics_samples;
    if (other_samples)
        l->peak_iteration = 0;
    if (!isfinite(record->phi)) /* a method without Phi moved the weights */
        l->peak_iteration = 0;
    else if (isfinite(record->train_accuracy) &&
             (!l->peak_iteration || record->train_accuracy > l->peak_accuracy)) {
        l->peak_iteration = record->iteration;
        l->peak_accuracy = record->train_accuracy;
        l->peak_phi = record->phi;
    }
}

void ipd_diagnostics_read(ipd_diagnostics *l, const ipd_records *records)
{
    for (size_t i = 0; i < records->count; i++) {
        ipd_record record = ipd_records_get(records, i);
        ipd_diagnostics_add(l, &record);
    }
}

static int is_still(const ipd_record *r, int layer)
{
    return r->moved_W[layer] < STILL && r->moved_W[layer] < STILL_BESIDE_LAST * r->moved_W[r->L];
}

/* Whether block W of the layer is frozen. */
static int is_frozen(const ipd_settings *s, int layer)
{
    const char *list = s->freeze;
    char name[16], word[16];
    snprintf(name, sizeof name, "W%d", layer);
    while (ipd_settings_word(&list, word, sizeof word))
        if (!strcmp(word, name))
            return 1;
    return 0;
}

/* Writes that `count` layers, the last of them `highest`, did not move, and the cause if known. */
static void explain_still(const ipd_record *r, const ipd_settings *s, int count, int highest,
                          int all_frozen, char *to, size_t size)
{
    const ipd_method *method = ipd_method_find(r->method);
    int L = r->L, forward = !strcmp(r->order, "increase") || !strcmp(r->order, "reverse");
    int known = s && method && method->variables && forward;
    size_t at = (size_t)snprintf(to, size, " did not move");
    if (all_frozen)
        snprintf(to + at, size - at, ": frozen.");
    else if (known && s->batch > 0 && highest <= L - s->inner && s->inner == 1)
        snprintf(to + at, size - at,
                 ": in mini-batches with %s order and one sweep, only the last layer learns. Use "
                 "order = nested_reverse, or inner = %d.",
                 r->order, L);
    else if (known && s->batch > 0 && highest <= L - s->inner)
        snprintf(to + at, size - at,
                 ": in mini-batches with %s order, %ld sweeps reach only the last %ld layers. Use "
                 "order = nested_reverse, or inner = %d.",
                 r->order, s->inner, s->inner, L);
    else if (known && s->batch == 0 && r->iteration <= L - highest)
        snprintf(to, size,
                 " %s not moved yet: from a forward pass, %s order reaches one more layer per "
                 "iteration.",
                 count > 1 ? "have" : "has", r->order);
    else
        snprintf(to + at, size - at, ".");
}

/* Notes hidden layers that did not move while the last one did. */
static int note_still(const ipd_diagnostics *l, const ipd_settings *s, char *to)
{
    const ipd_record *r = &l->last;
    int count = 0, highest = 0, all_frozen = 1;
    size_t at = 0;
    for (int i = 1; i < r->L; i++)
        if (is_still(r, i)) {
            count++;
            highest = i;
            all_frozen &= s && is_frozen(s, i);
        }
    if (!count)
        return 0;
    at = (size_t)snprintf(to, IPD_DIAGNOSTICS_NOTE, "Layer%s", count > 1 ? "s" : "");
    const char *comma = " ";
    for (int i = 1, last; i < r->L; i = last + 1) { /* "1-3, 5" */
        last = i;
        if (!is_still(r, i))
            continue;
        while (last + 1 < r->L && is_still(r, last + 1))
            last++;
        at += (size_t)snprintf(to + at, IPD_DIAGNOSTICS_NOTE - at, "%s%d", comma, i);
        if (last > i)
            at += (size_t)snprintf(to + at, IPD_DIAGNOSTICS_NOTE - at, "-%d", last);
        comma = ", ";
    }
    explain_still(r, s, count, highest, all_frozen, to + at, IPD_DIAGNOSTICS_NOTE - at);
    return 1;
}

/* Notes that Phi fell since the best training accuracy, and the accuracy with it. */
static int note_phi(const ipd_diagnostics *l, const ipd_settings *s, const char *phi, char *to)
{
    const ipd_record *r = &l->last;
    if (!l->peak_iteration || !(r->train_accuracy <= l->peak_accuracy - ACCURACY_FELL) ||
        !(r->phi <= PHI_FELL * l->peak_phi) || isnan(r->forward_gap[r->L]))
        return 0;
    char peak[IPD_QUALITY_TEXT], now[IPD_QUALITY_TEXT];
    int is_r2 = ipd_record_is_r2(r);
    ipd_quality_text(peak, l->peak_accuracy, is_r2, is_r2 ? 4 : 2);
    ipd_quality_text(now, r->train_accuracy, is_r2, is_r2 ? 4 : 2);
    snprintf(to, IPD_DIAGNOSTICS_NOTE,
             "%s fell by %.3g %% since iteration %d while the training %s fell from %s to %s: z%d "
             "is %.3g %% away from the forward pass%s.",
             phi, 100 * (1 - r->phi / l->peak_phi), l->peak_iteration,
             is_r2 ? "result" : "accuracy", peak, now, r->L, 100 * r->forward_gap[r->L],
             s && s->batch > 0 ? " (last batch)" : "");
    return 1;
}

int ipd_diagnostics_notes(const ipd_diagnostics *l, const ipd_settings *s, const char *phi,
                          char notes[IPD_DIAGNOSTICS_NOTES][IPD_DIAGNOSTICS_NOTE])
{
    int count = 0;
    if (!l->records)
        return 0;
    count += note_still(l, s, notes[count]);
    count += note_phi(l, s, phi, notes[count]);
    return count;
}

/* The columns of the table: fields of the record with a value per layer. */
static const struct {
    const char *head, *field;
    int width, percent;
} columns[] = {{"W moved", "moved_W", 11, 1},
               {"b moved", "moved_b", 11, 1},
               {"forward gap", "forward_gap", 13, 1},
               {"rank", "gram_rank", 7, 0},
               {"condition", "gram_condition", 11, 0}};
enum { COLUMNS = sizeof columns / sizeof *columns };

/* The value of a column for a layer; NaN: none. */
static double value(const ipd_record *r, int column, int layer)
{
    return ipd_field_value(ipd_field_find(columns[column].field), r, layer - 1);
}

/* A column is shown if a layer has a value. */
static int is_shown(const ipd_record *r, int column)
{
    for (int l = 1; l <= r->L; l++)
        if (!isnan(value(r, column, l)))
            return 1;
    return 0;
}

static void cell(FILE *to, int column, double x)
{
    char text[32] = "-";
    if (!isnan(x) && columns[column].percent)
        snprintf(text, sizeof text,
                 fabs(x) < 1     ? "%.2f %%"
                 : fabs(x) < 1e4 ? "%.0f %%"
                                 : "%.2g %%",
                 100 * x);
    else if (!isnan(x))
        snprintf(text, sizeof text, columns[column].width < 10 ? "%.0f" : "%.3g", x);
    fprintf(to, "%*s", columns[column].width, text);
}

char *ipd_diagnostics_text(const ipd_diagnostics *l, const size_t *widths, const ipd_settings *s,
                           const char *phi, int width)
{
    const ipd_record *r = &l->last;
    char notes[IPD_DIAGNOSTICS_NOTES][IPD_DIAGNOSTICS_NOTE], *text = NULL;
    int count = ipd_diagnostics_notes(l, s, phi, notes);
    size_t size;
    FILE *to = l->records ? open_memstream(&text, &size) : NULL;
    if (!to)
        return NULL;
    fprintf(to, "%5s %8s", "layer", "width");
    for (int i = 0; i < COLUMNS; i++)
        if (is_shown(r, i))
            fprintf(to, "%*s", columns[i].width, columns[i].head);
    fputc('\n', to);
    for (int layer = 1; layer <= r->L; layer++) {
        fprintf(to, "%5d %8zu", layer, widths[layer]);
        for (int i = 0; i < COLUMNS; i++)
            if (is_shown(r, i))
                cell(to, i, value(r, i, layer));
        fputc('\n', to);
    }
    for (int i = 0; i < count; i++)
        ipd_text_wrap(to, notes[i], 0, 0, width ? width : INT_MAX);
    if (!ipd_text_close(to, &text))
        return text;
    free(text);
    return NULL;
}
