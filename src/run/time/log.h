/* log.h - the log in a run's journal: entries with typed values, in memory and in archives. Worker, or before it starts.
 *
 * An entry has a number, a parent, a place, a kind and values; ipdlam-checkpoint(5) has the format. Text for people is
 * made from it when it is shown, and is never read again.
 */
#ifndef IPD_RUN_TIME_LOG_H
#define IPD_RUN_TIME_LOG_H

#include "run/private.h"

/* Adds an entry at journal->units. `word` is the method of a switch or the note, NULL otherwise; `change` NULL with a note.
 * Copies both. -1 where memory runs out: the journal is as before. */
int ipd_journal_add(ipd_journal *journal, const ipd_place *place, ipd_log_kind kind,
                    const char *word, const ipd_change *change);
/* Drops all but so many entries. */
void ipd_journal_cut(ipd_journal *journal, size_t entries);
void ipd_journal_free(ipd_journal *journal);
/* What entry 0, 1, ... says: returns its kind, fills *change, and *word with the method or the note ("" otherwise), which lasts
 * until the journal changes. *change is as it was given to ipd_journal_add, to the bit. */
ipd_log_kind ipd_journal_read(const ipd_journal *journal, size_t index, const char **word,
                              ipd_change *change);
/* The same for people. */
ipd_log_entry ipd_journal_show(const ipd_journal *journal, size_t index);
/* Writes the log to `name`.entries, .numbers and .text, or reads it into an empty journal; what is read is checked. */
void ipd_journal_transfer(ipd_archive *ar, ipd_journal *journal, const char *name);
/* Reads the log of a checkpoint of version 1, so many entries: IPD_OLD_PLACE numbers and a line of text for each. */
enum { IPD_OLD_PLACE = 7 };
void ipd_journal_read_old(ipd_archive *ar, ipd_journal *journal, int entries);

#endif
