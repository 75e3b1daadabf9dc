/* tensor_pending.h - pending tensors, which are computed when their values are needed: see
 * tensor_pending.c. */
#ifndef IPD_LUA_TENSOR_PENDING_H
#define IPD_LUA_TENSOR_PENDING_H

#include "base/blas.h"
#include "base/expression.h"
#include "lua/tensor.h"

/* 1 if operations in this state return pending tensors. */
int ipd_lua_may_wait(lua_State *L);
/* The tensor at the index, for its shape: the data of a pending one is NULL. */
ipd_matrix *ipd_lua_peek_tensor(lua_State *L, int index);
/* Pushes a pending tensor: `step` applied to the values at the stack indices x and y (0: no second
 * one). In a binary operation one of them may be a number. The caller has checked the shapes.
 * Returns 1. */
int ipd_lua_wait(lua_State *L, ipd_step step, size_t rows, size_t cols, int x, int y);
/* Pushes the transpose of the tensor at the index, pending. Returns 1. */
int ipd_lua_wait_transposed(lua_State *L, int index);
/* The tensor at the index as a factor of a product: for a pending transpose, the original, and *as
 * says so. */
const ipd_matrix *ipd_lua_check_factor(lua_State *L, int index, ipd_transpose *as);
/* Lists the steps that compute the tensor at the index, none if it has values. The terms are valid
 * as long as the tensor is reachable. */
void ipd_lua_list_steps(lua_State *L, int index, ipd_expression *x);
/* Computes the tensor m, which is at the index, if it is pending. Returns m. */
ipd_matrix *ipd_lua_settle(lua_State *L, int index, ipd_matrix *m);
/* Computes all pending tensors. */
void ipd_lua_settle_all(lua_State *L);

#endif
