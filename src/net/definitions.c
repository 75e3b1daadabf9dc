/* definitions.c - see definitions.h. */
#include "net/definitions.h"
#include "base/list.h"
#include "base/matrix.h"
#include "net/own_check.h"

#include <assert.h>
#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEFINITIONS = 1000, MAX_BUILT_IN = 15 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static ipd_list defined;  /* of const ipd_own *: all definitions, in order */
static ipd_list meanings; /* of const ipd_own *, one for each kind and name */
static ipd_list handed;   /* of const char **: lists given to callers, never freed */
static const char **names[IPD_OWN_KINDS]; /* the newest list; NULL if it is out of date */

static const char *name_of(const void *entry)
{
    return *(const char *const *)entry;
}

static const void *built_in(const ipd_own_table *t, size_t i)
{
    return (const char *)t->built_in + i * t->size;
}

static const void *find_built_in(const ipd_own_table *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++)
        if (!strcmp(name_of(built_in(t, i)), name))
            return built_in(t, i);
    return NULL;
}

static int check_name(const ipd_own_table *t, const char *name, ipd_error *e)
{
    int fits = isalpha((unsigned char)*name) || *name == '_';
    size_t n = 0;
    while (isalnum((unsigned char)name[n]) || name[n] == '_')
        n++;
    if (!fits || name[n] || n >= IPD_OWN_NAME)
        return ipd_fail(e, IPD_EUSAGE,
                        "'%.40s' cannot name %s. Use at most %d letters, digits and _, no digit "
                        "first",
                        name, ipd_own_with_article[t->kind], IPD_OWN_NAME - 1);
    if (find_built_in(t, name))
        return ipd_fail(e, IPD_EUSAGE, "the %s '%s' is built in. Choose another name",
                        ipd_own_kinds[t->kind], name);
    return 0;
}

static const ipd_own **meaning_of(ipd_own_kind kind, const char *name)
{
    const ipd_own **list = meanings.items;
    for (size_t i = 0; i < meanings.count; i++)
        if (list[i]->kind == kind && !strcmp(list[i]->name, name))
            return &list[i];
    return NULL;
}

/* The entry of a definition, which is made when it is first needed. */
static const void *entry_of(const ipd_own_table *t, const ipd_own *own, ipd_error *e)
{
    ipd_own *f = (ipd_own *)own; /* `entry` is the only field that is set later */
    if (!f)
        return NULL;
    pthread_mutex_lock(&lock);
    if (!f->entry && (f->entry = ipd_allocate(1, t->size, e)))
        t->fill(f->entry, own);
    pthread_mutex_unlock(&lock);
    return f->entry;
}

const void *ipd_own_table_find(const ipd_own_table *t, const char *name)
{
    ipd_error e;
    const void *entry = find_built_in(t, name);
    if (entry)
        return entry;
    pthread_mutex_lock(&lock);
    const ipd_own **meaning = meaning_of(t->kind, name);
    const ipd_own *own = meaning ? *meaning : NULL;
    pthread_mutex_unlock(&lock);
    return entry_of(t, own, &e);
}

const char *const *ipd_own_table_names(const ipd_own_table *t)
{
    static const char *first[IPD_OWN_KINDS][MAX_BUILT_IN + 1];
    const char **built_ins = first[t->kind], ***newest = &names[t->kind];
    size_t count = t->count;
    assert(count <= MAX_BUILT_IN);
    pthread_mutex_lock(&lock);
    const ipd_own *const *list = meanings.items;
    for (size_t i = 0; i < count && !built_ins[i]; i++)
        built_ins[i] = name_of(built_in(t, i));
    const char **all =
        *newest || !meanings.count ? NULL : malloc((count + meanings.count + 1) * sizeof *all);
    if (all && !ipd_list_add(&handed, &all, sizeof(const char **))) {
        memcpy(all, built_ins, count * sizeof *all);
        for (size_t i = 0; i < meanings.count; i++)
            if (list[i]->kind == t->kind)
                all[count++] = list[i]->name;
        all[count] = NULL;
        *newest = all;
    } else {
        free(all);
    }
    const char *const *result = *newest ? *newest : built_ins;
    pthread_mutex_unlock(&lock);
    return result;
}

/* The definition with this text, or NULL. */
static const ipd_own *defined_as(const char *text)
{
    const ipd_own *const *list = defined.items;
    for (size_t i = 0; i < defined.count; i++)
        if (!strcmp(list[i]->text, text))
            return list[i];
    return NULL;
}

/* Adds f, or frees it if its text is known, and gives the name its meaning. Call with the lock. */
static const ipd_own *enter(ipd_own *f, int is_current, ipd_error *e)
{
    const ipd_own *entry = defined_as(f->text);
    if (entry) {
        free(f);
    } else if (defined.count >= MAX_DEFINITIONS) {
        free(f);
        ipd_fail(e, IPD_EUSAGE, "%d functions have been defined. Start ipdlam again for more",
                 MAX_DEFINITIONS);
        return NULL;
    } else if (ipd_list_add(&defined, &f, sizeof f)) {
        free(f);
        ipd_fail(e, IPD_EMEMORY, "out of memory for a function");
        return NULL;
    } else {
        entry = f;
    }
    const ipd_own **meaning = meaning_of(entry->kind, entry->name);
    if (meaning && is_current) {
        *meaning = entry;
    } else if (!meaning) {
        if (ipd_list_add(&meanings, &entry, sizeof(const ipd_own *))) {
            ipd_fail(e, IPD_EMEMORY, "out of memory for a function");
            return NULL;
        }
        names[entry->kind] = NULL;
    }
    return entry;
}

static void write_text(ipd_own *f)
{
    char program[IPD_PROGRAM_TEXT];
    ipd_program_write(&f->both, program, sizeof program);
    int n =
        snprintf(f->text, sizeof f->text, "%s %s: %s", ipd_own_kinds[f->kind], f->name, program);
    if (!f->has_prox)
        return;
    ipd_program_write(&f->prox, program, sizeof program);
    snprintf(f->text + n, sizeof f->text - (size_t)n, " | %s", program);
}

const void *ipd_own_table_define(const ipd_own_table *t, const char *name, const ipd_program *both,
                                 const ipd_program *prox, int is_current, ipd_error *e)
{
    ipd_own *f = check_name(t, name, e) ? NULL : ipd_allocate(1, sizeof *f, e);
    if (!f)
        return NULL;
    f->kind = t->kind;
    snprintf(f->name, sizeof f->name, "%s", name);
    f->both = *both;
    ipd_program_part(both, 0, &f->value);
    ipd_program_part(both, 1, &f->slope);
    if ((f->has_prox = prox != NULL))
        f->prox = *prox;
    write_text(f);
    pthread_mutex_lock(&lock);
    const ipd_own *known = defined_as(f->text);
    pthread_mutex_unlock(&lock);
    if (!known) {
        for (int k = 0; k < (t->kind == IPD_OWN_LOSS ? 2 : 1); k++)
            ipd_profile_make(&f->profile[k], &f->both, (float)k);
        if (ipd_own_check(f, e)) {
            free(f);
            return NULL;
        }
    }
    pthread_mutex_lock(&lock);
    const ipd_own *own = enter(f, is_current, e);
    pthread_mutex_unlock(&lock);
    return entry_of(t, own, e);
}

const void *ipd_own_table_read(const ipd_own_table *t, const char *line, int is_current,
                               ipd_error *e)
{
    ipd_own_kind kind = t->kind;
    char text[IPD_OWN_TEXT], name[IPD_OWN_NAME];
    ipd_program both, prox;
    if (strlen(line) >= sizeof text) {
        ipd_fail(e, IPD_EFORMAT, "the definition of a function has %zu characters, more than %d",
                 strlen(line), IPD_OWN_TEXT - 1);
        return NULL;
    }
    for (const char *c = line; *c; c++)
        if (*c < ' ' || *c > '~') {
            ipd_fail(e, IPD_EFORMAT,
                     "character %zu of the definition of a function is not printable ASCII",
                     (size_t)(c - line) + 1);
            return NULL;
        }
    snprintf(text, sizeof text, "%s", line);
    char *begin = text + strlen(ipd_own_kinds[kind]) + 1, *colon = strstr(text, ": ");
    char *bar = strstr(text, " | ");
    if (ipd_own_kind_of(line) != (int)kind || !colon || colon - begin >= IPD_OWN_NAME) {
        ipd_fail(e, IPD_EFORMAT, "'%.40s' does not define %s. Begin with '%s NAME: '", line,
                 ipd_own_with_article[kind], ipd_own_kinds[kind]);
        return NULL;
    }
    snprintf(name, sizeof name, "%.*s", (int)(colon - begin), begin);
    if (bar)
        *bar = 0;
    if (check_name(t, name, e))
        return NULL;
    if (ipd_program_read(&both, colon + 2, ipd_own_inputs(kind), 0, 2, e) ||
        (bar && ipd_program_read(&prox, bar + 3, ipd_own_prox_inputs(kind),
                                 ipd_own_prox_uniform(kind), 1, e))) {
        ipd_fail_in(e, "%s '%s'", ipd_own_kinds[kind], name);
        return NULL;
    }
    return ipd_own_table_define(t, name, &both, bar ? &prox : NULL, is_current, e);
}

int ipd_own_kind_of(const char *line)
{
    for (int i = 0; i < IPD_OWN_KINDS; i++) {
        size_t n = strlen(ipd_own_kinds[i]);
        if (!strncmp(line, ipd_own_kinds[i], n) && line[n] == ' ')
            return i;
    }
    return -1;
}

int ipd_own_append(ipd_own_kind kind, char *to, ipd_error *e)
{
    size_t used = strlen(to);
    int failed = 0;
    pthread_mutex_lock(&lock);
    const ipd_own *const *list = meanings.items;
    for (size_t i = 0; i < meanings.count && !failed; i++) {
        if (list[i]->kind != kind)
            continue;
        failed = used + strlen(list[i]->text) + 2 > IPD_OWN_TEXTS;
        if (!failed)
            used += (size_t)snprintf(to + used, IPD_OWN_TEXTS - used, "%s\n", list[i]->text);
    }
    pthread_mutex_unlock(&lock);
    return failed ? ipd_fail(e, IPD_EUSAGE,
                             "the definitions of functions need more than %d bytes. Use shorter or "
                             "fewer ones",
                             IPD_OWN_TEXTS)
                  : 0;
}
