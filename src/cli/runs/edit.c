/* edit.c - `ipdlam runs tag`, `note`, `rm` and `gc`: tags and notes, and removal of runs. */
#include "base/list.h"
#include "base/machine.h"
#include "cli/runs/runs.h"
#include "run/time/remove.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int ipd_runs_tag(ipd_runs *r, ipd_error *e)
{
    static ipd_history_run run;
    if (ipd_runs_find(r, 1, &run, e))
        return -1;
    for (int i = 2; i < r->operand_count; i++)
        if (ipd_history_tag(r->h, run.id, r->operands[i], r->remove, e))
            return -1;
    if (ipd_history_find(r->h, run.id, &run, e))
        return -1;
    printf("run %ld: %s\n", run.id, *run.tags ? run.tags : "no tags");
    return 0;
}

int ipd_runs_note(ipd_runs *r, ipd_error *e)
{
    static ipd_history_run run;
    char text[sizeof run.note] = "";
    size_t at = 0;
    if (ipd_runs_find(r, 1, &run, e))
        return -1;
    if (r->remove && r->operand_count > 2)
        return ipd_fail(e, IPD_EUSAGE, "--remove removes the note, so it takes no text");
    if (!r->remove && r->operand_count == 2) {
        ipd_runs_text(text, sizeof text, run.note);
        printf("%s\n", *text ? text : "no note");
        return 0;
    }
    for (int i = 2; i < r->operand_count; i++) {
        size_t length = strlen(r->operands[i]);
        if (at + length + 2 > sizeof text)
            return ipd_fail(e, IPD_EUSAGE, "a note has at most %zu bytes", sizeof text - 2);
        at += (size_t)sprintf(text + at, "%s%s", at ? " " : "", r->operands[i]);
    }
    return ipd_history_note(r->h, run.id, text, e);
}

static void warn(const char *why)
{
    fprintf(stderr, "ipdlam runs: warning: %s\n", why);
}

static void say_removed(const ipd_removed *x)
{
    char size[32];
    printf("%ld run%s removed", x->runs, ipd_runs_plural(x->runs));
    ipd_machine_bytes(size, sizeof size, x->bytes);
    if (x->files)
        printf(", %ld checkpoint%s (%s)", x->files, ipd_runs_plural(x->files), size);
    putchar('\n');
}

static void describe(const ipd_history_run *run)
{
    char name[64], status[200];
    ipd_runs_text(name, sizeof name, run->name);
    ipd_runs_text(status, sizeof status, run->status);
    printf("%ld  %.16s  %s, %s, %ld record%s, %s%s%s\n", run->id, run->started, name, run->dataset,
           run->records, ipd_runs_plural(run->records), status, *run->tags ? ", " : "", run->tags);
}

int ipd_runs_rm(ipd_runs *r, ipd_error *e)
{
    static ipd_history_run run;
    long ids[IPD_RUNS_OPERANDS];
    ipd_removed removed = {0};
    char question[96];
    int count = 0;
    for (int i = 1; i < r->operand_count; i++) {
        int known = 0;
        if (ipd_runs_find(r, i, &run, e))
            return -1;
        if (ipd_history_is_open(&run))
            return ipd_fail(e, IPD_ESTATE, "run %ld is %s. End it first", run.id, run.status);
        for (int k = 0; k < count; k++)
            known |= ids[k] == run.id;
        if (!known)
            ids[count++] = run.id;
        if (!known && (!r->yes || r->dry_run))
            describe(&run);
    }
    if (r->dry_run)
        return 0;
    snprintf(question, sizeof question, "remove %s with %s checkpoints?",
             count == 1 ? "this run" : "these runs", count == 1 ? "its" : "their");
    int yes = ipd_runs_confirm(r, question, e);
    if (yes <= 0)
        return yes;
    for (int i = 0; i < count; i++)
        if (ipd_remove_run(r->h, ids[i], &removed, warn, e))
            return -1;
    ipd_history_compact(r->h);
    say_removed(&removed);
    return 0;
}

/* gc. */

struct garbage {
    const ipd_runs *r;
    long *ids;
    size_t count, capacity;
    int full; /* 1: out of memory */
};

static int add_garbage(void *context, const ipd_history_run *run)
{
    struct garbage *g = context;
    if (ipd_history_is_open(run) || (!g->r->all && (*run->tags || *run->note)))
        return 0;
    long *ids = ipd_list_grow(g->ids, g->count, &g->capacity, sizeof *ids);
    if (!ids)
        return g->full = 1;
    g->ids = ids;
    g->ids[g->count++] = run->id;
    describe(run);
    return 0;
}

/* Writes the condition for the runs to remove, from all options. Runs with id >= newest_kept are
 * kept. */
static int gc_condition(const ipd_runs *r, long newest_kept, char *to, size_t size, ipd_error *e)
{
    size_t at = (size_t)snprintf(to, size, "id > 0");
    if (r->older >= 0 && at < size)
        at += (size_t)snprintf(to + at, size - at, " and age > %.9g", r->older);
    if (r->keep >= 0 && at < size)
        at += (size_t)snprintf(to + at, size - at, " and id < %ld", newest_kept);
    if (r->status && at < size) {
        char words[256], *rest = NULL;
        const char *join = " and (";
        snprintf(words, sizeof words, "%s", r->status);
        for (char *word = strtok_r(words, ", ", &rest); word && at < size;
             word = strtok_r(NULL, ", ", &rest)) {
            at += (size_t)snprintf(to + at, size - at, "%sstatus = '%s'", join,
                                   strchr(word, '\'') ? "" : word);
            join = " or ";
        }
        if (*join == ' ' && join[1] == 'a')
            return ipd_fail(e, IPD_EUSAGE, "--status needs a word: --status lost,failed");
        if (at < size)
            at += (size_t)snprintf(to + at, size - at, ")");
    }
    return at < size ? 0
                     : ipd_fail(e, IPD_EUSAGE, "the condition is too long. Use less than %zu bytes",
                                size);
}

static int copy_id(void *context, const ipd_history_run *run)
{
    *(long *)context = run->id;
    return 0;
}

static int find_garbage(ipd_runs *r, struct garbage *g, ipd_error *e)
{
    char condition[2048];
    long kept = 0;
    if (!r->where && !r->status && r->older < 0 && r->keep < 0)
        return 0; /* only --checkpoints: removes no runs */
    if (r->keep == 0)
        kept = 2000000000;
    else if (r->keep > 0 && ipd_history_runs(r->h, r->keep, copy_id, &kept, e))
        return -1;
    if (gc_condition(r, kept, condition, sizeof condition, e))
        return -1;
    const ipd_history_query query = {r->where, condition, "id", 0};
    if (ipd_history_select(r->h, &query, add_garbage, g, e))
        return -1;
    return g->full ? ipd_fail(e, IPD_EMEMORY, "out of memory") : 0;
}

/* Removes the checkpoints of each run beyond the newest r->checkpoints, and from the history those
 * whose file no longer exists. Without `really` only lists them. */
static int collect_checkpoints(ipd_runs *r, int really, ipd_removed *removed, ipd_error *e)
{
    ipd_remove_list p;
    ipd_error why;
    int failed = 0;
    if (ipd_remove_list_find(&p, r->h, 0, e))
        return -1;
    for (size_t i = 0; i < p.count && !failed; i++) {
        long newer = 0;
        int gone = access(p.items[i].path, F_OK) && errno == ENOENT;
        for (size_t k = i + 1; k < p.count; k++)
            newer += p.items[k].run == p.items[i].run;
        if (!gone && (r->checkpoints < 0 || newer < r->checkpoints))
            continue;
        if (!really) {
            printf("%s%s\n", p.items[i].path, gone ? " (no longer there)" : "");
            removed->files++;
            continue;
        }
        int went = gone ? 0 : ipd_remove_file(p.items[i].path, &removed->bytes, &why);
        removed->files += went > 0;
        if (went < 0)
            warn(why.text);
        else
            failed = ipd_history_forget_checkpoint(r->h, p.items[i].path, e);
    }
    ipd_remove_list_free(&p);
    return failed;
}

int ipd_runs_gc(ipd_runs *r, ipd_error *e)
{
    struct garbage g = {.r = r};
    ipd_removed removed = {0}, files = {0};
    char question[96];
    int yes = 1;
    int failed = find_garbage(r, &g, e) || collect_checkpoints(r, 0, &files, e);
    if (!failed && g.count + (size_t)files.files == 0) {
        printf("nothing to remove\n");
        yes = 0;
    } else if (!failed && r->dry_run) {
        printf("%zu run%s and %ld checkpoint%s would be removed\n", g.count,
               ipd_runs_plural((long)g.count), files.files, ipd_runs_plural(files.files));
        yes = 0;
    } else if (!failed) {
        snprintf(question, sizeof question, "remove %zu run%s and %ld checkpoint%s?", g.count,
                 ipd_runs_plural((long)g.count), files.files, ipd_runs_plural(files.files));
        yes = ipd_runs_confirm(r, question, e);
        failed = yes < 0;
    }
    for (size_t i = 0; i < g.count && yes > 0 && !failed; i++)
        failed = ipd_remove_run(r->h, g.ids[i], &removed, warn, e);
    if (yes > 0 && !failed)
        failed = collect_checkpoints(r, 1, &removed, e);
    if (yes > 0 && !failed) {
        ipd_history_compact(r->h);
        say_removed(&removed);
    }
    free(g.ids);
    return failed ? -1 : 0;
}
