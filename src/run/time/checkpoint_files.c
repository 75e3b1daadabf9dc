/* checkpoint_files.c - the folder of a run's checkpoints: file names, removal of old files, search
 * for the newest undamaged one. */
#include "base/path.h"
#include "base/text.h"
#include "format/weights.h"
#include "history/history.h"
#include "run/time/checkpoint.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEPT = 2, NAME = 96 };

static int folder_named(char *path, size_t size, const char *history, const char *name,
                        ipd_error *e)
{
    char usual[4096];
    if (!history || !*history ||
        (!ipd_history_path(usual, sizeof usual, NULL) && !strcmp(history, usual)))
        return ipd_path_home(path, size, IPD_DATA_HOME, name, e);
    return snprintf(path, size, "%s.%s", history, name) < (int)size
               ? 0
               : ipd_path_too_long(history, size - strlen(name) - 1, IPD_EIO, e);
}

int ipd_checkpoint_root(char *path, size_t size, const char *history, ipd_error *e)
{
    return folder_named(path, size, history, "checkpoints", e);
}

int ipd_checkpoint_folder(char *path, size_t size, const char *history, long run, ipd_error *e)
{
    char name[64];
    snprintf(name, sizeof name, "checkpoints/%ld", run);
    return folder_named(path, size, history, name, e);
}

int ipd_checkpoint_folder_of(char *path, size_t size, const char *history, const char *identity,
                             ipd_error *e)
{
    char name[64];
    snprintf(name, sizeof name, "checkpoints/new-%.32s", identity);
    return folder_named(path, size, history, name, e);
}

/* A file of the folder. "000012-iteration-7-0123456789abcdef.safetensors" is the twelfth file
 * written there, by the run with this identity. "-auto" after the identity marks an automatic
 * checkpoint, "-weights" a file of weights only. Names of 0.1.0 have no identity. */
struct file {
    long number; /* 0: none */
    char identity[IPD_IDENTITY];
    int iteration, automatic, weights;
    char name[NAME];
};

static int parse(struct file *f, const char *name)
{
    char *end;
    *f = (struct file){0};
    if (*name < '0' || *name > '9' || strlen(name) >= NAME)
        return -1;
    long number = strtol(name, &end, 10);
    if (number < 1 || number > 999999999 || strncmp(end, "-iteration-", 11))
        return -1;
    long iteration = strtol(end + 11, &end, 10);
    if (iteration < 0 || iteration > 999999999)
        return -1;
    f->iteration = (int)iteration;
    if (*end == '-' && strspn(end + 1, "0123456789abcdef") == sizeof f->identity - 1) {
        memcpy(f->identity, end + 1, sizeof f->identity - 1);
        end += sizeof f->identity;
        f->automatic = !strncmp(end, "-auto", 5);
        f->weights = !strncmp(end, "-weights", 8);
        end += f->automatic ? 5 : f->weights ? 8 : 0;
    }
    if (strcmp(end, ".safetensors"))
        return -1;
    f->number = number;
    strcpy(f->name, name);
    return 0;
}

int ipd_checkpoint_parse(const char *name, char identity[IPD_IDENTITY], int *automatic)
{
    struct file f;
    if (parse(&f, name))
        return -1;
    memcpy(identity, f.identity, sizeof f.identity);
    *automatic = f.automatic;
    return 0;
}

static int by_number(const void *a, const void *b)
{
    const struct file *x = a, *y = b;
    return (x->number < y->number) - (x->number > y->number);
}

/* The checkpoints of one run (NULL: of all), newest first, in an array that the caller frees. *next
 * is a free number. */
static struct file *list(const char *folder, const char *identity, size_t *count, long *next)
{
    struct file *files = NULL, f;
    struct dirent *entry;
    DIR *d = opendir(folder);
    *count = 0;
    *next = 1;
    while (d && (entry = readdir(d))) {
        if (parse(&f, entry->d_name))
            continue;
        if (f.number >= *next)
            *next = f.number + 1;
        if (f.weights || (identity && strcmp(identity, f.identity)))
            continue;
        struct file *more = realloc(files, (*count + 1) * sizeof *files);
        if (!more)
            break;
        files = more;
        files[(*count)++] = f;
    }
    if (d)
        closedir(d);
    if (*count)
        qsort(files, *count, sizeof *files, by_number);
    return files;
}

static void drop(const char *folder, const struct file *f, ipd_history *h)
{
    char path[4096];
    if (ipd_path_join(path, sizeof path, folder, f->name, NULL))
        return;
    unlink(path);
    if (h)
        ipd_history_forget_checkpoint(h, path, NULL);
}

/* Removes the run's files that newer ones replace. */
static void prune(const char *folder, const char *identity, ipd_history *h)
{
    size_t count, kept = 0;
    long next;
    struct file *files = list(folder, identity, &count, &next);
    for (size_t i = 0; i < count; i++)
        if (files[i].automatic ? i > 0 : ++kept > KEPT)
            drop(folder, &files[i], h);
    free(files);
}

static int name_file(char *path, size_t size, const char *folder, long number, long iteration,
                     const char *identity, int automatic, ipd_error *e)
{
    char name[NAME];
    snprintf(name, sizeof name, "%06ld-iteration-%ld%s%s%s.safetensors", number, iteration,
             *identity ? "-" : "", identity, *identity && automatic ? "-auto" : "");
    return ipd_path_join(path, size, folder, name, e);
}

int ipd_checkpoint_keep(ipd_checkpoint *c, const char *folder, const ipd_archive *archive,
                        const char *history, ipd_error *e)
{
    int64_t done = 0;
    size_t count;
    long next;
    ipd_archive_number(archive, "run.records", &done);
    free(list(folder, NULL, &count, &next));
    if (name_file(c->path, sizeof c->path, folder, next, (long)done, c->identity, c->automatic,
                  e) ||
        ipd_checkpoint_write(c, archive, e))
        return -1;
    ipd_history *h = NULL;
    if (c->run && history && *history && ipd_history_open(&h, history, 0, NULL) == 0)
        if (ipd_checkpoint_register(folder, c->identity, h, c->run))
            ipd_history_set_patience(h, 0); /* the next checkpoint will register this one */
    prune(folder, c->identity, h);
    ipd_history_close(h);
    return 0;
}

int ipd_checkpoint_check(const char *folder, ipd_error *e)
{
    if (ipd_path_make_folder(folder, e))
        return -1;
    return access(folder, W_OK | X_OK)
               ? ipd_fail(e, IPD_EIO, "%s: cannot be written: %s", folder, strerror(errno))
               : 0;
}

void ipd_checkpoint_move(const char *from, const char *to, const char *identity, char *path,
                         size_t size)
{
    char old[4096], new[4096];
    size_t count;
    long next;
    struct file *files = list(from, identity, &count, &next);
    if (count)
        ipd_path_make_folder(to, NULL);
    for (size_t i = 0; i < count; i++) {
        if (ipd_path_join(old, sizeof old, from, files[i].name, NULL) ||
            ipd_path_join(new, sizeof new, to, files[i].name, NULL) || rename(old, new))
            continue;
        if (!strcmp(path, old))
            ipd_path_copy(path, size, new, NULL);
    }
    free(files);
    rmdir(from);
}

int ipd_checkpoint_is_weights(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct file f;
    return !parse(&f, slash ? slash + 1 : path) && f.weights;
}

void ipd_checkpoint_forget_folder(const char *history, long run)
{
    char folder[4096];
    if (!ipd_checkpoint_folder(folder, sizeof folder, history, run, NULL))
        rmdir(folder);
}

int ipd_checkpoint_is_file(const char *path)
{
    return ipd_checkpoint_begins(path, ipd_checkpoint_is_weights(path));
}

int ipd_checkpoint_keep_weights(ipd_checkpoint *c, const ipd_network *net, const char *history,
                                ipd_error *e)
{
    char folder[4096], name[NAME];
    struct stat s;
    ipd_history *h;
    snprintf(name, sizeof name, "000001-iteration-%d-%s-weights.safetensors", c->iteration,
             c->identity);
    if (ipd_checkpoint_folder(folder, sizeof folder, history, c->run, e) ||
        ipd_path_make_folder(folder, e) ||
        ipd_path_join(c->path, sizeof c->path, folder, name, e) ||
        ipd_weights_save(net, c->path, e))
        return -1;
    c->size = stat(c->path, &s) ? 0 : s.st_size;
    if (ipd_history_open(&h, history, 0, e))
        return -1;
    int failed = ipd_history_add_checkpoint(h, c->run, c->path, c->iteration, c->size, e);
    ipd_history_close(h);
    return failed;
}

int ipd_checkpoint_register(const char *folder, const char *identity, ipd_history *h, long id)
{
    char path[4096];
    struct stat s;
    size_t count;
    long next;
    int failed = 0;
    struct file *files = list(folder, identity, &count, &next);
    for (size_t i = count; i-- > 0 && !failed;)
        if (!ipd_path_join(path, sizeof path, folder, files[i].name, NULL) && !stat(path, &s))
            failed = ipd_history_add_checkpoint(h, id, path, files[i].iteration, s.st_size, NULL);
    free(files);
    return failed;
}

int ipd_checkpoint_link(const char *from, const char *folder, const char *identity, char *path,
                        size_t size)
{
    struct file f;
    const char *slash = strrchr(from, '/');
    if (parse(&f, slash ? slash + 1 : from))
        f.iteration = 0;
    if (ipd_path_make_folder(folder, NULL) ||
        name_file(path, size, folder, 1, f.iteration, identity, 1, NULL) || link(from, path)) {
        *path = 0;
        return -1;
    }
    return 0;
}

void ipd_checkpoint_drop(const char *folder, const char *identity, const char *history)
{
    size_t count;
    long next;
    ipd_history *h = NULL;
    struct file *files = list(folder, identity, &count, &next);
    if (count && history && *history)
        ipd_history_open(&h, history, 0, NULL);
    for (size_t i = 0; i < count; i++)
        if (files[i].automatic)
            drop(folder, &files[i], h);
    ipd_history_close(h);
    free(files);
    rmdir(folder);
}

/* Files to resume from, newest first. */
struct candidates {
    char paths[KEPT][4096];
    int count;
    char weights[4096]; /* a file of weights only, which cannot be resumed; "": none */
    int named;          /* 1: the user named this file, so no other is used */
    long without;       /* the number of a run that has no checkpoints; else 0 */
};

/* Adds the checkpoints of the run with this identity; NULL: of the run that wrote the newest file
 * there. */
static int in_folder(struct candidates *to, const char *folder, const char *identity, ipd_error *e)
{
    size_t count;
    long next;
    int failed = 0;
    struct file *files = list(folder, identity, &count, &next);
    for (size_t i = 0; i < count && to->count < KEPT && !failed; i++)
        if (!strcmp(files[i].identity, files[0].identity))
            failed =
                ipd_path_join(to->paths[to->count++], sizeof *to->paths, folder, files[i].name, e);
    free(files);
    return failed;
}

static int is_folder(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

/* Called for each file that the history has of a run, oldest first. */
static int add_known(void *context, const ipd_history_checkpoint *c)
{
    struct candidates *to = context;
    if (!ipd_path_exists(c->path) || strlen(c->path) >= sizeof *to->paths)
        return 0;
    if (ipd_checkpoint_is_weights(c->path)) {
        strcpy(to->weights, c->path);
        return 0;
    }
    memmove(to->paths[1], to->paths[0], sizeof to->paths - sizeof *to->paths);
    strcpy(to->paths[0], c->path);
    to->count += to->count < KEPT;
    return 0;
}

/* Adds the files of a run: those in its folder, which is up to date even after a crash, or else
 * those listed in the history. */
static int of_run(struct candidates *to, long id, const char *identity, ipd_history *h,
                  const char *history, ipd_error *e)
{
    char folder[4096];
    if (ipd_checkpoint_folder(folder, sizeof folder, history, id, e) ||
        in_folder(to, folder, identity, e) ||
        (h && !to->count && ipd_history_checkpoints(h, id, add_known, to, e)))
        return -1;
    if (to->count)
        return 0;
    to->without = id;
    if (*to->weights)
        return ipd_fail(e, IPD_ESTATE,
                        "run %ld saved only its weights, %.300s. ip.again(%ld) in Lua repeats it "
                        "from the start",
                        id, to->weights, id);
    return ipd_fail(
        e, IPD_ESTATE,
        "run %ld has no checkpoint to resume. ip.again(%ld) in Lua repeats it from the start", id,
        id);
}

/* A run by number, name or "last". A number needs no history. */
static int by_name(struct candidates *to, const char *what, const char *history, ipd_error *e)
{
    ipd_history_run *run = malloc(sizeof *run);
    ipd_history *h = NULL;
    ipd_error why;
    char usual[4096] = "";
    long id = 0;
    int is_number = !ipd_text_to_long(what, &id);
    const char *file = history && *history ? history : usual;
    int failed = !run ? ipd_fail(&why, IPD_EMEMORY, "out of memory")
                      : (file == usual && ipd_history_path(usual, sizeof usual, &why)) ||
                            ipd_history_open(&h, file, 0, &why) ||
                            (strcmp(what, "last") ? ipd_history_look_up(h, what, run, &why)
                                                  : ipd_history_last_worked(h, run, &why));
    if (!failed && !is_number)
        id = run->id;
    if (failed && !is_number)
        failed = ipd_fail(e, IPD_ESTATE,
                          "%.200s: no such checkpoint. Give a file, a folder of checkpoints, or a "
                          "run's number or name (%.200s)",
                          what, why.text);
    else
        failed = of_run(to, id, failed ? NULL : run->identity, h, history, e);
    ipd_history_close(h);
    free(run);
    return failed;
}

static int find_candidates(struct candidates *to, const char *what, const char *history,
                           ipd_error *e)
{
    long number;
    memset(to, 0, sizeof *to);
    if (!strcmp(what, "last") || !ipd_text_to_long(what, &number))
        return by_name(to, what, history, e);
    if (is_folder(what)) {
        if (in_folder(to, what, NULL, e))
            return -1;
        return to->count ? 0 : ipd_fail(e, IPD_ESTATE, "%s: no checkpoints in this folder", what);
    }
    if (!ipd_path_exists(what))
        return by_name(to, what, history, e);
    to->named = 1;
    return ipd_path_copy(to->paths[to->count++], sizeof *to->paths, what, e);
}

/* After a damaged file that the user named: adds the name of another checkpoint in its folder to
 * the error. */
static void offer_other(const char *path, ipd_error *e)
{
    struct file f;
    char folder[4096];
    size_t count;
    long next;
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t length = strlen(e->text);
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    struct file *files = list(folder, parse(&f, name) ? NULL : f.identity, &count, &next);
    size_t other = 0;
    while (other < count && !strcmp(files[other].name, name))
        other++;
    if (other < count)
        snprintf(e->text + length, sizeof e->text - length, "; %.90s is in the same folder",
                 files[other].name);
    free(files);
}

int ipd_checkpoint_locate(char *path, size_t size, const char *what, const char *history,
                          ipd_error *e)
{
    struct candidates *all = malloc(sizeof *all);
    int failed = !all ? ipd_fail(e, IPD_EMEMORY, "out of memory")
                      : find_candidates(all, what, history, e) ||
                            ipd_path_copy(path, size, all->paths[0], e);
    free(all);
    return failed;
}

int ipd_checkpoint_find(ipd_checkpoint *c, const char *what, const char *history,
                        ipd_archive **archive, ipd_error *damaged, ipd_error *e)
{
    struct candidates *all = malloc(sizeof *all);
    ipd_error why;
    damaged->text[0] = 0;
    *archive = NULL;
    if (!all)
        return ipd_fail(e, IPD_EMEMORY, "out of memory");
    int failed = find_candidates(all, what, history, e);
    *c = (ipd_checkpoint){.run = all->without};
    for (int i = 0; !failed && !*archive && i < all->count; i++)
        if (ipd_checkpoint_read(c, all->paths[i], archive, &why) && !*damaged->text)
            *damaged = why;
    if (!failed && !*archive) {
        failed = -1;
        *e = *damaged;
        damaged->text[0] = 0;
        if (all->named)
            offer_other(what, e);
    }
    free(all);
    return failed;
}
