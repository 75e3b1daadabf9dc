/* private.h - what the files of the history share. */
#ifndef IPD_HISTORY_PRIVATE_H
#define IPD_HISTORY_PRIVATE_H

#include "history/history.h"

#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>

/* Something that is to be written and could not be yet. */
typedef struct ipd_history_write ipd_history_write;

struct ipd_history {
    sqlite3 *db;
    char path[4096];
    sqlite3_stmt *record, *figures; /* kept prepared: they are used every iteration */
    sqlite3_stmt *curve, *ends;     /* of a curve: kept for the next run's, of this field, */
    const ipd_field *curve_field;
    int curve_one;                   /* all points or one */
    ipd_history_write *first, *last; /* what waits, in order */
    size_t waiting;
    ipd_error why;    /* what holds it up */
    int patience;     /* milliseconds to wait for another process */
    dev_t log_device; /* of the write-ahead log that this connection opened; log_file 0: of none */
    ino_t log_file;
};

/* The write-ahead log's name beside the file, and what stands there: 0, or -1 and errno. */
int ipd_history_stat_log(const ipd_history *h, char *path, size_t size, struct stat *s);
/* Remembers the log of this connection. */
void ipd_history_know_log(ipd_history *h);
/* Before a connection is closed whose file or log is not under its name any more: moves what the log holds into its
 * file, and takes the log and its index away, which the file that has the name now would share. If that file has a log
 * of its own, nothing is touched. */
void ipd_history_leave_log(ipd_history *h, ipd_history_place place);

/* Fills *e with what the database says, or what went wrong in words; returns -1. */
int ipd_history_fail(ipd_history *h, ipd_error *e);
/* Prepares one statement; -1 and *e. */
int ipd_history_prepare(ipd_history *h, const char *sql, sqlite3_stmt **out, ipd_error *e);
/* Runs statements without values. */
int ipd_history_sql(ipd_history *h, const char *sql, ipd_error *e);
/* Runs a statement whose values are bound to its end and frees it. */
int ipd_history_finish(ipd_history *h, sqlite3_stmt *s, ipd_error *e);
/* A transaction that writes; `failed` as what came between returned: 0 commits, else all is as
 * before. Returns -1 where it failed. */
int ipd_history_enter(ipd_history *h, ipd_error *e);
int ipd_history_leave(ipd_history *h, int failed, ipd_error *e);

/* schema.c: refuses what is not ours or is from a later version. *version is 0 for an empty
 * database. */
int ipd_history_check_owner(ipd_history *h, long long *version, ipd_error *e);
/* Whether the file is of this program's version; with `fields`, has a column for all it measures. */
int ipd_history_is_current(ipd_history *h, long long version, int fields);
/* Brings the schema up to date, all or nothing; another process may be at it too. */
int ipd_history_migrate(ipd_history *h, ipd_error *e);
/* The figures in `runs` anew from the records: of one run, of all where id is 0. */
int ipd_history_recount(ipd_history *h, long id, ipd_error *e);
/* All columns of a record for SQL, malloc'ed: "iteration", "seconds", ...; NULL without memory. */
char *ipd_history_columns(void);

/* SELECT ... FROM runs r with all that read_run takes, to be followed by WHERE ... */
void ipd_history_put_columns(FILE *to);
void ipd_history_read_run(sqlite3_stmt *s, ipd_history_run *run);
/* Steps a statement of these columns to its end and frees it. */
int ipd_history_each_run(ipd_history *h, sqlite3_stmt *s, ipd_history_run_fn *each, void *context,
                         ipd_error *e);
/* Ends a query that was stepped until `got`, or given up at a row; frees it. */
int ipd_history_end_query(ipd_history *h, sqlite3_stmt *s, int got, ipd_error *e);
/* A column as text, cut where it does not fit; as a number, NaN where it is NULL. */
/* A column as one line of text: whoever wrote the file, a terminal may have it. */
void ipd_history_copy_text(char *to, size_t size, sqlite3_stmt *s, int column);
double ipd_history_number(sqlite3_stmt *s, int column);

/* With `on`, the connection only reads the history's tables, calls functions of a list, and is held to limits of time
 * (sqlite3_step then gives SQLITE_INTERRUPT) and memory, until called with 0: for statements that hold what a user wrote. */
typedef struct ipd_history_guarded {
    int strides, limits[4];
} ipd_history_guarded;
void ipd_history_guard(ipd_history *h, ipd_history_guarded *g, int on);

/* When process `pid` began, in the system's own units; 0 where that is not known. */
long long ipd_history_process_start(long pid);
/* The process that last worked on a run: 1 there, -1 gone, 0 where this machine cannot tell. */
int ipd_history_process(const char *host, long pid, long long started);
/* Whether the run never said how it ended, and never will. */
int ipd_history_is_lost(const char *status, int process);
/* SQL: ipd_state(status, host, pid, pid_started), see ipd_history_state. */
int ipd_history_register(ipd_history *h, ipd_error *e);

#endif
