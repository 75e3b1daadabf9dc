#include "tui/model/run_list.h"
#include "base/text.h"
#include "history/history.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ipd_run_row *add(ipd_run_list *l)
{
    ipd_run_row *items = ipd_list_grow(l->items, l->all, &l->capacity, sizeof *items);
    if (!items)
        return NULL;
    l->items = items;
    ipd_run_row *row = &l->items[l->all++];
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

/* Writes the members of a JSON object as lines: {"delta": 0.3, "order": "reverse"} as delta=0.3 and
 * order=reverse. */
static void put_settings(FILE *to, const char *json)
{
    int quoted = 0;

    for (const char *p = json; *p; p++) {
        if (*p == '"')
            quoted = !quoted;
        else if (*p == '\\' && p[1])
            fputc(*++p, to);
        else if (quoted || !strchr("{}:, ", *p))
            fputc(*p, to);
        else if (*p == ':' || *p == ',')
            fputc(*p == ':' ? '=' : '\n', to);
    }
}

/* The text that the filter searches. Each tag and each setting is a line, so that ^ and $ match its
 * ends. */
static char *text_of(const char *tags, const char *note, const char *dataset, const char *network,
                     const char *json)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);

    if (!to)
        return NULL;
    fprintf(to, "%s\n", note);
    for (; *tags; tags++)
        fputc(*tags == ',' ? '\n' : *tags, to);
    fprintf(to, "\n%s\n%s\n", dataset, network);
    put_settings(to, json);
    if (ipd_text_close(to, &text)) {
        free(text);
        return NULL;
    }
    return text;
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
    row->tags = strdup(run->tags);
    row->note = strdup(run->note);
    row->text = text_of(run->tags, run->note, run->dataset, run->network, run->settings);
    row->iterations = (int)run->records;
    row->phi = run->phi;
    row->is_r2 = ipd_history_is_r2(run);
    row->rmse = run->test_rmse;
    row->train = run->train_accuracy;
    row->test = run->test_accuracy;
    row->best = run->validation ? run->best_validation_accuracy : run->best_test_accuracy;
    return 0;
}

static void free_rows(ipd_run_list *l)
{
    for (size_t i = 0; i < l->all; i++) {
        free(l->items[i].tags);
        free(l->items[i].note);
        free(l->items[i].text);
    }
    l->all = l->count = 0;
}

static void read_history(ipd_run_list *l, const char *path)
{
    ipd_history *h;
    ipd_error e;

    free_rows(l);
    l->warning[0] = 0;
    if (path && ipd_history_open(&h, path, 0, &e) == 0) {
        if (ipd_history_runs(h, 0, take_history, l, &e))
            snprintf(l->warning, sizeof l->warning, "%.190s", e.text);
        ipd_history_close(h);
    }
    l->stale = 0;
}

/* Merges a run of the session with its row of the history. */
static void take_session(ipd_run_list *l, const ipd_lua_listed *listed, size_t at,
                         unsigned long shown)
{
    ipd_lua_card filled;
    const ipd_lua_card *card = listed->card ? listed->card : &filled;
    ipd_run_row *row = NULL;

    if (listed->run)
        ipd_lua_fill_card(&filled, listed->run);
    for (size_t i = 0; i < l->all && card->id; i++)
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
    if (!row->text)
        row->text = text_of("", "", row->dataset, row->shape, "");
    row->iterations = card->iteration;
    row->phi = card->phi;
    row->is_r2 = card->is_r2;
    row->rmse = card->rmse;
    row->train = card->train;
    row->test = card->test;
    row->best = listed->run ? ipd_lua_best_accuracy(listed->run) : card->best;
}

/* A run without a value in the column that sorts is last, also backwards. */
static int compare(const void *p, const void *q, void *list)
{
    const ipd_run_row *x = p, *y = q;
    const ipd_run_list *l = list;
    int order = 0, missing = 0;

    if (x->hidden != y->hidden)
        return x->hidden - y->hidden;
    switch (l->sort) {
    case IPD_SORT_NAME:
        order = strcmp(x->name, y->name);
        break;
    case IPD_SORT_ITERATIONS:
        order = y->iterations - x->iterations;
        break;
    case IPD_SORT_PHI:
        missing = isnan(x->phi) - isnan(y->phi);
        order = (x->phi > y->phi) - (x->phi < y->phi);
        break;
    case IPD_SORT_TEST:
        missing = isnan(x->test) - isnan(y->test);
        order = (x->test < y->test) - (x->test > y->test);
        break;
    default: /* runs without a history are the newest */
        order = (y->id == 0) - (x->id == 0);
    }
    if (missing)
        return missing;
    if (order == 0)
        order = (y->id > x->id) - (y->id < x->id);
    return l->backwards ? -order : order;
}

/* Removes the runs that only the session has; the others lose their numbers in it. */
static void forget_session(ipd_run_list *l)
{
    size_t kept = 0;

    for (size_t i = 0; i < l->all; i++) {
        l->items[i].shown = 0;
        l->items[i].number = l->items[i].at = 0;
        if (l->items[i].id)
            l->items[kept++] = l->items[i];
        else
            free(l->items[i].text);
    }
    l->all = kept;
}

/* --- filter and order --- */

int ipd_run_list_is_removed(const ipd_run_list *l, long id)
{
    const long *ids = l->removed.items;

    for (size_t i = 0; i < l->removed.count && id; i++)
        if (ids[i] == id)
            return 1;
    return 0;
}

int ipd_run_list_remove(ipd_run_list *l, long id, int remove)
{
    long *ids = l->removed.items;

    if (remove)
        return ipd_run_list_is_removed(l, id) ? 0 : ipd_list_add(&l->removed, &id, sizeof id);
    for (size_t i = 0; i < l->removed.count; i++)
        if (ids[i] == id)
            ids[i--] = ids[--l->removed.count];
    return 0;
}

int ipd_run_list_filter(ipd_run_list *l, const char *expression, ipd_error *e)
{
    regex_t new;
    char why[128];

    if (*expression) {
        int failed = regcomp(&new, expression, REG_EXTENDED | REG_NOSUB | REG_NEWLINE);
        if (failed) {
            regerror(failed, &new, why, sizeof why);
            return ipd_fail(e, IPD_EUSAGE, "\"%.60s\" is not a regular expression: %s", expression,
                            why);
        }
    }
    if (l->filtered)
        regfree(&l->expression);
    if ((l->filtered = *expression != 0))
        l->expression = new;
    snprintf(l->filter, sizeof l->filter, "%s", expression);
    for (size_t i = 0; i < l->all; i++)
        l->items[i].matches = 0;
    ipd_run_list_arrange(l);
    return 0;
}

static int matches(const ipd_run_list *l, ipd_run_row *row)
{
    if (!l->filtered || !regexec(&l->expression, row->name, 0, NULL, 0))
        return 1;
    if (!row->matches) /* match the long text once, because rows are arranged often */
        row->matches = row->text && !regexec(&l->expression, row->text, 0, NULL, 0) ? 1 : -1;
    return row->matches > 0;
}

void ipd_run_list_arrange(ipd_run_list *l)
{
    long id = l->selected < l->count ? l->items[l->selected].id : l->chosen_id;
    unsigned long number = l->selected < l->count ? l->items[l->selected].number : l->chosen_number;

    l->count = 0;
    l->values = 0;
    for (size_t i = 0; i < l->all; i++) {
        l->items[i].hidden =
            ipd_run_list_is_removed(l, l->items[i].id) || !matches(l, &l->items[i]);
        l->count += !l->items[i].hidden;
        l->values |= !l->items[i].hidden && l->items[i].is_r2;
    }
    if (l->all)
        qsort_r(l->items, l->all, sizeof *l->items, compare, l);
    for (size_t i = 0; i < l->count; i++)
        if (id ? l->items[i].id == id : number && l->items[i].number == number)
            l->selected = i;
    if (l->selected >= l->count)
        l->selected = l->count ? l->count - 1 : 0;
}

void ipd_run_list_update(ipd_run_list *l, const char *path, const ipd_lua_listed *session,
                         size_t count, unsigned long shown)
{
    l->chosen_id = l->selected < l->count ? l->items[l->selected].id : 0;
    l->chosen_number = l->selected < l->count ? l->items[l->selected].number : 0;
    if (!l->items || l->stale)
        read_history(l, path);
    forget_session(l);
    l->count = 0;
    for (size_t i = count; i > 0; i--)
        take_session(l, &session[i - 1], count + 1 - i, shown);
    ipd_run_list_arrange(l);
}

void ipd_run_list_free(ipd_run_list *l)
{
    free_rows(l);
    free(l->items);
    free(l->removed.items);
    if (l->filtered)
        regfree(&l->expression);
    memset(l, 0, sizeof *l);
}
