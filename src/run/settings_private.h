/* settings_private.h - what the files behind settings.h share. */
#ifndef IPD_RUN_SETTINGS_PRIVATE_H
#define IPD_RUN_SETTINGS_PRIVATE_H

#include "run/settings.h"

/* The next word of a list by commas or spaces, at *text, into word; 0 at the end. */
int ipd_settings_word(const char **text, char *word, size_t size);

/* The error of a name that is no setting. */
int ipd_settings_unknown(const char *name, ipd_error *e);

#endif
