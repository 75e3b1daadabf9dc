/* written_private.h - functions shared by the files written*.c. */
#ifndef IPD_SOLVER_WRITTEN_PRIVATE_H
#define IPD_SOLVER_WRITTEN_PRIVATE_H

#include "solver/written.h"

/* Allocates the variables by sample, for at most n samples. On failure nothing is allocated. */
int ipd_written_resize(ipd_written_state *s, size_t n, ipd_error *e);
/* Sets the number of columns of all variables by sample to n. */
void ipd_written_narrow(ipd_written_state *s, size_t n);
/* Makes X, Y and labels views of the batch at hand. */
void ipd_written_view(ipd_written_state *s);
void ipd_written_free_samples(ipd_written_state *s);
/* Allocates the variables that the definition adds, those by sample or the others, and sets them to
 * their start. */
int ipd_written_make_own(ipd_written_state *s, int by_sample, size_t n, ipd_error *e);
/* Loads the batch at hand: a forward pass without history, then the start of the definition. */
int ipd_written_load(ipd_written_state *s, ipd_error *e);

/* written_moves.c: forgets the values kept before the moves of a block; undo: restores them
 * first. */
void ipd_written_release(ipd_written_state *s, int undo);
/* Visits a frozen block: its previous iterates become the present values. */
void ipd_written_stay(ipd_written_state *s, ipd_block block);

/* written_transfer.c: the functions of ipd_method with these names. */
int ipd_written_write(void *state, ipd_variable x, const ipd_matrix *value, ipd_error *e);
int ipd_written_transfer(void *state, ipd_archive *ar, ipd_error *e);

/* written_audit.c: `begin` copies the block's variables before its update, `check` checks them
 * after it and clears p_valid. Errors as of ipd_written.update. Call `end` in any case. */
int ipd_written_audit_begin(ipd_written_state *s, ipd_block block, ipd_written_audit *a,
                            ipd_error *e);
int ipd_written_audit_check(ipd_written_state *s, ipd_written_audit *a, ipd_error *e);
void ipd_written_audit_end(ipd_written_audit *a);

#endif
