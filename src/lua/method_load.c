/* method_load.c - methods from files and texts: reads the definition and adds it to the table of
 * methods. */
#include "base/contract.h"
#include "base/file.h"
#include "base/fingerprint.h"
#include "base/path.h"
#include "lua/method.h"
#include "lua/method_private.h"
#include "settings/settings.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TEXT = 256 << 10 };

/* A method with everything that it points to. It lasts as long as the process. */
typedef struct definition {
    ipd_method method;
    ipd_written written;
    char name[IPD_METHOD_NAME], uses[512];
    char *text, *summary, *advice, *source;
    ipd_own_setting own[17];
    ipd_order visits[IPD_WRITTEN_ORDERS * IPD_MAX_LAYERS];
} definition;

/* Fields of the description at index 1. */
static int get_int(lua_State *L, const char *name)
{
    lua_getfield(L, 1, name);
    int value = (int)lua_tointeger(L, -1);
    lua_pop(L, 1);
    return value;
}

static char *get_text(lua_State *L, const char *name)
{
    lua_getfield(L, 1, name);
    const char *text = lua_tostring(L, -1);
    char *copy = text ? strdup(text) : NULL;
    lua_pop(L, 1);
    return copy;
}

static void read_own(lua_State *L, ipd_written *r)
{
    lua_getfield(L, 1, "own");
    r->own_count = (int)luaL_len(L, -1);
    for (int i = 0; i < r->own_count; i++) {
        ipd_written_variable *x = &r->own[i];
        lua_rawgeti(L, -1, i + 1);
        lua_getfield(L, -1, "name");
        snprintf(x->name, sizeof x->name, "%s", lua_tostring(L, -1));
        lua_getfield(L, -2, "rows");
        x->rows = (ipd_side)lua_tointeger(L, -1);
        lua_getfield(L, -3, "cols");
        x->cols = (ipd_side)lua_tointeger(L, -1);
        lua_getfield(L, -4, "layers");
        x->layers = (ipd_layers)lua_tointeger(L, -1);
        lua_getfield(L, -5, "start");
        x->start = (float)lua_tonumber(L, -1);
        lua_pop(L, 6);
    }
    lua_pop(L, 1);
}

static double number_of(lua_State *L, const char *name, double missing)
{
    double value = lua_getfield(L, -1, name) == LUA_TNUMBER ? lua_tonumber(L, -1) : missing;
    lua_pop(L, 1);
    return value;
}

/* The list `settings`, sorted by name. */
static void read_settings(lua_State *L, ipd_own_setting *own)
{
    lua_getfield(L, 1, "settings");
    for (int i = 1; i <= (int)luaL_len(L, -1); i++, own++) {
        lua_rawgeti(L, -1, i);
        own->start = number_of(L, "default", 0);
        own->min = number_of(L, "min", -1e30);
        own->max = number_of(L, "max", 1e30);
        lua_getfield(L, -1, "whole");
        own->whole = lua_toboolean(L, -1);
        lua_getfield(L, -2, "name");
        snprintf(own->name, sizeof own->name, "%s", lua_tostring(L, -1));
        lua_getfield(L, -3, "help");
        snprintf(own->help, sizeof own->help, "%.180s", lua_tostring(L, -1));
        lua_getfield(L, -4, "symbol");
        snprintf(own->symbol, sizeof own->symbol, "%s",
                 lua_isnil(L, -1) ? "" : lua_tostring(L, -1));
        lua_pop(L, 5);
        snprintf(own->shown, sizeof own->shown, "%s (default %g, %g to %g)", own->help, own->start,
                 own->min, own->max);
    }
    lua_pop(L, 1);
}

/* The text `parts`, whose names must suit metrics. */
static int read_parts(lua_State *L, ipd_written *r, ipd_error *e)
{
    ipd_record names = {0};
    char name[IPD_METRIC_NAME * 2];
    lua_getfield(L, 1, "parts");
    int failed = 0;
    for (const char *p = lua_tostring(L, -1); p && *p && !failed; p += strcspn(p, " ") + 1) {
        snprintf(name, sizeof name, "%.*s", (int)strcspn(p, " "), p);
        failed = ipd_metric_check(name, e) || ipd_metric_put(&names, name, 0, e);
    }
    lua_pop(L, 1);
    memcpy(r->parts, names.metric_names, sizeof r->parts);
    return failed ? ipd_fail_in(e, "parts") : 0;
}

static void read_visits(lua_State *L, ipd_order *visits)
{
    lua_getfield(L, 1, "visits");
    for (int o = 0; o < IPD_WRITTEN_ORDERS; o++) {
        lua_rawgeti(L, -1, o + 1);
        for (int l = 1; l <= IPD_MAX_LAYERS; l++) {
            ipd_order *order = &visits[o * IPD_MAX_LAYERS + l - 1];
            int count = lua_rawgeti(L, -1, l) == LUA_TTABLE ? (int)luaL_len(L, -1) : 0;
            for (int i = 1; i < count && order->count < IPD_MAX_BLOCKS; i += 2) {
                lua_rawgeti(L, -1, i);
                lua_rawgeti(L, -2, i + 1);
                ipd_order_visit(order, (ipd_block_kind)*lua_tostring(L, -2),
                                (int)lua_tointeger(L, -1));
                lua_pop(L, 2);
            }
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* "mine@3fa9c1": the name and a checksum of the text, so that each text has a name of its own. */
static void write_name(definition *d, const char *name)
{
    uint64_t h = ipd_fingerprint(0, d->text, strlen(d->text));
    snprintf(d->name, sizeof d->name, "%.20s@%06x", name, (unsigned)(h >> 40));
}

static void fill(definition *d, lua_State *L)
{
    char *name = get_text(L, "name"), *uses = get_text(L, "uses");
    write_name(d, name ? name : "");
    lua_getfield(L, 1, "exact");
    snprintf(d->uses, sizeof d->uses, "order inner %s%s", uses ? uses : "",
             *lua_tostring(L, -1) ? " audit" : "");
    lua_pop(L, 1);
    free(name);
    free(uses);
    d->summary = get_text(L, "summary");
    d->source = get_text(L, "source");
    d->advice = get_text(L, "advice");
    lua_getfield(L, 1, "lr");
    d->method.lr = lua_tonumber(L, -1);
    lua_pop(L, 1);
    ipd_written *r = &d->written;
    r->text = d->text;
    r->source = d->source ? d->source : "";
    r->z = get_int(L, "z");
    r->a = get_int(L, "a");
    r->keeps_z = get_int(L, "keeps_z");
    r->keeps_W = get_int(L, "keeps_W");
    r->keeps_a = get_int(L, "keeps_a");
    r->full_batch = get_int(L, "full_batch");
    r->starts = get_int(L, "starts");
    read_own(L, r);
    read_settings(L, d->own);
    read_visits(L, d->visits);
    r->open = ipd_method_open_calls;
    r->update = ipd_method_update;
    r->measure = ipd_method_measure;
    r->close = ipd_method_state_close;
    r->around = ipd_method_around;
    char *exact = get_text(L, "exact");
    snprintf(r->exact, sizeof r->exact, "%s", exact ? exact : "");
    free(exact);
    d->method.name = d->name;
    d->method.summary = d->summary ? d->summary : "";
    d->method.advice = d->advice ? d->advice : "other settings";
    d->method.uses = d->uses;
    d->method.own = d->own;
    d->method.visits = d->visits;
    ipd_written_fill(&d->method, r);
}

static void free_definition(definition *d)
{
    free(d->text);
    free(d->summary);
    free(d->source);
    free(d->advice);
    free(d);
}

static int do_fill(lua_State *L)
{
    fill(lua_touserdata(L, 2), L);
    return 0;
}

/* The path of the file: as given, or NAME.lua in the user's folder or the installed one. */
static int find_file(const char *name, char *path, size_t size, ipd_error *e)
{
    char file[64];
    if (strchr(name, '/') || (strlen(name) > 4 && !strcmp(name + strlen(name) - 4, ".lua")))
        return ipd_path_copy(path, size, name, e);
    if (strlen(name) >= IPD_METHOD_NAME)
        return ipd_fail(e, IPD_ESTATE, "no file");
    snprintf(file, sizeof file, "methods/%.*s.lua", (int)strcspn(name, "@"), name);
    if (!ipd_path_home(path, size, IPD_DATA_HOME, file, e) && ipd_path_exists(path))
        return 0;
    if (!ipd_path_join(path, size, IPD_PKGDATADIR "/lua", file, e) && ipd_path_exists(path))
        return 0;
    return ipd_fail(e, IPD_ESTATE, "no file");
}

/* If the description at 1 names a base, appends its text to d->text and opens a new state with
 * both. Returns the state to use, NULL and *e on failure; frees h unless it returns it. */
static ipd_method_state *add_base(ipd_method_state *h, definition *d, const char *chunk,
                                  ipd_error *e)
{
    enum { MARKS = 64 };
    char path[4096], *base = get_text(h->lua->L, "base"), *own = d->text, *text = NULL,
                     *both = NULL;
    ipd_method_state *again = NULL;
    if (!base)
        return h;
    ipd_method_state_close(h);
    if (ipd_method_is_built_in(base)) {
        ipd_fail(e, IPD_EUSAGE, "base '%s' is built in. A base is a file, such as plain_ipdlam",
                 base);
    } else if (find_file(base, path, sizeof path, e)) {
        ipd_fail(e, IPD_EUSAGE,
                 "base '%.100s': no method file has this name. Give its path: \"./mine.lua\"",
                 base);
    } else if (!(text = ipd_file_text(path, MAX_TEXT, 0, e))) {
        ipd_fail_in(e, "base '%.100s'", base);
    } else if (strstr(text, "]==========]")) {
        ipd_fail(e, IPD_EUSAGE, "base: '%.100s' has a base itself", base);
    } else if ((both = malloc(strlen(own) + strlen(text) + MARKS))) {
        sprintf(both, "%s" IPD_METHOD_BASE "%s\n]==========]\n", own, text);
        d->text = both;
        free(own);
        again = ipd_method_state_open(both, chunk, NULL, NULL, e);
    } else {
        ipd_fail(e, IPD_EMEMORY, "out of memory for a method");
    }
    free(base);
    free(text);
    return again;
}

/* chunk: the file's name in messages; path: of the file, or "" */
static const ipd_method *read_as(const char *text, const char *chunk, const char *path,
                                 ipd_error *e)
{
    definition *d = ipd_allocate(1, sizeof *d, e);
    ipd_method_state *h = NULL;
    const ipd_method *method = NULL;
    if (!d)
        return NULL;
    if (!(d->text = strdup(text)))
        ipd_fail(e, IPD_EMEMORY, "out of memory for a method");
    else
        h = ipd_method_state_open(text, chunk, NULL, NULL, e);
    if (h)
        h = add_base(h, d, chunk, e);
    if (h) {
        lua_State *L = h->lua->L;
        lua_settop(L, 1);
        lua_pushcfunction(L, do_fill);
        lua_pushvalue(L, 1);
        lua_pushlightuserdata(L, d);
        int failed = ipd_method_state_call(h, 2, e);
        char base[IPD_METHOD_NAME];
        snprintf(base, sizeof base, "%.*s", (int)strcspn(d->name, "@"), d->name);
        if (!failed && ipd_method_is_built_in(base))
            ipd_fail(e, IPD_EUSAGE, "the method '%s' is built in. Choose another name", base);
        else if (!failed && !read_parts(L, &d->written, e) && !ipd_settings_add_own(d->own, e))
            method = ipd_method_add(&d->method, path, e);
    }
    ipd_method_state_close(h);
    if (method != &d->method)
        free_definition(d);
    return method;
}

static const ipd_method *read_text(const char *text, const char *path, ipd_error *e)
{
    return read_as(text, "method", path, e);
}

static const ipd_method *read_file(const char *name, ipd_error *e)
{
    char path[4096];
    if (find_file(name, path, sizeof path, e))
        return NULL;
    char *text = ipd_file_text(path, MAX_TEXT, 0, e);
    const char *slash = strrchr(path, '/');
    if (!text)
        return NULL;
    char *whole = realpath(path, NULL);
    const ipd_method *method = read_as(text, slash ? slash + 1 : path, whole ? whole : "", e);
    free(whole);
    free(text);
    if (method && strchr(name, '@') && strcmp(method->name, name)) {
        ipd_fail(
            e, IPD_EUSAGE,
            "%.200s has changed: it is %s now, and the run needs %.40s. Its checkpoint has that "
            "text",
            path, method->name, name);
        return NULL;
    }
    if (!method)
        ipd_fail_in(e, "%s", path);
    return method;
}

static void read_folder(const char *folder)
{
    DIR *d = opendir(folder);
    ipd_error e;
    char path[4096];
    for (struct dirent *x; d && (x = readdir(d));) {
        const char *dot = strrchr(x->d_name, '.');
        if (dot && !strcmp(dot, ".lua") && !ipd_path_join(path, sizeof path, folder, x->d_name, &e))
            read_file(path, &e);
    }
    if (d)
        closedir(d);
}

void ipd_lua_methods_find(void)
{
    char folder[4096];
    ipd_error e;
    read_folder(IPD_PKGDATADIR "/lua/methods");
    if (!ipd_path_home(folder, sizeof folder, IPD_DATA_HOME, "methods", &e))
        read_folder(folder);
}

void ipd_lua_methods_begin(void)
{
    static const ipd_method_reader reader = {read_file, read_text};
    ipd_method_set_reader(&reader);
}
