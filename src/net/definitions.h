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

/* Defines a function; prox may be NULL. A definition with the same text is the same object. Fails
 * if the slope is not the derivative of the value or if prox does not minimise; the message says
 * where. With is_current the name means this definition from now on, otherwise only if it had no
 * meaning. */
const ipd_own *ipd_own_define(ipd_own_kind kind, const char *name, const ipd_program *both,
                              const ipd_program *prox, int is_current, ipd_error *e);
/* The same from a line of text, which is not trusted. reserved: names that cannot be used. */
const ipd_own *ipd_own_read(ipd_own_kind kind, const char *line, int is_current,
                            const char *const *reserved, ipd_error *e);

/* The kind of function that a line defines, by its first word; -1 if it defines none. */
int ipd_own_kind_of(const char *line);

/* The definition's entry of `size` bytes in the table of its kind, made by `fill` when it is first
 * needed. NULL and *e if memory runs out. */
void *ipd_own_entry(const ipd_own *own, size_t size, void (*fill)(void *entry, const ipd_own *own),
                    ipd_error *e);

/* 0 if the name can be used for a function. */
int ipd_own_check_name(ipd_own_kind kind, const char *name, const char *const *reserved,
                       ipd_error *e);

/* The current meaning of the name, or NULL. */
const ipd_own *ipd_own_find(ipd_own_kind kind, const char *name);
/* Appends the texts of the kind's current meanings, a newline after each, to a string in a buffer
 * of IPD_OWN_TEXTS bytes. */
int ipd_own_append(ipd_own_kind kind, char *to, ipd_error *e);
/* The names in `first` and then those defined; ends with NULL. */
const char *const *ipd_own_names(ipd_own_kind kind, const char *const *first);

#endif
