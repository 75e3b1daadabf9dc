/* remove.c - see remove.h. */
#include "run/time/remove.h"
#include "base/list.h"
#include "run/time/checkpoint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int ipd_remove_file(const char *path, double *bytes, ipd_error *e)
{
    struct stat s;
    if (lstat(path, &s))
        return errno == ENOENT || errno == ENOTDIR
                   ? 0
                   : ipd_fail(e, IPD_EIO, "%s: %s", path, strerror(errno));
    if (!S_ISREG(s.st_mode) || !ipd_checkpoint_is_file(path))
        return ipd_fail(e, IPD_EFORMAT, "%s: is not a checkpoint and stays", path);
    if (unlink(path))
        return ipd_fail(e, IPD_EIO, "%s: cannot be removed: %s", path, strerror(errno));
    *bytes += (double)s.st_size;
    return 1;
}

/* Checkpoints are collected first, since removing them changes the table. */
typedef struct collecting {
    ipd_remove_list *list;
    int full; /* 1: out of memory */
} collecting;

static int collect(void *context, const ipd_history_checkpoint *c)
{
    collecting *to = context;
    ipd_remove_list *p = to->list;
    ipd_checkpoint_row *items = ipd_list_grow(p->items, p->count, &p->capacity, sizeof *items);
    if (!items)
        return to->full = 1;
    p->items = items;
    p->items[p->count] = (ipd_checkpoint_row){c->run, c->iteration, strdup(c->path)};
    return to->full = !p->items[p->count++].path;
}

void ipd_remove_list_free(ipd_remove_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].path);
    free(list->items);
    *list = (ipd_remove_list){0};
}

int ipd_remove_list_find(ipd_remove_list *list, ipd_history *h, long id, ipd_error *e)
{
    collecting to = {.list = list};
    *list = (ipd_remove_list){0};
    if (!ipd_history_checkpoints(h, id, collect, &to, e) && !to.full)
        return 0;
    ipd_remove_list_free(list);
    return to.full ? ipd_fail(e, IPD_EMEMORY, "out of memory") : -1;
}

int ipd_remove_run(ipd_history *h, long id, ipd_removed *removed, void (*warn)(const char *why),
                   ipd_error *e)
{
    ipd_remove_list list;
    ipd_error why;
    if (ipd_remove_list_find(&list, h, id, e))
        return -1;
    /* Remove the run first: if that fails, its checkpoints must stay. */
    int failed = ipd_history_remove(h, id, e);
    for (size_t i = 0; i < list.count && !failed; i++) {
        int went = ipd_remove_file(list.items[i].path, &removed->bytes, &why);
        removed->files += went > 0;
        if (went < 0)
            warn(why.text);
    }
    if (!failed)
        ipd_checkpoint_forget_folder(ipd_history_file(h), id);
    removed->runs += !failed;
    ipd_remove_list_free(&list);
    return failed;
}
