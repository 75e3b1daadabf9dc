#include "tui/model/course.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const ipd_log_entry *entry_of_run(const void *source, size_t index)
{
    return ipd_run_log(source, index);
}

static void copy_text(char *to, size_t size, const char *from)
{
    size_t n = strlen(from);

    n = n < size - 1 ? n : size - 1;
    memcpy(to, from, n);
    to[n] = 0;
}

/* 1 if the run is not the one in the model. A new run may have the address of a freed one. */
static int is_another(const ipd_model *m, const ipd_run *run)
{
    return m->source != run || strcmp(m->identity, ipd_run_identity(run)) != 0;
}

void ipd_model_probe(ipd_model *m, ipd_run *run)
{
    ipd_probe_state *asked = &m->probe_asked;
    int running = m->status == IPD_RUNNING;

    if (!run || m->source != run || !m->probe_wanted ||
        (asked->ticket && !ipd_run_answered(run, asked->ticket)))
        return;
    if (asked->ticket && asked->what == m->probe_wanted && asked->layer == m->probe_layer &&
        asked->records == m->records.count &&
        (running || memcmp(&asked->place, &m->place, sizeof m->place) == 0))
        return;
    *asked = (ipd_probe_state){
        ipd_run_ask_probe(run, m->probe_wanted, m->probe_layer ? m->probe_layer : 1, NULL),
        m->probe_wanted, m->probe_layer, m->records.count, m->place};
    ipd_run_forget(run, asked->ticket);
}

int ipd_model_layer(const ipd_model *m)
{
    int l = m->images.layer;
    return l < 1 ? 1 : l > m->L ? m->L : l;
}

int ipd_model_has_overlays(const ipd_model *m)
{
    return m->overlays.count > 0 && !m->chart.without_overlays;
}

int ipd_model_newest(const ipd_model *m)
{
    const ipd_record *last = ipd_model_last(m);
    int iteration = last ? last->iteration : 0;

    for (int i = 0; i < m->overlays.count && !m->chart.without_overlays; i++) {
        const ipd_overlay *o = &m->overlays.items[i];
        size_t count = o->records.count;
        if (count)
            iteration =
                (int)fmax(iteration, ipd_records_number(&o->records, "iteration", count - 1));
    }
    return iteration;
}

/* Removes a cursor beyond the newest iteration. If another run is on the screen, removes any
 * cursor, and a visible range that the run has not reached. */
static void keep_in_sight(ipd_model *m, int another)
{
    int newest = ipd_model_newest(m);

    if (another || m->chart.cursor > newest)
        m->chart.cursor = 0;
    if (another && m->chart.low >= newest)
        m->chart.low = m->chart.high = 0;
}

void ipd_model_update_records(ipd_model *m, const ipd_records *records)
{
    if (!ipd_columns_follow(&m->columns, &m->records, records) && records->count)
        m->last = ipd_records_get(records, records->count - 1);
}

static void update_paths(ipd_model *m, const ipd_run *run)
{
    size_t count;
    const ipd_future_info *f = ipd_run_futures(run, &count);

    m->futures.count = 0;
    ipd_list_add_all(&m->futures, f, count, sizeof *f);
}

void ipd_model_update(ipd_model *m, ipd_run *run)
{
    m->has_run = run != NULL;
    if (!run) {
        ipd_model_update_records(m, &(ipd_records){0});
        ipd_columns_follow(&m->batch_columns, &m->batches, &(ipd_records){0});
        m->source = NULL;
        m->data = NULL;
        m->probe = NULL;
        m->probe_asked.ticket = 0;
        m->log_count = m->recent_count = m->futures.count = 0;
        m->run_name[0] = 0;
        return;
    }
    ipd_model_update_records(m, ipd_run_records(run));
    /* The huge values of a diverging iteration would flatten all curves. */
    int diverged = ipd_run_get_status(run) >= IPD_DIVERGED;
    ipd_columns_follow(&m->batch_columns, &m->batches,
                       diverged ? &(ipd_records){0} : ipd_run_batch_records(run));
    int another = is_another(m, run);
    if (another) {
        m->probe_asked.ticket = m->path_selected = 0;
        ipd_course_forget(m);
    }
    m->source = run;
    m->log = entry_of_run;
    m->log_count = ipd_run_log_count(run);
    update_paths(m, run);
    copy_text(m->identity, sizeof m->identity, ipd_run_identity(run));
    copy_text(m->run_name, sizeof m->run_name, ipd_run_name(run));
    copy_text(m->dataset, sizeof m->dataset, ipd_run_dataset(run)->name);
    copy_text(m->status_text, sizeof m->status_text, ipd_run_status_text(run));
    m->status = ipd_run_get_status(run);
    m->settings = *ipd_run_settings(run);
    m->L = ipd_run_depth(run);
    memcpy(m->widths, ipd_run_widths(run), (size_t)(m->L + 1) * sizeof *m->widths);
    m->order = *ipd_run_order(run);
    m->place = ipd_run_place(run);
    m->left = ipd_run_left(run);
    m->recent_count = ipd_run_recent_blocks(run, m->recent, IPD_MODEL_BLOCKS);
    m->data = ipd_run_dataset(run);
    m->probe = ipd_run_probe(run);
    ipd_course_note(m);
    keep_in_sight(m, another);
    ipd_model_probe(m, run);
}

const ipd_column *ipd_model_values(ipd_model *m, const char *field, ipd_read_fn *value, int index)
{
    return m->records.count ? ipd_columns_get(&m->columns, &m->records, field, value, index) : NULL;
}

const ipd_column *ipd_model_batch_values(ipd_model *m, const char *field, ipd_read_fn *value,
                                         int index)
{
    return m->batches.count ? ipd_columns_get(&m->batch_columns, &m->batches, field, value, index)
                            : NULL;
}

ipd_extremes ipd_model_extremes(ipd_model *m, const char *field, ipd_read_fn *value, int index)
{
    const ipd_column *c = ipd_model_values(m, field, value, index),
                     *b = ipd_model_batch_values(m, field, value, index);
    ipd_extremes all =
        ipd_extremes_of(c ? &c->values : NULL, c ? &c->summary : NULL, 0, c ? m->records.count : 0);
    for (size_t i = 0; b && i < m->batches.count; i++)
        ipd_extremes_add(&all, ipd_value_at(&b->values, i));
    return all;
}

int ipd_model_measures_blocks(const ipd_model *m)
{
    const ipd_method *method = ipd_method_find(m->settings.method);
    return !method || !method->written;
}

int ipd_model_has_blocks(const char *name)
{
    const ipd_method *method = ipd_method_find(name);
    return !method || method->variables;
}

const ipd_record *ipd_model_last(const ipd_model *m)
{
    return m->records.count ? &m->last : NULL;
}

/* Runs a line of Lua that rewinds or branches to the end of an iteration. */
static void travel(ipd_model *m, const char *form, int iteration)
{
    char line[96];

    if (iteration > (int)m->records.count) {
        snprintf(line, sizeof line, "iteration %d is not finished; the last finished one is %zu",
                 iteration, m->records.count);
        ipd_act_say(m, IPD_TEXT_ERROR, line);
        return;
    }
    snprintf(line, sizeof line, form, iteration);
    if (ipd_act_lua(m, line, NULL) < 0)
        return;
    m->chart.cursor = 0; /* it would be beyond the end of the run */
    m->focus = NULL;     /* the user types a change next */
}

void ipd_model_rewind(ipd_model *m, int iteration)
{
    travel(m, "run:rewind(%d)", iteration);
}

void ipd_model_branch(ipd_model *m, int iteration)
{
    travel(m, "other, run = run, assert(run:branch(%d))", iteration);
}

void ipd_model_free(ipd_model *m)
{
    ipd_columns_free(&m->columns);
    ipd_records_free(&m->records);
    ipd_columns_free(&m->batch_columns);
    ipd_records_free(&m->batches);
    ipd_overlays_free(&m->overlays);
    ipd_overlays_free(&m->left_paths);
    ipd_run_list_free(&m->runs);
    free(m->futures.items);
    free(m->watches);
    free(m->spread.course.items);
}
