/* checkpoint.h - checkpoint files: a run's archive in a file, from which the run continues with the
 * same bits. The format is in ipdlam-checkpoint(5).
 *
 * A checkpoint is a safetensors file. The archive's entries are its tensors; the metadata describe
 * the run and hold a SHA-256 of the rest of the file. It is written under a temporary name, synced
 * and renamed.
 */
#ifndef IPD_RUN_TIME_CHECKPOINT_H
#define IPD_RUN_TIME_CHECKPOINT_H

#include "base/archive.h"
#include "history/history.h"
#include "run/run.h"

/* The metadata of a checkpoint, and its file. */
typedef struct ipd_checkpoint {
    char path[4096];
    long run;       /* number in the history; 0: not in a history */
    char name[64];  /* of the run */
    int iteration;  /* number of complete iterations */
    long goal;      /* iterations requested; 0: unknown */
    char place[96]; /* "iteration 14, batch 7 of 47, before W2" */
    char method[IPD_METHOD_NAME];
    char data[64], source[4096], checksum[65];
    long train, validation, test; /* samples */
    long held_out; /* > 0: the test samples are this many held-out training samples */
    char version[32], openblas[32], kernel[64];
    long long size; /* bytes of the file */
    /* Only in the file's name. */
    char identity[IPD_IDENTITY]; /* of the run, see ipd_run_identity; "" in names of 0.1.0 */
    int automatic;               /* 1: replaced by the run's next checkpoint */
} ipd_checkpoint;

/* Fills in everything except the path, from a run as of its last poll. */
void ipd_checkpoint_describe(ipd_checkpoint *c, const ipd_run *run, long goal);
/* The same without the identity, from the parts of a run; `id` is its number in the history. Any
 * thread. */
void ipd_checkpoint_of_run(ipd_checkpoint *c, const ipd_dataset *d, long id, const char *name,
                           long goal, const char *method, const ipd_place *at);

/* Writes c->path, and makes its folder if needed. On failure an existing file is unchanged. */
int ipd_checkpoint_write(ipd_checkpoint *c, const ipd_archive *archive, ipd_error *e);
/* Writes the next checkpoint into the folder and sets c->path. Removes the run's older checkpoints
 * there, except the last two that are not automatic. If `history` is a file (not NULL or "") and
 * the run is in it, the files are registered there. */
int ipd_checkpoint_keep(ipd_checkpoint *c, const char *folder, const ipd_archive *archive,
                        const char *history, ipd_error *e);
/* Makes the folder. -1 and *e if no file could be written there. */
int ipd_checkpoint_check(const char *folder, ipd_error *e);
/* Makes a hard link to the file `from` in the folder, as the first automatic checkpoint of a run.
 * -1 if the file system cannot. */
int ipd_checkpoint_link(const char *from, const char *folder, const char *identity, char *path,
                        size_t size);
/* Moves a run's checkpoints to another folder of the same file system, and updates *path if it is
 * one of them. */
void ipd_checkpoint_move(const char *from, const char *to, const char *identity, char *path,
                         size_t size);
/* Registers the checkpoints of run `id` in the folder with the history. -1 if the history cannot be
 * written. */
int ipd_checkpoint_register(const char *folder, const char *identity, ipd_history *h, long id);
/* Writes the weights of a finished run into the run's folder and registers the file with the
 * history. Reads run, iteration and identity of *c, and sets path and size. A run cannot be resumed
 * from weights. */
int ipd_checkpoint_keep_weights(ipd_checkpoint *c, const ipd_network *net, const char *history,
                                ipd_error *e);
/* Returns 1 if the file name in the path is that of such weights. */
int ipd_checkpoint_is_weights(const char *path);
/* Removes the folder of a run's checkpoints if it is empty. */
void ipd_checkpoint_forget_folder(const char *history, long run);
/* Returns 1 for a regular file that begins like a checkpoint, or like weights if it has the name of
 * a finished run's weights. Other files must not be removed, even if a history lists them. */
int ipd_checkpoint_is_file(const char *path);
/* Returns 1 for a file that begins like a checkpoint or, with `weights`, like any safetensors
 * file. */
int ipd_checkpoint_begins(const char *path, int weights);
/* Removes the automatic checkpoints of a run from the folder, and the folder if it is empty. */
void ipd_checkpoint_drop(const char *folder, const char *identity, const char *history);

/* Reads one file and checks its checksum. The caller frees *archive. The content is untrusted: all
 * sizes and values are checked, and no code in it is run. */
int ipd_checkpoint_read(ipd_checkpoint *c, const char *path, ipd_archive **archive, ipd_error *e);
/* Reads the newest checkpoint of a run. `what` is the run's number or name, or "last", in `history`
 * (NULL: the default history); a folder of checkpoints; or a file. If the newest one is damaged,
 * the previous one is used and *damaged has the reason ("" otherwise). If `what` is a damaged file,
 * the call fails, and *e names another checkpoint in its folder. For a run without checkpoints,
 * c->run is its number. */
int ipd_checkpoint_find(ipd_checkpoint *c, const char *what, const char *history,
                        ipd_archive **archive, ipd_error *damaged, ipd_error *e);

/* Finds only the path of that file, without reading it. */
int ipd_checkpoint_locate(char *path, size_t size, const char *what, const char *history,
                          ipd_error *e);

/* Parses a checkpoint's file name: the run's identity ("" in names of 0.1.0), and 1 in *automatic
 * for an automatic one. -1 if it is not the name of a checkpoint. */
int ipd_checkpoint_parse(const char *name, char identity[IPD_IDENTITY], int *automatic);
/* The folder that holds the checkpoint folders of all runs of a history. */
int ipd_checkpoint_root(char *path, size_t size, const char *history, ipd_error *e);
/* The default folder of a run's checkpoints in that folder. `history` is a file; NULL and "" mean
 * the default history. */
int ipd_checkpoint_folder(char *path, size_t size, const char *history, long run, ipd_error *e);
/* The same for a run that has no number yet. */
int ipd_checkpoint_folder_of(char *path, size_t size, const char *history, const char *identity,
                             ipd_error *e);
/* Opens the data set that the checkpoint names. */
int ipd_checkpoint_dataset(const ipd_checkpoint *c, ipd_dataset **data, ipd_error *e);
/* Writes a sentence if OpenBLAS or its kernel differs from the checkpoint's, otherwise "". */
void ipd_checkpoint_difference(const ipd_checkpoint *c, char *to, size_t size);

#endif
