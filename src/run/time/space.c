/* space.c - the limit for all checkpoints of a history; see space.h. */
#include "run/time/space.h"

#include "base/machine.h"
#include "base/path.h"
#include "base/text.h"
#include "run/time/checkpoint.h"

#include <dirent.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define SHARE 0.1                       /* default part of the free space */
#define MAX_LIMIT (20.0 * (1ull << 30)) /* bytes */
#define DAY (24 * 60 * 60)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static double bytes_set, share_set; /* if is_set: the limit is one of them, and the other is 0 */
static int is_set;

static int parse(const char *text, double *bytes, double *share)
{
    static const char units[] = "KMGT";
    size_t length = strlen(text);
    const char *unit = length ? strchr(units, text[length - 1]) : NULL;
    int percent = length && text[length - 1] == '%';
    char number[32];
    double value;
    if (length >= sizeof number)
        return -1;
    snprintf(number, sizeof number, "%.*s", (int)(length - (unit || percent)), text);
    if (ipd_text_to_double(number, &value) || !(value >= 0) || (percent && value > 100))
        return -1;
    *bytes = percent ? 0 : value * (unit ? pow(1024, (double)(unit - units) + 1) : 1);
    *share = percent ? value / 100 : 0;
    return 0;
}

int ipd_space_set(const char *text, ipd_error *e)
{
    double bytes, share;
    if (parse(text, &bytes, &share))
        return ipd_fail(e, IPD_EUSAGE,
                        "'%.40s' is not a valid size. Use a number of bytes, 500M, 20G, or 10%% of "
                        "the free space",
                        text);
    pthread_mutex_lock(&lock);
    bytes_set = bytes;
    share_set = share;
    is_set = 1;
    pthread_mutex_unlock(&lock);
    return 0;
}

/* Free bytes on the file system of a folder, which may not exist yet. */
static double free_space(const char *folder)
{
    char path[4096];
    struct statvfs s;
    snprintf(path, sizeof path, "%s", folder);
    while (statvfs(path, &s)) {
        char *slash = strrchr(path, '/');
        if (!slash || slash == path)
            return statvfs(slash ? "/" : ".", &s) ? 0 : (double)s.f_bavail * (double)s.f_frsize;
        *slash = 0;
    }
    return (double)s.f_bavail * (double)s.f_frsize;
}

double ipd_space_limit(const char *folder, double taken)
{
    const char *text = getenv("IPDLAM_CHECKPOINT_SPACE");
    double bytes, share;
    pthread_mutex_lock(&lock);
    bytes = bytes_set;
    share = share_set;
    int known = is_set || (text && !parse(text, &bytes, &share));
    pthread_mutex_unlock(&lock);
    if (known && share == 0)
        return bytes;
    double part = (known ? share : SHARE) * (free_space(folder) + taken);
    return known ? part : fmin(part, MAX_LIMIT);
}

/* The files of one run in one folder. */
struct group {
    char folder[IPD_IDENTITY + 16]; /* its name: the run's number, or "new-" and its identity */
    char identity[IPD_IDENTITY];
    double bytes;
    double newest; /* seconds since the epoch */
    int stays;     /* 1: must not be removed */
};

struct groups {
    struct group *items;
    size_t count;
    double bytes;
};

static struct group *group_of(struct groups *g, const char *folder, const char *identity)
{
    for (size_t i = 0; i < g->count; i++)
        if (!strcmp(g->items[i].folder, folder) && !strcmp(g->items[i].identity, identity))
            return &g->items[i];
    struct group *more = realloc(g->items, (g->count + 1) * sizeof *more);
    if (!more)
        return NULL;
    g->items = more;
    memset(&more[g->count], 0, sizeof *more);
    memcpy(more[g->count].folder, folder, strlen(folder) + 1); /* the caller checked its length */
    memcpy(more[g->count].identity, identity, sizeof more->identity);
    return &more[g->count++];
}

/* Collects the checkpoints below the folder, except those of the run `own` that its next checkpoint
 * will replace. */
static void collect(struct groups *g, const char *root, const char *own)
{
    struct dirent *folder, *file;
    char path[4096], inner[4096], identity[IPD_IDENTITY];
    struct stat s;
    int automatic;
    DIR *d = opendir(root), *e;
    *g = (struct groups){0};
    while (d && (folder = readdir(d))) {
        if (*folder->d_name == '.' || strlen(folder->d_name) >= sizeof g->items->folder ||
            ipd_path_join(inner, sizeof inner, root, folder->d_name, NULL) || !(e = opendir(inner)))
            continue;
        while ((file = readdir(e))) {
            if (ipd_checkpoint_parse(file->d_name, identity, &automatic) ||
                (automatic && !strcmp(identity, own)) ||
                ipd_path_join(path, sizeof path, inner, file->d_name, NULL) || lstat(path, &s) ||
                !S_ISREG(s.st_mode))
                continue;
            struct group *x = group_of(g, folder->d_name, identity);
            if (!x)
                continue;
            double bytes = (double)s.st_size / (double)s.st_nlink;
            x->bytes += bytes;
            g->bytes += bytes;
            x->newest =
                fmax(x->newest, (double)s.st_mtim.tv_sec + 1e-9 * (double)s.st_mtim.tv_nsec);
        }
        closedir(e);
    }
    if (d)
        closedir(d);
}

/* Returns 1 if the run's files must stay: it has not ended, or it is still open. Fills in *row;
 * row->id is 0 if it has no row. */
static int is_kept(const struct group *x, ipd_history *h, ipd_history_run *row)
{
    char state[32];
    long id;
    row->id = 0;
    /* "new-...": the run is not in the history yet, or was killed before it was. */
    if (ipd_text_to_long(x->folder, &id))
        return (double)time(NULL) - x->newest < DAY;
    ipd_error e;
    if (!h || ipd_history_find(h, id, row, &e))
        return h && e.code != IPD_ESTATE;
    if (strcmp(row->identity, x->identity)) { /* of another history that was at this path */
        row->id = 0;
        return 0;
    }
    ipd_history_state(row, state, sizeof state);
    return strcmp(state, "finished") &&
           (row->alive || (strcmp(state, "diverged") && strcmp(state, "failed")));
}

static void remove_group(const struct group *x, const char *root, ipd_history *h)
{
    char folder[4096], path[4096], identity[IPD_IDENTITY];
    struct dirent *file;
    int automatic;
    DIR *d = ipd_path_join(folder, sizeof folder, root, x->folder, NULL) ? NULL : opendir(folder);
    while (d && (file = readdir(d)))
        if (!ipd_checkpoint_parse(file->d_name, identity, &automatic) &&
            !strcmp(identity, x->identity) &&
            !ipd_path_join(path, sizeof path, folder, file->d_name, NULL) && !unlink(path) && h)
            ipd_history_forget_checkpoint(h, path, NULL);
    if (d)
        closedir(d);
    rmdir(folder);
}

static void report_removed(const struct group *x, const ipd_history_run *row, double limit,
                           ipd_space_fn *say, void *context)
{
    char size[32], max[32], who[128] = "a run that is not in the history", text[400];
    ipd_machine_bytes(size, sizeof size, x->bytes);
    ipd_machine_bytes(max, sizeof max, limit);
    if (row->id)
        snprintf(who, sizeof who, "run %ld, %.60s", row->id, row->name);
    snprintf(text, sizeof text,
             "removed the checkpoint of %s (%s), the oldest finished run, because all checkpoints "
             "together may take %s (checkpoint_space)",
             who, size, max);
    say(context, text);
}

/* The oldest run whose files may be removed, or NULL. */
static struct group *oldest(struct groups *g, const char *own, ipd_history *h, ipd_history_run *row)
{
    for (;;) {
        struct group *found = NULL;
        for (size_t i = 0; i < g->count; i++)
            if (!g->items[i].stays && (!found || g->items[i].newest < found->newest))
                found = &g->items[i];
        if (!found || (strcmp(found->identity, own) && !is_kept(found, h, row)))
            return found;
        found->stays = 1;
    }
}

void ipd_space_make(ipd_space *space, const char *history, const char *identity, double bytes,
                    ipd_space_fn *say, void *context)
{
    char root[4096], usual[4096];
    struct groups g;
    struct group *x;
    ipd_history *h = NULL;
    ipd_history_run *row = malloc(sizeof *row);
    const char *file = history && *history                                ? history
                       : ipd_history_path(usual, sizeof usual, NULL) == 0 ? usual
                                                                          : NULL;
    *space = (ipd_space){.fits = 1};
    if (!row || ipd_checkpoint_root(root, sizeof root, history, NULL)) {
        free(row);
        return;
    }
    collect(&g, root, identity);
    space->limit = ipd_space_limit(root, g.bytes);
    if (g.bytes + bytes > space->limit && file)
        ipd_history_open(&h, file, 0, NULL);
    while (g.bytes + bytes > space->limit && (x = oldest(&g, identity, h, row))) {
        if (say) {
            remove_group(x, root, h);
            report_removed(x, row, space->limit, say, context);
        }
        g.bytes -= x->bytes;
        x->stays = 1;
    }
    space->taken = g.bytes;
    space->fits = g.bytes + bytes <= space->limit;
    ipd_history_close(h);
    free(g.items);
    free(row);
}
