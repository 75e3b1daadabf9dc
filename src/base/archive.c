/* archive.c - see archive.h. */
#include "base/archive.h"
#include "base/fingerprint.h"
#include "base/list.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ipd_archive {
    int reading, measuring, borrowing;
    ipd_error error; /* the first error; code IPD_OK if none */
    ipd_entry *entries;
    size_t count, capacity;
    size_t next; /* where to search first: values are mostly read in the order of writing */
};

static const struct {
    const char *name;
    size_t size;
} types[] = {{"float", 4}, {"double", 8}, {"integer", 8}, {"text", 1}};

ipd_archive *ipd_archive_new(ipd_error *e)
{
    return ipd_allocate(1, sizeof(ipd_archive), e);
}

void ipd_archive_free(ipd_archive *ar)
{
    for (size_t i = 0; ar && i < ar->count; i++)
        if (!ar->entries[i].borrowed)
            free(ar->entries[i].data);
    if (ar)
        free(ar->entries);
    free(ar);
}

void ipd_archive_measure(ipd_archive *ar)
{
    ar->measuring = 1;
}

void ipd_archive_borrow(ipd_archive *ar)
{
    ar->borrowing = 1;
}

void ipd_archive_rewind(ipd_archive *ar)
{
    ar->reading = 1;
    ar->error.code = IPD_OK;
    ar->next = 0;
}

int ipd_archive_reading(const ipd_archive *ar)
{
    return ar->reading;
}

int ipd_archive_result(const ipd_archive *ar, ipd_error *e)
{
    return ar->error.code == IPD_OK ? 0 : ipd_fail(e, ar->error.code, "%s", ar->error.text);
}

void ipd_archive_refuse(ipd_archive *ar, const char *format, ...)
{
    char text[sizeof ar->error.text];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (ar->error.code == IPD_OK)
        ipd_fail(&ar->error, IPD_EFORMAT, "%s", text);
}

size_t ipd_archive_count(const ipd_archive *ar)
{
    return ar->count;
}

const ipd_entry *ipd_archive_entry(const ipd_archive *ar, size_t index)
{
    return &ar->entries[index];
}

/* FNV-1a. Names are compared only if their hashes are equal: an archive may have thousands. */
static uint32_t hash_of(const char *name)
{
    uint32_t hash = 2166136261U;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619U;
    return hash;
}

/* Index of the entry of this name, searched from `from` on; count if there is none. */
static size_t find_from(const ipd_archive *ar, const char *name, size_t from)
{
    uint32_t hash = hash_of(name);
    for (size_t i = 0, at = from; i < ar->count; i++, at++) {
        at = at < ar->count ? at : 0;
        if (ar->entries[at].hash == hash && !strcmp(ar->entries[at].name, name))
            return at;
    }
    return ar->count;
}

const ipd_entry *ipd_archive_find(const ipd_archive *ar, const char *name)
{
    size_t i = find_from(ar, name, 0);
    return i < ar->count ? &ar->entries[i] : NULL;
}

int ipd_archive_number(const ipd_archive *ar, const char *name, int64_t *value)
{
    const ipd_entry *entry = ipd_archive_find(ar, name);
    if (!entry || entry->dtype != IPD_I64 || entry->bytes != sizeof *value)
        return -1;
    memcpy(value, entry->data, sizeof *value);
    return 0;
}

/* Bytes of the entry's data. Returns -1 on overflow. */
static int bytes_of(const ipd_entry *what, size_t *bytes)
{
    *bytes = types[what->dtype].size;
    for (int i = 0; i < what->dims; i++)
        if (__builtin_mul_overflow(*bytes, what->shape[i], bytes))
            return -1;
    return 0;
}

static int grow(ipd_archive *ar, ipd_error *e)
{
    ipd_entry *entries = ipd_list_grow(ar->entries, ar->count, &ar->capacity, sizeof *entries);
    if (!entries)
        return ipd_fail(e, IPD_EMEMORY, "out of memory for an archive of %zu entries",
                        ar->count + 1);
    ar->entries = entries;
    return 0;
}

/* Adds an entry without checking for a duplicate name, since the names of one state are distinct.
 * The data are not initialised. */
static ipd_entry *append(ipd_archive *ar, const ipd_entry *what, ipd_error *e)
{
    ipd_entry new = *what;
    if (bytes_of(what, &new.bytes)) {
        ipd_fail(e, IPD_EMEMORY, "'%s' in an archive is too large for memory", what->name);
        return NULL;
    }
    if (!new.borrowed)
        new.data = NULL;
    if (grow(ar, e) ||
        (!ar->measuring && !new.borrowed && !(new.data = ipd_allocate_unset(new.bytes, 1, e))))
        return NULL;
    for (int i = new.dims; i < 2; i++)
        new.shape[i] = 1;
    new.hash = hash_of(new.name);
    ar->entries[ar->count] = new;
    return &ar->entries[ar->count++];
}

ipd_entry *ipd_archive_add(ipd_archive *ar, const ipd_entry *what, ipd_error *e)
{
    size_t length = strnlen(what->name, sizeof what->name);
    ipd_entry own = *what;
    own.borrowed = 0;
    if (!length || length == sizeof what->name) {
        ipd_fail(e, IPD_EFORMAT, "a name in an archive is %s. Use 1 to %d characters",
                 length ? "too long" : "empty", IPD_ENTRY_NAME - 1);
        return NULL;
    }
    if (ar->count && find_from(ar, what->name, 0) < ar->count) {
        ipd_fail(e, IPD_EFORMAT, "duplicate entry '%s' in an archive", what->name);
        return NULL;
    }
    ipd_entry *made = append(ar, &own, e);
    if (made && made->data)
        memset(made->data, 0, made->bytes);
    return made;
}

/* Writing: adds an entry for *what. Reading: finds it and checks its type and shape. NULL after an
 * error. */
static ipd_entry *entry_for(ipd_archive *ar, const ipd_entry *what)
{
    if (ar->error.code != IPD_OK)
        return NULL;
    if (!ar->reading)
        return append(ar, what, &ar->error);
    size_t i = find_from(ar, what->name, ar->next);
    if (i == ar->count) {
        ipd_archive_refuse(ar, "missing entry '%s': the data do not hold this state", what->name);
        return NULL;
    }
    ipd_entry *entry = &ar->entries[i];
    ar->next = i + 1;
    if (entry->dtype == what->dtype && entry->dims == what->dims &&
        (entry->dtype == IPD_TEXT || !memcmp(entry->shape, what->shape, sizeof entry->shape)))
        return entry;
    ipd_archive_refuse(ar,
                       "'%s' is %zu x %zu of type %s in the data, but must be %zu x %zu of type %s",
                       what->name, entry->shape[0], entry->shape[1], types[entry->dtype].name,
                       what->shape[0], what->shape[1], types[what->dtype].name);
    return NULL;
}

/* Copies x into its entry, or the entry into x. */
static void copy(ipd_archive *ar, const ipd_entry *what, void *x)
{
    ipd_entry *entry = entry_for(ar, what);
    if (entry && entry->data && entry->bytes && !entry->borrowed) /* without bytes x may be NULL */
        memcpy(ar->reading ? x : entry->data, ar->reading ? entry->data : x, entry->bytes);
}

/* For arrays that live as long as the state and so can be borrowed. */
static void copy_or_borrow(ipd_archive *ar, ipd_entry *what, void *x)
{
    what->borrowed = ar->borrowing && !ar->reading && !ar->measuring;
    what->data = x;
    copy(ar, what, x);
}

/* Declares the entry `what`, named by the printf format `name` and the variable
 * arguments after it. */
#define MAKE(what, ...)                                                                            \
    ipd_entry what = {__VA_ARGS__};                                                                \
    do {                                                                                           \
        va_list list;                                                                              \
        va_start(list, name);                                                                      \
        vsnprintf(what.name, sizeof what.name, name, list);                                        \
        va_end(list);                                                                              \
    } while (0)

void ipd_archive_floats(ipd_archive *ar, float *x, size_t count, const char *name, ...)
{
    MAKE(what, .dtype = IPD_F32, .dims = 1, .shape = {count, 1});
    copy_or_borrow(ar, &what, x);
}

void ipd_archive_doubles(ipd_archive *ar, double *x, size_t count, const char *name, ...)
{
    MAKE(what, .dtype = IPD_F64, .dims = 1, .shape = {count, 1});
    copy(ar, &what, x);
}

double *ipd_archive_in_place(ipd_archive *ar, size_t count, const char *name)
{
    ipd_entry what = {.dtype = IPD_F64, .dims = 1, .shape = {count, 1}};
    snprintf(what.name, sizeof what.name, "%s", name);
    ipd_entry *entry = entry_for(ar, &what);
    return entry ? entry->data : NULL;
}

void ipd_archive_matrix(ipd_archive *ar, ipd_matrix *m, const char *name, ...)
{
    MAKE(what, .dtype = IPD_F32, .dims = 2, .shape = {m->cols, m->rows});
    copy_or_borrow(ar, &what, m->data);
}

/* Checks the range of all integers before it copies any. */
static void copy_ints(ipd_archive *ar, const ipd_entry *what, int64_t *x, int64_t min, int64_t max)
{
    ipd_entry *entry = entry_for(ar, what);
    int64_t *values = entry ? entry->data : NULL;
    size_t count = values ? entry->bytes / sizeof *values : 0;
    for (size_t i = 0; i < count && ar->reading; i++)
        if (values[i] < min || values[i] > max) {
            ipd_archive_refuse(ar, "'%s' is %lld in the data, which is out of range", what->name,
                               (long long)values[i]);
            return;
        }
    if (count)
        memcpy(ar->reading ? x : values, ar->reading ? values : x, count * sizeof *x);
}

void ipd_archive_ints(ipd_archive *ar, int64_t *x, size_t count, int64_t min, int64_t max,
                      const char *name, ...)
{
    MAKE(what, .dtype = IPD_I64, .dims = 1, .shape = {count, 1});
    copy_ints(ar, &what, x, min, max);
}

void ipd_archive_int(ipd_archive *ar, int *x, int min, int max, const char *name, ...)
{
    int64_t value = *x;
    MAKE(what, .dtype = IPD_I64, .shape = {1, 1});
    copy_ints(ar, &what, &value, min, max);
    *x = (int)value;
}

void ipd_archive_double(ipd_archive *ar, double *x, double min, double max, const char *name, ...)
{
    double value = *x;
    MAKE(what, .dtype = IPD_F64, .shape = {1, 1});
    copy(ar, &what, &value);
    if (value >= min && value <= max)
        *x = value;
    else if (ar->reading)
        ipd_archive_refuse(ar, "'%s' is %g in the data, which is out of range", what.name, value);
}

void ipd_archive_text(ipd_archive *ar, char *to, size_t size, const char *name, ...)
{
    MAKE(what, .dtype = IPD_TEXT, .dims = 1, .shape = {ar->reading ? 0 : strlen(to), 1});
    ipd_entry *entry = entry_for(ar, &what);
    if (!entry || !entry->data)
        return;
    if (!ar->reading) {
        memcpy(entry->data, to, entry->bytes);
    } else if (entry->bytes >= size || (entry->bytes && memchr(entry->data, 0, entry->bytes))) {
        ipd_archive_refuse(ar, "'%s' in the data is not a text shorter than %zu bytes", what.name,
                           size);
    } else {
        memcpy(to, entry->data, entry->bytes);
        to[entry->bytes] = 0;
    }
}

static int add_copies(ipd_archive *ar, const ipd_archive *from, int missing, ipd_error *e)
{
    for (size_t i = 0; i < from->count; i++) {
        const ipd_entry *x = &from->entries[i], *made;
        if (missing && ipd_archive_find(ar, x->name))
            continue;
        if (!(made = ipd_archive_add(ar, x, e)))
            return -1;
        memcpy(made->data, x->data, x->bytes);
    }
    return 0;
}

int ipd_archive_append(ipd_archive *ar, const ipd_archive *from, ipd_error *e)
{
    return add_copies(ar, from, 0, e);
}

int ipd_archive_complete(ipd_archive *ar, const ipd_archive *from, ipd_error *e)
{
    return add_copies(ar, from, 1, e);
}

size_t ipd_archive_bytes(const ipd_archive *ar)
{
    size_t bytes = 0;
    for (size_t i = 0; i < ar->count; i++)
        bytes += ar->entries[i].bytes;
    return bytes;
}

uint64_t ipd_archive_checksum(const ipd_archive *ar)
{
    uint64_t h = 1;
    for (size_t i = 0; i < ar->count; i++) {
        const ipd_entry *x = &ar->entries[i];
        uint64_t head[] = {(uint64_t)x->dtype, (uint64_t)x->dims, x->shape[0], x->shape[1]};
        h = ipd_fingerprint(h, x->name, strlen(x->name));
        h = ipd_fingerprint(h, head, sizeof head);
        h = ipd_fingerprint(h, x->data, x->bytes);
    }
    return h;
}
