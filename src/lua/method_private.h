/* method_private.h - the Lua state of a method from a file, for the files method_*.c.
 *
 * The method sees only the libraries that lua/method.lua hands out. Lua values do not last: between
 * two calls all state is in ipd_written_state. One thread at a time. */
#ifndef IPD_LUA_METHOD_PRIVATE_H
#define IPD_LUA_METHOD_PRIVATE_H

#include "lua/tensor.h"
#include "solver/written.h"

/* A view of a variable: a userdata of the class of tensors whose data is the variable's. */
typedef struct ipd_view_tensor {
    ipd_matrix m;
    char name[16]; /* "z", "p" for the product */
    int layer;
} ipd_view_tensor;

enum { IPD_VIEW_TENSORS = (10 + IPD_WRITTEN_OWN) * (IPD_MAX_LAYERS + 1) };

typedef struct ipd_method_state {
    ipd_lua *lua;
    const ipd_method *method;
    ipd_written_state *state; /* NULL while a definition is read */
    int begun;                /* 1: core.variables and core.now exist */
    ipd_block block;          /* being computed; kind 0: none */
    const char *what;         /* "block", "start", "objective" */
    unsigned long steps;      /* calls of the hook since the call began */
    int stopped;              /* 1: by a command; 2: by the limit of instructions */
    int view_count;
    ipd_view_tensor *views[IPD_VIEW_TENSORS];
} ipd_method_state;

/* method_state.c: opens the state and loads the text; its description stays on the Lua stack at 1.
 * chunk: the file's name in messages. method and state are NULL to read the description only. The
 * caller closes it. */
ipd_method_state *ipd_method_state_open(const char *text, const char *chunk,
                                        const ipd_method *method, ipd_written_state *state,
                                        ipd_error *e);
void ipd_method_state_close(void *state); /* accepts NULL */
/* Calls the function below the `arguments` at the top of the stack, limited in instructions. On
 * failure fills *e with the place and the lines of the file that lead to the error. */
int ipd_method_state_call(ipd_method_state *h, int arguments, ipd_error *e);
/* method_view.c: pushes a view of the matrix. Each call points it at the variable again. */
void ipd_method_push_view(ipd_method_state *h, const char *name, int layer, const ipd_matrix *m);

/* method_call.c: functions for the members of ipd_written; `interpreter` is an ipd_method_state. */
void *ipd_method_open_calls(const ipd_method *method, ipd_written_state *state, ipd_error *e);
int ipd_method_update(void *interpreter, ipd_block block, ipd_error *e);
int ipd_method_around(void *interpreter, ipd_block block, ipd_written_audit *audit, ipd_error *e);
int ipd_method_measure(void *interpreter, ipd_record *r, ipd_error *e);

/* method_functions.c: s:p(l), s:prox(...), ... */
extern const luaL_Reg ipd_method_functions[];

#endif
