/* definitions.h - the functions that the user has defined, by name.
 *
 * A definition never changes and is never freed, since networks hold pointers to it; its name can
 * be given to another definition. Its text is one line,
 *
 *     activation softplus2: x -> t1 = exp x; ...; return t3 t4 | w v r -> ...; return t7
 *
 * the program of value and slope and, if given, of the proximal operator. Files contain the text,
 * so that another process can go on with the run. Any thread.
 */
#ifndef IPD_NET_DEFINITIONS_H
#define IPD_NET_DEFINITIONS_H

#include "net/own.h"

/* All activations, losses or penalties: those built in, and one entry for each definition. An entry
 * begins with its name. */
typedef struct ipd_own_table {
    ipd_own_kind kind;
    const void *built_in; /* entries */
    size_t count, size;   /* of these; bytes of one */
    void (*fill)(void *entry, const ipd_own *own);
} ipd_own_table;

/* The entry of this name, or NULL. */
const void *ipd_own_table_find(const ipd_own_table *t, const char *name);
/* The names of the built-in entries, then of the definitions; ends with NULL. */
const char *const *ipd_own_table_names(const ipd_own_table *t);

/* Defines a function and returns its entry; prox may be NULL. The same text gives the same entry.
 * Fails if the name is built in, if the slope is not the derivative of the value, or if prox does
 * not minimise; the message says where. With is_current the name means this definition from now on,
 * otherwise only if it had no meaning. */
const void *ipd_own_table_define(const ipd_own_table *t, const char *name, const ipd_program *both,
                                 const ipd_program *prox, int is_current, ipd_error *e);
/* The same from a line of text, which is not trusted. */
const void *ipd_own_table_read(const ipd_own_table *t, const char *line, int is_current,
                               ipd_error *e);

/* The kind of function that a line defines, by its first word; -1 if it defines none. */
int ipd_own_kind_of(const char *line);

/* Appends the texts of the kind's current meanings, a newline after each, to a string in a buffer
 * of IPD_OWN_TEXTS bytes. */
int ipd_own_append(ipd_own_kind kind, char *to, ipd_error *e);

#endif
