/* data_options.h - the options of a data set: one table for the command line, Lua and names.
 *
 * In a name they follow a question mark, "iris.csv?label=species&test=20%". In values "&", "?", ","
 * and "%" before two hexadecimal digits are written %26, %3F, %2C and %25.
 */
#ifndef IPD_DATA_DATA_OPTIONS_H
#define IPD_DATA_DATA_OPTIONS_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef enum ipd_data_word {
    IPD_DATA_LABEL,   /* names of the target columns, comma-separated */
    IPD_DATA_TARGET,  /* classes, values, inputs */
    IPD_DATA_SCALE,   /* none, unit, standard, pixel */
    IPD_DATA_COLUMNS, /* names of the input columns */
    IPD_DATA_DROP,    /* names of columns to leave out */
    IPD_DATA_MISSING, /* refuse, drop, mean */
    IPD_DATA_SPLIT,   /* stratified, random, last */
    IPD_DATA_SPLIT_COLUMN,
    IPD_DATA_HEADER,    /* yes, no */
    IPD_DATA_SEPARATOR, /* one character, or tab */
    IPD_DATA_DECIMAL,   /* "." or "," */
    IPD_DATA_IMAGE,     /* WxH */
    IPD_DATA_COLOUR,    /* yes, no */
    IPD_DATA_TEST_FILE, /* a file of the same form that holds the test samples */
    IPD_DATA_WORDS
} ipd_data_word;

enum { IPD_DATA_WORD = 512 };

typedef struct ipd_dataset_options {
    /* Numbers of samples; 0: all (digits: 6000 and 1000). If the source has a test part, the first
     * samples of each part; otherwise `test` samples are held out. */
    size_t train, test;
    double test_percent; /* test as a percentage of all samples */
    int whole;           /* 1: nothing is held out; all samples are in the training part */
    uint64_t seed;       /* of the digits generator, or of the split; 0 = 1 */
    /* At most one of these three: */
    size_t validation;         /* hold out this many training samples */
    double validation_percent; /* the same as a percentage of all training samples */
    size_t held_out;           /* hold out this many in place of the test samples */
    char words[IPD_DATA_WORDS][IPD_DATA_WORD]; /* "" = not given */
} ipd_dataset_options;

/* An option whose value is text: its name, a word for its value in help, one line of help. */
typedef struct ipd_data_option {
    const char *name, *value, *help;
    const char *const *choices; /* NULL: any */
} ipd_data_option;
extern const ipd_data_option ipd_data_option_table[IPD_DATA_WORDS];

/* Sets an option by name. Fails if the name is unknown or the value makes no sense. */
int ipd_data_options_set(ipd_dataset_options *o, const char *name, const char *value, ipd_error *e);

/* Splits "PATH?options": writes the path and sets the options. If the whole name is an existing
 * path, it has no options. */
int ipd_data_options_parse(ipd_dataset_options *o, const char *name, char *path, size_t size,
                           ipd_error *e);

/* 1 if the source must name the options: one is given besides the numbers of samples and the
 * seed. */
int ipd_data_options_matter(const ipd_dataset_options *o);
/* The name of the first given option whose value is text, or NULL. */
const char *ipd_data_options_words(const ipd_dataset_options *o);

/* Writes "PATH?options", or only the options if path is NULL. -1 if it does not fit. */
int ipd_data_options_name(const ipd_dataset_options *o, const char *path, char *to, size_t size);

/* Gets the next name of a comma-separated list, without blanks around it, and moves *list. Returns
 * 0 after the last. */
int ipd_data_list_next(const char **list, char *name, size_t size);

#endif
