/* module.c - the module `ip` (require "ipdlam") and the embedded Lua files. */
#include "base/clock.h"
#include "base/file.h"
#include "base/parallel.h"
#include "base/path.h"
#include "config.h"
#include "format/export.h"
#include "lua/classes.h"
#include "lua/embedded.h"
#include "lua/tensor.h"
#include "run/time/checkpoint.h"
#include "run/time/space.h"

#include <stdlib.h>
#include <string.h>

static void load_embedded(lua_State *L, const char *text, size_t size)
{
    if (luaL_loadbufferx(L, text, size, ipd_lua_embedded, "t") != LUA_OK)
        lua_error(L);
    lua_pushvalue(L, -2);
    lua_call(L, 1, 0);
}

static void push_names(lua_State *L, const char *const *names)
{
    lua_newtable(L);
    for (int i = 0; names[i]; i++) {
        lua_pushstring(L, names[i]);
        lua_rawseti(L, -2, i + 1);
    }
}

static void set_string(lua_State *L, const char *key, const char *value)
{
    if (!value)
        return;
    lua_pushstring(L, value);
    lua_setfield(L, -2, key);
}

/* ip.settings(): a description of each setting, by name. */
static int list_settings(lua_State *L)
{
    static const char *const kinds[] = {
        [IPD_SET_NUMBER] = "number",     [IPD_SET_COUNT] = "count",
        [IPD_SET_SWITCH] = "switch",     [IPD_SET_CHOICE] = "choice",
        [IPD_SET_ORDER] = "order",       [IPD_SET_CHOICES] = "choices",
        [IPD_SET_NUMBERS] = "numbers",   [IPD_SET_BLOCKS] = "blocks",
        [IPD_SET_SCHEDULE] = "schedule", [IPD_SET_SCHEDULES] = "schedules"};
    static const char *const when[] = {"the start", "the next block", "the next iteration"};
    char range[80];
    lua_newtable(L);
    for (const ipd_setting *s = ipd_settings_table; s->name; s++) {
        lua_newtable(L);
        set_string(L, "symbol", s->symbol);
        set_string(L, "help", s->help);
        set_string(L, "kind", kinds[s->kind]);
        set_string(L, "from", when[s->when]);
        if ((s->kind == IPD_SET_NUMBER || s->kind == IPD_SET_COUNT) && !s->own) {
            IPD_LUA_SET(L, "least", number, s->min);
            IPD_LUA_SET(L, "most", number, s->max);
            ipd_setting_range(s, range, sizeof range);
            set_string(L, "range", range);
        }
        if (s->choices) {
            push_names(L, s->choices());
            lua_setfield(L, -2, "choices");
        }
        luaL_setmetatable(L, "ipdlam.list");
        lua_setfield(L, -2, s->name);
    }
    luaL_setmetatable(L, "ipdlam.list");
    return 1;
}

static void push_choices(lua_State *L, const ipd_preset *p)
{
    const ipd_choice *c;
    lua_newtable(L);
    for (int i = 0; (c = ipd_preset_choice(p, i)); i++) {
        lua_newtable(L);
        set_string(L, "what", c->what);
        set_string(L, "source", c->source);
        set_string(L, "here", c->here);
        lua_rawseti(L, -2, i + 1);
    }
}

/* ip.presets(): the settings of each preset, by name. */
static int list_presets(lua_State *L)
{
    lua_newtable(L);
    for (const ipd_preset *p = ipd_presets; p->name; p++) {
        lua_newtable(L);
        set_string(L, "summary", p->summary);
        set_string(L, "source", p->source);
        set_string(L, "objective", ipd_preset_objective(p));
        push_choices(L, p);
        lua_setfield(L, -2, "choices");
        ipd_lua_push_settings(L, &p->settings);
        lua_setfield(L, -2, "settings");
        lua_setfield(L, -2, p->name);
    }
    return 1;
}

/* ip.clock(): seconds of a monotonic clock. */
IPD_LUA_GETTER(clock_seconds, number, ipd_seconds())

/* ip.threads(n): sets and returns the number of threads. */
static int threads(lua_State *L)
{
    ipd_error e;
    if (!lua_isnoneornil(L, 1)) {
        lua_Integer n = luaL_checkinteger(L, 1);
        luaL_argcheck(L, n >= 0 && n <= 4096, 1, "0 (one per processor) to 4096");
        ipd_lua *lua = ipd_lua_of(L);
        ipd_lua_pump(lua);
        for (ipd_lua_run *r = lua->runs; r; r = r->next)
            if (r->run && ipd_run_get_status(r->run) == IPD_RUNNING)
                return luaL_error(L, "threads cannot change while %s is training. Pause it first",
                                  ipd_run_name(r->run));
        if (ipd_threads_set((int)n, &e))
            return ipd_lua_fail(L, &e);
    }
    lua_pushinteger(L, ipd_threads());
    return 1;
}

/* ip.checkpoint_space(size): sets the limit for all checkpoints of the history, "20G" or "10%", and
 * returns it in bytes. */
static int checkpoint_space(lua_State *L)
{
    ipd_lua *lua = ipd_lua_of(L);
    char root[4096];
    ipd_error e;
    if (!lua_isnoneornil(L, 1) && ipd_space_set(luaL_checkstring(L, 1), &e))
        return luaL_error(L, "%s", e.text);
    if (ipd_checkpoint_root(root, sizeof root, lua->host.history, &e))
        return ipd_lua_fail(L, &e);
    lua_pushnumber(L, ipd_space_limit(root, 0));
    return 1;
}

/* ip.help(name): help as text, from the embedded help, the settings and the metrics. */
static int help(lua_State *L)
{
    ipd_lua_push_prelude(L, "help");
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

/* For the prelude: the names and help of the fields of a metric record, in order. */
static int list_metrics(lua_State *L)
{
    lua_newtable(L);
    for (const ipd_field *f = ipd_record_fields; f->name; f++) {
        if (f->extent == IPD_BY_METRIC || !strcmp(f->name, "metric_names"))
            continue; /* records have the metrics themselves */
        lua_newtable(L);
        set_string(L, "name", f->name);
        set_string(L, "help", f->help);
        set_string(L, "kind",
                   f->extent != IPD_SCALAR ? "list"
                   : f->kind == IPD_STRING ? "string"
                   : f->kind == IPD_BOOL   ? "boolean"
                                           : "number");
        lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    }
    return 1;
}

/* For the prelude: the names of the settings, in order. */
static int list_setting_names(lua_State *L)
{
    lua_newtable(L);
    for (int i = 0; ipd_settings_table[i].name; i++) {
        lua_pushstring(L, ipd_settings_table[i].name);
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

/* In place of functions that need a screen. The workbench replaces them; elsewhere an init.lua can
 * call them without effect. */
static int no_screen(lua_State *L)
{
    lua_pushnil(L);
    lua_pushliteral(L, "there is no screen here: this is for the workbench only");
    return 2;
}

/* The names of activations, for completion: a function, since definitions add names. */
static int list_activations(lua_State *L)
{
    push_names(L, ipd_activation_names());
    return 1;
}

static int list_losses(lua_State *L)
{
    push_names(L, ipd_loss_names());
    return 1;
}

static const luaL_Reg functions[] = {{"dataset", ipd_lua_new_dataset},
                                     {"activation", ipd_lua_new_activation},
                                     {"method", ipd_lua_method},
                                     {"methods", ipd_lua_methods},
                                     {"loss", ipd_lua_new_loss},
                                     {"penalty", ipd_lua_new_penalty},
                                     {"network", ipd_lua_new_network},
                                     {"run", ipd_lua_new_run},
                                     {"load", ipd_lua_load_network},
                                     {"average", ipd_lua_average_networks},
                                     {"resume", ipd_lua_resume_run},
                                     {"again", ipd_lua_again},
                                     {"living", ipd_lua_living},
                                     {"overlay", ipd_lua_overlay},
                                     {"compare", ipd_lua_compare},
                                     {"runs", ipd_lua_list_runs},
                                     {"history", ipd_lua_open_old_run},
                                     {"presets", list_presets},
                                     {"settings", list_settings},
                                     {"threads", threads},
                                     {"clock", clock_seconds},
                                     {"checkpoint_space", checkpoint_space},
                                     {"describe", ipd_lua_describe},
                                     {"record", ipd_lua_record_session},
                                     {"help", help},
                                     {"chart", no_screen},
                                     {"copy", no_screen},
                                     {"keys", no_screen},
                                     {"layout", no_screen},
                                     {"log", no_screen},
                                     {"mouse", no_screen},
                                     {"screen", no_screen},
                                     {"theme", no_screen},
                                     {"figure", ipd_lua_new_figure},
                                     {NULL, NULL}};

/* json(value) -> a scalar as JSON; nil and numbers that are not finite are null. */
static int json(lua_State *L)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to)
        return luaL_error(L, "out of memory");
    if (lua_isinteger(L, 1))
        fprintf(to, LUA_INTEGER_FMT, lua_tointeger(L, 1));
    else if (lua_type(L, 1) == LUA_TNUMBER)
        ipd_json_number(to, lua_tonumber(L, 1));
    else if (lua_isboolean(L, 1))
        fputs(lua_toboolean(L, 1) ? "true" : "false", to);
    else if (lua_isnoneornil(L, 1))
        fputs("null", to);
    else
        ipd_json_string(to, luaL_tolstring(L, 1, NULL));
    if (fclose(to)) {
        free(text);
        return luaL_error(L, "out of memory");
    }
    lua_pushlstring(L, text, size);
    free(text);
    return 1;
}

/* write_file(path, text) -> true, or nil and a message. Writes the whole file or nothing. */
static int write_file(lua_State *L)
{
    size_t size;
    const char *path = luaL_checkstring(L, 1), *text = luaL_checklstring(L, 2, &size);
    ipd_new_file f;
    ipd_error e;
    if (ipd_new_file_open(&f, path, &e))
        return ipd_lua_fail(L, &e);
    fwrite(text, 1, size, f.stream); /* the commit reports errors */
    if (ipd_new_file_commit(&f, &e))
        return ipd_lua_fail(L, &e);
    lua_pushboolean(L, 1);
    return 1;
}

/* read_file(path) -> its text, "" if it does not exist; or nil and a message. */
static int read_file(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    ipd_error e;
    if (!ipd_path_exists(path)) {
        lua_pushliteral(L, "");
        return 1;
    }
    char *text = ipd_file_text(path, 1 << 30, 0, &e);
    if (!text)
        return ipd_lua_fail(L, &e);
    lua_pushstring(L, text);
    free(text);
    return 1;
}

/* check_output(path) -> true, or nil and the reason why it cannot be written. */
static int check_output(lua_State *L)
{
    ipd_error e;
    if (ipd_new_file_check(luaL_checkstring(L, 1), &e))
        return ipd_lua_fail(L, &e);
    lua_pushboolean(L, 1);
    return 1;
}

/* output_kind(path) -> "file", "stream" (a device, a FIFO) or "stdout". */
static int output_kind(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    lua_pushstring(L, ipd_file_is_same(path, "-") ? "stdout"
                      : ipd_file_is_stream(path)  ? "stream"
                                                  : "file");
    return 1;
}

/* Creates the table that the embedded files share, starting with the C functions. */
static void open_prelude(lua_State *L, int module)
{
    static const luaL_Reg given[] = {{"metrics", list_metrics},
                                     {"setting_names", list_setting_names},
                                     {"settings", list_settings},
                                     {"unknown", ipd_lua_unknown_text},
                                     {"paths", ipd_lua_paths},
                                     {"json", json},
                                     {"token", ipd_lua_token},
                                     {"check_output", check_output},
                                     {"read_file", read_file},
                                     {"write_file", write_file},
                                     {"output_kind", output_kind},
                                     {"check_run", ipd_lua_check_run_table},
                                     {"make_run", ipd_lua_make_run},
                                     {"warn", ipd_lua_warn_text},
                                     {"breaks_on", ipd_lua_breaks_on},
                                     {"show_watches", ipd_lua_show_watches},
                                     {NULL, NULL}};
    lua_newtable(L);
    luaL_setfuncs(L, given, 0);
    luaL_setfuncs(L, ipd_lua_metric_functions, 0);
    ipd_lua_add_live(L);
    lua_pushvalue(L, module);
    lua_setfield(L, -2, "ip");
    push_names(L, ipd_dataset_names());
    lua_setfield(L, -2, "datasets");
    lua_pushcfunction(L, list_activations);
    lua_setfield(L, -2, "activations");
    lua_pushcfunction(L, list_losses);
    lua_setfield(L, -2, "losses");
    push_names(L, ipd_lua_event_names);
    lua_setfield(L, -2, "events");
    static const char *const classes[] = {"run",    "history", "network", "dataset",
                                          "tensor", "metrics", "record",  "text",
                                          "row",    "figure",  "list",    NULL};
    lua_newtable(L);
    for (int i = 0; classes[i]; i++) {
        lua_pushfstring(L, "ipdlam.%s", classes[i]);
        lua_rawget(L, LUA_REGISTRYINDEX);
        lua_setfield(L, -2, classes[i]);
    }
    lua_setfield(L, -2, "classes");
    for (const ipd_lua_file *f = ipd_lua_files; strcmp(f->name, "method.lua"); f++)
        load_embedded(L, f->text, f->size);
    lua_setfield(L, LUA_REGISTRYINDEX, "ipdlam.prelude");
}

int ipd_lua_open_module(lua_State *L)
{
    ipd_lua_open_dataset(L);
    ipd_lua_open_network(L);
    ipd_lua_open_tensors(L);
    ipd_lua_open_element(L);
    ipd_lua_open_figure(L);
    ipd_lua_open_record(L);
    ipd_lua_open_history(L);
    ipd_lua_open_run(L);
    ipd_lua_open_variables(L);
    ipd_lua_open_checkpoint(L);
    luaL_newlib(L, functions);
    luaL_setfuncs(L, ipd_lua_tensor_makers, 0);
    luaL_setfuncs(L, ipd_lua_tensor_files, 0);
    lua_pushliteral(L, PACKAGE_VERSION);
    lua_setfield(L, -2, "version");
    open_prelude(L, lua_gettop(L));
    return 1;
}
