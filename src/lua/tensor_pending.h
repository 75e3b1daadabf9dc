/* tensor_pending.h - tensors that are computed when their values are needed: see tensor_pending.c. */
#ifndef IPD_LUA_TENSOR_PENDING_H
#define IPD_LUA_TENSOR_PENDING_H

#include "base/blas.h"
#include "base/expression.h"
#include "lua/tensor.h"

/* 1 if the state has tensors that wait. */
int ipd_lua_may_wait(lua_State *L);
/* The tensor at the index, whose data may be NULL: for its shape. */
ipd_matrix *ipd_lua_peek_tensor(lua_State *L, int index);
/* Pushes a tensor that waits: `step` of the tensors, or for a binary operation of numbers, at the stack
 * indices x and y; y is 0 if there is none. At least one is a tensor; shapes have been checked. Returns 1. */
int ipd_lua_wait(lua_State *L, ipd_step step, size_t rows, size_t cols, int x, int y);
/* Pushes the transposed tensor, which waits. Returns 1. */
int ipd_lua_wait_transposed(lua_State *L, int index);
/* The tensor at the index as a factor of a product; of one that waits to be transposed the original. */
const ipd_matrix *ipd_lua_check_factor(lua_State *L, int index, ipd_transpose *as);
/* The steps that compute the tensor at the index; of one with values, none. The terms are valid as long as
 * the tensor is reachable. */
void ipd_lua_list_steps(lua_State *L, int index, ipd_expression *x);
/* Computes the tensor m, which is at the index, if it waits. Returns m. */
ipd_matrix *ipd_lua_settle(lua_State *L, int index, ipd_matrix *m);
/* Computes all that wait. */
void ipd_lua_settle_all(lua_State *L);

#endif
