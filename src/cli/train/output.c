/* output.c - the records of `ipdlam train` while it trains: CSV, TensorBoard, JSON. */
#include "base/file.h"
#include "cli/cli.h"
#include "cli/train/train.h"
#include "format/export.h"
#include "solver/written.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <time.h>

/* Writes a record, or the heading if it is NULL. */
static int write_csv(ipd_train *t, const ipd_record *record, ipd_error *e)
{
    const ipd_written *written = ipd_method_find(t->settings.method)->written;
    const char *metrics = written ? written->parts : "";
    int failed = record ? ipd_csv_record(t->csv_file, record, metrics)
                        : ipd_csv_header(t->csv_file, t->L, metrics);
    if (failed || fflush(t->csv_file))
        return t->csv_file == stdout
                   ? ipd_cli_flush(e)
                   : ipd_fail(e, IPD_EIO, "%s: cannot be written: %s", t->csv, strerror(errno));
    return 0;
}

static int open_csv(ipd_train *t, ipd_error *e)
{
    if (!t->csv)
        return 0;
    t->csv_file = ipd_stream_open(t->csv, e);
    if (!t->csv_file || write_csv(t, NULL, e))
        return -1;
    for (size_t i = 0; i < ipd_run_record_count(t->run); i++) { /* of a resumed run */
        ipd_record record = ipd_run_record(t->run, i);
        if (write_csv(t, &record, e))
            return -1;
    }
    return 0;
}

static int open_tensorboard(ipd_train *t, ipd_error *e)
{
    if (!t->tensorboard)
        return 0;
    t->events = ipd_tensorboard_open(t->tensorboard, e);
    for (size_t i = 0; t->events && i < ipd_run_record_count(t->run); i++) {
        ipd_record record = ipd_run_record(t->run, i);
        if (ipd_tensorboard_record(t->events, &record, (double)time(NULL), e))
            return -1;
    }
    return t->events ? 0 : -1;
}

int ipd_train_open_outputs(ipd_train *t, ipd_error *e)
{
    return open_csv(t, e) || open_tensorboard(t, e) ? -1 : 0;
}

int ipd_train_print_json(ipd_train *t, const ipd_record *record, ipd_error *e)
{
    ipd_json_item(&t->json);
    ipd_json_record(stdout, record);
    ipd_json_end_item(&t->json);
    return ipd_cli_flush(e);
}

void ipd_train_on_message(void *context, ipd_run *run, ipd_message message, unsigned long index)
{
    ipd_train *t = context;
    if (message == IPD_NEW_NOTICE) {
        ipd_train_wipe_live(t);
        fprintf(stderr, "ipdlam train: warning: %s\n", ipd_run_notice(run, index));
    }
    if (message == IPD_NEW_CHANGE)
        ipd_train_show_finding(t, ipd_run_log(run, index));
    if (message != IPD_NEW_RECORD || t->output_failed)
        return;
    ipd_record record = ipd_run_record(run, index);
    if (record.audit_blocks > 0) {
        t->audited += record.audit_blocks;
        t->findings += record.audit_findings;
        t->rise = fmax(t->rise, record.audit_rise);
        t->residual = fmax(t->residual, record.audit_residual);
    }
    ipd_train_show_record(t, &record);
    if ((t->csv_file && write_csv(t, &record, &t->output_error)) ||
        (t->events &&
         ipd_tensorboard_record(t->events, &record, (double)time(NULL), &t->output_error)))
        t->output_failed = 1;
    if (ipd_json_asked(&t->json) && ipd_train_print_json(t, &record, &t->output_error))
        t->output_failed = 1;
}
