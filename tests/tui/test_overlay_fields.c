/* Overlays of runs in the history read only the fields that are drawn, with the same values as
 * whole records. */
#include "history/history.h"
#include "tests/run/plan.h"
#include "tui/model/changes.h"

#include <unistd.h>

enum { ROWS = 300 }; /* several chunks of records */

static char folder[] = "/tmp/ipdlam-test-XXXXXX", path[256];
static long id;

/* A run whose metrics begin later, with values that change and values that do not. */
static void make_history(void)
{
    const ipd_dataset about = {.name = "digits", .source = "generated, seed 1"};
    const size_t widths[] = {784, 20, 30, 10};
    ipd_settings settings;
    const ipd_history_new run = {
        .name = "old", .settings = &settings, .data = &about, .L = 3, .widths = widths};
    ipd_history *h;
    ipd_error e;
    ipd_settings_init(&settings);
    strcpy(settings.rho_schedule, "function");
    if (ipd_history_open(&h, path, 1, &e) || ipd_history_begin(h, &id, &run, &e))
        fatal(&e);
    for (int k = 1; k <= ROWS; k++) {
        ipd_record r;
        ipd_record_init(&r, 3);
        r.iteration = k;
        r.seconds = 0.5;
        r.phi = k == 7 ? NAN : 100.0 / k;
        r.test_accuracy = k < ROWS / 2 ? 0.5 : 0.75;
        for (int l = 1; l <= 3; l++)
            r.moved_W[l] = k == 9 ? NAN : k + 0.25 * l;
        r.change_by_block[3] = -k;
        strcpy(r.method, "ipdlam");
        if (k > 5 &&
            (ipd_metric_put(&r, "first", k, &e) || ipd_metric_put(&r, "second", 2 * k, &e)))
            fatal(&e);
        if (ipd_history_record(h, id, &r, 1, &e))
            fatal(&e);
    }
    const ipd_place at[] = {{.iteration = 1}, {.iteration = 5}, {.iteration = 8}};
    if (ipd_history_change(h, id, &at[0], "weights from memory", 1, &e) ||
        ipd_history_change(h, id, &at[1], "set delta = 0.3", 2, &e) ||
        ipd_history_change(h, id, &at[2], "set rho = 1.5", 3, &e))
        fatal(&e);
    ipd_history_close(h);
}

static int add(void *context, const ipd_record *record)
{
    return ipd_records_add(context, record);
}

static int same(const ipd_records *some, const ipd_records *all, const char *field)
{
    const ipd_field *f = ipd_field_find(field);
    int alike = some->count == all->count;
    for (int i = 0; i < ipd_field_count(f, 3); i++)
        for (size_t k = 0; k < all->count && alike; k++) {
            double a = ipd_records_at(some, ipd_records_column(some, f, i), k),
                   b = ipd_records_at(all, ipd_records_column(all, f, i), k);
            alike = !memcmp(&a, &b, sizeof a) || (isnan(a) && isnan(b));
        }
    return alike;
}

static void test_fields(const ipd_records *all)
{
    const ipd_field *first[] = {ipd_field_find("phi"), ipd_field_find("moved_W")};
    const ipd_field *later[] = {ipd_field_find("metric"), ipd_field_find("change_by_block")};
    ipd_records some = {0};
    ipd_history *h;
    ipd_error e;
    char names[sizeof((ipd_record *)0)->metric_names];
    if (ipd_history_open(&h, path, 0, &e) || ipd_history_read_fields(h, id, first, 2, &some, &e))
        fatal(&e);
    ok(same(&some, all, "iteration") && same(&some, all, "phi") && same(&some, all, "moved_W"),
       "fields of all records, scalars and by layer");
    ok(isnan(ipd_records_number(&some, "test_accuracy", 10)), "other fields have no values");
    if (ipd_history_read_fields(h, id, later, 2, &some, &e))
        fatal(&e);
    ok(same(&some, all, "metric") && same(&some, all, "change_by_block") && same(&some, all, "phi"),
       "others later");
    ipd_records_string(&some, ipd_field_find("metric_names"), 0, names);
    ok(ipd_metric_find(names, "second") == 1, "the names of the metrics are read with them");
    ok(ipd_history_read_fields(h, id + 1, later, 2, &some, &e) == -1,
       "reading a run that does not exist fails");
    ipd_history_close(h);
    ipd_records_free(&some);
}

static void test_overlay(const ipd_records *all)
{
    static const char *const none[] = {NULL}, *const moved[] = {"moved_W", NULL};
    ipd_overlay o = {.id = id, .history = path};
    ok(!ipd_overlay_read(&o, none) && same(&o.records, all, "phi") &&
           same(&o.records, all, "test_accuracy"),
       "an overlay has what most charts draw");
    ok(isnan(ipd_records_number(&o.records, "moved_W", 3)),
       "an overlay does not read the other fields");
    const ipd_column *c = ipd_overlay_values(&o, "moved_W", NULL, 1);
    ok(c && ipd_value_at(&c->values, 4) == 5.5 && same(&o.records, all, "moved_W"),
       "until a chart draws it");
    const ipd_log_entry *change = NULL;
    ipd_error e;
    if (!ipd_changes_read(&o, path, &e))
        change = o.changes.items;
    ok(o.changes.count == 1 && change->place.iteration == 5 &&
           !strcmp(change->text, "set delta = 0.3"),
       "its changes are marked, but for values of a function");
    int count = o.field_count;
    ok(!ipd_overlay_read(&o, moved) && o.field_count == count, "a field is read once");
    unlink(path);
    c = ipd_overlay_values(&o, "metric", NULL, 0);
    ok(o.failed.code != IPD_OK && strstr(o.failed.text, path) && c &&
           isnan(ipd_value_at(&c->values, 20)) && same(&o.records, all, "phi"),
       "without the file: an error, and what was read stays");
    o.failed.code = IPD_OK;
    ipd_overlay_values(&o, "metric", NULL, 0);
    ok(o.failed.code == IPD_OK, "a failed reading is reported once");
    ok(ipd_changes_read(&o, path, &e), "a missing history has no changes");
    free(o.changes.items);
    ipd_columns_free(&o.columns);
    ipd_records_free(&o.records);
}

int main(void)
{
    ipd_records all = {0};
    ipd_history *h;
    ipd_error e;
    if (!mkdtemp(folder))
        return 99;
    snprintf(path, sizeof path, "%s/runs.db", folder);
    make_history();
    if (ipd_history_open(&h, path, 0, &e) || ipd_history_records(h, id, add, &all, &e))
        fatal(&e);
    ipd_history_close(h);
    ok(all.count == ROWS, "the history is written");
    test_fields(&all);
    test_overlay(&all);
    ipd_records_free(&all);
    char command[300];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command) ? 99 : done();
}
