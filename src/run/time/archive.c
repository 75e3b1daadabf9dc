/* archive.c - a run as an archive: its initial settings and weights, its journal and its present
 * state.
 *
 * Entries of this layer have names that begin with "run."; the others belong to the method, see
 * ipd_method.transfer. Settings are stored as text, in the form that users type.
 */
#include "run/mailbox.h"
#include "run/time/log.h"
#include "run/time/state.h"
#include "run/time/tree.h"
#include "run/trainer.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_UNITS = INT_MAX };

static void transfer_settings(ipd_archive *ar, ipd_settings *s, const char *prefix)
{
    int reading = ipd_archive_reading(ar);
    ipd_error e;
    if (reading)
        ipd_settings_init(s);
    for (int rank = 0; rank < IPD_SETTING_RANKS; rank++)
        for (const ipd_setting *x = ipd_settings_table; x->name; x++) {
            char text[600] = "";
            if (x->alias || ipd_setting_rank(x->name) != rank || !ipd_setting_exists(s, x))
                continue;
            snprintf(text, sizeof text, "%s.%s", prefix, x->name);
            if (reading && x->later && !ipd_archive_find(ar, text))
                continue; /* the preset's value */
            ipd_settings_get(s, x, text, sizeof text);
            ipd_archive_text(ar, text, sizeof text, "%s.%s", prefix, x->name);
            if (reading && !ipd_archive_result(ar, NULL) && ipd_settings_set(s, x->name, text, &e))
                ipd_archive_refuse(ar, "the data have an invalid setting: %s", e.text);
        }
}

/* The state. */

/* Describes the run's present state. The method's state in it is borrowed from the run. */
static void state_of(const ipd_run *run, ipd_run_state *m)
{
    *m = (ipd_run_state){.trainer = ipd_run_trainer(run),
                         .units = run->journal.units,
                         .within = run->within,
                         .findings = run->findings,
                         .settled = run->settled,
                         .seconds = run->seconds};
    ipd_settings_from_parameters(&m->trainer.settings, run->method->parameters(run->state));
    memcpy(m->seconds_by_block, run->seconds_by_block, sizeof m->seconds_by_block);
    if (run->switching) {
        snprintf(m->method, sizeof m->method, "%s", run->switching->method);
        m->change = run->switching->change;
    }
}

/* Reads a pending switch of version 1, which is a text. */
static void read_old_switch(ipd_archive *ar, ipd_run_state *m)
{
    char text[IPD_LOG_TEXT] = "";
    ipd_error e;
    ipd_archive_text(ar, text, sizeof text, "run.waits");
    if (*text && ipd_log_parse(text, m->method, &m->change, &e) != IPD_LOG_SWITCH)
        ipd_archive_refuse(ar, "the data have an invalid pending switch: %.100s", text);
}

/* A pending switch is a log of one entry; without one the log is empty. */
static void transfer_switch(ipd_archive *ar, ipd_run_state *m)
{
    const ipd_place nowhere = {0};
    ipd_journal log = {0};
    const char *method;
    if (ipd_archive_reading(ar) && ipd_archive_find(ar, "run.waits")) {
        read_old_switch(ar, m);
        return;
    }
    if (*m->method && ipd_journal_add(&log, &nowhere, IPD_LOG_SWITCH, m->method, &m->change))
        ipd_archive_refuse(ar, "out of memory for an archive");
    ipd_journal_transfer(ar, &log, "run.waits");
    if (ipd_archive_reading(ar) && !ipd_archive_result(ar, NULL) && log.log.count) {
        if (ipd_journal_read(&log, 0, &method, &m->change) == IPD_LOG_SWITCH)
            snprintf(m->method, sizeof m->method, "%s", method);
        else
            ipd_archive_refuse(ar, "the data have an invalid pending switch");
    }
    ipd_journal_free(&log);
}

int ipd_run_state_transfer(const ipd_run *run, ipd_run_state *m, ipd_archive *ar, ipd_error *e)
{
    int64_t units = (int64_t)m->units;
    ipd_settings settings = m->trainer.settings;
    transfer_settings(ar, &settings, "run.settings");
    ipd_archive_ints(ar, &units, 1, 0, MAX_UNITS, "run.units");
    ipd_archive_int(ar, &m->within, 0, 1, "run.within");
    ipd_archive_int(ar, &m->findings, 0, INT_MAX - 1, "run.findings");
    ipd_archive_int(ar, &m->settled, 0, INT_MAX, "run.settled");
    ipd_archive_double(ar, &m->seconds, 0, 1e18, "run.seconds");
    ipd_archive_doubles(ar, m->seconds_by_block, (size_t)(3 * run->L - 1), "run.seconds_by_block");
    transfer_switch(ar, m);
    m->units = (unsigned long)units;
    if (ipd_archive_result(ar, e))
        return -1;
    if (!ipd_archive_reading(ar))
        return m->trainer.method->transfer(m->trainer.state, ar, e);
    if (ipd_settings_check(&settings, run->L, run->data->name, run->problem.N, e) ||
        ipd_trainer_open(run, &m->trainer, &settings, e) ||
        m->trainer.method->transfer(m->trainer.state, ar, e))
        return -1;
    if (!m->trainer.method->place(m->trainer.state).block.kind)
        return ipd_fail(e, IPD_EFORMAT,
                        "the state in the data is at the end of an iteration, not at a block");
    return 0;
}

/* The journal. */

static void transfer_ends(ipd_archive *ar, ipd_list *ends)
{
    ipd_list integers = {0};
    if (ipd_archive_list(ar, &integers, ends->count, sizeof(int64_t)))
        return;
    int64_t *x = integers.items;
    unsigned long *to = ends->items;
    for (size_t i = 0; i < ends->count; i++)
        x[i] = (int64_t)to[i];
    ipd_archive_ints(ar, x, ends->count, 0, MAX_UNITS, "run.ends");
    for (size_t i = 0; i < ends->count; i++)
        to[i] = (unsigned long)x[i];
    for (size_t i = 1; i < ends->count; i++)
        if (to[i] <= to[i - 1])
            ipd_archive_refuse(ar, "the ends of the iterations in the data are not in order");
    free(x);
}

/* Checks a count that was read against the size of the entry that it counts: a false count must not
 * allocate memory. */
static void check_count(ipd_archive *ar, int count, size_t each, const char *name)
{
    const ipd_entry *x = ipd_archive_find(ar, name);
    if (!ipd_archive_reading(ar) || !count)
        return;
    if (!x)
        ipd_archive_refuse(ar, "the data have no %s", name);
    else if (x->bytes / sizeof(int64_t) != (size_t)count * each)
        ipd_archive_refuse(ar, "the number of %s in the data is not %d, the number stated", name,
                           count);
}

static void transfer_log(ipd_archive *ar, ipd_journal *journal, int changes)
{
    if (ipd_archive_reading(ar) && !ipd_archive_find(ar, "run.journal.entries")) {
        check_count(ar, changes, IPD_OLD_PLACE, "run.log.places");
        if (!ipd_archive_result(ar, NULL))
            ipd_journal_read_old(ar, journal, changes);
        return;
    }
    ipd_journal_transfer(ar, journal, "run.journal");
    if (ipd_archive_reading(ar))
        ipd_tree_read_head(journal, ar);
    if (journal->log.count != (size_t)changes)
        ipd_archive_refuse(ar, "the data state %d changes but hold %zu", changes,
                           journal->log.count);
}

static void transfer_journal(ipd_archive *ar, ipd_journal *journal, int L)
{
    int records = (int)journal->records.count, changes = (int)journal->log.count;
    ipd_archive_int(ar, &records, 0, 1 << 24, "run.records");
    ipd_archive_int(ar, &changes, 0, 1 << 24, "run.changes");
    check_count(ar, records, 1, "run.ends");
    if (ipd_archive_result(ar, NULL) ||
        (ipd_archive_reading(ar) &&
         ipd_archive_list(ar, &journal->ends, (size_t)records, sizeof(unsigned long))))
        return;
    ipd_archive_records(ar, &journal->records, (size_t)records, L, "run.record");
    for (size_t i = 0; i < journal->records.count && ipd_archive_reading(ar); i++)
        if (ipd_records_number(&journal->records, "iteration", i) != (double)i + 1)
            ipd_archive_refuse(ar, "the records in the data are not numbered 1, 2, ...");
    transfer_ends(ar, &journal->ends);
    transfer_log(ar, journal, changes);
}

/* The start of a run. */

static void transfer_parent(ipd_archive *ar, ipd_parent *p)
{
    int64_t id = p->id;
    ipd_archive_text(ar, p->name, sizeof p->name, "run.parent.name");
    ipd_archive_ints(ar, &id, 1, 0, LONG_MAX, "run.parent.id");
    ipd_archive_int(ar, &p->iteration, -1, INT_MAX - 1, "run.parent.iteration");
    p->id = (long)id;
}

/* Files of 0.1.0 have no identity. It is checked because it becomes part of file names. */
static void transfer_identity(ipd_archive *ar, char identity[IPD_IDENTITY], int64_t *number)
{
    if (ipd_archive_reading(ar) && !ipd_archive_find(ar, "run.identity") &&
        !ipd_archive_find(ar, "run.number"))
        return;
    ipd_archive_text(ar, identity, IPD_IDENTITY, "run.identity");
    ipd_archive_ints(ar, number, 1, 0, LONG_MAX, "run.number");
    if (strspn(identity, "0123456789abcdef") != IPD_IDENTITY - 1)
        ipd_archive_refuse(ar, "the data have an invalid identity");
}

static void transfer_start(ipd_archive *ar, ipd_network *net)
{
    for (int l = 1; l <= net->L; l++) {
        ipd_archive_matrix(ar, &net->W[l], "run.start.W%d", l);
        ipd_archive_matrix(ar, &net->b[l], "run.start.b%d", l);
    }
}

/* Copies the entries of a journal's path to an empty journal. */
static int copy_path(ipd_journal *to, const ipd_journal *from)
{
    for (size_t i = 0; i < from->log.count; i++)
        if (ipd_journal_copy(to, from, (const ipd_journal_entry *)from->log.items + i))
            return -1;
    return 0;
}

int ipd_journal_write(const ipd_run *run, size_t records, size_t changes, ipd_archive *ar,
                      const ipd_parent *branch, ipd_error *e)
{
    char format[] = "ipdlam run 1", name[64], data[65], initial[sizeof run->initial],
         identity[IPD_IDENTITY];
    int64_t widths[IPD_MAX_LAYERS + 1];
    ipd_settings first = run->first_settings;
    ipd_network start = run->start;
    ipd_journal journal = run->journal;
    ipd_parent parent = run->parent;
    int given = run->given;
    int64_t number = run->history_id;
    memcpy(identity, run->keep.identity, sizeof identity);
    memcpy(name, run->now->name, sizeof name);
    memcpy(data, run->data->checksum, sizeof data);
    memcpy(initial, run->initial, sizeof initial);
    for (int l = 0; l <= run->L; l++)
        widths[l] = (int64_t)run->d[l];
    journal.records.count = journal.ends.count = records;
    journal.log.count = changes;
    int whole = !branch && run->tree.futures.count;
    ipd_journal path = {0}; /* if its entries alone are written */
    if (!whole && journal.all.count > changes) {
        if (copy_path(&path, &journal)) {
            ipd_journal_free(&path);
            return ipd_fail(e, IPD_EMEMORY, "out of memory for an archive");
        }
        path.records = journal.records;
        path.ends = journal.ends;
        journal = path;
    }
    ipd_archive_text(ar, format, sizeof format, "run.format");
    ipd_archive_text(ar, data, sizeof data, "run.data");
    ipd_archive_ints(ar, widths, (size_t)run->L + 1, 0, INT64_MAX, "run.widths");
    if (*run->definitions)
        ipd_archive_text(ar, run->definitions, strlen(run->definitions), "run.definitions");
    ipd_methods_write(run, &journal, ar);
    transfer_settings(ar, &first, "run.first");
    transfer_start(ar, &start);
    ipd_archive_text(ar, name, sizeof name, "run.name");
    ipd_archive_int(ar, &given, 0, 1, "run.given");
    ipd_archive_text(ar, initial, sizeof initial, "run.initial");
    if (branch) {
        parent = *branch;
        memcpy(parent.name, run->now->name, sizeof parent.name);
    }
    transfer_parent(ar, &parent);
    transfer_identity(ar, identity, &number);
    transfer_journal(ar, &journal, run->L);
    path.records = (ipd_records){0};
    path.ends = (ipd_list){0};
    ipd_journal_free(&path);
    if (!branch && !number && run->wanted) { /* its name has a number already */
        int64_t wanted = run->wanted;
        ipd_archive_ints(ar, &wanted, 1, 0, LONG_MAX, "run.wanted");
    }
    if (whole)
        ipd_tree_write(run, &journal, ar);
    if (!branch && changes)
        ipd_undo_write(run, ((const ipd_journal_entry *)run->journal.log.items)[changes - 1].units,
                       ar);
    return ipd_archive_result(ar, e);
}

/* Reads the widths d and returns L; their number is the length of the entry. 0 on failure. */
static int read_widths(ipd_archive *ar, const ipd_dataset *data, size_t *d)
{
    const ipd_entry *entry = ipd_archive_find(ar, "run.widths");
    int64_t widths[IPD_MAX_LAYERS + 1];
    size_t count = entry && entry->dims == 1 ? entry->shape[0] : 0;
    if (count < 2 || count > IPD_MAX_LAYERS + 1) {
        ipd_archive_refuse(ar, "the data have no widths of 1 to %d layers", IPD_MAX_LAYERS);
        return 0;
    }
    ipd_archive_ints(ar, widths, count, 1, 1 << 24, "run.widths");
    if (ipd_archive_result(ar, NULL))
        return 0;
    for (size_t l = 0; l < count; l++) {
        char name[16];
        d[l] = (size_t)widths[l];
        snprintf(name, sizeof name, "run.start.W%zu", l);
        /* The weights must be there, so that a small file cannot make the program allocate much
         * memory. */
        if (l > 0 && (!(entry = ipd_archive_find(ar, name)) ||
                      entry->bytes != d[l] * d[l - 1] * sizeof(float)))
            ipd_archive_refuse(ar, "the data have no %s of %zu x %zu", name, d[l], d[l - 1]);
    }
    if (d[0] != data->inputs || d[count - 1] < data->classes)
        ipd_archive_refuse(ar,
                           "the network has %zu inputs and %zu outputs, but %s has %zu inputs and "
                           "%zu classes",
                           d[0], d[count - 1], data->name, data->inputs, data->classes);
    return (int)count - 1;
}

int ipd_archive_first(ipd_archive *ar, const ipd_dataset *data, ipd_settings *settings,
                      ipd_network *net, ipd_error *e)
{
    char format[16] = "", checksum[65] = "", definitions[IPD_OWN_TEXTS] = "";
    size_t d[IPD_MAX_LAYERS + 1];
    ipd_archive_rewind(ar);
    ipd_archive_text(ar, format, sizeof format, "run.format");
    ipd_archive_text(ar, checksum, sizeof checksum, "run.data");
    if (ipd_archive_result(ar, e))
        return -1;
    if (strcmp(format, "ipdlam run 1"))
        return ipd_fail(e, IPD_EFORMAT, "unknown format of a run: '%.15s'", format);
    if (strcmp(checksum, data->checksum))
        return ipd_fail(
            e, IPD_EUSAGE,
            "the run was not trained on these samples of %.200s (checksum %.12s..., not "
            "%.12s...). Open the data set with the same options",
            data->name, checksum, data->checksum);
    int L = read_widths(ar, data, d);
    if (ipd_archive_find(ar, "run.definitions"))
        ipd_archive_text(ar, definitions, sizeof definitions, "run.definitions");
    if (ipd_archive_result(ar, e) || ipd_network_read_definitions(definitions, e) ||
        ipd_methods_read(ar, e))
        return -1;
    transfer_settings(ar, settings, "run.first");
    if (ipd_archive_result(ar, e) ||
        ipd_settings_check(settings, L, data->name, data->train.X.cols, e))
        return -1;
    if (ipd_network_init(net, L, d, NULL, ipd_loss_find(settings->loss), e) ||
        ipd_network_set_activations(net, settings->activation, e) ||
        ipd_network_use_definitions(net, definitions, e))
        return -1;
    transfer_start(ar, net);
    return ipd_archive_result(ar, e);
}

/* The command of a pending switch has no ticket: it was answered before the run was saved. */
static int restore_switch(ipd_run *run, const ipd_run_state *m, ipd_error *e)
{
    if (!*m->method)
        return 0;
    if (!(run->switching = ipd_allocate(1, sizeof *run->switching, e)))
        return -1;
    run->switching->kind = IPD_DO_SWITCH;
    run->switching->change = m->change;
    memcpy(run->switching->method, m->method, sizeof m->method);
    return 0;
}

/* Checks that the state is in the iteration after the last complete one. *behind is 1 if the
 * journal has later records. */
static int check_journal(const ipd_run *run, int *behind, ipd_error *e)
{
    const unsigned long *ends = run->journal.ends.items;
    size_t done = 0;
    while (done < run->journal.ends.count && ends[done] <= run->journal.units)
        done++;
    *behind = done < run->journal.records.count;
    if (run->method->place(run->state).iteration == (int)done + 1)
        return 0;
    return ipd_fail(e, IPD_EFORMAT,
                    "the state in the data belongs to iteration %d, but its journal to %zu",
                    run->method->place(run->state).iteration, done + 1);
}

/* Copies the journal to the main thread's view; the listener is not called for it. */
static int show_journal(ipd_run *run, ipd_error *e)
{
    run->view.records = run->journal.records.count;
    if (ipd_records_share(&run->records, &run->journal.records, run->now->records, NULL))
        return ipd_fail(e, IPD_EMEMORY, "out of memory for the records");
    for (size_t i = 0; i < run->journal.log.count; i++) {
        ipd_log_entry entry = ipd_journal_show(&run->journal, i);
        if (ipd_list_add(&run->inbox.log, &entry, sizeof entry))
            return ipd_fail(e, IPD_EMEMORY, "out of memory for the log");
    }
    run->passed_records = run->journal.records.count;
    run->passed_log = run->journal.log.count;
    return 0;
}

/* Continues the same run: takes over its identity, its number and the checkpoint that was read. */
static void reopen(ipd_run *run, const char *identity, long number)
{
    ipd_keep *k = &run->keep;
    if (!*identity)
        return;
    memcpy(k->identity, identity, sizeof k->identity);
    run->view.id = number;
    memcpy(run->view.checkpoint, k->from, sizeof k->from);
    run->history_id = number;
    const char *slash = strrchr(k->from, '/');
    snprintf(k->placed, sizeof k->placed, "%.*s", slash ? (int)(slash - k->from) : 0, k->from);
}

int ipd_archive_journal(ipd_archive *ar, ipd_run *run, int *behind, ipd_error *e)
{
    ipd_run_state m = {0};
    char name[sizeof run->now->name] = "", identity[IPD_IDENTITY] = "", path[4096];
    int64_t number = 0, applied = 0, wanted = 0;
    ipd_archive_text(ar, name, sizeof name, "run.name");
    ipd_archive_int(ar, &run->given, 0, 1, "run.given");
    ipd_archive_text(ar, run->initial, sizeof run->initial, "run.initial");
    transfer_parent(ar, &run->parent);
    transfer_identity(ar, identity, &number);
    transfer_journal(ar, &run->journal, run->L);
    if (ipd_archive_find(ar, "run.applied"))
        ipd_archive_ints(ar, &applied, 1, 0, (int64_t)run->journal.log.count, "run.applied");
    run->applied = (size_t)applied;
    if (run->keep.reopened && ipd_archive_find(ar, "run.wanted"))
        ipd_archive_ints(ar, &wanted, 1, 0, LONG_MAX, "run.wanted");
    run->wanted = (long)wanted;
    ipd_undo_read(run, ar);
    if (!ipd_archive_result(ar, NULL))
        ipd_tree_read(run, ar);
    if (ipd_archive_result(ar, e) || ipd_run_state_transfer(run, &m, ar, e)) {
        ipd_trainer_close(&m.trainer);
        return -1;
    }
    run->method->close(run->state);
    run->method = m.trainer.method;
    run->state = m.trainer.state;
    run->settings = m.trainer.settings;
    run->journal.units = m.units;
    run->within = m.within;
    run->findings = m.findings;
    run->settled = m.settled;
    run->seconds = m.seconds;
    memcpy(run->seconds_by_block, m.seconds_by_block, sizeof m.seconds_by_block);
    if (!*run->now->name || run->keep.reopened)
        memcpy(run->view.name, name, sizeof name);
    if (run->keep.reopened)
        reopen(run, identity, (long)number);
    if (ipd_method_has_changed(run->method, path, sizeof path))
        ipd_run_notify(run,
                       "%.380s has changed. The run keeps the text that it was read with; "
                       "run:reload() uses the new one",
                       path);
    return restore_switch(run, &m, e) || show_journal(run, e) || check_journal(run, behind, e) ? -1
                                                                                               : 0;
}

int ipd_run_write_whole(ipd_run *run, ipd_archive *ar, ipd_error *e)
{
    ipd_run_state m;
    if (!ipd_run_goes_on(run->now))
        return ipd_fail(e, IPD_ESTATE,
                        "this run cannot continue, so there is nothing to resume: %.300s",
                        run->now->status_text);
    state_of(run, &m);
    return ipd_journal_write(run, run->journal.records.count, run->journal.log.count, ar, NULL,
                             e) ||
                   ipd_run_state_transfer(run, &m, ar, e)
               ? -1
               : 0;
}
