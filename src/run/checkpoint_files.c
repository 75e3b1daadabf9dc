/* checkpoint_files.c - the checkpoints of a run: a folder of them, the last two, the newest that is whole. */
#include "base/path.h"
#include "base/text.h"
#include "run/checkpoint.h"
#include "run/history.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEPT = 2, NAME = 64 };

int ipd_checkpoint_folder(char *path, size_t size, long run, ipd_error *e)
{
    char name[64];
    snprintf(name, sizeof name, "checkpoints/%ld", run);
    return ipd_path_home(path, size, IPD_DATA_HOME, name, e);
}

/* A file of the folder: "000012-iteration-7.safetensors" is the twelfth that was written. */
struct file {
    long number; /* 0: none */
    char name[NAME];
};

static int parse(struct file *f, const char *name)
{
    char *end;
    if (*name < '0' || *name > '9' || strlen(name) >= NAME)
        return -1;
    f->number = strtol(name, &end, 10);
    if (f->number < 1 || strncmp(end, "-iteration-", 11))
        return -1;
    strtol(end + 11, &end, 10);
    strcpy(f->name, name);
    return strcmp(end, ".safetensors") ? -1 : 0;
}

/* The newest files of the folder, newest first; {0} where there are no more. With `clear` others are removed. */
static void look(const char *folder, struct file newest[KEPT], int clear, ipd_history *h)
{
    struct dirent *entry;
    char path[4096];
    DIR *d = opendir(folder);
    memset(newest, 0, KEPT * sizeof *newest);
    while (d && (entry = readdir(d))) {
        struct file f, old;
        if (parse(&f, entry->d_name))
            continue;
        for (int i = 0; i < KEPT; i++)
            if (f.number > newest[i].number) {
                old = newest[i];
                newest[i] = f;
                f = old;
            }
        if (clear && f.number && !ipd_path_join(path, sizeof path, folder, f.name, NULL)) {
            unlink(path);
            if (h)
                ipd_history_forget_checkpoint(h, path, NULL);
        }
    }
    if (d)
        closedir(d);
}

int ipd_checkpoint_keep(ipd_checkpoint *c, const char *folder, const ipd_archive *archive,
                        const char *history, ipd_error *e)
{
    struct file newest[KEPT];
    char name[NAME];
    const ipd_entry *records = ipd_archive_find(archive, "run.records");
    int64_t done = 0;
    if (records && records->bytes == sizeof done)
        memcpy(&done, records->data, sizeof done);
    look(folder, newest, 0, NULL);
    snprintf(name, sizeof name, "%06ld-iteration-%ld.safetensors", newest[0].number + 1,
             (long)done);
    if (ipd_path_join(c->path, sizeof c->path, folder, name, e) ||
        ipd_checkpoint_write(c, archive, e))
        return -1;
    ipd_history *h = NULL;
    if (c->run && history && *history && ipd_history_open(&h, history, 0, NULL) == 0)
        ipd_history_add_checkpoint(h, c->run, c->path, c->iteration, c->size, NULL);
    look(folder, newest, 1, h);
    ipd_history_close(h);
    return 0;
}

/* The newest of the folder that is whole. */
static int find_whole(ipd_checkpoint *c, const char *folder, ipd_archive **archive,
                      ipd_error *damaged, ipd_error *e)
{
    struct file newest[KEPT];
    char path[4096];
    ipd_error why;
    look(folder, newest, 0, NULL);
    if (!newest[0].number)
        return ipd_fail(e, IPD_ESTATE, "%s: holds no checkpoints", folder);
    for (int i = 0; i < KEPT && newest[i].number; i++) {
        if (ipd_path_join(path, sizeof path, folder, newest[i].name, e))
            return -1;
        if (ipd_checkpoint_read(c, path, archive, &why) == 0)
            return 0;
        if (!*damaged->text)
            *damaged = why;
    }
    *e = *damaged;
    damaged->text[0] = 0;
    return -1;
}

/* A damaged file that was named itself: which is the one before? */
static void offer_other(const char *path, ipd_error *e)
{
    struct file newest[KEPT];
    char folder[4096];
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t length = strlen(e->text);
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    look(folder, newest, 0, NULL);
    for (int i = 0; i < KEPT; i++)
        if (newest[i].number && strcmp(newest[i].name, name))
            snprintf(e->text + length, sizeof e->text - length, "; %.60s lies beside it",
                     newest[i].name);
}

static int is_folder(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

/* The number of a run: digits, or "last". */
static int run_number(const char *what, const char *history, long *id, ipd_error *e)
{
    ipd_history_run *run = malloc(sizeof *run);
    ipd_history *h = NULL;
    if (ipd_text_to_long(what, id) == 0) {
        free(run);
        return 0;
    }
    int failed =
        !run || !history || ipd_history_open(&h, history, 0, e) || ipd_history_last(h, run, e);
    if (!failed)
        *id = run->id;
    ipd_history_close(h);
    free(run);
    return failed;
}

int ipd_checkpoint_find(ipd_checkpoint *c, const char *what, const char *history,
                        ipd_archive **archive, ipd_error *damaged, ipd_error *e)
{
    char folder[4096];
    long id;
    damaged->text[0] = 0;
    *archive = NULL;
    if (is_folder(what))
        return find_whole(c, what, archive, damaged, e);
    if (ipd_path_exists(what)) {
        if (ipd_checkpoint_read(c, what, archive, e) == 0)
            return 0;
        offer_other(what, e);
        return -1;
    }
    if (strcmp(what, "last") && ipd_text_to_long(what, &id))
        return ipd_fail(
            e, IPD_ESTATE,
            "%s: there is no such checkpoint: give a file, a folder of them, or a run's "
            "number",
            what);
    if (run_number(what, history, &id, e) || ipd_checkpoint_folder(folder, sizeof folder, id, e))
        return -1;
    if (!is_folder(folder))
        return ipd_fail(e, IPD_ESTATE, "run %ld has no checkpoints (%.300s is not there)", id,
                        folder);
    return find_whole(c, folder, archive, damaged, e);
}
