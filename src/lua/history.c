/* history.c - the history of runs in Lua: ip.runs, ip.history, and the object of an old run, which
 * has the fields of a run. */
#include "lua/classes.h"

#include "base/list.h"
#include "base/path.h"
#include "base/text.h"
#include "history/history.h"
#include "history/query.h"
#include "report/script.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Userdata "ipdlam.history": a copy of a run; user value 1 is its row as in ip.runs. */
typedef struct ipd_lua_history {
    ipd_history_run run;
    ipd_records records;
    ipd_list log; /* ipd_log_entry */
} ipd_lua_history;

/* Opens the history of the session or, without one, the default history. Returns 1 and sets *h to
 * NULL if it does not exist yet. */
static int open_history(lua_State *L, ipd_history **h, ipd_error *e)
{
    char path[4096];
    const char *file = ipd_lua_of(L)->host.history;
    *h = NULL;
    if (!file && ipd_history_path(path, sizeof path, e))
        return -1;
    if (!file)
        file = path;
    if (!ipd_path_exists(file))
        return 1;
    return ipd_history_open(h, file, 0, e);
}

/* The same; a history that does not exist is an error. */
static int open_existing(lua_State *L, ipd_history **h, ipd_error *e)
{
    int none = open_history(L, h, e);
    return none > 0 ? ipd_fail(e, IPD_ESTATE, "no history of runs yet") : none;
}

/* Pushes the settings in a JSON object as a table; anything else gives an empty table. */
static void push_json_settings(lua_State *L, const char *text)
{
    json_t *settings = json_loads(text, 0, NULL), *value;
    const char *name;
    lua_newtable(L);
    json_object_foreach(settings, name, value)
    {
        const ipd_setting *s = ipd_setting_find(name);
        if (s && json_is_number(value) && ipd_setting_is_unset(s, json_number_value(value)))
            lua_pushnil(L);
        else if (json_is_string(value))
            lua_pushstring(L, json_string_value(value));
        else if (json_is_boolean(value))
            lua_pushboolean(L, json_is_true(value));
        else if (json_is_integer(value))
            lua_pushinteger(L, json_integer_value(value));
        else
            lua_pushnumber(L, json_is_real(value) ? json_real_value(value) : NAN);
        lua_setfield(L, -2, name);
    }
    json_decref(settings);
}

static void push_tags(lua_State *L, const ipd_history_run *run)
{
    char tags[sizeof run->tags], *rest = NULL;
    int n = 0;
    lua_newtable(L);
    strcpy(tags, run->tags);
    for (char *tag = strtok_r(tags, ",", &rest); tag; tag = strtok_r(NULL, ",", &rest)) {
        lua_pushstring(L, tag);
        lua_rawseti(L, -2, ++n);
    }
}

static void push_text(lua_State *L, const ipd_history_run *run)
{
    char text[512], phi[32] = "", test[IPD_QUALITY_TEXT];
    int is_r2 = ipd_history_is_r2(run), known = isfinite(run->test_accuracy);
    ipd_quality_text(test, run->test_accuracy, is_r2, is_r2 ? 4 : 2);
    if (!isnan(run->phi))
        snprintf(phi, sizeof phi, ", phi %.5g", run->phi);
    snprintf(text, sizeof text, "%ld %s: %s, %s, iteration %d%s%s%s", run->id, run->name,
             run->dataset, run->status, run->iteration, phi, known ? ", test " : "",
             known ? test : "");
    lua_pushstring(L, text);
}

/* Pushes a run's row of ip.runs; the fields have the names used in conditions. */
static void push_run(lua_State *L, const ipd_history_run *run)
{
    luaL_checkstack(L, 6, NULL);
    lua_createtable(L, 0, 40);
    for (const ipd_history_field *f = ipd_history_fields; f->name; f++) {
        if (!(f->uses & IPD_RUN_SHOWN))
            continue;
        if (f->type == IPD_RUN_TEXT)
            lua_pushstring(L, ipd_history_field_text(f, run));
        else if (f->type == IPD_RUN_DOUBLE)
            lua_pushnumber(L, ipd_history_field_number(f, run));
        else
            lua_pushinteger(L, (lua_Integer)ipd_history_field_number(f, run));
        lua_setfield(L, -2, f->name);
    }
    push_tags(L, run);
    lua_setfield(L, -2, "tags");
    ipd_lua_push_widths(L, run->widths, run->L ? run->L + 1 : 0);
    lua_setfield(L, -2, "widths");
    push_json_settings(L, run->settings);
    lua_setfield(L, -2, "settings");
    push_text(L, run);
    lua_setfield(L, -2, "text");
    luaL_setmetatable(L, "ipdlam.text");
}

/* The runs found; a userdata, since an error of Lua would leak them. */
struct found {
    ipd_history_run *runs;
    size_t count, capacity;
};

static int take_run(void *context, const ipd_history_run *run)
{
    struct found *f = context;
    ipd_history_run *runs = ipd_list_grow(f->runs, f->count, &f->capacity, sizeof *runs);
    if (!runs)
        return 1;
    f->runs = runs;
    f->runs[f->count++] = *run;
    return 0;
}

static int found_gc(lua_State *L)
{
    struct found *f = lua_touserdata(L, 1);
    free(f->runs);
    f->runs = NULL;
    return 0;
}

/* ip.runs{ where =, sort =, limit = } -> a list */
int ipd_lua_list_runs(lua_State *L)
{
    static const char *const names[] = {"where", "sort", "limit", NULL};
    ipd_history_query query = {0};
    ipd_history *h;
    ipd_error e;
    lua_settop(L, 1);
    if (!lua_isnil(L, 1)) {
        ipd_lua_check_keys(L, 1, "option", names);
        lua_getfield(L, 1, "where");
        query.where = luaL_optstring(L, -1, NULL);
        lua_getfield(L, 1, "sort");
        query.sort = luaL_optstring(L, -1, NULL);
        lua_getfield(L, 1, "limit");
        query.limit = (long)luaL_optinteger(L, -1, 0);
    }
    struct found *f = lua_newuserdatauv(L, sizeof *f, 0);
    *f = (struct found){0};
    lua_newtable(L);
    IPD_LUA_SET(L, "__gc", cfunction, found_gc);
    lua_setmetatable(L, -2);
    int none = open_history(L, &h, &e);
    int failed = none < 0 || (!none && ipd_history_select(h, &query, take_run, f, &e));
    ipd_history_close(h);
    if (failed)
        return ipd_lua_fail(L, &e);
    lua_createtable(L, (int)f->count, 0);
    for (size_t i = 0; i < f->count; i++) {
        push_run(L, &f->runs[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int take_record(void *context, const ipd_record *record)
{
    ipd_lua_history *h = context;
    return ipd_records_add(&h->records, record);
}

static int take_change(void *context, const ipd_place *place, const char *text)
{
    ipd_lua_history *h = context;
    ipd_log_entry entry = {.place = *place};
    snprintf(entry.text, sizeof entry.text, "%s", text);
    return ipd_list_add(&h->log, &entry, sizeof entry);
}

/* Writes the run at index 1 as a text for ipd_history_look_up. */
static void name_of_run(lua_State *L, char *text, size_t size)
{
    ipd_lua_run *living = ipd_lua_test_run(L, 1);
    ipd_lua_card buffer;
    if (living && !living->run && !living->parked)
        luaL_error(L, "the run is closed");
    const ipd_lua_card *card = living ? ipd_lua_card_of(living, &buffer) : NULL;
    if (card && !card->id)
        luaL_error(L, "this run is not in a history");
    if (card)
        snprintf(text, size, "%ld", card->id);
    else if (lua_isnumber(L, 1))
        snprintf(text, size, "%lld", (long long)luaL_checkinteger(L, 1));
    else
        snprintf(text, size, "%s", luaL_optstring(L, 1, "last"));
}

/* A script that repeats a run of the history, malloc'ed; NULL and *e on failure. */
static char *script_of(lua_State *L, const char *name, int has_function, ipd_error *e)
{
    ipd_history *h = NULL;
    ipd_history_run *run = malloc(sizeof *run);
    char *text = NULL;
    size_t size;
    FILE *to = run ? open_memstream(&text, &size) : NULL;
    int failed = (to ? open_existing(L, &h, e) : ipd_fail(e, IPD_EMEMORY, "out of memory")) ||
                 ipd_history_look_up(h, name, run, e) ||
                 ipd_script_write_again(to, h, run, has_function, e);
    ipd_history_close(h);
    if (to && ipd_text_close(to, &text) && !failed)
        failed = ipd_fail(e, IPD_EMEMORY, "out of memory");
    free(run);
    if (!failed)
        return text;
    free(text);
    return NULL;
}

static int again_k(lua_State *L, int status, lua_KContext context)
{
    (void)L, (void)status, (void)context;
    return 1;
}

/* Pushes the function of rho in the table at index 2, or nil. */
static int push_function(lua_State *L)
{
    static const char *const names[] = {"rho", NULL};
    if (lua_isnil(L, 2)) {
        lua_pushnil(L);
        return 0;
    }
    ipd_lua_check_keys(L, 2, "option", names);
    if (lua_getfield(L, 2, "rho") == LUA_TNIL)
        return 0;
    luaL_checktype(L, -1, LUA_TFUNCTION);
    return 1;
}

/* ip.again(id, { rho = function }) -> run */
int ipd_lua_again(lua_State *L)
{
    ipd_error e;
    char name[128];
    lua_settop(L, 2);
    name_of_run(L, name, sizeof name);
    int has_function = push_function(L);
    char *text = script_of(L, name, has_function, &e);
    if (!text)
        return ipd_lua_fail(L, &e);
    int failed = luaL_loadbufferx(L, text, strlen(text), "=again", "t") != LUA_OK;
    free(text);
    if (failed)
        return lua_error(L);
    lua_insert(L, -2); /* below its argument */
    lua_callk(L, 1, 1, 0, again_k);
    return again_k(L, LUA_OK, 0);
}

int ipd_lua_push_old_run(lua_State *L, const char *name, ipd_error *e)
{
    ipd_history *h;
    ipd_lua_history *o = lua_newuserdatauv(L, sizeof *o, 1);
    memset(o, 0, sizeof *o);
    luaL_setmetatable(L, "ipdlam.history");
    int failed = open_existing(L, &h, e) || ipd_history_look_up(h, name, &o->run, e) ||
                 ipd_history_records(h, o->run.id, take_record, o, e) ||
                 ipd_history_changes(h, o->run.id, take_change, o, e);
    ipd_history_close(h);
    return failed ? -1 : 0;
}

/* ip.history(id): id is a number, a name, "last" or a run */
int ipd_lua_open_old_run(lua_State *L)
{
    ipd_error e;
    char text[128];
    name_of_run(L, text, sizeof text);
    if (ipd_lua_push_old_run(L, text, &e))
        return ipd_lua_fail(L, &e);
    push_run(L, ipd_lua_history_run(L, -1));
    lua_setiuservalue(L, -2, 1);
    return 1;
}

static ipd_lua_history *check_history(lua_State *L)
{
    return luaL_checkudata(L, 1, "ipdlam.history");
}

const ipd_records *ipd_lua_history_records(lua_State *L, int index)
{
    const ipd_lua_history *o = luaL_testudata(L, index, "ipdlam.history");
    return o ? &o->records : NULL;
}

const ipd_history_run *ipd_lua_history_run(lua_State *L, int index)
{
    const ipd_lua_history *o = luaL_testudata(L, index, "ipdlam.history");
    return o ? &o->run : NULL;
}

static int history_gc(lua_State *L)
{
    ipd_lua_history *o = check_history(L);
    ipd_records_free(&o->records);
    free(o->log.items);
    o->log = (ipd_list){0};
    return 0;
}

static int history_last(lua_State *L)
{
    const ipd_lua_history *o = check_history(L);
    if (o->records.count == 0)
        return 0;
    ipd_lua_push_record(L, &o->records, o->records.count - 1);
    return 1;
}

static int history_tostring(lua_State *L)
{
    push_text(L, &check_history(L)->run);
    return 1;
}

static int get_metrics(lua_State *L)
{
    check_history(L);
    ipd_lua_push_metrics(L, 1);
    return 1;
}

static int get_log(lua_State *L)
{
    const ipd_lua_history *o = check_history(L);
    lua_createtable(L, (int)o->log.count, 0);
    for (size_t i = 0; i < o->log.count; i++) {
        ipd_lua_push_log_entry(L, (const ipd_log_entry *)o->log.items + i);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    luaL_setmetatable(L, "ipdlam.list");
    return 1;
}

/* Other fields are those of its row in ip.runs. */
static int history_otherwise(lua_State *L)
{
    check_history(L);
    lua_getiuservalue(L, 1, 1);
    lua_pushvalue(L, 2);
    lua_rawget(L, -2);
    return 1;
}

void ipd_lua_open_history(lua_State *L)
{
    static const luaL_Reg methods[] = {{"last", history_last}, {NULL, NULL}};
    static const luaL_Reg fields[] = {{"metrics", get_metrics}, {"log", get_log}, {NULL, NULL}};
    static const luaL_Reg meta[] = {{"__gc", history_gc},
                                    {"__tostring", history_tostring},
                                    {"__otherwise", history_otherwise},
                                    {NULL, NULL}};
    static const ipd_lua_class class = {"ipdlam.history", methods, fields, meta};
    ipd_lua_class_open(L, &class);
}
