/* describe.h - the trend of a run in words, for people who hear the screen, and for whoever asks what it
 * all means. From copies of records alone; any thread. */
#ifndef IPD_REPORT_DESCRIBE_H
#define IPD_REPORT_DESCRIBE_H

#include "run/run.h"

/* What is known of a run; everything borrowed. */
typedef struct ipd_description {
    const char *name, *data;
    const char *status; /* "paused", "diverged at ..."; NULL: not known */
    int diverged;
    const ipd_records *records;
    const ipd_settings *settings; /* in force, or NULL */
    const char *change;           /* the last change, "set delta = 0.3", or NULL */
    int change_iteration;         /* the first iteration that it reached */
    const char *phi;              /* what the objective is called: "phi" */
} ipd_description;

/* What is described of a run as of its last poll; valid until the next. */
ipd_description ipd_description_of(const ipd_run *run);

/* Some sentences, each a line that ends with a newline: where it stands, whether the objective falls and how
 * fast, accuracies, gaps, what the last change did, what is learnt. The caller frees it; NULL where memory
 * runs out. */
char *ipd_describe(const ipd_description *s);

/* The newest record beside the one before it, in one line without its end: "iteration 12: phi 456, falling
 * by 2.1 %; test accuracy 93.10 %". "" where there is none. */
void ipd_describe_iteration(const ipd_description *s, char *to, size_t size);

#endif
