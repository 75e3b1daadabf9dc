/* dataset.c - data sets in Lua. */
#include "lua/classes.h"
#include "lua/tensor.h"

#include <stdio.h>
#include <string.h>

static ipd_dataset *check_dataset(lua_State *L, int index)
{
    return ((ipd_lua_dataset *)ipd_lua_check_object(L, index, "ipdlam.dataset"))->data;
}

/* Reads the options in the table at the index: numbers, percentages and words; not x and y. */
static void read_options(lua_State *L, int index, ipd_dataset_options *o)
{
    ipd_error e;
    luaL_checktype(L, index, LUA_TTABLE);
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL, *value;
        if (!name)
            luaL_error(L, "the options of a data set have names: { label = \"species\" }");
        if (!strcmp(name, "x") || !strcmp(name, "y"))
            continue;
        if (lua_isboolean(L, -1))
            value = lua_toboolean(L, -1) ? "yes" : "no";
        else if (!(value = lua_tostring(L, -1)))
            luaL_error(L, "%s must be a number or text, not %s", name, luaL_typename(L, -1));
        if (ipd_data_options_set(o, name, value, &e))
            luaL_error(L, "%s", e.text);
    }
    if (o->held_out &&
        (o->test || o->test_percent > 0 || o->validation || o->validation_percent > 0))
        luaL_error(L, "held_out replaces the test samples. Give held_out alone, or test and "
                      "validation");
}

/* Pushes the tensor in field `name` of the table at index 1: a tensor, or a list of rows or
 * numbers. NULL if it is nil. */
static const ipd_matrix *get_tensor(lua_State *L, const char *name)
{
    if (lua_getfield(L, 1, name) == LUA_TNIL)
        return NULL;
    if (lua_istable(L, -1)) { /* ip.tensor(list) */
        lua_getglobal(L, "ip");
        lua_getfield(L, -1, "tensor");
        lua_remove(L, -2);
        lua_insert(L, -2);
        lua_call(L, 1, 1);
    }
    return ipd_lua_check_tensor(L, -1);
}

/* ip.dataset{ x = X, y = y, ... }: X inputs x N, y outputs x N */
static int dataset_of_tensors(lua_State *L, ipd_dataset_options *o)
{
    ipd_error e;
    read_options(L, 1, o);
    const ipd_matrix *X = get_tensor(L, "x"), *Y = get_tensor(L, "y");
    ipd_matrix row;
    if (!X)
        return luaL_error(L, "x is missing: ip.dataset{ x = X, y = y }, where columns are samples");
    if (Y && Y->cols == 1 && Y->rows == X->cols) { /* a column of labels */
        row = (ipd_matrix){1, Y->rows, Y->data};
        Y = &row;
    }
    if (Y && Y->cols != X->cols)
        return luaL_error(L, "x has %I columns and y has %I: each column is a sample",
                          (lua_Integer)X->cols, (lua_Integer)Y->cols);
    ipd_lua_dataset *d = ipd_lua_push_dataset(L);
    return ipd_dataset_of_values(&d->data, X, Y, o, &e) ? ipd_lua_fail(L, &e) : 1;
}

/* ip.dataset(name_file_or_folder, { train =, test =, ... }) */
int ipd_lua_new_dataset(lua_State *L)
{
    lua_settop(L, 2);
    ipd_dataset_options *o = memset(lua_newuserdatauv(L, sizeof *o, 0), 0, sizeof *o);
    ipd_error e;
    if (lua_istable(L, 1))
        return dataset_of_tensors(L, o);
    const char *name = luaL_optstring(L, 1, "digits");
    if (!lua_isnil(L, 2))
        read_options(L, 2, o);
    ipd_lua_dataset *d = ipd_lua_push_dataset(L);
    if (ipd_dataset_open(&d->data, name, o, &e))
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
    ipd_lua_dataset *d = ipd_lua_check_object(L, 1, "ipdlam.dataset");
    if (d->data)
        ipd_dataset_unref(d->data);
    d->data = NULL;
    return 0;
}

static int dataset_tostring(lua_State *L)
{
    const ipd_dataset *d = check_dataset(L, 1);
    char text[256], validation[48] = "", shape[64];
    if (d->validation.X.cols)
        snprintf(validation, sizeof validation, ", %zu validation", d->validation.X.cols);
    if (ipd_dataset_has_images(d))
        snprintf(shape, sizeof shape, "%zu x %zu", d->width, d->height);
    else
        snprintf(shape, sizeof shape, "%zu inputs", d->inputs);
    snprintf(text, sizeof text, "data set %s: %zu training%s and %zu test samples, %s, %zu %s",
             d->name, d->train.X.cols, validation, d->test.X.cols, shape, d->classes,
             !d->values        ? "classes"
             : d->classes == 1 ? "value"
                               : "values");
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
IPD_LUA_GETTER(get_values, boolean, check_dataset(L, 1)->values)
IPD_LUA_GETTER(get_warnings, string, check_dataset(L, 1)->warnings)
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

/* data:samples(part, first, last): X, inputs x n, and a row of labels, or the values, outputs x
 * n */
static int dataset_samples(lua_State *L)
{
    const ipd_samples *s = check_part(L, 2);
    size_t first = check_sample(L, 3, s, 1), last = check_sample(L, 4, s, s->X.cols);
    if (last < first)
        return luaL_error(L, "samples: the last, %I, comes before the first, %I",
                          (lua_Integer)last + 1, (lua_Integer)first + 1);
    ipd_inputs X = ipd_samples_inputs(s);
    size_t count = last - first + 1;
    ipd_inputs_read(&X, first, 1, count, ipd_lua_new_tensor(L, X.rows, count)->data);
    if (!s->labels) {
        ipd_matrix Y = ipd_matrix_columns(&s->Y, first, count);
        ipd_lua_push_tensor(L, &Y);
        return 2;
    }
    ipd_matrix *labels = ipd_lua_new_tensor(L, 1, count);
    for (size_t n = 0; n < count; n++)
        labels->data[n] = (float)s->labels[first + n];
    return 2;
}

/* data:image(i, part): height x width */
static int dataset_image(lua_State *L)
{
    const ipd_dataset *d = check_dataset(L, 1);
    const ipd_samples *s = check_part(L, 3);
    size_t n = check_sample(L, 2, s, 0);
    ipd_inputs X = ipd_samples_inputs(s);
    ipd_matrix *to = ipd_lua_new_tensor(L, d->height, d->width);
    const float *pixels = ipd_inputs_at(&X, n, ipd_lua_new_tensor(L, 1, X.rows)->data);
    for (size_t y = 0; y < d->height; y++)
        for (size_t x = 0; x < d->width; x++)
            to->data[y + x * d->height] = pixels[x + y * d->width];
    lua_pop(L, 1);
    return 1;
}

/* data:label(i, part): a number from 0, or the first value */
static int dataset_label(lua_State *L)
{
    const ipd_samples *s = check_part(L, 3);
    size_t n = check_sample(L, 2, s, 0);
    if (s->labels)
        lua_pushinteger(L, s->labels[n]);
    else
        lua_pushnumber(L, (double)s->Y.data[n * s->Y.rows]);
    return 1;
}

/* data:class_name(label): "setosa"; for values, the name of output label + 1 */
static int dataset_class_name(lua_State *L)
{
    const ipd_dataset *d = check_dataset(L, 1);
    lua_Integer label = luaL_checkinteger(L, 2);
    char name[256];
    if (label < 0 || (size_t)label >= d->classes)
        return luaL_error(L, "class %I is outside 0 to %I", label, (lua_Integer)d->classes - 1);
    ipd_dataset_class_name(d, (size_t)label, name, sizeof name);
    lua_pushstring(L, name);
    return 1;
}

void ipd_lua_open_dataset(lua_State *L)
{
    static const luaL_Reg fields[] = {{"name", get_name},         {"source", get_source},
                                      {"checksum", get_checksum}, {"width", get_width},
                                      {"height", get_height},     {"inputs", get_inputs},
                                      {"classes", get_classes},   {"train", get_train},
                                      {"test", get_test},         {"validation", get_validation},
                                      {"held_out", get_held_out}, {"values", get_values},
                                      {"warnings", get_warnings}, {NULL, NULL}};
    static const luaL_Reg methods[] = {{"samples", dataset_samples},
                                       {"image", dataset_image},
                                       {"label", dataset_label},
                                       {"class_name", dataset_class_name},
                                       {NULL, NULL}};
    static const luaL_Reg meta[] = {
        {"__gc", dataset_gc}, {"__tostring", dataset_tostring}, {NULL, NULL}};
    static const ipd_lua_class class = {"ipdlam.dataset", methods, fields, meta};
    ipd_lua_class_open(L, &class);
    lua_newtable(L);
    ipd_lua_set_weak(L, "k");
    lua_setfield(L, LUA_REGISTRYINDEX, IPD_LUA_DATASETS);
}
