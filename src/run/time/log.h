/* log.h - the log in a run's journal: entries with typed values, in memory and in archives. Worker,
 * or before it starts.
 *
 * An entry has a number, a parent, a place, a kind and values; the format is in
 * ipdlam-checkpoint(5). The text that is shown is made from the values and never parsed again.
 */
#ifndef IPD_RUN_TIME_LOG_H
#define IPD_RUN_TIME_LOG_H

#include "run/private.h"

/* Adds an entry at journal->units. `word` is the method of a switch or the text of a note,
 * otherwise NULL; `change` is NULL for a note. Copies both. -1 if memory runs out; the journal is
 * unchanged then. */
int ipd_journal_add(ipd_journal *journal, const ipd_place *place, ipd_log_kind kind,
                    const char *word, const ipd_change *change);
/* Adds a write of this matrix, which is copied. */
int ipd_journal_add_write(ipd_journal *journal, const ipd_place *place, ipd_variable x,
                          const ipd_matrix *value);
/* Removes the last entry, which was just added. */
void ipd_journal_withdraw(ipd_journal *journal);
/* Call after an entry was added: if another path has the same entry after the same entries and
 * units, that one takes the place of the new one. */
void ipd_journal_merge(ipd_journal *journal);
/* Adds copies of an entry and its values to the journal `to`. -1 if memory runs out. */
int ipd_journal_copy(ipd_journal *to, const ipd_journal *from, const ipd_journal_entry *entry);
void ipd_journal_free(ipd_journal *journal);
/* Reads entry 0, 1, ...: returns its kind, fills in *change, and points *word to the method, the
 * note or the variable ("" for other kinds), which is valid until the journal changes. *change has
 * the same bits that ipd_journal_add got. */
ipd_log_kind ipd_journal_read(const ipd_journal *journal, size_t index, const char **word,
                              ipd_change *change);
/* The same for a write: the variable and a view of the matrix, valid until the journal changes. -1
 * and *e if the variable's name is invalid. */
int ipd_journal_read_write(const ipd_journal *journal, size_t index, ipd_variable *x,
                           ipd_matrix *value, ipd_error *e);
/* An entry as text. */
ipd_log_entry ipd_journal_show(const ipd_journal *journal, size_t index);
ipd_log_entry ipd_journal_show_entry(const ipd_journal *journal, const ipd_journal_entry *x);
/* Writes the entries of all paths to `name`.entries, .numbers, .text and, if there are writes,
 * .floats of the archive, or reads and checks them into an empty journal, whose log then has all of
 * them. */
void ipd_journal_transfer(ipd_archive *ar, ipd_journal *journal, const char *name);
/* Fills an empty list with `count` zeroed items. -1 if memory runs out; the archive has the error
 * then. */
int ipd_archive_list(ipd_archive *ar, ipd_list *list, size_t count, size_t size);
/* Makes a place of: iteration, batch, batches, sweep, the block's letter, its layer. -1 if they are
 * invalid. */
enum { IPD_PLACE_COLUMNS = 6 };
int ipd_journal_place(const int64_t from[IPD_PLACE_COLUMNS], ipd_place *place);
/* log_old.c: reads the log of a checkpoint of version 1, which has IPD_OLD_PLACE numbers and a line
 * of text per entry. */
enum { IPD_OLD_PLACE = 1 + IPD_PLACE_COLUMNS };
void ipd_journal_read_old(ipd_archive *ar, ipd_journal *journal, int entries);

#endif
