/* store.c - see store.h. */
#include "data/store.h"

#include "base/file.h"
#include "base/path.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Version 2 has bytes; floats are written as version 1. */
enum { FLOATS = 1, BYTES, VERSION = BYTES, HEADER = 128, MAX_JSON = 1 << 28, PIECE = 1 << 20 };

#define INDEX "data.json"

static const char *const part_names[IPD_PARTS] = {"train", "validation", "test"};

static ipd_samples *part_of(ipd_dataset *d, int part)
{
    ipd_samples *const parts[IPD_PARTS] = {&d->train, &d->validation, &d->test};
    return parts[part];
}

/* 1 if this machine stores the most significant byte of a number first. */
static int is_big_endian(void)
{
    const uint16_t one = 1;
    return !*(const uint8_t *)&one;
}

/* Makes the header of an .npy file of N rows; columns = 0: one dimension. The reader accepts no
 * other header. */
static void make_header(char to[HEADER], const char *type, size_t N, size_t columns)
{
    char shape[48] = ",", text[HEADER];
    if (columns)
        snprintf(shape, sizeof shape, ", %zu", columns);
    snprintf(text, sizeof text, "{'descr': '%c%s', 'fortran_order': False, 'shape': (%zu%s), }",
             type[1] == '1'    ? '|'
             : is_big_endian() ? '>'
                               : '<',
             type, N, shape);
    memcpy(to, "\x93NUMPY\1\0\x76\0", 10); /* the rest has 118 bytes */
    memset(to + 10, ' ', HEADER - 10);
    memcpy(to + 10, text, strlen(text));
    to[HEADER - 1] = '\n';
}

int ipd_store_holds(const char *folder)
{
    char path[4096];
    return ipd_path_join(path, sizeof path, folder, INDEX, NULL) == 0 && ipd_path_exists(path);
}

int ipd_store_makes(const char *name)
{
    for (int i = 0; i < IPD_PARTS; i++) {
        size_t n = strlen(part_names[i]);
        if (!strncmp(name, part_names[i], n) &&
            (!strcmp(name + n, "-x.npy") || !strcmp(name + n, "-y.npy")))
            return 1;
    }
    return !strcmp(name, INDEX) || !strncmp(name, IPD_SPACE_PREFIX, strlen(IPD_SPACE_PREFIX));
}

/* Writing. */

/* An array to write. */
typedef struct array {
    const char *part;
    char which;
    const char *type;
    const void *values;           /* of 4 bytes each; NULL: X as bytes */
    const ipd_inputs *X;          /* without values: the inputs, */
    const ipd_encoding *encoding; /* and their scale */
    size_t N, columns;
} array;

/* Writes the next piece, from sample *at on. Returns nonzero if that fails. */
static int write_piece(const array *a, size_t *at, uint8_t *buffer, FILE *to)
{
    size_t row = a->columns ? a->columns : 1, rows = PIECE / row ? PIECE / row : 1;
    rows = rows < a->N - *at ? rows : a->N - *at;
    *at += rows;
    if (a->values)
        return fwrite((const float *)a->values + (*at - rows) * row, sizeof(float) * row, rows,
                      to) != rows;
    return ipd_inputs_bytes(a->X, a->encoding, *at - rows, rows, buffer) ||
           fwrite(buffer, row, rows, to) != rows;
}

static int write_array(const char *folder, const array *a, const ipd_data_progress *progress,
                       ipd_error *e)
{
    char path[4096], name[32], header[HEADER];
    ipd_new_file f;
    size_t row = a->columns ? a->columns : 1;
    uint8_t *buffer = ipd_allocate_unset(row > PIECE ? row : PIECE, 1, e);
    snprintf(name, sizeof name, "%s-%c.npy", a->part, a->which);
    if (!buffer || ipd_path_join(path, sizeof path, folder, name, e) ||
        ipd_new_file_open(&f, path, e)) {
        free(buffer);
        return -1;
    }
    make_header(header, a->type, a->N, a->columns);
    int failed = fwrite(header, 1, HEADER, f.stream) != HEADER, stopped = 0;
    for (size_t at = 0; at < a->N && !failed && !stopped;) {
        failed = write_piece(a, &at, buffer, f.stream);
        stopped = ipd_data_report(progress, "writing", (double)at / (double)a->N, e);
    }
    free(buffer);
    if (!stopped) /* a failed write is reported with its cause */
        return ipd_new_file_commit(&f, e);
    ipd_new_file_abandon(&f);
    return -1;
}

static json_t *index_json(const ipd_dataset *d, int version)
{
    json_t *o = json_object(), *parts = json_object();
    json_object_set_new(o, "format", json_string("ipdlam-data"));
    json_object_set_new(o, "version", json_integer(version));
    if (version == BYTES)
        json_object_set_new(o, "type", json_string("bytes"));
    json_object_set_new(o, "source", ipd_text_json(d->source));
    json_object_set_new(o, "checksum", json_string(d->checksum));
    json_object_set_new(o, "inputs", json_integer((json_int_t)d->inputs));
    json_object_set_new(o, "outputs", json_integer((json_int_t)d->classes));
    for (int i = 0; i < IPD_PARTS; i++) {
        const ipd_samples *s = part_of((ipd_dataset *)d, i);
        json_t *part = json_object();
        if (!s->X.cols) {
            json_decref(part);
            continue;
        }
        json_object_set_new(part, "samples", json_integer((json_int_t)s->X.cols));
        json_t *weight = s->weight ? json_array() : NULL;
        for (size_t k = 0; s->weight && k < d->classes; k++)
            json_array_append_new(weight,
                                  isfinite(s->weight[k]) ? json_real(s->weight[k]) : json_null());
        if (weight)
            json_object_set_new(part, "weight", weight);
        json_object_set_new(parts, part_names[i], part);
    }
    json_object_set_new(o, "parts", parts);
    json_object_set_new(o, "encoding", json_string(d->encoding_text));
    json_object_set_new(o, "warnings", ipd_text_json(d->warnings));
    return o;
}

static int write_index(const ipd_dataset *d, int version, const char *folder, ipd_error *e)
{
    char path[4096];
    ipd_new_file f;
    if (ipd_path_join(path, sizeof path, folder, INDEX, e) || ipd_new_file_open(&f, path, e))
        return -1;
    json_t *o = index_json(d, version);
    char *text = json_dumps(o, JSON_INDENT(1) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(17));
    json_decref(o);
    if (!text) {
        ipd_new_file_abandon(&f);
        return ipd_fail(e, IPD_EMEMORY, "out of memory");
    }
    fprintf(f.stream, "%s\n", text);
    free(text);
    return ipd_new_file_commit(&f, e);
}

/* 1 if the inputs can be stored as bytes. Those of an autoencoder are also its targets: floats. */
static int are_bytes(const ipd_dataset *d)
{
    for (int i = 0; i < IPD_PARTS; i++) {
        ipd_inputs X = ipd_samples_inputs(part_of((ipd_dataset *)d, i));
        if (d->encoding->target == IPD_TARGET_INPUTS || !ipd_inputs_are_bytes(&X, d->encoding))
            return 0;
    }
    return 1;
}

int ipd_store_write(const ipd_dataset *d, const char *folder, const ipd_data_progress *progress,
                    ipd_error *e)
{
    int version = are_bytes(d) ? BYTES : FLOATS;
    for (int i = 0; i < IPD_PARTS; i++) {
        const ipd_samples *s = part_of((ipd_dataset *)d, i);
        ipd_inputs X = ipd_samples_inputs(s);
        array x = {part_names[i], 'x', "f4", s->X.data, &X, d->encoding, X.cols, d->inputs};
        array y = {part_names[i], 'y', "f4", s->Y.data, NULL, NULL, X.cols, d->classes};
        if (version == BYTES) {
            x.type = "u1";
            x.values = NULL;
        }
        if (s->labels) {
            y.type = "u4";
            y.values = s->labels;
            y.columns = 0;
        }
        if (X.cols && (write_array(folder, &x, progress, e) ||
                       (y.values != s->X.data && write_array(folder, &y, progress, e))))
            return -1;
    }
    return write_index(d, version, folder, e);
}

/* Reading. */

static int damaged(const char *folder, ipd_error *e, const char *what)
{
    return ipd_fail(e, IPD_EFORMAT, "%.200s/%s: %s. Import the data again", folder, INDEX, what);
}

/* Maps PART-x.npy or PART-y.npy, which must have exactly this shape. */
static void *map_array(ipd_space *space, const char *folder, int part, char which, const char *type,
                       size_t N, size_t columns, ipd_error *e)
{
    char path[4096], name[32], header[HEADER];
    size_t bytes, want, size = (size_t)(type[1] - '0');
    snprintf(name, sizeof name, "%s-%c.npy", part_names[part], which);
    if (ipd_path_join(path, sizeof path, folder, name, e))
        return NULL;
    char *at = ipd_space_map(space, path, &bytes, e);
    if (!at)
        return NULL;
    make_header(header, type, N, columns);
    if (__builtin_mul_overflow(N, columns ? columns : 1, &want) ||
        want > (SIZE_MAX - HEADER) / size || bytes != HEADER + want * size)
        ipd_fail(e, IPD_EFORMAT,
                 "%.300s: has %zu bytes, which do not fit the %zu samples that %s announces: it is "
                 "cut off or damaged. Import the data again",
                 path, bytes, N, INDEX);
    else if (memcmp(at, header, HEADER) != 0)
        ipd_fail(e, IPD_EFORMAT, "%.300s: its header is damaged. Import the data again", path);
    else
        return at + HEADER;
    ipd_space_free(space, at);
    return NULL;
}

static int check_labels(const ipd_dataset *d, const char *folder, int part, const ipd_samples *s,
                        ipd_error *e)
{
    ipd_label largest = 0;
    for (size_t n = 0; n < s->X.cols; n++)
        largest = s->labels[n] > largest ? s->labels[n] : largest;
    return largest < d->classes
               ? 0
               : ipd_fail(e, IPD_EFORMAT,
                          "%.300s/%s-y.npy: holds label %u, but labels go from 0 to %zu: it is "
                          "damaged. Import the data again",
                          folder, part_names[part], largest, d->classes - 1);
}

/* The weights of R^2. */
static int read_weight(ipd_samples *s, const json_t *list, size_t outputs, ipd_error *e)
{
    if (!json_is_array(list) || json_array_size(list) != outputs)
        return -1;
    if (!(s->weight = ipd_allocate(outputs, sizeof *s->weight, e)))
        return -1;
    for (size_t i = 0; i < outputs; i++) {
        const json_t *x = json_array_get(list, i);
        s->weight[i] = json_is_number(x) ? json_number_value(x) : NAN;
    }
    return 0;
}

static int read_part(ipd_dataset *d, const char *folder, int part, const json_t *o, int version,
                     ipd_error *e)
{
    ipd_samples *s = part_of(d, part);
    json_int_t N = json_integer_value(json_object_get(o, "samples"));
    if (!o)
        return 0;
    if (N < 1 || N > UINT32_MAX)
        return damaged(folder, e, "a number of samples is out of range");
    void *x = map_array(d->space, folder, part, 'x', version == BYTES ? "u1" : "f4", (size_t)N,
                        d->inputs, e);
    s->X = (ipd_matrix){d->inputs, (size_t)N, version == BYTES ? NULL : x};
    s->bytes = version == BYTES ? x : NULL;
    s->encoding = d->encoding;
    if (!x)
        return -1;
    if (!d->values) {
        s->labels = map_array(d->space, folder, part, 'y', "u4", (size_t)N, 0, e);
        return s->labels ? check_labels(d, folder, part, s, e) : -1;
    }
    s->Y = s->X;
    if (d->encoding->target == IPD_TARGET_VALUES)
        s->Y = (ipd_matrix){d->classes, (size_t)N,
                            map_array(d->space, folder, part, 'y', "f4", (size_t)N, d->classes, e)};
    if (!s->Y.data)
        return -1;
    return read_weight(s, json_object_get(o, "weight"), d->classes, e)
               ? damaged(folder, e, "the weights of the values are missing")
               : 0;
}

/* Copies a text; fails if it is missing or too long. */
static int read_text(char *to, size_t size, const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));
    return !text || (size_t)snprintf(to, size, "%s", text) >= size ? -1 : 0;
}

static int read_encoding(ipd_dataset *d, const char *folder, const json_t *o, ipd_error *e)
{
    const char *text = json_string_value(json_object_get(o, "encoding"));
    ipd_encoding *found = text ? ipd_encoding_parse(text, d->inputs, d->classes, e) : NULL;
    if (!text)
        return damaged(folder, e, "the encoding is missing");
    if (!found)
        return ipd_fail_in(e, "%.200s/%s", folder, INDEX);
    ipd_encoding_free(d->encoding);
    d->encoding = found;
    d->width = found->width;
    d->height = found->height;
    d->values = found->target != IPD_TARGET_CLASSES;
    if (!(d->encoding_text = strdup(text)))
        return ipd_fail(e, IPD_EMEMORY, "out of memory");
    if (found->target == IPD_TARGET_INPUTS && d->classes != d->inputs)
        return damaged(folder, e, "the outputs are not the inputs");
    return ipd_reading_unit(d, e);
}

/* Reads the encoding and the type of the inputs. Bytes must have finite scaled values. */
static int read_type(ipd_dataset *d, const char *folder, const json_t *o, json_int_t version,
                     ipd_error *e)
{
    const char *type = json_string_value(json_object_get(o, "type"));
    if (version == BYTES && (!type || strcmp(type, "bytes")))
        return damaged(folder, e, "the type of the inputs is not bytes");
    if (read_encoding(d, folder, o, e))
        return -1;
    if (version == BYTES && d->encoding->target == IPD_TARGET_INPUTS)
        return damaged(folder, e, "targets that are the inputs cannot be bytes");
    for (size_t i = 0; version == BYTES && d->encoding->offset && i < d->inputs; i++)
        for (float x = 0; x < 256; x += 255)
            if (!isfinite((x - d->encoding->offset[i]) / d->encoding->divisor[i]))
                return damaged(folder, e, "a scaled byte is too large");
    return 0;
}

static int read_index(ipd_reading *r, const char *folder, const json_t *o, ipd_error *e)
{
    ipd_dataset *d = r->d;
    const char *format = json_string_value(json_object_get(o, "format"));
    json_int_t version = json_integer_value(json_object_get(o, "version"));
    json_int_t inputs = json_integer_value(json_object_get(o, "inputs"));
    json_int_t outputs = json_integer_value(json_object_get(o, "outputs"));
    const json_t *parts = json_object_get(o, "parts");
    if (!format || strcmp(format, "ipdlam-data"))
        return ipd_fail(e, IPD_EFORMAT, "%.200s/%s: is not of an imported data set", folder, INDEX);
    if (version > VERSION)
        return ipd_fail(e, IPD_EFORMAT,
                        "%.200s: was imported by a newer ipdlam (version %lld of the format, known "
                        "is %d). Update ipdlam",
                        folder, (long long)version, VERSION);
    if (version < 1)
        return damaged(folder, e, "the version is missing or out of range");
    if (inputs < 1 || inputs > 1 << 28)
        return damaged(folder, e, "the number of inputs is missing or out of range");
    if (outputs < 1 || outputs > (inputs > IPD_MAX_LABELS ? inputs : IPD_MAX_LABELS))
        return damaged(folder, e, "the number of outputs is missing or out of range");
    d->inputs = (size_t)inputs;
    d->classes = (size_t)outputs;
    if (read_text(d->warnings, sizeof d->warnings, o, "warnings") ||
        read_text(d->checksum, sizeof d->checksum, o, "checksum"))
        return damaged(folder, e, "the warnings or the checksum are missing");
    if (strlen(d->checksum) != 64 || strspn(d->checksum, "0123456789abcdef") != 64)
        return damaged(folder, e, "the checksum has not 64 hexadecimal digits");
    if (read_type(d, folder, o, version, e))
        return -1;
    for (int i = 0; i < IPD_PARTS; i++)
        if (read_part(d, folder, i, json_object_get(parts, part_names[i]), (int)version, e))
            return -1;
    return d->train.X.cols && d->test.X.cols
               ? 0
               : damaged(folder, e, "it has no training or no test samples");
}

/* A view of samples first ... first + count - 1. */
static ipd_samples view_of(const ipd_samples *s, size_t first, size_t count)
{
    ipd_samples to = {.X = {s->X.rows, count, NULL}, .encoding = s->encoding};
    if (s->bytes)
        to.bytes = s->bytes + first * s->X.rows;
    else
        to.X = ipd_matrix_columns(&s->X, first, count);
    to.labels = s->labels ? s->labels + first : NULL;
    if (s->Y.data)
        to.Y = ipd_matrix_columns(&s->Y, first, count);
    return to;
}

/* Keeps the chosen numbers of samples: the first ones of the training and test parts, and the last
 * training samples for validation. */
static int choose(ipd_reading *r, ipd_error *e)
{
    ipd_dataset *d = r->d;
    ipd_dataset_options own = *r->o, *o = &own;
    ipd_reading numbers = {.d = d, .o = o};
    size_t train, validation, test;
    if (ipd_data_options_words(o))
        return ipd_fail(e, IPD_EUSAGE,
                        "%s: was imported with its columns, scale and split. Give the option "
                        "--%s to `ipdlam data import`",
                        r->path, ipd_data_options_words(o));
    if (o->whole && d->test.X.cols)
        return ipd_fail(e, IPD_EUSAGE, "%s: has training and test samples. Choose one of them",
                        r->path);
    if (o->validation == d->validation.X.cols)
        o->validation = 0;
    if ((o->validation || o->validation_percent > 0) && d->validation.X.cols)
        return ipd_fail(e, IPD_EUSAGE, "%s: has validation samples already. Leave --validation out",
                        r->path);
    if (ipd_reading_numbers(&numbers, &train, &validation, &test, e))
        return -1;
    size_t N = d->train.X.cols, tests = d->test.X.cols, held = o->held_out;
    if (train == N && !validation && !held && test == tests)
        return 0;
    ipd_samples all = d->train, given = d->test;
    d->held_out = held;
    d->train = view_of(&all, 0, train);
    if (validation)
        d->validation = view_of(&all, N - held - validation, validation);
    d->test = held ? view_of(&all, N - held, held) : view_of(&given, 0, test);
    free(all.weight);
    free(given.weight);
    if (d->values && ((ipd_reading_weigh(d, &d->train, e)) ||
                      (validation && ipd_reading_weigh(d, &d->validation, e)) ||
                      (d->test.X.cols && ipd_reading_weigh(d, &d->test, e))))
        return -1;
    return ipd_reading_sum(d, d->checksum, r->progress, e);
}

int ipd_store_read(ipd_reading *r, const char *folder, ipd_error *e)
{
    char path[4096];
    json_error_t why;
    r->complete = 1;
    if (ipd_path_join(path, sizeof path, folder, INDEX, e))
        return -1;
    char *text = ipd_file_text(path, MAX_JSON, 0, e);
    if (!text)
        return -1;
    json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, &why);
    free(text);
    if (!json_is_object(o)) {
        char what[96] = "it is not a JSON object";
        if (!o)
            snprintf(what, sizeof what, "line %d, column %d is not JSON", why.line, why.column);
        json_decref(o);
        return damaged(folder, e, what);
    }
    ipd_space_delete(r->d->space); /* an import's space, still empty */
    r->d->space = ipd_space_new(NULL, e);
    int failed = !r->d->space || read_index(r, folder, o, e) || choose(r, e);
    json_decref(o);
    if (!failed && r->old && !ipd_encoding_alike(r->old, r->d->encoding))
        failed = ipd_fail(e, IPD_EUSAGE,
                          "%s: was imported with other columns, another scale or other classes "
                          "than the network was trained with. Name the source of the data instead",
                          folder);
    return failed ? -1 : 0;
}

int ipd_store_check(const ipd_dataset *d, const ipd_data_progress *progress, ipd_error *e)
{
    char found[sizeof d->checksum];
    if (ipd_reading_sum(d, found, progress, e))
        return -1;
    return strcmp(found, d->checksum)
               ? ipd_fail(e, IPD_EFORMAT,
                          "%.200s: its samples have the checksum %.16s..., but were imported with "
                          "%.16s...: they are damaged. Import the data again",
                          d->source, found, d->checksum)
               : 0;
}
