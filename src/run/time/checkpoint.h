/* checkpoint.h - a run's archive in a file, from which it goes on to the same bits: see ipdlam-checkpoint(5).
 *
 * A checkpoint is a safetensors file: the archive's entries are its tensors, its metadata says what it is of and has a
 * SHA-256 of all the rest. It is written aside, synced, renamed.
 */
#ifndef IPD_RUN_TIME_CHECKPOINT_H
#define IPD_RUN_TIME_CHECKPOINT_H

#include "base/archive.h"
#include "history/history.h"
#include "run/run.h"

enum { IPD_IDENTITY_TEXT = 17 };

/* What a checkpoint says of itself. */
typedef struct ipd_checkpoint {
    char path[4096];
    long run;       /* its number in the history, 0 without */
    char name[64];  /* of the run */
    int iteration;  /* records it has */
    long goal;      /* iterations that were asked for, 0: not known */
    char place[96]; /* "iteration 14, batch 7 of 47, before W2" */
    char method[16];
    char data[64], source[4096], checksum[65];
    long train, test,
        validation; /* samples; > 0: the test samples are so many of training held out */
    char version[32], openblas[32], kernel[64];
    long long size; /* bytes of the file */
    /* Part of the file's name, not in the file. */
    char identity[IPD_IDENTITY_TEXT]; /* of the run, see ipd_run_identity; "" in names of 0.1.0 */
    int automatic;                    /* 1: replaced by the run's next checkpoint */
} ipd_checkpoint;

/* Fills all but the path from a run, as of the last poll. */
void ipd_checkpoint_describe(ipd_checkpoint *c, const ipd_run *run, long goal);
/* The same but the identity, from what a run consists of; `id`: its number in the history. Any thread. */
void ipd_checkpoint_of_run(ipd_checkpoint *c, const ipd_dataset *d, long id, const char *name,
                           long goal, const char *method, const ipd_place *at);

/* Writes c->path, with folder where that is missing. Whole or not at all: an older file stays. */
int ipd_checkpoint_write(ipd_checkpoint *c, const ipd_archive *archive, ipd_error *e);
/* Writes the next checkpoint in the folder, sets c->path, and removes the run's older ones there, but the
 * last two that are not automatic. Other runs' files stay. The history file (or NULL, "") is told, if the
 * run is in it. */
int ipd_checkpoint_keep(ipd_checkpoint *c, const char *folder, const ipd_archive *archive,
                        const char *history, ipd_error *e);
/* Makes the folder. -1 and *e where no file could be written there. */
int ipd_checkpoint_check(const char *folder, ipd_error *e);
/* Links the file `from` into the folder as the first automatic checkpoint of a run. -1 where the file
 * system cannot. */
int ipd_checkpoint_link(const char *from, const char *folder, const char *identity, char *path,
                        size_t size);
/* Moves a run's checkpoints to another folder of the same file system; *path is one of them and follows. */
void ipd_checkpoint_move(const char *from, const char *to, const char *identity, char *path,
                         size_t size);
/* Tells the history of the checkpoints of run `id` in the folder. -1 where it cannot be written. */
int ipd_checkpoint_register(const char *folder, const char *identity, ipd_history *h, long id);
/* Writes the weights of a finished run into the run's folder and tells the history: c has its number, iteration and
 * identity, and gets path and size. Nothing goes on from them; ipd_checkpoint_is_weights tells by the path. */
int ipd_checkpoint_keep_weights(ipd_checkpoint *c, const ipd_network *net, const char *history,
                                ipd_error *e);
int ipd_checkpoint_is_weights(const char *path);
/* Removes the folder of a run whose checkpoints are gone, if nothing else is in it. */
void ipd_checkpoint_forget_folder(const char *history, long run);
/* Whether a regular file stands there that begins as a checkpoint does, or is a finished run's weights by name: nothing else
 * may be removed, whatever a history says. */
int ipd_checkpoint_is_file(const char *path);
/* Whether a file begins as one, or, with `weights`, as one of weights alone. */
int ipd_checkpoint_begins(const char *path, int weights);
/* Removes the automatic checkpoints of a run from the folder, and the folder if it is empty. */
void ipd_checkpoint_drop(const char *folder, const char *identity, const char *history);

/* Reads one file, every bit of which must be as it was written. *archive is the caller's. The file is
 * trusted in nothing; nothing in it is run. */
int ipd_checkpoint_read(ipd_checkpoint *c, const char *path, ipd_archive **archive, ipd_error *e);
/* Reads a run's newest: `what` is its number, its name or "last" in the history file (or NULL), a file, or a folder
 * of them. What is damaged there is passed over for the one before, and *damaged says so ("" where all is well);
 * a file that is named itself is not: then *e names the one before. Where a run has none, c->run is its number. */
int ipd_checkpoint_find(ipd_checkpoint *c, const char *what, const char *history,
                        ipd_archive **archive, ipd_error *damaged, ipd_error *e);

/* The path of that file, without a look at what is in it. */
int ipd_checkpoint_locate(char *path, size_t size, const char *what, const char *history,
                          ipd_error *e);

/* What the name of a checkpoint's file says: the run's identity ("": written by 0.1.0), and whether it is
 * automatic. -1 where it is the name of none. */
int ipd_checkpoint_parse(const char *name, char identity[IPD_IDENTITY_TEXT], int *automatic);
/* The folder of all runs' folders of a history. */
int ipd_checkpoint_root(char *path, size_t size, const char *history, ipd_error *e);
/* The folder of a run's checkpoints by default: each history (a file; NULL, "": the usual one) has its own. */
int ipd_checkpoint_folder(char *path, size_t size, const char *history, long run, ipd_error *e);
/* The same of a run that has no number yet. */
int ipd_checkpoint_folder_of(char *path, size_t size, const char *history, const char *identity,
                             ipd_error *e);
/* Opens the data set it names. */
int ipd_checkpoint_dataset(const ipd_checkpoint *c, ipd_dataset **data, ipd_error *e);
/* "" or a sentence: another OpenBLAS or kernel than that of the checkpoint is at work. */
void ipd_checkpoint_difference(const ipd_checkpoint *c, char *to, size_t size);

#endif
