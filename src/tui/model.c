#include "tui/model.h"

#include <stdlib.h>
#include <string.h>

static const ipd_record *record_of_run(const void *source, size_t index)
{
    return ipd_run_record(source, index);
}

static void forget_columns(ipd_model *m)
{
    for (int i = 0; i < IPD_MODEL_COLUMNS; i++)
        m->columns[i].filled = 0;
}

static void copy_text(char *to, size_t size, const char *from)
{
    size_t n = strlen(from);

    n = n < size - 1 ? n : size - 1;
    memcpy(to, from, n);
    to[n] = 0;
}

/* A new run may live at the address of an old one: its name and its records tell. */
static int is_another(const ipd_model *m, ipd_run *run)
{
    return m->source != run || strcmp(m->run_name, ipd_run_name(run)) != 0 ||
           ipd_run_record_count(run) < m->record_count;
}

void ipd_model_update(ipd_model *m, ipd_run *run)
{
    m->has_run = run != NULL;
    if (!run) {
        forget_columns(m);
        m->source = NULL;
        m->record_count = 0;
        m->recent_count = 0;
        m->run_name[0] = 0;
        return;
    }
    if (is_another(m, run))
        forget_columns(m);
    m->source = run;
    m->record = record_of_run;
    m->record_count = ipd_run_record_count(run);
    copy_text(m->run_name, sizeof m->run_name, ipd_run_name(run));
    copy_text(m->dataset, sizeof m->dataset, ipd_run_dataset(run)->name);
    copy_text(m->status_text, sizeof m->status_text, ipd_run_status_text(run));
    m->status = ipd_run_get_status(run);
    m->settings = *ipd_run_settings(run);
    m->L = ipd_run_depth(run);
    memcpy(m->widths, ipd_run_widths(run), (size_t)(m->L + 1) * sizeof *m->widths);
    m->order = *ipd_run_order(run);
    m->place = ipd_run_place(run);
    m->recent_count = ipd_run_recent_blocks(run, m->recent, IPD_MODEL_BLOCKS);
}

const double *ipd_model_column(ipd_model *m, const char *name)
{
    ipd_column *column = NULL;

    for (int i = 0; i < IPD_MODEL_COLUMNS && !column; i++)
        if (!m->columns[i].field || strcmp(m->columns[i].field->name, name) == 0)
            column = &m->columns[i];
    if (!column || m->record_count == 0)
        return NULL;
    if (!column->field)
        column->field = ipd_field_find(name);
    if (!column->field)
        return NULL;
    if (m->record_count > column->capacity) {
        size_t capacity = m->record_count * 2 + 64;
        double *values = realloc(column->values, capacity * sizeof *values);
        if (!values)
            return NULL;
        column->values = values;
        column->capacity = capacity;
    }
    for (; column->filled < m->record_count; column->filled++)
        column->values[column->filled] =
            ipd_field_value(column->field, m->record(m->source, column->filled), 0);
    return column->values;
}

int ipd_model_has_blocks(const char *name)
{
    const ipd_method *method = ipd_method_find(name);
    return !method || method->variables;
}

const ipd_record *ipd_model_last(const ipd_model *m)
{
    return m->record_count ? m->record(m->source, m->record_count - 1) : NULL;
}

void ipd_model_free(ipd_model *m)
{
    for (int i = 0; i < IPD_MODEL_COLUMNS; i++)
        free(m->columns[i].values);
    memset(m->columns, 0, sizeof m->columns);
}
