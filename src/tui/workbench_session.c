/* workbench_session.c - which runs were open and drawn together when the workbench was left, and the globals of the prompt, for
 * --resume last.
 *
 * The file beside the history has a line per run: "run 12" was on the screen, "beside 13" was drawn with it, "open 14" was open. Then
 * come "past 9", a run of the history that was drawn, "path 2" and "before 1", paths of the run on the screen that were drawn, the
 * second as its curve before a rewind, "pin 9", "cursor 7" of the charts, and "filter TEXT" of the table of runs.
 * The last line, "lua 99", is followed by the 99 bytes of ipd_lua_keep_globals. Only its owner can read the file.
 */
#include "base/file.h"
#include "base/text.h"
#include "tui/workbench_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void path_of(const char *history, char path[4200])
{
    snprintf(path, 4200, "%.4096s.session", history);
}

static int same(double x, double y)
{
    return x == y || (isnan(x) && isnan(y));
}

/* The path of the run on the screen that an overlay shows; 0: none. */
static unsigned long path_drawn(const ipd_workbench *w, const ipd_overlay *o)
{
    ipd_run *run = ipd_lua_current_run(w->lua);
    size_t count = 0, n = o->records.count;
    const ipd_future_info *f = run ? ipd_run_futures(run, &count) : NULL;

    if (!o->before || !n || o->number != ipd_lua_current_number(w->lua))
        return 0;
    if (o->before > 1)
        return (unsigned long)o->before - 1;
    for (size_t i = 0; i < count; i++)
        if (f[i].iterations == (long)n && !(f[i].here && f[i].open) &&
            same(f[i].phi, ipd_records_number(&o->records, "phi", n - 1)) &&
            same(f[i].train, ipd_records_number(&o->records, "train_accuracy", n - 1)))
            return f[i].number;
    return 0;
}

static void write_paths(const ipd_workbench *w, FILE *to)
{
    for (int i = 0; i < w->model.overlays.count; i++) {
        const ipd_overlay *o = &w->model.overlays.items[i];
        unsigned long path = path_drawn(w, o);
        if (path)
            fprintf(to, "%s %lu\n", o->before == 1 ? "before" : "path", path);
    }
}

char *ipd_workbench_session(ipd_workbench *w, size_t *length)
{
    char *text = NULL;
    size_t size = 0, count, kept_size;
    unsigned long shown = ipd_lua_current_number(w->lua);
    const ipd_lua_listed *runs = ipd_lua_list(w->lua, &count);
    FILE *to = open_memstream(&text, &size);

    for (size_t i = 0; i < count && to; i++) {
        ipd_lua_card filled;
        const ipd_lua_card *card = ipd_workbench_card(&runs[i], &filled);
        long id = card->id ? card->id : card->parent.id; /* resumed, and nothing done since */
        int beside = ipd_overlay_find(&w->model.overlays, runs[i].number, id) != NULL;
        if (id)
            fprintf(to, "%s %ld\n",
                    runs[i].number == shown ? "run"
                    : beside                ? "beside"
                                            : "open",
                    id);
    }
    for (int i = 0; i < w->model.overlays.count && to; i++)
        if (!w->model.overlays.items[i].number && w->model.overlays.items[i].id)
            fprintf(to, "past %ld\n", w->model.overlays.items[i].id);
    if (to)
        write_paths(w, to);
    for (int i = 0; i < w->model.overlays.pin_count && to; i++)
        if (w->model.overlays.pins[i].id)
            fprintf(to, "pin %ld\n", w->model.overlays.pins[i].id);
    if (to && w->model.chart.cursor)
        fprintf(to, "cursor %d\n", (int)w->model.chart.cursor);
    if (to && *w->model.runs.filter)
        fprintf(to, "filter %s\n", w->model.runs.filter);
    char *kept = ipd_lua_keep_globals(w->lua, &kept_size);
    if (to && kept) {
        fprintf(to, "lua %zu\n", kept_size);
        fwrite(kept, 1, kept_size, to);
    }
    free(kept);
    if (!to || ipd_text_close(to, &text))
        return NULL;
    *length = size;
    return text;
}

void ipd_workbench_keep_session(const ipd_workbench *w, const char *text, size_t length)
{
    char path[4200];
    ipd_new_file f;
    ipd_error e;

    if (!w->history || !text || !length)
        return;
    path_of(w->history, path);
    if (ipd_new_file_open(&f, path, &e))
        return; /* the runs themselves are saved */
    if (fchmod(fileno(f.stream), 0600) || fwrite(text, 1, length, f.stream) != length)
        ipd_new_file_abandon(&f);
    else
        ipd_new_file_commit(&f, &e);
}

int ipd_workbench_resume_session(const char *history, const char *newest, FILE *to)
{
    char path[4200], word[16];
    struct stat session, checkpoint;
    long id, shown = 0, others[64], past[64], paths[64];
    int beside[64], count = 0, pasts = 0, drawn = 0, path_count = 0;

    path_of(history, path);
    if (stat(path, &session) || stat(newest, &checkpoint) ||
        session.st_mtime < checkpoint.st_mtime) /* another run was made since */
        return 0;
    FILE *from = fopen(path, "r");
    while (from && count < 64 && fscanf(from, "%15s %ld", word, &id) == 2 && strcmp(word, "lua"))
        if (!strcmp(word, "run")) {
            shown = id;
        } else if (!strcmp(word, "past") && pasts < 64) {
            past[pasts++] = id;
        } else if ((!strcmp(word, "path") || !strcmp(word, "before")) && path_count < 64) {
            paths[path_count++] = id;
        } else if (!strcmp(word, "beside") || !strcmp(word, "open")) {
            others[count] = id;
            beside[count++] = !strcmp(word, "beside");
        }
    if (from)
        fclose(from);
    if (shown <= 0)
        return 0;
    fprintf(to, "run = assert(ip.resume(%ld))", shown);
    for (int i = count - 1; i >= 0; i--)
        if (!beside[i])
            fprintf(to, " ip.resume(%ld)", others[i]);
    for (int i = count - 1; i >= 0; i--)
        if (beside[i])
            fprintf(to, "%sip.resume(%ld) or %ld", drawn++ ? ", " : " ip.overlay(", others[i],
                    others[i]);
    for (int i = 0; i < pasts; i++)
        fprintf(to, "%s%ld", drawn++ ? ", " : " ip.overlay(", past[i]);
    fputs(drawn ? ")" : "", to);
    for (int i = 0; i < path_count; i++)
        fprintf(to, " run:draw_path(%ld)", paths[i]);
    return 1;
}

/* The bytes of the globals in the session's file, malloc'ed; NULL without any, or with *e if they cannot be used. */
static char *read_globals(const char *path, size_t *size, ipd_error *e)
{
    enum { MAX = 1 << 30 };
    char line[IPD_RUN_FILTER + 16], *text = NULL;
    long n = 0;
    struct stat known;

    e->code = 0;
    FILE *from = fopen(path, "re");
    while (from && fgets(line, sizeof line, from))
        if (sscanf(line, "lua %ld", &n) == 1)
            break;
    if (!from || n <= 0 || n > MAX) {
        if (from && n > MAX)
            ipd_fail(e, IPD_EFORMAT, "the globals of the last session are damaged");
    } else if (fstat(fileno(from), &known) || known.st_uid != geteuid() || known.st_mode & 022) {
        ipd_fail(e, IPD_ESTATE, "other users can write to the file");
    } else if (!(text = malloc((size_t)n))) {
        ipd_fail(e, IPD_EMEMORY, "out of memory for the globals of the last session");
    } else if (fread(text, 1, (size_t)n, from) != (size_t)n) {
        ipd_fail(e, IPD_EFORMAT, "the globals of the last session are damaged");
        free(text);
        text = NULL;
    }
    if (from)
        fclose(from);
    *size = (size_t)n;
    return text;
}

void ipd_workbench_restore_globals(ipd_workbench *w)
{
    char path[4200], *set = NULL, *lost = NULL;
    size_t size;
    ipd_error e, why;

    path_of(w->history, path);
    char *text = read_globals(path, &size, &why);
    int failed =
        text ? ipd_lua_restore_globals(w->lua, text, size, &set, &lost, &why) : -(why.code != 0);
    if (failed) {
        ipd_fail(&e, why.code, "%s: %s. Functions of the prompt must be typed again", path,
                 why.text);
        ipd_workbench_say_error(w, &e);
    }
    if (set)
        ipd_output_say(w->output, IPD_TEXT_NOTICE, set);
    if (lost)
        ipd_output_say(w->output, IPD_TEXT_NOTICE, lost);
    free(text);
    free(set);
    free(lost);
}

/* The path of the run on the screen that is drawn becomes its curve before a rewind. */
static void restore_before(ipd_workbench *w, long path)
{
    ipd_overlays *all = &w->model.overlays;

    for (int i = 0; i < all->count; i++) {
        ipd_overlay *o = &all->items[i];
        if (o->before != path + 1 || o->number != ipd_lua_current_number(w->lua))
            continue;
        char name[sizeof o->name];
        snprintf(name, sizeof name, "%.50s before", o->name);
        memcpy(o->name, name, sizeof name);
        o->before = all->slots[o->slot].before = 1;
        w->model.chart.difference |= all->count == 1; /* as after the rewind */
        return;
    }
}

void ipd_workbench_restore(ipd_workbench *w)
{
    char path[4200], line[IPD_RUN_FILTER + 16];
    ipd_model *m = &w->model;
    size_t count;
    const ipd_lua_listed *runs = ipd_lua_list(w->lua, &count);
    ipd_error e;

    path_of(w->history, path);
    FILE *from = fopen(path, "r");
    while (from && fgets(line, sizeof line, from) && strncmp(line, "lua ", 4)) {
        long n = 0;
        line[strcspn(line, "\n")] = 0;
        if (!strncmp(line, "filter ", 7)) {
            if (ipd_run_list_filter(&m->runs, line + 7, &e))
                ipd_workbench_say_error(w, &e);
        } else if (sscanf(line, "cursor %ld", &n) == 1 && n > 0) {
            m->chart.cursor = (int)n;
        } else if (sscanf(line, "before %ld", &n) == 1 && n > 0) {
            restore_before(w, n);
        } else if (sscanf(line, "pin %ld", &n) == 1 && n > 0) {
            unsigned long number = 0;
            long id = n; /* a run that was resumed is a new one, whose parent was pinned */
            for (size_t i = 0; i < count; i++) {
                ipd_lua_card filled;
                const ipd_lua_card *card = ipd_workbench_card(&runs[i], &filled);
                if (card->parent.id == n) {
                    number = runs[i].number;
                    id = card->id;
                }
            }
            ipd_pin_set(&m->overlays, number, id, 1);
        }
    }
    if (from)
        fclose(from);
    w->dirty = 1;
}
