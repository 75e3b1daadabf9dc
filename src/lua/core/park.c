/* park.c - parks idle runs that no variable refers to: saves their state in a checkpoint and frees
 * their memory. The next use opens them again.
 *
 * A run with a history is parked in its own checkpoints; usually a current one exists already. A
 * run without a history, or one that has not worked yet, is parked in a private folder that is
 * removed with the session.
 */
#include "base/path.h"
#include "lua/core/internal.h"
#include "run/memory.h"
#include "run/time/checkpoint.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The progress of a run: two states of one open run with equal marks are equal. */
typedef struct mark {
    size_t records, log;
    unsigned long rewinds;
    ipd_place place;
} mark;

struct ipd_lua_shelf {
    ipd_lua_card card;
    char path[4096];
    int temporary;         /* 1: in the folder of the session */
    mark at;               /* of the open run when the file was written */
    ipd_settings settings; /* with the card's widths, these determine its memory */
    size_t samples;
    int bytes;        /* 1: the inputs are bytes */
    double snapshots; /* budget in bytes */
    int begun;        /* 1: it has worked */
};

static mark mark_of(const ipd_run *run)
{
    return (mark){ipd_run_record_count(run), ipd_run_log_count(run), ipd_run_rewinds(run),
                  ipd_run_place(run)};
}

static int is_same(const mark *a, const mark *b)
{
    return a->records == b->records && a->log == b->log && a->rewinds == b->rewinds &&
           ipd_place_is_same(&a->place, &b->place);
}

static int is_within(const ipd_run *run)
{
    ipd_place at = ipd_run_place(run);
    const ipd_block *first = &ipd_run_order(run)->blocks[0];
    return at.batch > 1 || at.sweep > 1 ||
           (at.block.kind != IPD_STEP &&
            (at.block.kind != first->kind || at.block.layer != first->layer));
}

void ipd_lua_fill_card(ipd_lua_card *card, const ipd_run *run)
{
    size_t count = ipd_run_record_count(run);
    ipd_record last;
    const ipd_parent *parent = ipd_run_parent(run);
    ipd_record_init(&last, 0);
    if (count)
        last = ipd_run_record(run, count - 1);
    *card = (ipd_lua_card){.id = ipd_run_id(run),
                           .state = ipd_run_get_status(run),
                           .L = ipd_run_depth(run),
                           .iteration = last.iteration,
                           .place = ipd_run_place(run),
                           .within = is_within(run),
                           .parent = {.iteration = -1},
                           .phi = last.phi,
                           .train = last.train_accuracy,
                           .test = last.test_accuracy,
                           .is_r2 = ipd_run_dataset(run)->values,
                           .rmse = last.test_rmse,
                           .best = NAN};
    snprintf(card->name, sizeof card->name, "%s", ipd_run_name(run));
    snprintf(card->dataset, sizeof card->dataset, "%s", ipd_run_dataset(run)->name);
    snprintf(card->status, sizeof card->status, "%.255s", ipd_run_status_text(run));
    memcpy(card->widths, ipd_run_widths(run), ((size_t)card->L + 1) * sizeof *card->widths);
    if (parent)
        card->parent = *parent;
}

double ipd_lua_best_accuracy(const ipd_run *run)
{
    const char *field =
        ipd_run_dataset(run)->validation.X.cols ? "validation_accuracy" : "test_accuracy";
    double best = NAN;
    for (size_t i = 0; i < ipd_run_record_count(run); i++)
        best = fmax(best, ipd_records_number(ipd_run_records(run), field, i));
    return best;
}

const ipd_lua_card *ipd_lua_card_of(const ipd_lua_run *r, ipd_lua_card *buffer)
{
    if (!r->run)
        return &r->shelf->card;
    if (!r->ended) {
        ipd_lua_fill_card(buffer, r->run);
        return buffer;
    }
    *buffer = r->shelf->card;
    snprintf(buffer->name, sizeof buffer->name, "%s", ipd_run_name(r->run));
    return buffer;
}

/* Returns 1 if a task waits for an answer of r. */
static int has_task(const ipd_lua_run *r)
{
    const ipd_lua *lua = r->lua;
    if (lua->chunk.run == r || lua->event.run == r)
        return 1;
    for (const ipd_lua_run *other = lua->runs; other; other = other->next)
        if (other->asking.run == r)
            return 1;
    return 0;
}

static int has_begun(const ipd_run *run)
{
    return ipd_run_record_count(run) > 0 || ipd_run_log_count(run) > 0 ||
           ipd_run_place(run).iteration > 1 || is_within(run);
}

int ipd_lua_is_begun(const ipd_lua_run *r)
{
    return r->run ? has_begun(r->run) : r->parked && r->shelf->begun;
}

static int is_idle(const ipd_lua_run *r)
{
    return ipd_run_get_status(r->run) != IPD_RUNNING && !ipd_run_request(r->run)->number &&
           ipd_run_answered(r->run, r->ticket) && !r->asking.L && !r->declined && !r->awaited &&
           !has_task(r) && ipd_lua_pending_kind(r) < 0;
}

/* Reports a failed save once; the run stays open. */
static int stay(ipd_lua_run *r, const ipd_error *why)
{
    char text[sizeof why->text + 128];
    r->parking = 0;
    r->stuck = 1;
    snprintf(text, sizeof text, "%s stays in memory: %s", ipd_run_name(r->run), why->text);
    if (r->lua->host.warning)
        r->lua->host.warning(r->lua->host.context, text);
    return -1;
}

/* Begins to save r as it is; 0, or -1 and *e. */
static int begin(ipd_lua_run *r, ipd_error *e)
{
    struct ipd_lua_shelf *s = r->shelf;
    if (!s && !(s = r->shelf = calloc(1, sizeof *s)))
        return ipd_fail(e, IPD_EMEMORY, "out of memory");
    s->at = mark_of(r->run);
    if (ipd_run_id(r->run)) {
        r->parking = ipd_run_save(r->run, e);
    } else {
        if (ipd_lua_parking_path(r->lua, r->number, s->path, sizeof s->path, e))
            return -1;
        s->temporary = 1;
        r->parking = ipd_run_write_checkpoint(r->run, s->path, e);
    }
    return r->parking ? 0 : -1;
}

/* Frees the run, whose state is in the file now. */
static void finish(ipd_lua_run *r)
{
    struct ipd_lua_shelf *s = r->shelf;
    ipd_run *run = r->run;
    if (ipd_run_id(run)) {
        if (s->temporary)
            unlink(s->path);
        snprintf(s->path, sizeof s->path, "%s", ipd_run_checkpoint(run));
        s->temporary = 0;
    }
    snprintf(s->card.name, sizeof s->card.name, "%s", ipd_run_name(run));
    if (!r->ended) {
        ipd_lua_fill_card(&s->card, run);
        s->card.best = ipd_lua_best_accuracy(run);
        s->begun = has_begun(run);
    }
    s->settings = *ipd_run_settings(run);
    s->samples = ipd_run_dataset(run)->train.X.cols;
    s->bytes = ipd_run_dataset(run)->train.bytes != NULL;
    s->snapshots = ipd_run_snapshot_budget(run);
    ipd_run_set_ending(run, "paused"); /* in the history, while the session lasts */
    ipd_run_end(run, NULL);
    ipd_lua_pass_notices(r->lua, r);
    ipd_run_free(run);
    r->run = NULL;
    r->parked = 1;
    r->parking = r->ticket = 0;
}

/* Begins or continues to park r. Returns 1 once it is parked, 0 if it takes longer, -1 if r stays
 * open. */
static int step(ipd_lua_run *r)
{
    ipd_reply reply;
    ipd_error e;
    mark now;
    if (!is_idle(r))
        return 0;
    if (!r->parking)
        return begin(r, &e) ? stay(r, &e) : 0;
    if (!ipd_run_replied(r->run, r->parking, &reply))
        return 0;
    ipd_run_forget(r->run, r->parking);
    if (reply.failed)
        return stay(r, &reply.error);
    now = mark_of(r->run);
    if (!is_same(&now, &r->shelf->at) || (ipd_run_id(r->run) && ipd_run_unsaved(r->run))) {
        r->parking = 0; /* a command came first: save once more */
        return 0;
    }
    finish(r);
    return 1;
}

static int is_waiting(const ipd_lua_run *r)
{
    return r->run && r->unheld && !r->stuck && is_idle(r);
}

void ipd_lua_park(ipd_lua *lua)
{
    for (ipd_lua_run *r = lua->runs; r; r = r->next)
        if (is_waiting(r))
            step(r);
}

int ipd_lua_park_now(ipd_lua_run *r, ipd_error *e)
{
    int done;
    if (!r->run || !is_idle(r))
        return ipd_fail(e, IPD_ESTATE, "a running run cannot be parked");
    while (!(done = step(r))) {
        ipd_lua_repaint_now(r->lua); /* which may have parked it, too */
        if (!r->run)
            return 0;
        ipd_run_poll(r->run, 20);
        if (!is_idle(r)) { /* a key */
            ipd_run_forget(r->run, r->parking);
            r->parking = 0;
            return ipd_fail(e, IPD_ESTATE, "the run is training again");
        }
    }
    return done > 0 ? 0 : ipd_fail(e, IPD_EIO, "the run cannot be saved");
}

void ipd_lua_make_space(lua_State *L)
{
    ipd_lua *lua = ipd_lua_of(L);
    ipd_error e;
    lua_gc(L, LUA_GCCOLLECT);
    ipd_lua_hear(lua);
    for (ipd_lua_run *r = lua->runs; r && !lua->interrupted; r = r->next)
        if (is_waiting(r))
            ipd_lua_park_now(r, &e);
}

/* Parks the least recently used idle run, except the `spared` most recently used ones, which
 * include the run on the screen. Returns 0 if there is none. */
static int park_oldest(ipd_lua *lua, unsigned long spared)
{
    unsigned long shown = spared ? ipd_lua_current_number(lua) : 0;
    ipd_lua_run *oldest = NULL;
    ipd_error e;
    for (ipd_lua_run *r = lua->runs; r; r = r->next)
        if (r->run && r->used + spared <= lua->uses && r->number != shown && !r->stuck &&
            is_idle(r) && (!oldest || r->used < oldest->used))
            oldest = r;
    return oldest && !ipd_lua_park_now(oldest, &e);
}

int ipd_lua_open_run_of(ipd_lua_run *r, ipd_dataset *data, const ipd_settings *settings,
                        const ipd_run_options *options, ipd_error *e)
{
    int failed;
    ipd_dataset_ref(data); /* its run may be parked meanwhile */
    while ((failed = ipd_run_open(&r->run, data, settings, options, e)) != 0) {
        r->run = NULL;
        if (e->code != IPD_EMEMORY || !park_oldest(r->lua, 0))
            break;
    }
    ipd_dataset_unref(data);
    r->used = ++r->lua->uses;
    return failed;
}

/* --- opening a parked run again --------------------------------------------------------------- */

/* Finds the checkpoint's data set in memory or opens it. The caller releases it. */
static int find_dataset(ipd_lua *lua, const ipd_checkpoint *c, ipd_dataset **out, ipd_error *e)
{
    for (ipd_lua_run *r = lua->runs; r; r = r->next) {
        ipd_dataset *d = r->run ? ipd_run_dataset(r->run) : NULL;
        if (d && !strcmp(d->checksum, c->checksum) && !strcmp(d->source, c->source)) {
            *out = ipd_dataset_ref(d);
            return 0;
        }
    }
    if ((*out = ipd_lua_known_dataset(lua->L, c->checksum, c->source)))
        return 0;
    return ipd_checkpoint_dataset(c, out, e);
}

/* Parks other runs until this one should fit in memory; opening it can still fail. */
static void make_space(const ipd_lua_run *r)
{
    const struct ipd_lua_shelf *s = r->shelf;
    ipd_network shape = {.L = s->card.L};
    double needed, available;
    ipd_error e;
    memcpy(shape.d, s->card.widths, ((size_t)s->card.L + 1) * sizeof *shape.d);
    while (ipd_run_fits(&s->settings, &shape, s->samples, s->bytes, &needed, &available, &e) &&
           park_oldest(r->lua, 2))
        ;
}

/* Reads the file or, if it is gone, the run's newest checkpoint in the history. */
static int read_shelf(const ipd_lua_run *r, ipd_checkpoint *c, ipd_archive **archive, ipd_error *e)
{
    const struct ipd_lua_shelf *s = r->shelf;
    char id[32];
    ipd_error other;
    if (!ipd_checkpoint_read(c, s->path, archive, e))
        return 0;
    snprintf(id, sizeof id, "%ld", s->card.id);
    return s->temporary || ipd_checkpoint_find(c, id, r->lua->host.history, archive, &other, &other)
               ? -1
               : 0;
}

/* Restores what the session keeps about a run after it was opened again. */
static void adopt(ipd_lua_run *r)
{
    ipd_error e;
    r->log_seen = ipd_run_log_count(r->run);
    for (int kind = 0; kind < IPD_ON_KINDS; kind++) {
        r->announced[kind] = ipd_lua_event_count(r, kind);
        r->call[kind] = 0;
    }
    r->rewinds = ipd_run_rewinds(r->run);
    r->asked = 0;
    r->notices = 0;
    r->ended = r->shelf->card.state == IPD_DIVERGED || r->shelf->card.state == IPD_FAILED;
    if (r->ended)
        ipd_run_set_ending(r->run, r->shelf->card.status);
    if (r->breaks)
        ipd_run_forget(r->run, ipd_run_set_breaks(r->run, r->breaks, &e));
    if (r->calls)
        ipd_run_forget(r->run, ipd_run_set_calls(r->run, r->calls, &e));
}

int ipd_lua_unpark(ipd_lua_run *r, ipd_error *e)
{
    struct ipd_lua_shelf *s = r->shelf;
    ipd_checkpoint c;
    ipd_archive *archive = NULL;
    ipd_dataset *data = NULL;
    if (!r->parked)
        return 0;
    make_space(r);
    int failed = read_shelf(r, &c, &archive, e) || find_dataset(r->lua, &c, &data, e);
    if (!failed) {
        const ipd_run_options options = {
            .archive = archive,
            .history = r->lua->host.history,
            .answers = 1,
            .snapshots = s->snapshots,
            .keep = {.reopen = 1, .from = s->temporary ? NULL : c.path}};
        failed = ipd_lua_open_run_of(r, data, NULL, &options, e);
    }
    ipd_archive_free(archive);
    ipd_dataset_unref(data);
    r->unreadable = failed != 0;
    if (failed)
        return -1;
    r->parked = 0;
    adopt(r);
    return 0;
}

ipd_run *ipd_lua_use_run(ipd_lua *lua, unsigned long number, ipd_error *e)
{
    for (ipd_lua_run *r = lua->runs; r; r = r->next)
        if (r->number == number && (r->run || r->parked)) {
            r->used = ++lua->uses;
            return ipd_lua_unpark(r, e) ? NULL : r->run;
        }
    ipd_fail(e, IPD_ESTATE, "the run is closed");
    return NULL;
}

void ipd_lua_forget_shelf(ipd_lua_run *r)
{
    if (r->shelf && r->shelf->temporary)
        unlink(r->shelf->path);
    free(r->shelf);
    r->shelf = NULL;
    r->parked = 0;
}

void ipd_lua_show_current(ipd_lua *lua)
{
    ipd_lua_run *r = ipd_lua_current(lua);
    ipd_error e;
    if (!lua->host.overlay || !r || !r->parked || r->unreadable || !ipd_lua_unpark(r, &e))
        return;
    if (lua->host.error)
        lua->host.error(lua->host.context, e.text);
}

ipd_lua_run *ipd_lua_check_run(lua_State *L, int index)
{
    ipd_lua_run *r = ipd_lua_to_run(L, index);
    ipd_error e;
    ipd_lua_hold(L, index);
    if (ipd_lua_unpark(r, &e))
        luaL_error(L, "%s cannot be opened again: %s", ipd_lua_card_of(r, NULL)->name, e.text);
    if (!r->run)
        luaL_error(L, "the run is closed");
    r->used = ++r->lua->uses;
    return r;
}

ipd_ticket ipd_lua_given(ipd_lua_run *r, ipd_ticket ticket)
{
    r->lua->wait_last = 0;
    if (ticket) {
        r->ticket = ticket;
        r->ended = 0;
        ipd_run_set_ending(r->run, "");
    }
    return ticket;
}
