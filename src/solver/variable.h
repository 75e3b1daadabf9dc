/* variable.h - the variables of a method by name, to be read and written between two units of work.
 *
 * In formulas: W_l, b_l, z_l, a_l (a_0 = X), their previous iterates, and the gaps
 * z_l - W_l a_{l-1} - b_l and a_l - sigma(z_l).
 */
#ifndef IPD_SOLVER_VARIABLE_H
#define IPD_SOLVER_VARIABLE_H

#include "solver/method.h"

enum { IPD_VARIABLE_TEXT = 32 };

/* Names without a layer by kind: "W", "b", ..., "W_old", ..., "linear_gap", "Y". Ends with NULL. */
extern const char *const ipd_variable_names[IPD_VARIABLES + 1];
/* Writes "W2", "W2_old", "linear_gap2", "X". */
void ipd_variable_text(ipd_variable x, char to[IPD_VARIABLE_TEXT]);
/* Reads such a text; -1 if it names no variable. Any layer is accepted. */
int ipd_variable_parse(ipd_variable *x, const char *text);
/* Fails if no network of L layers has it, or, with `write`, if it cannot be written. */
int ipd_variable_check(ipd_variable x, int L, int write, ipd_error *e);

/* Copies its present value into *to, which is empty; the caller frees it. Fails if the method has
 * no such variable or it has no value yet. */
int ipd_variable_copy(const ipd_method *method, const void *state, ipd_variable x, ipd_matrix *to,
                      ipd_error *e);
/* Fails unless `value` has the shape of `now`, the variable's value, and all its elements are
 * finite. */
int ipd_variable_fits(ipd_variable x, const ipd_matrix *now, const ipd_matrix *value, ipd_error *e);

#endif
