/* push.c - pushes C values as Lua tables and strings, and functions of the embedded files. */
#include "lua/core/internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Adds the user's metrics to the table at the top. */
static void push_metrics(lua_State *L, const ipd_record *r)
{
    char name[IPD_METRIC_NAME];
    for (int i = 0; i < IPD_MAX_METRICS && ipd_metric_name(r->metric_names, i, name); i++) {
        lua_pushnumber(L, r->metric[i]);
        lua_setfield(L, -2, name);
    }
}

void ipd_lua_push_field(lua_State *L, const ipd_field *f, const ipd_record *r)
{
    if (f->kind == IPD_STRING) {
        lua_pushstring(L, ipd_field_string(f, r));
        return;
    }
    if (f->extent == IPD_SCALAR) {
        double x = ipd_field_value(f, r, 0);
        if (f->kind == IPD_BOOL)
            lua_pushboolean(L, x == 1);
        else if (f->kind == IPD_INT && isfinite(x))
            lua_pushinteger(L, (lua_Integer)x);
        else
            lua_pushnumber(L, x);
        return;
    }
    if (f->extent == IPD_BY_METRIC) {
        lua_newtable(L);
        push_metrics(L, r);
        return;
    }
    int by_block = f->extent == IPD_BY_BLOCK;
    int count = f->extent == IPD_BY_CLASS ? ipd_field_classes(f, r) : ipd_field_count(f, r->L);
    lua_createtable(L, by_block ? 0 : count, by_block ? count : 0);
    for (int i = 0; i < count; i++) {
        lua_pushnumber(L, ipd_field_value(f, r, i));
        if (!by_block) {
            lua_rawseti(L, -2, i + 1);
            continue;
        }
        /* The inverse of ipd_block_index: all z, all W, all a. */
        char name[8];
        int kind = i < r->L ? IPD_Z : i < 2 * r->L ? IPD_W : IPD_A;
        ipd_block_text((ipd_block){(char)kind, i % r->L + 1}, name);
        lua_setfield(L, -2, name);
    }
}

void ipd_lua_push_record(lua_State *L, const ipd_records *records, size_t row)
{
    ipd_record r = ipd_records_get(records, row);
    luaL_checkstack(L, 6, NULL);
    lua_createtable(L, 0, 40);
    for (const ipd_field *f = ipd_record_fields; f->name; f++) {
        if (f->extent == IPD_BY_METRIC || !strcmp(f->name, "metric_names"))
            continue;
        ipd_lua_push_field(L, f, &r);
        lua_setfield(L, -2, f->name);
    }
    push_metrics(L, &r);
    luaL_setmetatable(L, "ipdlam.record");
}

void ipd_lua_push_place(lua_State *L, const ipd_place *place, const char *prefix)
{
    char text[128], block[8];
    luaL_checkstack(L, 6, NULL);
    lua_createtable(L, 0, 6);
    IPD_LUA_SET(L, "iteration", integer, place->iteration);
    IPD_LUA_SET(L, "batch", integer, place->batch);
    IPD_LUA_SET(L, "batches", integer, place->batches);
    IPD_LUA_SET(L, "sweep", integer, place->sweep);
    ipd_block_text(place->block, block);
    IPD_LUA_SET(L, "block", string, block);
    ipd_place_text(place, text, sizeof text);
    IPD_LUA_SET(L, "text", fstring, "%s%s", prefix, text);
    luaL_setmetatable(L, "ipdlam.text");
}

void ipd_lua_push_effect(lua_State *L, const ipd_reply *reply)
{
    char text[160];
    ipd_lua_push_place(L, &reply->at, "at ");
    ipd_reply_text(reply, text, sizeof text);
    IPD_LUA_SET(L, "text", fstring, "at %s", text);
}

void ipd_lua_push_log_entry(lua_State *L, const ipd_log_entry *entry)
{
    char place[128];
    luaL_checkstack(L, 6, NULL);
    lua_createtable(L, 0, 3);
    ipd_lua_push_place(L, &entry->place, "");
    lua_setfield(L, -2, "place");
    IPD_LUA_SET(L, "command", string, entry->text);
    ipd_place_text(&entry->place, place, sizeof place);
    IPD_LUA_SET(L, "text", fstring, "%s: %s", place, entry->text);
    luaL_setmetatable(L, "ipdlam.text");
}

void ipd_lua_push_block_report(lua_State *L, const ipd_block_report *r, const ipd_place *next)
{
    char block[8], then[128], text[256];
    luaL_checkstack(L, 6, NULL);
    lua_createtable(L, 0, 6);
    ipd_block_text(r->at.block, block);
    IPD_LUA_SET(L, "block", string, block);
    ipd_lua_push_place(L, &r->at, "");
    lua_setfield(L, -2, "place");
    IPD_LUA_SET(L, "phi", number, r->phi);
    IPD_LUA_SET(L, "change", number, r->change);
    IPD_LUA_SET(L, "seconds", number, r->seconds);
    ipd_place_text(next, then, sizeof then);
    if (r->at.block.kind == IPD_STEP)
        snprintf(text, sizeof text, "%s: loss %.6g of its batch; now at %s", block, r->phi, then);
    else if (isnan(r->phi)) /* a method from a file measures at the end of a batch */
        snprintf(text, sizeof text, "%s; now at %s", block, then);
    else if (isnan(r->change))
        snprintf(text, sizeof text, "%s: phi %.6g; now at %s", block, r->phi, then);
    else
        snprintf(text, sizeof text, "%s: phi %.6g (%+.3g); now at %s", block, r->phi, r->change,
                 then);
    IPD_LUA_SET(L, "text", string, text);
    luaL_setmetatable(L, "ipdlam.text");
}

/* Pushes a setting's value as a Lua value that reads back to the same setting; nil where it is
 * unset. */
static void push_setting(lua_State *L, const ipd_settings *s, const ipd_setting *setting)
{
    const char *at = (const char *)s + setting->offset;
    char text[512];
    switch (setting->kind) {
    case IPD_SET_NUMBER:
        if (ipd_setting_is_unset(setting, *(const double *)(const void *)at))
            lua_pushnil(L);
        else
            lua_pushnumber(L, *(const double *)(const void *)at);
        break;
    case IPD_SET_COUNT:
        if (ipd_setting_is_unset(setting, (double)*(const long *)(const void *)at))
            lua_pushnil(L);
        else
            lua_pushinteger(L, *(const long *)(const void *)at);
        break;
    case IPD_SET_SWITCH:
        lua_pushboolean(L, *(const int *)(const void *)at);
        break;
    default:
        ipd_settings_get(s, setting, text, sizeof text);
        if (ipd_setting_is_text(setting, text))
            lua_pushstring(L, text);
        else
            lua_pushnumber(L, strtod(text, NULL)); /* one of a list of numbers */
    }
}

void ipd_lua_push_settings(lua_State *L, const ipd_settings *s)
{
    luaL_checkstack(L, 6, NULL);
    lua_newtable(L);
    for (const ipd_setting *t = ipd_settings_table; t->name; t++) {
        if (t->alias || !ipd_setting_exists(s, t))
            continue;
        push_setting(L, s, t);
        lua_setfield(L, -2, t->name);
    }
    luaL_setmetatable(L, "ipdlam.list");
}

int ipd_lua_push_widths(lua_State *L, const size_t *widths, int count)
{
    lua_createtable(L, count, 0);
    for (int i = 0; i < count; i++) {
        lua_pushinteger(L, (lua_Integer)widths[i]);
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

void ipd_lua_push_metrics(lua_State *L, int index)
{
    lua_pushvalue(L, index);
    lua_newuserdatauv(L, 0, 1);
    luaL_setmetatable(L, "ipdlam.metrics");
    lua_insert(L, -2);
    lua_setiuservalue(L, -2, 1);
}

void ipd_lua_set_weak(lua_State *L, const char *mode)
{
    lua_createtable(L, 0, 1);
    IPD_LUA_SET(L, "__mode", string, mode);
    lua_setmetatable(L, -2);
}

const char ipd_lua_embedded[] = "=[ipdlam]";

void ipd_lua_push_prelude(lua_State *L, const char *name)
{
    lua_getfield(L, LUA_REGISTRYINDEX, "ipdlam.prelude");
    lua_getfield(L, -1, name);
    lua_remove(L, -2);
}

const char *const ipd_lua_event_names[IPD_EVENTS + 1] = {"block", "batch", "iteration", "change",
                                                         NULL};

ipd_lua_dataset *ipd_lua_push_dataset(lua_State *L)
{
    ipd_lua_dataset *d = lua_newuserdatauv(L, sizeof *d, 0);
    d->data = NULL;
    luaL_setmetatable(L, "ipdlam.dataset");
    lua_getfield(L, LUA_REGISTRYINDEX, IPD_LUA_DATASETS);
    lua_pushvalue(L, -2);
    lua_pushboolean(L, 1);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    return d;
}

ipd_dataset *ipd_lua_known_dataset(lua_State *L, const char *checksum, const char *source)
{
    ipd_dataset *found = NULL;
    lua_getfield(L, LUA_REGISTRYINDEX, IPD_LUA_DATASETS);
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        const ipd_lua_dataset *d = lua_touserdata(L, -2);
        lua_pop(L, 1);
        if (d->data && !found && !strcmp(d->data->checksum, checksum) &&
            !strcmp(d->data->source, source))
            found = ipd_dataset_ref(d->data);
    }
    lua_pop(L, 1);
    return found;
}
