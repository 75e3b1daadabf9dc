/* tensor.h - tensors in Lua, userdata "ipdlam.tensor", for the files of the class. The thread of
 * the Lua state.
 *
 * A tensor is a matrix of float whose columns are samples. Lua owns its memory, which counts
 * towards Lua's limit. Functions raise misuse with the shapes that they were given. */
#ifndef IPD_LUA_TENSOR_H
#define IPD_LUA_TENSOR_H

#include "lua/core/internal.h"

/* The tensor at the stack index; raises an error if there is none. Valid as long as the value is
 * reachable. */
ipd_matrix *ipd_lua_check_tensor(lua_State *L, int index);
/* The same, for a change in place; raises an error for a view of a variable. */
ipd_matrix *ipd_lua_check_own(lua_State *L, int index);
/* Where a view comes from; user value 1 is the run's handle. */
typedef struct ipd_lua_origin {
    ipd_variable x;
    ipd_place place;
    unsigned long rewinds;
    size_t changes; /* in the run's log */
} ipd_lua_origin;
/* Makes the tensor at the top a view of x of the run at index 1, taken at this place. */
void ipd_lua_set_origin(lua_State *L, ipd_variable x, const ipd_place *place);
/* The origin of the tensor at the index, with the run's handle pushed; NULL, and nothing pushed, if
 * it is no view. */
const ipd_lua_origin *ipd_lua_push_origin(lua_State *L, int index);
/* Adds "; W2 of run 1 at iteration 3, before z1" to the text of the tensor at the index, if it is a
 * view. */
void ipd_lua_add_origin(lua_State *L, luaL_Buffer *b, int index);
/* The tensor at the index, or NULL. */
ipd_matrix *ipd_lua_to_tensor(lua_State *L, int index);
/* Pushes a new tensor with unset elements; raises an error if it exceeds Lua's limit. */
ipd_matrix *ipd_lua_new_tensor(lua_State *L, size_t rows, size_t cols);
/* The layer at the index; raises an error outside 1 ... last. */
int ipd_lua_check_layer(lua_State *L, int index, int last);
/* The whole number at the index, at least 0. what: its name in messages. */
size_t ipd_lua_check_count(lua_State *L, int index, const char *what);

/* The tensor at the index; or, for a number, *one: a tensor of one element, whose data is
 * *number. */
const ipd_matrix *ipd_lua_check_operand(lua_State *L, int index, float *number, ipd_matrix *one);

/* element.c: elements of functions that are being defined. */
int ipd_lua_is_element(lua_State *L, int index);
int ipd_lua_choose_element(lua_State *L); /* ip.where of elements and numbers at 1 to 3 */

/* Opens the class with all its methods (tensor_class.c), or without those below (tensor.c). */
void ipd_lua_open_tensors(lua_State *L);
void ipd_lua_open_tensor(lua_State *L);
/* Pushes a tensor with a copy of the matrix. */
void ipd_lua_push_tensor(lua_State *L, const ipd_matrix *m);

/* Methods, by name. */
extern const luaL_Reg ipd_lua_tensor_math[], ipd_lua_tensor_linear[], ipd_lua_tensor_parts[];
/* Add the other methods, and the metamethods of operators, to the table at the top. */
void ipd_lua_add_tensor_arithmetic(lua_State *L);
void ipd_lua_add_tensor_operators(lua_State *L);
/* Functions of the module: ip.tensor, ip.zeros, ... */
extern const luaL_Reg ipd_lua_tensor_makers[], ipd_lua_tensor_files[];
extern const luaL_Reg ipd_lua_network_compute[]; /* methods of networks (network_compute.c) */
int ipd_lua_multiply(lua_State *L);              /* the product of the tensors at 1 and 2 */

#endif
