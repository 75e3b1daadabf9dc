/* writer.h - the thread that writes checkpoint files one at a time, for all runs of the process. */
#ifndef IPD_RUN_TIME_WRITER_H
#define IPD_RUN_TIME_WRITER_H

#include "run/time/checkpoint.h"
#include "run/time/keep.h"

typedef struct ipd_write_job ipd_write_job;
struct ipd_write_job {
    ipd_write_job *next;
    ipd_run *run;
    ipd_archive *archive;      /* owned by the job */
    ipd_checkpoint checkpoint; /* its path is used if folder is "" */
    char folder[4096], history[4096];
    int limited;           /* 1: subject to checkpoint_space */
    int beyond;            /* set to 1 if the file is written although it exceeds the limit */
    double limit;          /* set if limited, in bytes */
    ipd_progress progress; /* of the state in the archive */
    ipd_ticket ticket;     /* to be answered, or 0 */
    double cost;           /* training time that it has cost so far, seconds */
    /* Called on the writer's thread with NULL or the error. Frees the job. */
    void (*done)(ipd_write_job *job, const ipd_error *e);
};

/* Queues the job and takes ownership of it. If the thread cannot be started, the calling thread
 * writes the file. */
void ipd_writer_add(ipd_write_job *job);

#endif
