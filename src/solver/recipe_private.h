/* recipe_private.h - shared by recipe.c and recipe_transfer.c. */
#ifndef IPD_SOLVER_RECIPE_PRIVATE_H
#define IPD_SOLVER_RECIPE_PRIVATE_H

#include "solver/recipe.h"

/* Allocates what belongs to samples, for at most n. On failure nothing is allocated. */
int ipd_recipe_resize(ipd_recipe_state *s, size_t n, ipd_error *e);
/* Makes everything by sample n columns wide. */
void ipd_recipe_narrow(ipd_recipe_state *s, size_t n);
/* Makes views of the batch at hand. */
void ipd_recipe_view(ipd_recipe_state *s);

void ipd_recipe_free_samples(ipd_recipe_state *s);
/* Allocates the variables of the definition, those by sample or the others, at their start. */
int ipd_recipe_make_own(ipd_recipe_state *s, int by_sample, size_t n, ipd_error *e);
/* Loads the batch at hand: a forward pass without history, then the start of the definition. */
int ipd_recipe_load(ipd_recipe_state *s, ipd_error *e);

#endif
