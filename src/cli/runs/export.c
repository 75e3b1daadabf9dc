/* export.c - `ipdlam runs export`: writes a run as CSV, JSON, a Lua script or a TensorBoard event
 * file. */
#include "format/export.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/runs/runs.h"
#include "format/tensorboard.h"
#include "report/script.h"

#include <string.h>
#include <time.h>

struct exported {
    FILE *to;
    long count;
    char metrics[sizeof((ipd_record *)NULL)->metric_names]; /* of the last record */
};

static int note_metrics(void *context, const ipd_record *record)
{
    struct exported *x = context;
    memcpy(x->metrics, record->metric_names, sizeof x->metrics);
    return 0;
}

static int csv_record(void *context, const ipd_record *record)
{
    struct exported *x = context;
    if (x->count++ == 0 && ipd_csv_header(x->to, record->L, x->metrics))
        return 1;
    return ipd_csv_record(x->to, record, x->metrics) != 0;
}

static int json_record(void *context, const ipd_record *record)
{
    ipd_json_output *o = context;
    ipd_json_item(o);
    int failed = ipd_json_record(o->to, record);
    ipd_json_end_item(o);
    return failed != 0;
}

struct events {
    ipd_tensorboard *to;
    double wall; /* time of the last record, seconds since the epoch */
    int failed;
    ipd_error *e;
};

static int add_seconds(void *context, const ipd_record *record)
{
    ((struct events *)context)->wall -= record->seconds;
    return 0;
}

static int event_record(void *context, const ipd_record *record)
{
    struct events *x = context;
    x->wall += record->seconds;
    x->failed = ipd_tensorboard_record(x->to, record, x->wall, x->e);
    return x->failed;
}

/* Writes an event file. Its last time is the time of the run's last record. */
static int export_events(ipd_runs *r, const ipd_history_run *run, ipd_error *e)
{
    struct tm ended = {0};
    struct events x = {.wall = (double)time(NULL), .e = e};
    if (strptime(run->updated, "%Y-%m-%d %H:%M:%S", &ended))
        x.wall = (double)timegm(&ended);
    if (ipd_history_records(r->h, run->id, add_seconds, &x, e) ||
        !(x.to = ipd_tensorboard_open(r->tensorboard, e)))
        return -1;
    int failed = ipd_history_records(r->h, run->id, event_record, &x, e) || x.failed;
    if (!failed)
        printf("%s\n", ipd_tensorboard_path(x.to));
    return ipd_tensorboard_close(x.to, failed ? NULL : e) || failed ? -1 : 0;
}

static int export_csv(ipd_runs *r, const ipd_history_run *run, FILE *to, ipd_error *e)
{
    struct exported x = {.to = to};
    return ipd_history_records(r->h, run->id, note_metrics, &x, e) ||
                   ipd_history_records(r->h, run->id, csv_record, &x, e)
               ? -1
               : 0;
}

static int export_json(ipd_runs *r, const ipd_history_run *run, FILE *to, ipd_error *e)
{
    ipd_json_output o = {.whole = 1, .to = to};
    ipd_json_begin(&o);
    int failed = ipd_history_records(r->h, run->id, json_record, &o, e);
    ipd_json_close(&o);
    return failed;
}

static int export_lines(ipd_runs *r, const ipd_history_run *run, FILE *to, ipd_error *e)
{
    ipd_json_output o = {.by_line = 1, .to = to};
    return ipd_history_records(r->h, run->id, json_record, &o, e);
}

static int export_script(ipd_runs *r, const ipd_history_run *run, FILE *to, ipd_error *e)
{
    return ipd_script_write_history(to, r->h, run, e);
}

/* Writes to the file of --output, or to standard output. */
static int export_text(ipd_runs *r, const ipd_history_run *run,
                       int (*write)(ipd_runs *, const ipd_history_run *, FILE *, ipd_error *),
                       ipd_error *e)
{
    ipd_new_file f;
    if (ipd_new_file_open(&f, r->output ? r->output : "-", e))
        return -1;
    if (!write(r, run, f.stream, e))
        return ipd_new_file_commit(&f, e);
    ipd_new_file_abandon(&f);
    return -1;
}

/* The formats, with their option and file extension. A format without a writer is written to its
 * own folder. */
static const struct form {
    const char *name, *end;
    int (*write)(ipd_runs *, const ipd_history_run *, FILE *, ipd_error *);
} forms[] = {{"csv", ".csv", export_csv},
             {"json", ".json", export_json},
             {"jsonl", ".jsonl", export_lines},
             {"lua", ".lua", export_script},
             {"tensorboard", NULL, NULL}};
enum { FORMS = sizeof forms / sizeof *forms };

/* The format of the given option, or that of the file's extension, or the first one. */
static const struct form *choose(const ipd_runs *r, ipd_error *e)
{
    static const char *const endings[] = {".csv", ".json", ".jsonl", ".lua", NULL};
    const int asked[FORMS] = {r->csv, r->json.whole, r->json.by_line, r->lua,
                              r->tensorboard != NULL};
    const struct form *chosen = NULL;
    for (int i = 0; i < FORMS; i++) {
        if (!asked[i])
            continue;
        if (chosen) {
            ipd_fail(e, IPD_EUSAGE, "--%s and --%s exclude each other", chosen->name,
                     forms[i].name);
            return NULL;
        }
        chosen = &forms[i];
    }
    const char *name = r->output ? strrchr(r->output, '/') : NULL, *end;
    name = name ? name + 1 : r->output;
    if (chosen || !name || !(end = strrchr(name, '.')))
        return chosen ? chosen : &forms[0];
    for (int i = 0; i < FORMS; i++)
        if (forms[i].end && !strcmp(end, forms[i].end))
            return &forms[i];
    ipd_fail_unknown_in(e, "ending", end, endings);
    ipd_fail_in(e, "%.200s", r->output);
    return NULL;
}

int ipd_runs_export(ipd_runs *r, ipd_error *e)
{
    static ipd_history_run run;
    const struct form *form = choose(r, e);
    if (!form || ipd_runs_find(r, 1, &run, e))
        return -1;
    if (!run.records)
        return ipd_fail(e, IPD_ESTATE, "run %ld has no records", run.id);
    if (!form->write && r->output)
        return ipd_fail(e, IPD_EUSAGE, "--%s names its folder itself. Leave --output out",
                        form->name);
    return form->write ? export_text(r, &run, form->write, e) : export_events(r, &run, e);
}
