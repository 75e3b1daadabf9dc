/* announce.c - see announce.h. */
#include "cli/announce.h"
#include "base/clock.h"

#include <math.h>
#include <string.h>

enum { SECONDS = 2 };

static int is_another(const ipd_announcer *a, ipd_run *run)
{
    return strcmp(a->name, ipd_run_name(run)) != 0 || ipd_run_record_count(run) < a->records;
}

static int record_is_due(const ipd_announcer *a, ipd_run *run)
{
    return ipd_run_record_count(run) > a->records &&
           (ipd_run_get_status(run) != IPD_RUNNING || ipd_seconds() - a->last >= SECONDS);
}

/* Does not count "running, waits for rho ..." as a change: it would be reported in every
 * iteration. */
static int status_changed(const ipd_announcer *a, ipd_run *run)
{
    const char *text = ipd_run_status_text(run);
    size_t n = strcspn(text, ",");

    return ipd_run_get_status(run) == IPD_RUNNING
               ? strncmp(a->status, text, n) != 0
               : strncmp(a->status, text, sizeof a->status - 1) != 0;
}

int ipd_announce_pending(const ipd_announcer *a, ipd_run *run)
{
    return run && (is_another(a, run) || status_changed(a, run) ||
                   ipd_run_log_count(run) > a->changes || record_is_due(a, run));
}

static void say_number(FILE *to, const char *name, double value, double factor, const char *unit)
{
    if (isfinite(value))
        fprintf(to, ", %s %.4g%s", name, value * factor, unit);
}

static void say_quality(FILE *to, const char *name, double value, int is_r2)
{
    char label[32];

    snprintf(label, sizeof label, "%s%s", name, is_r2 ? " R2" : "");
    say_number(to, label, value, is_r2 ? 1 : 100, is_r2 ? "" : " percent");
}

static void say_record(FILE *to, const ipd_record *m)
{
    fprintf(to, "iteration %d", m->iteration);
    say_number(to, "phi", m->phi, 1, "");
    if (!isfinite(m->phi))
        say_number(to, "loss", m->forward_loss, 1, "");
    say_quality(to, "train", m->train_accuracy, ipd_record_is_r2(m));
    say_quality(to, "validation", m->validation_accuracy, ipd_record_is_r2(m));
    say_quality(to, "test", m->test_accuracy, ipd_record_is_r2(m));
    fputs("\n", to);
}

void ipd_announce(ipd_announcer *a, ipd_run *run, FILE *to)
{
    char place[128];

    if (!ipd_announce_pending(a, run))
        return;
    if (is_another(a, run)) {
        memset(a, 0, sizeof *a);
        snprintf(a->name, sizeof a->name, "%s", ipd_run_name(run));
        fprintf(to, "%s on %s:\n", a->name, ipd_run_dataset(run)->name);
    }
    for (; a->changes < ipd_run_log_count(run); a->changes++) {
        const ipd_log_entry *entry = ipd_run_log(run, a->changes);
        ipd_place_text(&entry->place, place, sizeof place);
        fprintf(to, "%s: %s\n", place, entry->text);
    }
    if (record_is_due(a, run)) {
        a->records = ipd_run_record_count(run);
        a->last = ipd_seconds();
        ipd_record last = ipd_run_record(run, a->records - 1);
        say_record(to, &last);
    }
    if (status_changed(a, run)) {
        snprintf(a->status, sizeof a->status, "%s", ipd_run_status_text(run));
        fprintf(to, "%s\n", a->status);
    }
    fflush(to);
}
