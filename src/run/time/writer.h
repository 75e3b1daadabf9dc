/* writer.h - the thread that writes checkpoints, one for the process, one file after the other. */
#ifndef IPD_RUN_TIME_WRITER_H
#define IPD_RUN_TIME_WRITER_H

#include "run/time/checkpoint.h"
#include "run/time/keep.h"

typedef struct ipd_write_job ipd_write_job;
struct ipd_write_job {
    ipd_write_job *next;
    ipd_run *run;
    ipd_archive *archive;      /* the job's */
    ipd_checkpoint checkpoint; /* all but the path; the path where folder is "" */
    char folder[4096], history[4096];
    int limited;           /* 1: checkpoint_space holds for it */
    int beyond;            /* set to 1 where it is written though it does not fit, */
    double limit;          /* in so many bytes */
    ipd_progress progress; /* of the run in the archive */
    ipd_ticket ticket;     /* to be answered, or 0 */
    double cost;           /* seconds that it has taken from training so far */
    /* Called on the writer's thread, with NULL or why it failed. Frees the job. */
    void (*done)(ipd_write_job *job, const ipd_error *e);
};

/* Takes the job over. Where no thread can be made, it is done at once by the caller. */
void ipd_writer_add(ipd_write_job *job);

#endif
