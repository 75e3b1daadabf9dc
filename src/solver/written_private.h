/* written_private.h - shared by written.c and written_transfer.c. */
#ifndef IPD_SOLVER_WRITTEN_PRIVATE_H
#define IPD_SOLVER_WRITTEN_PRIVATE_H

#include "solver/written.h"

/* Allocates what belongs to samples, for at most n. On failure nothing is allocated. */
int ipd_written_resize(ipd_written_state *s, size_t n, ipd_error *e);
/* Makes everything by sample n columns wide. */
void ipd_written_narrow(ipd_written_state *s, size_t n);
/* Makes views of the batch at hand. */
void ipd_written_view(ipd_written_state *s);

void ipd_written_free_samples(ipd_written_state *s);
/* Allocates the variables of the definition, those by sample or the others, at their start. */
int ipd_written_make_own(ipd_written_state *s, int by_sample, size_t n, ipd_error *e);
/* Loads the batch at hand: a forward pass without history, then the start of the definition. */
int ipd_written_load(ipd_written_state *s, ipd_error *e);

/* written_audit.c: copies the block's variables before its update; checks them after it. Failures
 * as those of update; p_valid is cleared. Free with end in any case. */
int ipd_written_audit_begin(ipd_written_state *s, ipd_block block, ipd_written_audit *a,
                            ipd_error *e);
int ipd_written_audit_check(ipd_written_state *s, ipd_written_audit *a, ipd_error *e);
void ipd_written_audit_end(ipd_written_audit *a);

#endif
