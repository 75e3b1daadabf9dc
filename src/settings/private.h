/* private.h - functions shared by the files that implement settings.h. */
#ifndef IPD_SETTINGS_PRIVATE_H
#define IPD_SETTINGS_PRIVATE_H

#include "settings/settings.h"

/* number.c: read a number to the double at `at`, or a count to the long, and check its range. */
int ipd_setting_read_number(void *at, const ipd_setting *s, const char *value, ipd_error *e);
int ipd_setting_read_count(void *at, const ipd_setting *s, const char *value, ipd_error *e);

/* Fails with the nearest name of a setting. */
int ipd_settings_fail_unknown(const char *name, ipd_error *e);

/* Copies the next word of a list, which has commas or spaces, to `word` and advances *text. Returns
 * 0 at the end. */
int ipd_settings_word(const char **text, char *word, size_t size);

/* Copies the item of a list for layer l (1, 2, ...): the only item, or the l-th, or "" if there are
 * fewer. */
void ipd_settings_item(const char *list, int l, char *word, size_t size);

/* Fails if a setting that the method refuses does not have its neutral value. */
int ipd_settings_check_use(const ipd_settings *s, ipd_error *e);

#endif
