/* dataset.c - data sets in Lua. */
#include "lua/tensor.h"

#include <stdio.h>
#include <string.h>

static ipd_dataset *check_dataset(lua_State *L, int index)
{
    return ((ipd_lua_dataset *)luaL_checkudata(L, index, "ipdlam.dataset"))->data;
}

/* A count of samples or a seed in the table at index. */
static uint64_t option(lua_State *L, int index, const char *name)
{
    lua_getfield(L, index, name);
    int whole = 1;
    lua_Integer n = lua_isnil(L, -1) ? 0 : lua_tointegerx(L, -1, &whole);
    if (!whole || n < 0)
        luaL_error(L, "%s must be a whole number, at least 0", name);
    lua_pop(L, 1);
    return (uint64_t)n;
}

/* The option `validation`: a number of samples, or "10%". */
static void validation_option(lua_State *L, int index, ipd_dataset_options *options)
{
    ipd_error e;
    lua_getfield(L, index, "validation");
    if (!lua_isnil(L, -1) && !lua_isstring(L, -1))
        luaL_error(L,
                   "validation must be a number of samples or a percentage such as \"10%%\", "
                   "not %s",
                   luaL_typename(L, -1));
    if (!lua_isnil(L, -1) && ipd_dataset_parse_validation(lua_tostring(L, -1), options, &e))
        luaL_error(L, "%s", e.text);
    lua_pop(L, 1);
}

/* ip.dataset(name_or_folder, { train =, test =, seed =, validation = }) */
int ipd_lua_new_dataset(lua_State *L)
{
    static const char *const names[] = {"train", "test", "seed", "validation", "held_out", NULL};
    ipd_dataset_options options = {0};
    ipd_error e;
    const char *name = luaL_optstring(L, 1, "digits");
    if (!lua_isnoneornil(L, 2)) {
        ipd_lua_check_keys(L, 2, "option", names);
        options.train = (size_t)option(L, 2, "train");
        options.test = (size_t)option(L, 2, "test");
        options.seed = option(L, 2, "seed");
        options.held_out = (size_t)option(L, 2, "held_out");
        validation_option(L, 2, &options);
        if (options.held_out &&
            (options.test || options.validation || options.validation_percent > 0))
            return luaL_error(L, "held_out replaces the test samples. Give held_out alone, or test "
                                 "and validation");
    }
    ipd_lua_dataset *d = ipd_lua_push_dataset(L);
    if (ipd_dataset_open(&d->data, name, &options, &e))
        return ipd_lua_fail(L, &e);
    return 1;
}

int ipd_lua_to_dataset(lua_State *L, int index, ipd_dataset **out, ipd_error *e)
{
    index = lua_absindex(L, index);
    ipd_lua_dataset *d = luaL_testudata(L, index, "ipdlam.dataset");
    if (d) {
        lua_pushvalue(L, index);
        *out = d->data;
        return 0;
    }
    if (lua_type(L, index) != LUA_TSTRING)
        luaL_error(L, "data must be a data set or a name, not %s: data = ip.dataset(\"digits\")",
                   luaL_typename(L, index));
    d = ipd_lua_push_dataset(L);
    if (ipd_dataset_open(&d->data, lua_tostring(L, index), NULL, e))
        return -1;
    *out = d->data;
    return 0;
}

static int dataset_gc(lua_State *L)
{
    ipd_lua_dataset *d = luaL_checkudata(L, 1, "ipdlam.dataset");
    if (d->data)
        ipd_dataset_unref(d->data);
    d->data = NULL;
    return 0;
}

static int dataset_tostring(lua_State *L)
{
    const ipd_dataset *d = check_dataset(L, 1);
    char text[256], validation[48] = "";
    if (d->validation.X.cols)
        snprintf(validation, sizeof validation, ", %zu validation", d->validation.X.cols);
    snprintf(text, sizeof text,
             "data set %s: %zu training%s and %zu test samples, %zu x %zu, %zu classes", d->name,
             d->train.X.cols, validation, d->test.X.cols, d->width, d->height, d->classes);
    lua_pushstring(L, text);
    return 1;
}

IPD_LUA_GETTER(get_name, string, check_dataset(L, 1)->name)
IPD_LUA_GETTER(get_source, string, check_dataset(L, 1)->source)
IPD_LUA_GETTER(get_checksum, string, check_dataset(L, 1)->checksum)
IPD_LUA_GETTER(get_width, integer, check_dataset(L, 1)->width)
IPD_LUA_GETTER(get_height, integer, check_dataset(L, 1)->height)
IPD_LUA_GETTER(get_inputs, integer, check_dataset(L, 1)->inputs)
IPD_LUA_GETTER(get_classes, integer, check_dataset(L, 1)->classes)
IPD_LUA_GETTER(get_train, integer, check_dataset(L, 1)->train.X.cols)
IPD_LUA_GETTER(get_validation, integer, check_dataset(L, 1)->validation.X.cols)
IPD_LUA_GETTER(get_held_out, integer, check_dataset(L, 1)->held_out)
IPD_LUA_GETTER(get_test, integer, check_dataset(L, 1)->test.X.cols)

/* The samples at index: "train" (also nil), "validation" or "test". */
static const ipd_samples *check_part(lua_State *L, int index)
{
    static const char *const parts[] = {"train", "validation", "test", NULL};
    const ipd_dataset *d = check_dataset(L, 1);
    const ipd_samples *const samples[] = {&d->train, &d->validation, &d->test};
    return samples[luaL_checkoption(L, index, "train", parts)];
}

/* The number of a sample at the index, from 1, as an index from 0; nil is `otherwise`. */
static size_t check_sample(lua_State *L, int index, const ipd_samples *s, size_t otherwise)
{
    lua_Integer i = luaL_optinteger(L, index, (lua_Integer)otherwise);
    if (i < 1 || (size_t)i > s->X.cols)
        luaL_error(L, "sample %I is outside 1 to %I", i, (lua_Integer)s->X.cols);
    return (size_t)i - 1;
}

/* data:samples(part, first, last): X, inputs x n, and a row of labels */
static int dataset_samples(lua_State *L)
{
    const ipd_samples *s = check_part(L, 2);
    size_t first = check_sample(L, 3, s, 1), last = check_sample(L, 4, s, s->X.cols);
    if (last < first)
        return luaL_error(L, "samples: the last, %I, comes before the first, %I",
                          (lua_Integer)last + 1, (lua_Integer)first + 1);
    ipd_matrix X = ipd_matrix_columns(&s->X, first, last - first + 1);
    ipd_lua_push_tensor(L, &X);
    ipd_matrix *labels = ipd_lua_new_tensor(L, 1, X.cols);
    for (size_t n = 0; n < X.cols; n++)
        labels->data[n] = s->labels[first + n];
    return 2;
}

/* data:image(i, part): height x width */
static int dataset_image(lua_State *L)
{
    const ipd_dataset *d = check_dataset(L, 1);
    const ipd_samples *s = check_part(L, 3);
    const float *pixels = s->X.data + check_sample(L, 2, s, 0) * s->X.rows;
    ipd_matrix *to = ipd_lua_new_tensor(L, d->height, d->width);
    for (size_t y = 0; y < d->height; y++)
        for (size_t x = 0; x < d->width; x++)
            to->data[y + x * d->height] = pixels[x + y * d->width];
    return 1;
}

/* data:label(i, part): a number from 0 */
static int dataset_label(lua_State *L)
{
    const ipd_samples *s = check_part(L, 3);
    lua_pushinteger(L, s->labels[check_sample(L, 2, s, 0)]);
    return 1;
}

void ipd_lua_open_dataset(lua_State *L)
{
    static const luaL_Reg fields[] = {{"name", get_name},         {"source", get_source},
                                      {"checksum", get_checksum}, {"width", get_width},
                                      {"height", get_height},     {"inputs", get_inputs},
                                      {"classes", get_classes},   {"train", get_train},
                                      {"test", get_test},         {"validation", get_validation},
                                      {"held_out", get_held_out}, {NULL, NULL}};
    static const luaL_Reg methods[] = {{"samples", dataset_samples},
                                       {"image", dataset_image},
                                       {"label", dataset_label},
                                       {NULL, NULL}};
    static const luaL_Reg meta[] = {
        {"__gc", dataset_gc}, {"__tostring", dataset_tostring}, {NULL, NULL}};
    static const ipd_lua_class class = {"ipdlam.dataset", methods, fields, meta};
    ipd_lua_class_open(L, &class);
    lua_newtable(L);
    lua_newtable(L);
    lua_pushliteral(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_setfield(L, LUA_REGISTRYINDEX, IPD_LUA_DATASETS);
}
