/* tensor_files.c - ip.load_tensors and ip.save_tensors: files of named tensors. */
#include "base/file.h"
#include "data/tensors.h"
#include "lua/tensor.h"

#include <stdlib.h>
#include <string.h>

/* __gc of userdata "ipdlam.tensor_file", a file that an error may leave open. */
static int close_file(lua_State *L)
{
    ipd_tensors_close(lua_touserdata(L, 1));
    return 0;
}

static ipd_tensor_file *push_file(lua_State *L)
{
    ipd_tensor_file *f = lua_newuserdatauv(L, sizeof *f, 0);
    memset(f, 0, sizeof *f);
    if (luaL_newmetatable(L, "ipdlam.tensor_file")) {
        lua_pushcfunction(L, close_file);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return f;
}

/* Value i of an array of this type, as float. */
static float value_at(const void *values, ipd_dtype dtype, size_t i)
{
    switch (dtype) {
    case IPD_F32:
        return ((const float *)values)[i];
    case IPD_F64:
        return (float)((const double *)values)[i];
    default:
        return (float)((const int64_t *)values)[i];
    }
}

/* Reads t, which is row-major in the file, into a tensor of its shape; a vector becomes a
 * column. */
static int read_tensor(ipd_tensor_file *f, const ipd_tensor *t, ipd_matrix *to, ipd_error *e)
{
    void *values = ipd_allocate_unset(t->bytes, 1, e);
    if (!values || ipd_tensors_read(f, t, values, e)) {
        free(values);
        return -1;
    }
    for (size_t c = 0; c < to->cols; c++)
        for (size_t r = 0; r < to->rows; r++)
            to->data[r + c * to->rows] = value_at(values, t->dtype, r * to->cols + c);
    free(values);
    return 0;
}

/* ip.load_tensors(path): a table of the tensors by name */
static int load_tensors(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    ipd_error e;
    ipd_tensor_file *f = push_file(L);
    if (ipd_tensors_open(f, path, &e))
        return ipd_lua_fail(L, &e);
    lua_newtable(L);
    for (size_t i = 0; i < f->count; i++) {
        const ipd_tensor *t = &f->tensors[i];
        if (t->dtype == IPD_TEXT || t->rank > 2) {
            ipd_fail(
                &e, IPD_EFORMAT,
                "%s: '%s' is not a vector or matrix of numbers that this program reads (float, "
                "double, 64-bit integers)",
                path, t->name);
            return ipd_lua_fail(L, &e);
        }
        ipd_matrix *to =
            ipd_lua_new_tensor(L, t->rank > 0 ? t->shape[0] : 1, t->rank > 1 ? t->shape[1] : 1);
        if (read_tensor(f, t, to, &e))
            return ipd_lua_fail(L, &e);
        lua_setfield(L, -2, t->name);
    }
    ipd_tensors_close(f);
    memset(f, 0, sizeof *f);
    return 1;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const ipd_tensor_out *)a)->name, ((const ipd_tensor_out *)b)->name);
}

/* Pushes a block that lists the tensors of the table at index 2, by name. */
static ipd_tensor_out *list_tensors(lua_State *L, size_t *count)
{
    *count = 0;
    for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1))
        ++*count;
    ipd_tensor_out *out = lua_newuserdatauv(L, (*count + 1) * sizeof *out, 0);
    memset(out, 0, (*count + 1) * sizeof *out);
    ipd_tensor_out *t = out;
    for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1), t++) {
        const ipd_matrix *m = ipd_lua_to_tensor(L, -1);
        size_t length = 0;
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &length) : "";
        if (!m || !length || length >= sizeof t->name || strlen(name) != length)
            luaL_error(
                L,
                "save_tensors needs a table of tensors by name, such as { W = t }; the names "
                "have 1 to %d bytes",
                (int)sizeof t->name - 1);
        memcpy(t->name, name, length);
        t->rank = 2;
        t->shape[0] = m->rows;
        t->shape[1] = m->cols;
        t->values = m->data;
        t->columns = 1;
    }
    qsort(out, *count, sizeof *out, by_name);
    return out;
}

/* ip.save_tensors(path, { name = tensor, ... }): the path */
static int save_tensors(lua_State *L)
{
    static const char *const no_texts[] = {NULL};
    const char *path = luaL_checkstring(L, 1), *dot = strrchr(path, '.');
    size_t count;
    ipd_new_file f;
    ipd_error e;
    char *header = NULL;
    luaL_checktype(L, 2, LUA_TTABLE);
    ipd_tensor_out *out = list_tensors(L, &count);
    if (ipd_new_file_open(&f, path, &e))
        return ipd_lua_fail(L, &e);
    int failed = dot && !strcmp(dot, ".npz")
                     ? ipd_npz_write(f.stream, out, count, no_texts)
                     : !(header = ipd_safetensors_header(json_object(), out, count)) ||
                           ipd_safetensors_write(f.stream, header, out, count);
    free(header);
    if (failed && !ferror(f.stream)) {
        ipd_new_file_abandon(&f);
        ipd_fail(&e, IPD_EMEMORY, "%s: out of memory", path);
        return ipd_lua_fail(L, &e);
    }
    if (ipd_new_file_commit(&f, &e))
        return ipd_lua_fail(L, &e);
    lua_settop(L, 1);
    return 1;
}

const luaL_Reg ipd_lua_tensor_files[] = {
    {"load_tensors", load_tensors}, {"save_tensors", save_tensors}, {NULL, NULL}};
