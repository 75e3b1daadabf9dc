/* run_export.c - a run in files and in its history: run:script, run:csv, run:json, run:tag,
 * run:untag, run:note. */
#include "base/file.h"
#include "format/export.h"
#include "lua/classes.h"

/* run:script(path) -> path. Does ip.record for this run. */
int ipd_lua_run_script(lua_State *L)
{
    ipd_lua_check_run(L, 1);
    luaL_checkstring(L, 2);
    lua_settop(L, 2);
    lua_insert(L, 1);
    return ipd_lua_record_session(L);
}

static int write_csv(FILE *to, const ipd_records *records)
{
    ipd_record last = {0};
    if (records->count)
        last = ipd_records_get(records, records->count - 1);
    int failed = ipd_csv_header(to, records->L, last.metric_names);
    for (size_t i = 0; i < records->count && !failed; i++) {
        ipd_record r = ipd_records_get(records, i);
        failed = ipd_csv_record(to, &r, last.metric_names);
    }
    return failed;
}

static int write_json(FILE *to, const ipd_records *records)
{
    int failed = fputs("[", to) < 0;
    for (size_t i = 0; i < records->count && !failed; i++) {
        ipd_record r = ipd_records_get(records, i);
        failed = fputs(i ? ",\n " : "\n ", to) < 0 || ipd_json_record(to, &r);
    }
    return failed || fputs("\n]\n", to) < 0;
}

/* Writes the records of the run at index 1 to the path at index 2, and returns the path. */
static int export(lua_State *L, int (*write)(FILE *, const ipd_records *))
{
    const ipd_records *records = ipd_run_records(ipd_lua_check_run(L, 1)->run);
    const char *path = luaL_checkstring(L, 2);
    ipd_new_file f;
    ipd_error e;
    if (!records->count)
        return luaL_error(L, "the run has no records yet. Train it: run:step()");
    if (ipd_new_file_open(&f, path, &e))
        return ipd_lua_fail(L, &e);
    if (write(f.stream, records)) {
        ipd_new_file_abandon(&f);
        ipd_fail(&e, IPD_EIO, "%.400s: cannot be written", path);
        return ipd_lua_fail(L, &e);
    }
    if (ipd_new_file_commit(&f, &e))
        return ipd_lua_fail(L, &e);
    lua_settop(L, 2);
    return 1;
}

int ipd_lua_run_csv(lua_State *L)
{
    return export(L, write_csv);
}

int ipd_lua_run_json(lua_State *L)
{
    return export(L, write_json);
}

/* Opens the history of the run at index 1 and returns the run's number there; -1 and *e if it
 * cannot be opened. Raises an error if the run is in no history. */
static long open_history(lua_State *L, ipd_history **h, ipd_error *e)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    long id = ipd_run_id(r->run);
    if (!r->lua->host.history)
        luaL_error(L, "this run is in no history");
    if (!id)
        luaL_error(L,
                   "this run enters the history with its first block. Train it first: run:step()");
    return ipd_history_open(h, r->lua->host.history, 1, e) ? -1 : id;
}

/* Adds or removes the tags from index 2 on; returns true. */
static int tag(lua_State *L, int remove)
{
    ipd_history *h;
    ipd_error e;
    int count = lua_gettop(L), failed = 0;
    for (int i = 2; i <= count || i == 2; i++)
        luaL_checkstring(L, i);
    long id = open_history(L, &h, &e);
    if (id < 0)
        return ipd_lua_fail(L, &e);
    for (int i = 2; i <= count && !failed; i++)
        failed = ipd_history_tag(h, id, lua_tostring(L, i), remove, &e);
    ipd_history_close(h);
    if (failed)
        return ipd_lua_fail(L, &e);
    lua_pushboolean(L, 1);
    return 1;
}

int ipd_lua_run_tag(lua_State *L)
{
    return tag(L, 0);
}

int ipd_lua_run_untag(lua_State *L)
{
    return tag(L, 1);
}

/* run:note(text) -> true */
int ipd_lua_run_note(lua_State *L)
{
    ipd_history *h;
    ipd_error e;
    const char *text = luaL_checkstring(L, 2);
    long id = open_history(L, &h, &e);
    if (id < 0)
        return ipd_lua_fail(L, &e);
    int failed = ipd_history_note(h, id, text, &e);
    ipd_history_close(h);
    if (failed)
        return ipd_lua_fail(L, &e);
    lua_pushboolean(L, 1);
    return 1;
}
