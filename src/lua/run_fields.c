/* run_fields.c - the fields of a run and its text for print. */
#include "lua/classes.h"

#include "report/diagnostics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The card of the run at index 1; a parked run stays parked. */
static const ipd_lua_card *check_card(lua_State *L, ipd_lua_card *buffer)
{
    ipd_lua_run *r = ipd_lua_to_run(L, 1);
    if (!r->run && !r->parked)
        luaL_error(L, "the run is closed");
    return ipd_lua_card_of(r, buffer);
}

int ipd_lua_run_tostring(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_to_run(L, 1);
    ipd_lua_card buffer;
    char place[128];
    if (!r->run && !r->parked) {
        lua_pushliteral(L, "run (closed)");
        return 1;
    }
    const ipd_lua_card *card = ipd_lua_card_of(r, &buffer);
    ipd_place_text(&card->place, place, sizeof place);
    luaL_Buffer b;
    char text[192];
    luaL_buffinit(L, &b);
    snprintf(text, sizeof text, "%s: %s, ", card->name, card->dataset);
    luaL_addstring(&b, text);
    for (int l = 0; l <= card->L; l++) {
        snprintf(text, sizeof text, "%s%zu", l ? "-" : "", card->widths[l]);
        luaL_addstring(&b, text);
    }
    luaL_addstring(&b, ", ");
    luaL_addstring(&b, card->status);
    luaL_addstring(&b, ", at ");
    luaL_addstring(&b, place);
    luaL_pushresult(&b);
    return 1;
}

IPD_LUA_GETTER(get_iteration, integer, check_card(L, &(ipd_lua_card){0})->iteration)

static int get_status(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_to_run(L, 1);
    ipd_lua_card buffer;
    lua_pushstring(L, r->run || r->parked ? ipd_lua_card_of(r, &buffer)->status : "closed");
    return 1;
}

static int get_metrics(lua_State *L)
{
    ipd_lua_check_run(L, 1);
    ipd_lua_push_metrics(L, 1);
    return 1;
}

static int get_place(lua_State *L)
{
    ipd_lua_card buffer;
    ipd_lua_push_place(L, &check_card(L, &buffer)->place, "");
    return 1;
}

static int get_parent(lua_State *L)
{
    ipd_lua_card buffer;
    const ipd_parent *p = &check_card(L, &buffer)->parent;
    if (p->iteration < 0)
        return 0;
    lua_createtable(L, 0, 3);
    IPD_LUA_SET(L, "name", string, p->name);
    IPD_LUA_SET(L, "id", integer, p->id);
    IPD_LUA_SET(L, "iteration", integer, p->iteration);
    return 1;
}

static int get_settings(lua_State *L)
{
    ipd_lua_push_settings(L, ipd_run_settings(ipd_lua_check_run(L, 1)->run));
    return 1;
}

static int get_last_block(lua_State *L)
{
    const ipd_run *run = ipd_lua_check_run(L, 1)->run;
    ipd_block_report report;
    ipd_place place = ipd_run_place(run);
    if (ipd_run_recent_blocks(run, &report, 1) == 0)
        return 0;
    ipd_lua_push_block_report(L, &report, &place);
    return 1;
}

static int get_log(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    size_t n = ipd_run_log_count(r->run);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        ipd_lua_push_log_entry(L, ipd_run_log(r->run, i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    luaL_setmetatable(L, "ipdlam.list");
    return 1;
}

IPD_LUA_GETTER(get_name, string, check_card(L, &(ipd_lua_card){0})->name)
IPD_LUA_GETTER(get_id, integer, check_card(L, &(ipd_lua_card){0})->id)
IPD_LUA_GETTER(get_parked, boolean, ipd_lua_to_run(L, 1)->parked)

static int get_data(lua_State *L)
{
    ipd_dataset *d = ipd_run_dataset(ipd_lua_check_run(L, 1)->run);
    ipd_lua_dataset *u = ipd_lua_push_dataset(L);
    u->data = ipd_dataset_ref(d);
    return 1;
}

static int get_widths(lua_State *L)
{
    ipd_lua_card room;
    const ipd_lua_card *card = check_card(L, &room);
    return ipd_lua_push_widths(L, card->widths, card->L + 1);
}

/* Pushes the row of layer l. */
static void push_row(lua_State *L, const ipd_record *r, size_t width, int l)
{
    static const char *const fields[] = {"moved_W",   "moved_b",        "forward_gap",
                                         "gram_rank", "gram_condition", NULL};
    lua_createtable(L, 0, 7);
    IPD_LUA_SET(L, "layer", integer, l);
    IPD_LUA_SET(L, "width", integer, width);
    for (int i = 0; fields[i]; i++) {
        lua_pushnumber(L, ipd_field_value(ipd_field_find(fields[i]), r, l - 1));
        lua_setfield(L, -2, fields[i]);
    }
}

/* run:learned() -> rows by layer, notes, text; nil before the first record */
int ipd_lua_run_learned(lua_State *L)
{
    static ipd_diagnostics diagnostics; /* static because it is large; main thread only */
    char notes[IPD_DIAGNOSTICS_NOTES][IPD_DIAGNOSTICS_NOTE];
    const ipd_run *run = ipd_lua_check_run(L, 1)->run;
    const ipd_settings *s = ipd_run_settings(run);
    const size_t *widths = ipd_run_widths(run);
    diagnostics = (ipd_diagnostics){0};
    ipd_diagnostics_read(&diagnostics, ipd_run_records(run));
    char *text = ipd_diagnostics_text(&diagnostics, widths, s, "phi", 0);
    if (!text) {
        lua_pushnil(L);
        return 1;
    }
    lua_createtable(L, diagnostics.last.L, 3);
    text[strlen(text) - 1] = 0; /* print adds the line end */
    lua_pushstring(L, text);
    free(text);
    lua_setfield(L, -2, "text");
    IPD_LUA_SET(L, "iteration", integer, diagnostics.last.iteration);
    for (int l = 1; l <= diagnostics.last.L; l++) {
        push_row(L, &diagnostics.last, widths[l], l);
        lua_rawseti(L, -2, l);
    }
    int count = ipd_diagnostics_notes(&diagnostics, s, "phi", notes);
    lua_createtable(L, count, 0);
    for (int i = 0; i < count; i++) {
        lua_pushstring(L, notes[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "notes");
    luaL_setmetatable(L, "ipdlam.text");
    return 1;
}

const luaL_Reg ipd_lua_run_fields[] = {{"iteration", get_iteration},
                                       {"status", get_status},
                                       {"metrics", get_metrics},
                                       {"place", get_place},
                                       {"settings", get_settings},
                                       {"log", get_log},
                                       {"last_block", get_last_block},
                                       {"name", get_name},
                                       {"id", get_id},
                                       {"parked", get_parked},
                                       {"data", get_data},
                                       {"widths", get_widths},
                                       {"parent", get_parent},
                                       {"snapshots", ipd_lua_get_snapshots},
                                       {"snapshot_budget", ipd_lua_get_snapshot_budget},
                                       {"breakpoints", ipd_lua_get_breakpoints},
                                       {NULL, NULL}};
