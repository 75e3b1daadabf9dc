/* workbench_session.c - the file of the session, for --resume last: runs, charts and globals.
 *
 * The file is beside the history; only its owner can read it. It has these lines:
 *
 *     run 12            the run on the screen, by its id in the history
 *     beside 13         an open run that was drawn beside it
 *     open 14           another open run
 *     past 9            a run of the history that was drawn
 *     path 2            a path of the run on the screen that was drawn
 *     before 1          the path that was drawn as the curve before a rewind
 *     named 13 other    a global that holds run 13
 *     pin 9             a pinned run
 *     cursor 7          the charts' cursor
 *     axes ...          the charts' axes, see write_axes
 *     filter TEXT       the filter of the table of runs
 *     lua 99            then come 99 bytes of ipd_lua_keep_globals
 */
#include "base/file.h"
#include "base/list.h"
#include "base/text.h"
#include "lua/tokens.h"
#include "tui/view/curves_axis.h"
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

/* The number of the path of the run on the screen that an overlay shows; 0: none. */
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

/* Writes the charts' axes, smoothing and whether they have the difference. */
static void write_axes(const ipd_chart_state *s, FILE *to)
{
    fprintf(to, "axes %d %d %u %d %a\n", (int)s->x_quantity, s->x_log, s->y_flipped, s->difference,
            s->smoothing);
}

static void read_axes(const char *line, ipd_chart_state *s)
{
    ipd_chart_state read = *s;
    int x;

    if (sscanf(line, "axes %d %d %u %d %la", &x, &read.x_log, &read.y_flipped, &read.difference,
               &read.smoothing) != 5 ||
        x < 0 || !ipd_axis_name(x) || !(read.smoothing >= 0 && read.smoothing < 1))
        return;
    read.x_quantity = (ipd_x_quantity)x;
    *s = read;
}

char *ipd_workbench_session(ipd_workbench *w, size_t *length)
{
    char *text = NULL;
    size_t size = 0, count, kept_size;
    unsigned long shown = ipd_lua_current_number(w->lua);
    const ipd_lua_listed *runs = ipd_lua_list(w->lua, &count);
    FILE *to = open_memstream(&text, &size);

    if (!to)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        ipd_lua_card filled;
        const ipd_lua_card *card = ipd_workbench_card(&runs[i], &filled);
        long id = card->id ? card->id : card->parent.id; /* a resumed run that did no step yet */
        int beside = ipd_overlay_find(&w->model.overlays, runs[i].number, id) != NULL;
        if (id)
            fprintf(to, "%s %ld\n",
                    runs[i].number == shown ? "run"
                    : beside                ? "beside"
                                            : "open",
                    id);
    }
    for (int i = 0; i < w->model.overlays.count; i++)
        if (!w->model.overlays.items[i].number && w->model.overlays.items[i].id)
            fprintf(to, "past %ld\n", w->model.overlays.items[i].id);
    write_paths(w, to);
    char *names = ipd_lua_keep_names(w->lua);
    fputs(names ? names : "", to);
    free(names);
    for (int i = 0; i < w->model.overlays.pin_count; i++)
        if (w->model.overlays.pins[i].id)
            fprintf(to, "pin %ld\n", w->model.overlays.pins[i].id);
    if (w->model.chart.cursor)
        fprintf(to, "cursor %d\n", w->model.chart.cursor);
    write_axes(&w->model.chart, to);
    if (*w->model.runs.filter)
        fprintf(to, "filter %s\n", w->model.runs.filter);
    char *kept = ipd_lua_keep_globals(w->lua, &kept_size);
    if (kept) {
        fprintf(to, "lua %zu\n", kept_size);
        fwrite(kept, 1, kept_size, to);
    }
    free(kept);
    if (ipd_text_close(to, &text)) {
        free(text);
        return NULL;
    }
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
        return; /* the checkpoints of the runs are saved in any case */
    if (fchmod(fileno(f.stream), 0600) || fwrite(text, 1, length, f.stream) != length)
        ipd_new_file_abandon(&f);
    else
        ipd_new_file_commit(&f, &e);
}

/* A line of the file about a run or a path. */
typedef struct entry {
    char word[16];
    char name[65]; /* the global; "" if there is none */
    long id;       /* of the run, or the number of the path */
} entry;

/* 1 if a name can be assigned to. The file may be damaged, and the name becomes part of Lua
 * text. */
static int is_name(const char *text)
{
    ipd_token kind;
    size_t size = strlen(text);
    return size && ipd_token_at(text, size, 0, &kind) == size && kind == IPD_TOKEN_NAME;
}

/* Reads the lines about runs and paths. If memory runs out, the last ones are missing. */
static ipd_list read_entries(const char *path)
{
    char line[IPD_RUN_FILTER + 16];
    ipd_list all = {0};
    FILE *from = fopen(path, "r");
    while (from && fgets(line, sizeof line, from) && strncmp(line, "lua ", 4)) {
        entry one = {0};
        int fields = sscanf(line, "%15s %ld %64s", one.word, &one.id, one.name);
        int named = !strcmp(one.word, "named");
        if (fields >= 2 && named == (fields == 3) && (!named || is_name(one.name)) &&
            ipd_list_add(&all, &one, sizeof one))
            break;
    }
    if (from)
        fclose(from);
    return all;
}

/* Writes " NAME = run" for every global that holds the run; the first one gets `made`, the Lua that
 * opens the run. Returns the first name, or NULL if no global holds the run. */
static const char *write_names(const ipd_list *all, long id, const char *made, FILE *to)
{
    const entry *x = all->items, *end = x + all->count;
    const char *first = NULL;

    for (; x < end; x++)
        if (!strcmp(x->word, "named") && x->id == id) {
            fprintf(to, " %s = %s", x->name, first ? first : made);
            first = first ? first : x->name;
        }
    return first;
}

/* Writes Lua that resumes a run and assigns it to its globals. */
static void write_open(const ipd_list *all, entry *x, FILE *to)
{
    char made[48];
    snprintf(made, sizeof made, "ip.resume(%ld)", x->id);
    const char *name = write_names(all, x->id, made, to);
    snprintf(x->name, sizeof x->name, "%s", name ? name : "");
    if (!name && !strcmp(x->word, "open"))
        fprintf(to, " %s", made);
}

/* Writes one more argument of ip.overlay and begins another call after ARGUMENTS of them. */
static void write_overlay(const entry *x, int *drawn, FILE *to)
{
    enum { ARGUMENTS = 100 }; /* Lua allows about 250 */
    fputs(*drawn % ARGUMENTS ? ", " : *drawn ? ") ip.overlay(" : " ip.overlay(", to);
    if (*x->name)
        fprintf(to, "%s or %ld", x->name, x->id);
    else
        fprintf(to, strcmp(x->word, "past") ? "ip.resume(%ld) or %ld" : "%ld", x->id, x->id);
    ++*drawn;
}

static void write_resume(const ipd_list *all, long shown, FILE *to)
{
    entry *x = all->items;
    int drawn = 0;

    fprintf(to, "run = assert(ip.resume(%ld))", shown);
    write_names(all, shown, "run", to);
    for (size_t i = all->count; i-- > 0;) /* the oldest is the last */
        if (!strcmp(x[i].word, "open") || !strcmp(x[i].word, "beside"))
            write_open(all, &x[i], to);
    for (size_t i = all->count; i-- > 0;)
        if (!strcmp(x[i].word, "beside"))
            write_overlay(&x[i], &drawn, to);
    for (size_t i = 0; i < all->count; i++)
        if (!strcmp(x[i].word, "past"))
            write_overlay(&x[i], &drawn, to);
    fputs(drawn ? ")" : "", to);
    for (size_t i = 0; i < all->count; i++)
        if (!strcmp(x[i].word, "path") || !strcmp(x[i].word, "before"))
            fprintf(to, " run:draw_path(%ld)", x[i].id);
}

int ipd_workbench_resume_session(const char *history, const char *newest, FILE *to)
{
    char path[4200];
    struct stat kept, checkpoint;
    long shown = 0;

    path_of(history, path);
    if (stat(path, &kept) || stat(newest, &checkpoint) ||
        kept.st_mtime < checkpoint.st_mtime) /* another run was made since */
        return 0;
    ipd_list all = read_entries(path);
    const entry *x = all.items;
    for (size_t i = 0; i < all.count; i++)
        if (!strcmp(x[i].word, "run"))
            shown = x[i].id;
    if (shown > 0)
        write_resume(&all, shown, to);
    free(all.items);
    return shown > 0;
}

/* The bytes of the globals in the file, to be freed. NULL if there are none, with e->code 0, or if
 * they cannot be used. */
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

/* Turns the overlay of a path of the run on the screen into its curve before a rewind. */
static void restore_before(ipd_workbench *w, long path)
{
    ipd_overlays *all = &w->model.overlays;

    for (int i = 0; i < all->count; i++) {
        ipd_overlay *o = &all->items[i];
        if (o->before != path + 1 || o->number != ipd_lua_current_number(w->lua))
            continue;
        char name[sizeof o->name];
        ipd_overlay_name_before(name, o->name);
        memcpy(o->name, name, sizeof name);
        o->before = all->slots[o->slot].before = 1;
        w->model.chart.difference |= all->count == 1; /* as after the rewind */
        return;
    }
}

/* Pins the run of the session that continues run `id` of the history, or else that run. */
static void restore_pin(ipd_workbench *w, long id)
{
    size_t count;
    const ipd_lua_listed *runs = ipd_lua_list(w->lua, &count);
    unsigned long number = 0;
    long pinned = id;

    for (size_t i = 0; i < count; i++) {
        ipd_lua_card filled;
        const ipd_lua_card *card = ipd_workbench_card(&runs[i], &filled);
        if (card->parent.id == id) {
            number = runs[i].number;
            pinned = card->id;
        }
    }
    ipd_pin_set(&w->model.overlays, number, pinned, 1);
}

void ipd_workbench_restore(ipd_workbench *w)
{
    char path[4200], line[IPD_RUN_FILTER + 16];
    ipd_model *m = &w->model;
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
        } else if (!strncmp(line, "axes ", 5)) {
            read_axes(line, &m->chart);
        } else if (sscanf(line, "pin %ld", &n) == 1 && n > 0) {
            restore_pin(w, n);
        }
    }
    if (from)
        fclose(from);
    w->dirty = 1;
}
