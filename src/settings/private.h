/* private.h - what the files behind settings.h share. */
#ifndef IPD_SETTINGS_PRIVATE_H
#define IPD_SETTINGS_PRIVATE_H

#include "settings/settings.h"

/* The next word of a list by commas or spaces, at *text, into word; 0 at the end. */
int ipd_settings_word(const char **text, char *word, size_t size);

/* The item of a list for layer l (1, 2, ...): the only one, or the l-th; "" behind the last. */
void ipd_settings_item(const char *list, int l, char *word, size_t size);

/* Fails where a setting contradicts the method: what it does not use must have the value that says so. */
int ipd_settings_check_use(const ipd_settings *s, ipd_error *e);

#endif
