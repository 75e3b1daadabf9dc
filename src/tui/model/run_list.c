#include "tui/model/run_list.h"
#include "base/list.h"
#include "history/history.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ipd_run_row *add(ipd_run_list *l)
{
    ipd_run_row *items = ipd_list_grow(l->items, l->count, &l->capacity, sizeof *items);
    if (!items)
        return NULL;
    l->items = items;
    ipd_run_row *row = &l->items[l->count++];
    memset(row, 0, sizeof *row);
    return row;
}

static void write_shape(const size_t *widths, int L, char *to, size_t size)
{
    size_t used = 0;

    *to = 0;
    for (int k = 0; k <= L && used < size; k++)
        used += (size_t)snprintf(to + used, size - used, "%s%zu", k ? "-" : "", widths[k]);
}

static int take_history(void *context, const ipd_history_run *run)
{
    ipd_run_row *row = add(context);

    if (!row)
        return 1;
    row->id = run->id;
    snprintf(row->name, sizeof row->name, "%s", run->name);
    snprintf(row->status, sizeof row->status, "%.39s", run->status);
    snprintf(row->dataset, sizeof row->dataset, "%.39s", run->dataset);
    snprintf(row->started, sizeof row->started, "%.16s", run->started);
    snprintf(row->shape, sizeof row->shape, "%.47s", run->network);
    row->iterations = (int)run->records;
    row->phi = run->phi;
    row->train = run->train_accuracy;
    row->test = run->test_accuracy;
    row->best = run->validation ? run->best_validation_accuracy : run->best_test_accuracy;
    return 0;
}

static void read_history(ipd_run_list *l, const char *path)
{
    ipd_history *h;
    ipd_error e;

    l->count = 0;
    l->warning[0] = 0;
    if (path && ipd_history_open(&h, path, 0, &e) == 0) {
        if (ipd_history_runs(h, 0, take_history, l, &e))
            snprintf(l->warning, sizeof l->warning, "%.190s", e.text);
        ipd_history_close(h);
    }
    l->from_history = l->count;
    l->stale = 0;
}

/* Merges a run of the session with its row of the history. */
static void take_session(ipd_run_list *l, const ipd_lua_listed *listed, size_t at,
                         unsigned long shown)
{
    ipd_lua_card capacity;
    const ipd_lua_card *card = listed->card ? listed->card : &capacity;
    ipd_run_row *row = NULL;

    if (listed->run)
        ipd_lua_fill_card(&capacity, listed->run);
    for (size_t i = 0; i < l->count && card->id; i++)
        if (l->items[i].id == card->id)
            row = &l->items[i];
    if (!row && !(row = add(l)))
        return;
    row->id = card->id;
    row->number = listed->number;
    row->at = at;
    row->shown = listed->number == shown;
    row->parked = !listed->run;
    snprintf(row->name, sizeof row->name, "%s", card->name);
    snprintf(row->status, sizeof row->status, "%.39s",
             !listed->run && card->state == IPD_PAUSED ? "parked" : card->status);
    snprintf(row->dataset, sizeof row->dataset, "%.39s", card->dataset);
    write_shape(card->widths, card->L, row->shape, sizeof row->shape);
    row->iterations = card->iteration;
    row->phi = card->phi;
    row->train = card->train;
    row->test = card->test;
    row->best = listed->run ? ipd_lua_best_accuracy(listed->run) : card->best;
}

/* NaN comes last, in either direction. */
static int compare_numbers(double x, double y)
{
    if (isnan(x) || isnan(y))
        return isnan(x) - isnan(y);
    return (x > y) - (x < y);
}

static int compare(const void *p, const void *q, void *list)
{
    const ipd_run_row *x = p, *y = q;
    const ipd_run_list *l = list;
    int order = 0;

    switch (l->sort) {
    case IPD_SORT_NAME:
        order = strcmp(x->name, y->name);
        break;
    case IPD_SORT_ITERATIONS:
        order = y->iterations - x->iterations;
        break;
    case IPD_SORT_PHI:
        order = compare_numbers(x->phi, y->phi);
        break;
    case IPD_SORT_TEST:
        order = -compare_numbers(x->test, y->test);
        order = isnan(x->test) || isnan(y->test) ? -order : order;
        break;
    default: /* runs without a history are the newest */
        order = (x->id == 0) != (y->id == 0) ? (y->id == 0) - (x->id == 0)
                                             : (y->id > x->id) - (y->id < x->id);
    }
    if (order == 0)
        order = (y->id > x->id) - (y->id < x->id);
    return l->backwards ? -order : order;
}

static void forget_session(ipd_run_list *l)
{
    size_t kept = 0;

    for (size_t i = 0; i < l->count; i++) {
        l->items[i].shown = 0;
        l->items[i].number = l->items[i].at = 0;
        if (l->items[i].id) /* not in the history: only the session has it */
            l->items[kept++] = l->items[i];
    }
    l->count = kept;
}

void ipd_run_list_update(ipd_run_list *l, const char *path, const ipd_lua_listed *session,
                         size_t count, unsigned long shown)
{
    if (!l->items || l->stale)
        read_history(l, path);
    forget_session(l);
    for (size_t i = count; i > 0; i--)
        take_session(l, &session[i - 1], count + 1 - i, shown);
    if (l->count)
        qsort_r(l->items, l->count, sizeof *l->items, compare, l);
    if (l->selected >= l->count)
        l->selected = l->count ? l->count - 1 : 0;
}

void ipd_run_list_free(ipd_run_list *l)
{
    free(l->items);
    memset(l, 0, sizeof *l);
}
