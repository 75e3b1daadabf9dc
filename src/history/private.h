/* private.h - functions shared by the files of the history. */
#ifndef IPD_HISTORY_PRIVATE_H
#define IPD_HISTORY_PRIVATE_H

#include "history/history.h"

#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>

/* A queued write. */
typedef struct ipd_history_write ipd_history_write;

struct ipd_history {
    sqlite3 *db;
    char path[4096];
    sqlite3_stmt *record, *figures; /* prepared once, used every iteration */
    sqlite3_stmt *curve, *ends;     /* prepared for curves of curve_field */
    const ipd_field *curve_field;
    int curve_one;                   /* 1: `curve` reads one point; 0: all */
    ipd_history_write *first, *last; /* the queue of writes, in order */
    size_t waiting;
    ipd_error why;    /* the error that blocks the queue */
    int patience;     /* milliseconds to wait for another process */
    dev_t log_device; /* of the write-ahead log opened by this connection; log_file = 0: none */
    ino_t log_file;
};

/* Writes the write-ahead log's name to path and stats it: 0, or -1 and errno. */
int ipd_history_stat_log(const ipd_history *h, char *path, size_t size, struct stat *s);
/* Remembers device and inode of this connection's log. */
void ipd_history_remember_log(ipd_history *h);
/* Call before closing a connection whose file or log is no longer under its name. Moves the log's
 * content into its own file, and removes the log and its index, since the file that now has the
 * name would use them. If that file has a log of its own, nothing is touched. */
void ipd_history_close_log(ipd_history *h, ipd_history_place place);

/* write.c: each writes at once, in a transaction of its own; -1 and *e on failure, which queue.c
 * handles. node and entry: see ipd_history_record. */
int ipd_history_write_record(ipd_history *h, long id, const ipd_record *record, long node,
                             ipd_error *e);
int ipd_history_write_metrics(ipd_history *h, long id, const ipd_record *record, ipd_error *e);
int ipd_history_write_change(ipd_history *h, long id, const ipd_place *place, const char *text,
                             long entry, ipd_error *e);
int ipd_history_write_rewind(ipd_history *h, long id, int iteration, size_t changes, ipd_error *e);
int ipd_history_write_status(ipd_history *h, long id, const char *status, ipd_error *e);

/* Turns the database's error into a sentence in *e; returns -1. */
int ipd_history_fail(ipd_history *h, ipd_error *e);
/* Prepares one statement; -1 and *e on failure. */
int ipd_history_prepare(ipd_history *h, const char *sql, sqlite3_stmt **out, ipd_error *e);
/* Runs statements without bound values. */
int ipd_history_sql(ipd_history *h, const char *sql, ipd_error *e);
/* Runs a statement with bound values to its end and frees it. */
int ipd_history_finish(ipd_history *h, sqlite3_stmt *s, ipd_error *e);
/* Begins and ends a write transaction. failed: the result of the work between; 0 commits, else all
 * is rolled back. Returns -1 on failure. */
int ipd_history_enter(ipd_history *h, ipd_error *e);
int ipd_history_leave(ipd_history *h, int failed, ipd_error *e);

/* schema.c: fails on another program's database or a newer schema. *version is 0 for an empty
 * database. */
int ipd_history_check_owner(ipd_history *h, long long *version, ipd_error *e);
/* Whether the file has the current schema and, with `fields`, a column for every field
 * of a record. */
int ipd_history_is_current(ipd_history *h, long long version, int fields);
/* 1 if the table has the column: older files lack those of new fields of records. */
int ipd_history_has_column(ipd_history *h, const char *table, const char *column);
/* Migrates the schema in one transaction; another process may do so at the same time. */
int ipd_history_migrate(ipd_history *h, ipd_error *e);
/* Recomputes the figures in `runs` from the records: of one run, or of all if id is 0. */
int ipd_history_recount(ipd_history *h, long id, ipd_error *e);
/* All columns of a record for SQL, "iteration", "seconds", ..., to be freed; NULL if memory runs
 * out. */
char *ipd_history_columns(void);

/* Writes SELECT ... FROM runs r with the columns that ipd_history_read_run expects; a WHERE clause
 * can follow. */
void ipd_history_put_columns(FILE *to);
/* Reads a column of the statement into field f of the record. */
void ipd_history_read_field(sqlite3_stmt *s, int column, const ipd_field *f, ipd_record *record);
/* Prepares a SELECT of the iteration and these fields, or of all if `fields` is NULL, from the
 * records of run ?, in order. A column that an older file lacks is NULL. */
int ipd_history_select_records(ipd_history *h, const ipd_field *const *fields, int count,
                               sqlite3_stmt **s, ipd_error *e);
/* Reads the present row of such a statement. */
void ipd_history_read_run(sqlite3_stmt *s, ipd_history_run *run);
/* Frees a query; `got` is the last result of sqlite3_step, where SQLITE_ROW means that the caller
 * stopped early. */
int ipd_history_end_query(ipd_history *h, sqlite3_stmt *s, int got, ipd_error *e);
/* Copies a column as one line of text, truncated if it does not fit and safe for a terminal, since
 * anyone may have written the file. Returns a column as a number, NaN if NULL. */
void ipd_history_copy_text(char *to, size_t size, sqlite3_stmt *s, int column);
double ipd_history_number(sqlite3_stmt *s, int column);

/* For statements that contain a user's text. With `on`, the connection can only read the history's
 * tables and call listed functions, with limits of time (sqlite3_step then returns
 * SQLITE_INTERRUPT) and memory, until called with 0. */
typedef struct ipd_history_guarded {
    int strides, limits[4];
} ipd_history_guarded;
void ipd_history_guard(ipd_history *h, ipd_history_guarded *g, int on);

/* The start time of process `pid`, in the system's units; 0 if unknown. */
long long ipd_history_process_start(long pid);
/* The process that last worked on a run: 1 running, -1 gone, 0 if this machine cannot tell. */
int ipd_history_process(const char *host, long pid, long long started);
/* Whether the run ended without a final status. */
int ipd_history_is_lost(const char *status, int process);
/* Registers the SQL function ipd_state(status, host, pid, pid_started); see ipd_history_state. */
int ipd_history_register(ipd_history *h, ipd_error *e);

#endif
