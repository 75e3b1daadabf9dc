/* data_choice.c - see data_choice.h. */
#include "cli/data_choice.h"

#include "base/text.h"
#include "cli/bar.h"

#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 4, OPTIONS = NUMBERS + IPD_DATA_WORDS };

/* The value of option i, or NULL, and its name. */
static const char *value_of(const ipd_data_choice *c, int i, const char **name)
{
    static const char *const names[NUMBERS] = {"train", "validation", "test", "seed"};
    const char *const values[NUMBERS] = {c->train, c->validation, c->test, c->seed};
    *name = i < NUMBERS ? names[i] : ipd_data_option_table[i - NUMBERS].name;
    return i < NUMBERS ? values[i] : c->words[i - NUMBERS];
}

int ipd_data_choice_read(const ipd_data_choice *c, ipd_dataset_options *o, ipd_error *e)
{
    for (int i = 0; i < OPTIONS; i++) {
        const char *name, *value = value_of(c, i, &name);
        if (value && ipd_data_options_set(o, name, value, e))
            return -1;
    }
    return 0;
}

int ipd_data_choice_open(ipd_dataset **d, const char *name, const ipd_data_choice *c, ipd_error *e)
{
    ipd_dataset_options *o = ipd_allocate(1, sizeof *o, e);
    ipd_bar bar;
    ipd_data_progress progress = ipd_bar_start(&bar);
    int failed = !o || ipd_data_choice_read(c, o, e) ||
                 ipd_dataset_open_as(d, name, o, NULL, c->no_bar ? NULL : &progress, e);
    ipd_bar_end(&bar);
    free(o);
    return failed ? -1 : 0;
}

const char *ipd_data_choice_given(const ipd_data_choice *c)
{
    const char *name;
    for (int i = 0; i < OPTIONS; i++)
        if (value_of(c, i, &name))
            return i == NUMBERS - 1 ? "data-seed" : name;
    return NULL;
}

void ipd_data_choice_lua(const ipd_data_choice *c, FILE *to, const char *before)
{
    for (int i = 0; i < OPTIONS; i++) {
        const char *name, *value = value_of(c, i, &name);
        if (!value)
            continue;
        fputs(before, to);
        before = ", ";
        for (const char *x = name; *x; x++)
            fputc(*x == '-' ? '_' : *x, to);
        fputs(" = ", to);
        if (*value && strspn(value, "0123456789") == strlen(value) && i < NUMBERS)
            fputs(value, to);
        else
            ipd_text_lua(to, value, strlen(value));
    }
}
