/* describe.h - describes the trend of a run in sentences, for screen readers and for newcomers.
 * Uses only copies of records; any thread.
 */
#ifndef IPD_REPORT_DESCRIBE_H
#define IPD_REPORT_DESCRIBE_H

#include "run/run.h"

/* The facts about a run; all pointers are borrowed. */
typedef struct ipd_description {
    const char *name, *data;
    const char *status; /* "paused", "diverged at ..."; NULL: unknown */
    int diverged;
    const ipd_records *records;
    const ipd_settings *settings; /* current settings, or NULL */
    const char *change;           /* the last change, "set delta = 0.3", or NULL */
    int change_iteration;         /* the first iteration affected by it */
    const char *phi;              /* the name of the objective: "phi" */
} ipd_description;

/* The facts about a run at its last poll; valid until the next poll. */
ipd_description ipd_description_of(const ipd_run *run);

/* Returns sentences, one per line: status, trend and rate of the objective, accuracies, gaps, the
 * effect of the last change, diagnostics. The caller frees the text; NULL if memory runs out. */
char *ipd_describe(const ipd_description *s);

/* What a rewind to the end of this iteration leaves: "left 3 iterations and delta = 0.3", as of the
 * last poll. */
void ipd_describe_left(const ipd_run *run, long iteration, char *to, size_t size);

#endif
