/* records.c - see records.h. */
#include "solver/records.h"

#include <math.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 128, MAX_WORDS = sizeof(ipd_record) / sizeof(uint64_t) };

/* A value is one word: a double, or eight bytes of a string. Most columns are constant within a
 * chunk (rho, values that do not exist): such a column has no array. */
typedef struct stretch {
    uint64_t first;
    _Atomic(uint64_t *) words; /* NULL: all are `first` */
} stretch;

struct ipd_chunk {
    atomic_size_t shares;
    /* rows begun; to add a row that another share has begun, copy the chunk first */
    atomic_size_t rows;
    int width;
    stretch columns[];
};

/* Words of a field, also for layer L of a field of hidden layers: the record has space for it. */
static int words_of(const ipd_field *f, int L)
{
    if (f->kind == IPD_STRING)
        return (int)((f->size + sizeof(uint64_t) - 1) / sizeof(uint64_t));
    return f->extent == IPD_BY_HIDDEN_LAYER ? L : ipd_field_count(f, L);
}

/* Returns the number of words. */
static int pack(const ipd_record *record, uint64_t *to)
{
    int at = 0;
    for (const ipd_field *f = ipd_record_fields; f->name; f++) {
        int n = words_of(f, record->L);
        for (int i = 0; i < n && f->kind != IPD_STRING; i++) {
            double value = ipd_field_value(f, record, i);
            memcpy(&to[at + i], &value, sizeof value);
        }
        if (f->kind == IPD_STRING) {
            to[at + n - 1] = 0;
            memcpy(&to[at], ipd_field_string(f, record), f->size);
        }
        at += n;
    }
    return at;
}

static size_t chunks_of(size_t rows)
{
    return (rows + ROWS - 1) / ROWS;
}

static struct ipd_chunk *new_chunk(int width)
{
    struct ipd_chunk *c = calloc(1, sizeof *c + (size_t)width * sizeof c->columns[0]);
    if (!c)
        return NULL;
    c->shares = 1;
    c->rows = 1;
    c->width = width;
    return c;
}

static void release(struct ipd_chunk *c)
{
    if (atomic_fetch_sub(&c->shares, 1) > 1)
        return;
    for (int i = 0; i < c->width; i++)
        free(c->columns[i].words);
    free(c);
}

/* Copies the first rows of a chunk and starts the next one. */
static struct ipd_chunk *copy_of(const struct ipd_chunk *from, size_t rows)
{
    struct ipd_chunk *c = new_chunk(from->width);
    for (int i = 0; c && i < c->width; i++) {
        const uint64_t *words = from->columns[i].words;
        uint64_t *own = words ? malloc(ROWS * sizeof *own) : NULL;
        c->columns[i].first = from->columns[i].first;
        c->columns[i].words = own;
        if (own) {
            memcpy(own, words, rows * sizeof *own);
        } else if (words) {
            release(c);
            return NULL;
        }
    }
    if (c)
        c->rows = rows + 1;
    return c;
}

/* A reader of earlier rows may read the column at the same time: it finds either no array or a
 * complete one. */
static int put(stretch *x, size_t row, uint64_t word)
{
    uint64_t *words = atomic_load_explicit(&x->words, memory_order_relaxed);
    if (row == 0)
        x->first = word;
    if (!words && word == x->first)
        return 0;
    if (!words) {
        if (!(words = malloc(ROWS * sizeof *words)))
            return -1;
        for (size_t i = 0; i < row; i++)
            words[i] = x->first;
        words[row] = word;
        atomic_store_explicit(&x->words, words, memory_order_release);
    }
    words[row] = word;
    return 0;
}

static int reserve(ipd_records *r, size_t chunks)
{
    size_t capacity = chunks > 2 * r->capacity ? chunks : 2 * r->capacity;
    if (chunks <= r->capacity)
        return 0;
    struct ipd_chunk **more = realloc(r->chunks, capacity * sizeof(struct ipd_chunk *));
    if (!more)
        return -1;
    r->chunks = more;
    r->capacity = capacity;
    return 0;
}

/* The chunk of the next row, to which no other share appends; NULL if memory runs out. */
static struct ipd_chunk *next_chunk(ipd_records *r, int width)
{
    size_t at = r->count / ROWS, row = r->count % ROWS, begun = row;
    if (reserve(r, at + 1))
        return NULL;
    if (row == 0)
        return r->chunks[at] = new_chunk(width);
    if (atomic_compare_exchange_strong(&r->chunks[at]->rows, &begun, row + 1))
        return r->chunks[at];
    struct ipd_chunk *copy = copy_of(r->chunks[at], row);
    if (!copy)
        return NULL;
    release(r->chunks[at]);
    return r->chunks[at] = copy;
}

int ipd_records_add(ipd_records *r, const ipd_record *record)
{
    uint64_t words[MAX_WORDS];
    if (r->count == 0)
        r->L = record->L;
    int width = pack(record, words);
    struct ipd_chunk *c = next_chunk(r, width);
    for (int i = 0; c && i < width; i++)
        if (put(&c->columns[i], r->count % ROWS, words[i]))
            return -1;
    r->count += c != NULL;
    return c ? 0 : -1;
}

int ipd_records_make(ipd_records *r, const ipd_record *record, size_t count)
{
    uint64_t words[MAX_WORDS];
    int width = pack(record, words);
    if (reserve(r, chunks_of(count)))
        return -1;
    r->L = record->L;
    while (r->count < count) {
        size_t left = count - r->count, n = left < ROWS ? left : ROWS;
        struct ipd_chunk *c = new_chunk(width);
        if (!c)
            return -1;
        for (int i = 0; i < width; i++)
            c->columns[i].first = words[i];
        c->rows = n;
        r->chunks[r->count / ROWS] = c;
        r->count += n;
    }
    return 0;
}

int ipd_records_fill(ipd_records *r, int column, const double *values)
{
    for (size_t at = 0; at < r->count; at += ROWS) {
        size_t n = r->count - at < ROWS ? r->count - at : ROWS, alike = 1;
        stretch *x = &r->chunks[at / ROWS]->columns[column];
        while (alike < n && !memcmp(&values[at + alike], &values[at], sizeof *values))
            alike++;
        uint64_t *words = alike < n ? malloc(ROWS * sizeof *words) : NULL;
        if (alike < n && !words)
            return -1;
        if (words)
            memcpy(words, &values[at], n * sizeof *words);
        free(x->words);
        memcpy(&x->first, &values[at], sizeof x->first);
        x->words = words;
    }
    return 0;
}

void ipd_records_cut(ipd_records *r, size_t count)
{
    while (chunks_of(r->count) > chunks_of(count)) {
        release(r->chunks[chunks_of(r->count) - 1]);
        r->count = (chunks_of(r->count) - 1) * ROWS;
    }
    r->count = r->count < count ? r->count : count;
}

int ipd_records_share(ipd_records *to, const ipd_records *from, size_t count, size_t *same)
{
    size_t alike = chunks_of(to->count < count ? to->count : count);
    if (reserve(to, chunks_of(count)))
        return -1;
    /* If both have the same chunk, all chunks before it are the same too. */
    while (alike && to->chunks[alike - 1] != from->chunks[alike - 1])
        alike--;
    ipd_records_cut(to, count < alike * ROWS ? count : alike * ROWS);
    if (same)
        *same = to->count;
    for (size_t i = alike; i < chunks_of(count); i++) {
        to->chunks[i] = from->chunks[i];
        atomic_fetch_add(&to->chunks[i]->shares, 1);
    }
    to->count = count;
    to->L = from->L;
    return 0;
}

void ipd_records_free(ipd_records *r)
{
    ipd_records_cut(r, 0);
    free(r->chunks);
    *r = (ipd_records){0};
}

/* Copies words from a row on, up to the end of its chunk; returns their number. */
static size_t read_words(const ipd_records *r, int column, size_t from, size_t count, void *to)
{
    const stretch *x = &r->chunks[from / ROWS]->columns[column];
    const uint64_t *words = atomic_load_explicit(&x->words, memory_order_acquire);
    size_t row = from % ROWS, n = count < ROWS - row ? count : ROWS - row;
    if (words && n > 1)
        memcpy(to, words + row, n * sizeof *words);
    for (size_t i = 0; i < n && (!words || n == 1); i++)
        memcpy((uint64_t *)to + i, words ? &words[row] : &x->first, sizeof *words);
    return n;
}

void ipd_records_read(const ipd_records *r, int column, size_t from, size_t count, double *to)
{
    for (size_t i = 0; i < count && column < 0; i++)
        to[i] = NAN;
    for (size_t n; count && column >= 0; from += n, count -= n, to += n)
        n = read_words(r, column, from, count, to);
}

double ipd_records_at(const ipd_records *r, int column, size_t row)
{
    double value;
    ipd_records_read(r, column, row, 1, &value);
    return value;
}

int ipd_records_column(const ipd_records *r, const ipd_field *f, int i)
{
    int at = i;
    if (i >= words_of(f, r->L))
        return -1;
    for (const ipd_field *x = ipd_record_fields; x < f; x++)
        at += words_of(x, r->L);
    return at;
}

double ipd_records_number(const ipd_records *r, const char *field, size_t row)
{
    return ipd_records_at(r, ipd_records_column(r, ipd_field_find(field), 0), row);
}

void ipd_records_string(const ipd_records *r, const ipd_field *f, size_t row, char *to)
{
    uint64_t words[MAX_WORDS];
    int column = ipd_records_column(r, f, 0);
    for (int i = 0; i < words_of(f, r->L); i++)
        read_words(r, column + i, row, 1, &words[i]);
    memcpy(to, words, f->size);
}

ipd_record ipd_records_get(const ipd_records *r, size_t row)
{
    ipd_record record;
    int column = 0;
    ipd_record_init(&record, r->L);
    for (const ipd_field *f = ipd_record_fields; f->name; f++) {
        int n = words_of(f, r->L);
        if (f->kind == IPD_STRING)
            ipd_records_string(r, f, row, (char *)&record + f->offset);
        for (int i = 0; i < n && f->kind != IPD_STRING; i++)
            ipd_field_put(f, &record, i, ipd_records_at(r, column + i, row));
        column += n;
    }
    return record;
}
