/* network_compute.c - what a network with weights computes on tensors: outputs, answers,
 * gradients. */
#include "base/blas.h"
#include "lua/classes.h"
#include "lua/tensor.h"
#include "optim/backprop.h"

#include <stdlib.h>
#include <string.h>

/* The network at index 1, which has weights, and the samples at index 2, which fit it. */
static const ipd_network *check_inputs(lua_State *L, const char *what, const ipd_matrix **X)
{
    ipd_lua_network *n = ipd_lua_check_object(L, 1, "ipdlam.network");
    if (!n->has_weights)
        luaL_error(
            L, "%s: this network has only widths. Use run:network(), or ip.load to read weights",
            what);
    *X = ipd_lua_check_tensor(L, 2);
    if ((*X)->rows != n->net.d[0] || !(*X)->cols)
        luaL_error(L, "%s: the network needs %I x n inputs, n at least 1, and got %I x %I", what,
                   (lua_Integer)n->net.d[0], (lua_Integer)(*X)->rows, (lua_Integer)(*X)->cols);
    return &n->net;
}

/* Pushes the outputs z_L. */
static ipd_matrix *push_outputs(lua_State *L, const char *what)
{
    const ipd_matrix *X;
    const ipd_network *net = check_inputs(L, what, &X);
    ipd_matrix *to = ipd_lua_new_tensor(L, net->d[net->L], X->cols);
    /* any labels: only the outputs are used */
    ipd_label *labels = lua_newuserdatauv(L, X->cols * sizeof *labels, 0);
    ipd_evaluation out;
    ipd_error e;
    memset(labels, 0, X->cols * sizeof *labels);
    int failed = ipd_network_evaluate(net, ipd_inputs_of(X), ipd_truth_labels(labels), NULL, &out,
                                      to, NULL, &e);
    lua_pop(L, 1);
    if (!failed)
        return to;
    ipd_lua_fail(L, &e);
    return NULL;
}

/* net:forward(X): z_L, without the loss's last function */
static int network_forward(lua_State *L)
{
    return push_outputs(L, "forward") ? 1 : 2;
}

/* net:predict(X): a row of labels, from 0 */
static int network_predict(lua_State *L)
{
    const ipd_matrix *z = push_outputs(L, "predict");
    if (!z)
        return 2;
    ipd_matrix *to = ipd_lua_new_tensor(L, 1, z->cols);
    for (size_t n = 0; n < z->cols; n++)
        to->data[n] = (float)ipd_argmax(z->data + n * z->rows, z->rows);
    return 1;
}

/* Pushes the labels at the index, a row or column of `count` whole numbers below `classes`. */
static const ipd_label *push_labels(lua_State *L, int index, size_t count, size_t classes)
{
    const ipd_matrix *labels = ipd_lua_check_tensor(L, index);
    if ((labels->rows != 1 && labels->cols != 1) || labels->rows * labels->cols != count)
        luaL_error(L, "labels: %I samples need 1 x %I labels and got %I x %I", (lua_Integer)count,
                   (lua_Integer)count, (lua_Integer)labels->rows, (lua_Integer)labels->cols);
    ipd_label *to = lua_newuserdatauv(L, count * sizeof *to, 0);
    for (size_t n = 0; n < count; n++) {
        float x = labels->data[n];
        if (!(x >= 0 && x < (float)classes && x == (float)(int)x))
            luaL_error(L, "labels: that of sample %I is %f; a label is a whole number, 0 to %I",
                       (lua_Integer)n + 1, (double)x, (lua_Integer)classes - 1);
        to[n] = (ipd_label)x;
    }
    return to;
}

/* net:confusion(X, labels): classes x classes, labels down and answers across */
static int network_confusion(lua_State *L)
{
    const ipd_matrix *X;
    const ipd_network *net = check_inputs(L, "confusion", &X);
    size_t classes = net->d[net->L];
    const ipd_label *labels = push_labels(L, 3, X->cols, classes);
    const ipd_matrix *z = push_outputs(L, "confusion");
    if (!z)
        return 2;
    ipd_matrix *to = ipd_lua_new_tensor(L, classes, classes);
    memset(to->data, 0, classes * classes * sizeof *to->data);
    for (size_t n = 0; n < X->cols; n++)
        to->data[labels[n] + classes * ipd_argmax(z->data + n * classes, classes)]++;
    return 1;
}

/* Sets field `name` of the table at the top to a list of tensors by layer, W or b, without
 * values. */
static void push_layers(lua_State *L, const ipd_network *net, const char *name, ipd_matrix **to)
{
    lua_newtable(L);
    for (int l = 1; l <= net->L; l++) {
        to[l] = ipd_lua_new_tensor(L, net->d[l], *name == 'W' ? net->d[l - 1] : 1);
        lua_rawseti(L, -2, l);
    }
    lua_setfield(L, -2, name);
}

/* net:gradient(X, labels): the mean loss and its gradients by back-propagation, { loss, W, b, X
 * } */
static int network_gradient(lua_State *L)
{
    const ipd_matrix *X;
    const ipd_network *net = check_inputs(L, "gradient", &X);
    ipd_matrix *W[IPD_MAX_LAYERS + 1], *b[IPD_MAX_LAYERS + 1];
    const ipd_label *labels = push_labels(L, 3, X->cols, net->d[net->L]);
    lua_newtable(L);
    ipd_matrix *dX = ipd_lua_new_tensor(L, X->rows, X->cols);
    lua_setfield(L, -2, "X");
    push_layers(L, net, "W", W);
    push_layers(L, net, "b", b);
    ipd_batch batch = {.X = *X, .labels = labels};
    ipd_backprop g = {0};
    double loss;
    ipd_error e;
    int failed = ipd_targets(&batch.Y, net->loss, labels, X->cols, net->d[net->L], &e) ||
                 ipd_backprop_resize(&g, net, X->cols, &e) ||
                 ipd_backprop_gradient(&g, net, &batch, &loss, &e);
    for (int l = 1; l <= net->L && !failed; l++) {
        ipd_matrix_copy(W[l], &g.dW[l]);
        ipd_matrix_copy(b[l], &g.db[l]);
    }
    if (!failed)
        ipd_multiply(IPD_TRANSPOSED, IPD_PLAIN, 1, &net->W[1], &g.z[1], 0,
                     dX); /* z[1] holds dz_1 */
    ipd_matrix_free(&batch.Y);
    ipd_backprop_free(&g);
    if (failed)
        return ipd_lua_fail(L, &e);
    lua_pushnumber(L, loss);
    lua_setfield(L, -2, "loss");
    return 1;
}

const luaL_Reg ipd_lua_network_compute[] = {{"forward", network_forward},
                                            {"predict", network_predict},
                                            {"confusion", network_confusion},
                                            {"gradient", network_gradient},
                                            {NULL, NULL}};
