/* checkpoint.c - checkpoints as files: writing and reading one. See checkpoint.h. */
#include "run/time/checkpoint.h"

#include "base/blas.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "config.h"
#include "data/checksum.h"
#include "data/tensors.h"

#include <stdlib.h>
#include <string.h>

#define FORMAT "ipdlam-checkpoint"
/* Version 1 was written by 0.1.0 and stores the log as text. */
#define FORMAT_VERSION "2"

/* The checksum is first in the header. It covers the whole file with zeros in its place. */
static const char begin[] = "{\"__metadata__\":{\"sha256\":\"";
enum { DIGITS = 64, BEGIN = sizeof begin - 1 };
static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";

void ipd_checkpoint_describe(ipd_checkpoint *c, const ipd_run *run, long goal)
{
    ipd_place at = ipd_run_place(run);
    ipd_checkpoint_of_run(c, ipd_run_dataset(run), ipd_run_id(run), ipd_run_name(run), goal,
                          ipd_run_settings(run)->method, &at);
    snprintf(c->identity, sizeof c->identity, "%s", ipd_run_identity(run));
}

void ipd_checkpoint_of_run(ipd_checkpoint *c, const ipd_dataset *d, long id, const char *name,
                           long goal, const char *method, const ipd_place *at)
{
    memset(c, 0, sizeof *c);
    c->run = id;
    snprintf(c->name, sizeof c->name, "%s", name);
    c->goal = goal;
    snprintf(c->method, sizeof c->method, "%s", method);
    ipd_place_text(at, c->place, sizeof c->place);
    memcpy(c->data, d->name, sizeof c->data);
    memcpy(c->source, d->source, sizeof c->source);
    memcpy(c->checksum, d->checksum, sizeof c->checksum);
    c->train = (long)d->train.X.cols;
    c->test = (long)d->test.X.cols;
    c->validation = (long)d->validation.X.cols;
    c->held_out = (long)d->held_out;
    snprintf(c->version, sizeof c->version, "%s", PACKAGE_VERSION);
    snprintf(c->openblas, sizeof c->openblas, "%s", ipd_blas_version());
    snprintf(c->kernel, sizeof c->kernel, "%s", ipd_blas_kernel());
}

void ipd_checkpoint_difference(const ipd_checkpoint *c, char *to, size_t size)
{
    *to = 0;
    if (strcmp(c->openblas, ipd_blas_version()) || strcmp(c->kernel, ipd_blas_kernel()))
        snprintf(to, size,
                 "the checkpoint was made with OpenBLAS %s (%s), but this is %s (%s): the last "
                 "bits may differ from an uninterrupted run",
                 c->openblas, c->kernel, ipd_blas_version(), ipd_blas_kernel());
}

/* Members that are numbers, and members that are text. All metadata values of safetensors are
 * text. */
static const struct number {
    const char *name;
    size_t offset;
} numbers[] = {{"run", offsetof(ipd_checkpoint, run)},
               {"goal", offsetof(ipd_checkpoint, goal)},
               {"train", offsetof(ipd_checkpoint, train)},
               {"test", offsetof(ipd_checkpoint, test)},
               {"validation", offsetof(ipd_checkpoint, validation)},
               {"held_out", offsetof(ipd_checkpoint, held_out)}};
static const struct word {
    const char *name;
    size_t offset, size;
} words[] = {
    {"name", offsetof(ipd_checkpoint, name), sizeof((ipd_checkpoint *)0)->name},
    {"method", offsetof(ipd_checkpoint, method), sizeof((ipd_checkpoint *)0)->method},
    {"place", offsetof(ipd_checkpoint, place), sizeof((ipd_checkpoint *)0)->place},
    {"data", offsetof(ipd_checkpoint, data), sizeof((ipd_checkpoint *)0)->data},
    {"source", offsetof(ipd_checkpoint, source), sizeof((ipd_checkpoint *)0)->source},
    {"checksum", offsetof(ipd_checkpoint, checksum), sizeof((ipd_checkpoint *)0)->checksum},
    {"ipdlam", offsetof(ipd_checkpoint, version), sizeof((ipd_checkpoint *)0)->version},
    {"openblas", offsetof(ipd_checkpoint, openblas), sizeof((ipd_checkpoint *)0)->openblas},
    {"kernel", offsetof(ipd_checkpoint, kernel), sizeof((ipd_checkpoint *)0)->kernel}};
enum { NUMBERS = sizeof numbers / sizeof *numbers, WORDS = sizeof words / sizeof *words };

/* Writing. */

static json_t *metadata(const ipd_checkpoint *c)
{
    char text[32];
    json_t *m = json_object();
    int failed = json_object_set_new(m, "sha256", json_string(zeros)) ||
                 json_object_set_new(m, "format", json_string(FORMAT)) ||
                 json_object_set_new(m, "version", json_string(FORMAT_VERSION));
    for (size_t i = 0; i < WORDS; i++) {
        json_t *value = json_string((const char *)c + words[i].offset);
        failed |= json_object_set_new(m, words[i].name, value ? value : json_string("?"));
    }
    for (size_t i = 0; i < NUMBERS; i++) {
        long n;
        memcpy(&n, (const char *)c + numbers[i].offset, sizeof n);
        snprintf(text, sizeof text, "%ld", n);
        failed |= json_object_set_new(m, numbers[i].name, json_string(text));
    }
    snprintf(text, sizeof text, "%d", c->iteration);
    failed |= json_object_set_new(m, "iteration", json_string(text));
    if (failed) {
        json_decref(m);
        return NULL;
    }
    return m;
}

static int add_bytes(void *sum, const void *bytes, size_t count)
{
    ipd_checksum_add(sum, bytes, count);
    return 0;
}

/* Computes the checksum of the file that header and tensors make, and writes it into the header. */
static void seal(char *header, const ipd_tensor_out *t, size_t count)
{
    ipd_checksum sum;
    char digits[65];
    uint64_t length = strlen(header);
    ipd_checksum_init(&sum);
    ipd_checksum_add(&sum, &length, sizeof length);
    ipd_checksum_add(&sum, header, length);
    for (size_t i = 0; i < count; i++)
        ipd_tensor_emit(&t[i], add_bytes, &sum);
    ipd_checksum_text(&sum, digits);
    memcpy(header + BEGIN, digits, DIGITS);
}

static int write_file(const ipd_checkpoint *c, char *header, const ipd_tensor_out *t, size_t count,
                      ipd_error *e)
{
    ipd_new_file f;
    if ((strcmp(c->path, "-") && ipd_path_make_parent(c->path, e)) ||
        ipd_new_file_open(&f, c->path, e))
        return -1;
    seal(header, t, count);
    ipd_safetensors_write(f.stream, header, t, count); /* the commit reports failures */
    return ipd_new_file_commit(&f, e);
}

int ipd_checkpoint_write(ipd_checkpoint *c, const ipd_archive *archive, ipd_error *e)
{
    size_t count = ipd_archive_count(archive);
    ipd_tensor_out *t = calloc(count + 1, sizeof *t);
    int64_t done = 0;
    ipd_archive_number(archive, "run.records", &done);
    c->iteration = (int)done;
    for (size_t i = 0; t && i < count; i++) {
        const ipd_entry *entry = ipd_archive_entry(archive, i);
        memcpy(t[i].name, entry->name, sizeof t[i].name);
        t[i].dtype = entry->dtype;
        t[i].rank = entry->dims;
        memcpy(t[i].shape, entry->shape, (size_t)entry->dims * sizeof *t[i].shape);
        t[i].values = entry->data;
    }
    json_t *m = t ? metadata(c) : NULL;
    char *header = m ? ipd_safetensors_header(m, t, count) : NULL;
    int failed = !header ? ipd_fail(e, IPD_EMEMORY, "%s: out of memory", c->path)
                         : write_file(c, header, t, count, e);
    c->size = header ? (long long)(8 + strlen(header) + ipd_archive_bytes(archive)) : 0;
    free(header);
    free(t);
    return failed;
}

/* Reading. */

#define REFUSE(...) ipd_fail(e, IPD_EFORMAT, __VA_ARGS__)

static int read_metadata(ipd_checkpoint *c, const ipd_tensor_file *f, ipd_error *e)
{
    const char *format = ipd_tensors_text(f, "format"), *version = ipd_tensors_text(f, "version");
    if (!format || !version || strcmp(format, FORMAT))
        return REFUSE("%s: is not a checkpoint of a run", f->path);
    if (strcmp(version, FORMAT_VERSION) && strcmp(version, "1"))
        return REFUSE("%s: unknown version %.10s of the checkpoint format. Use a newer ipdlam",
                      f->path, version);
    for (size_t i = 0; i < WORDS; i++) {
        const char *text = ipd_tensors_text(f, words[i].name);
        if (!text || strlen(text) >= words[i].size)
            return REFUSE("%s: missing or invalid %s in the metadata", f->path, words[i].name);
        strcpy((char *)c + words[i].offset, text);
    }
    long n = -1;
    for (size_t i = 0; i <= NUMBERS; i++) {
        const char *name = i < NUMBERS ? numbers[i].name : "iteration";
        const char *text = ipd_tensors_text(f, name);
        if (!text && !strcmp(name, "held_out")) { /* older files call this number validation */
            c->held_out = c->validation;
            c->validation = 0;
            continue;
        }
        if (!text || ipd_text_to_long(text, &n) || n < 0 || n > 1 << 30)
            return REFUSE("%s: %s in the metadata is not a number in range", f->path, name);
        if (i < NUMBERS)
            memcpy((char *)c + numbers[i].offset, &n, sizeof n);
    }
    c->iteration = (int)n;
    return 0;
}

int ipd_checkpoint_begins(const char *path, int weights)
{
    char head[8 + BEGIN]; /* the header's length, the header */
    FILE *f = ipd_file_read(path, NULL);
    size_t n = f ? fread(head, 1, sizeof head, f) : 0;
    if (f)
        fclose(f);
    return n == sizeof head && (!memcmp(head + 8, begin, BEGIN) || (weights && head[8] == '{'));
}

/* Compares the file with its checksum. */
static int check_seal(ipd_tensor_file *f, ipd_error *e)
{
    enum { PIECE = 1 << 20 };
    char digits[65], stored[DIGITS + 1];
    ipd_checksum sum;
    if (f->npz || strncmp(f->text, begin, BEGIN) || strlen(f->text) < BEGIN + DIGITS)
        return REFUSE("%s: is not a checkpoint of a run", f->path);
    char *piece = malloc(PIECE);
    if (!piece)
        return ipd_fail(e, IPD_EMEMORY, "%s: out of memory", f->path);
    memcpy(stored, f->text + BEGIN, DIGITS);
    stored[DIGITS] = 0;
    memcpy(f->text + BEGIN, zeros, DIGITS);
    ipd_checksum_init(&sum);
    ipd_checksum_add(&sum, &f->header, sizeof f->header);
    ipd_checksum_add(&sum, f->text, f->header);
    int failed = 0;
    for (uint64_t at = 0; at < f->data && !failed; at += PIECE) {
        size_t n = f->data - at < PIECE ? (size_t)(f->data - at) : PIECE;
        failed = ipd_tensors_bytes(f, 8 + f->header + at, piece, n, e);
        ipd_checksum_add(&sum, piece, n);
    }
    free(piece);
    if (failed)
        return -1;
    ipd_checksum_text(&sum, digits);
    if (strcmp(digits, stored))
        return REFUSE("%s: is damaged: its checksum does not match its content", f->path);
    return 0;
}

static int read_entries(ipd_tensor_file *f, ipd_archive *archive, ipd_error *e)
{
    for (size_t i = 0; i < f->count; i++) {
        const ipd_tensor *t = &f->tensors[i];
        ipd_entry what = {.dtype = (ipd_dtype)t->dtype, .dims = t->rank};
        if (t->dtype > IPD_TEXT)
            return REFUSE("%s: %s is of a type that checkpoints do not have", f->path, t->name);
        if (t->rank > 2)
            return REFUSE("%s: %s has more than two dimensions", f->path, t->name);
        memcpy(what.name, t->name, sizeof what.name);
        memcpy(what.shape, t->shape, sizeof what.shape);
        ipd_entry *entry = ipd_archive_add(archive, &what, e);
        if (!entry)
            return ipd_fail_in(e, "%s", f->path);
        if (entry->bytes != t->bytes)
            return REFUSE("%s: the size of %s does not match its shape", f->path, t->name);
        if (t->bytes && ipd_tensors_read(f, t, entry->data, e))
            return -1;
    }
    return 0;
}

int ipd_checkpoint_read(ipd_checkpoint *c, const char *path, ipd_archive **archive, ipd_error *e)
{
    ipd_tensor_file f;
    char copy[sizeof c->path]; /* path may be c's */
    *archive = NULL;
    if (ipd_path_copy(copy, sizeof copy, path, e))
        return -1;
    memset(c, 0, sizeof *c);
    memcpy(c->path, copy, sizeof copy);
    int failed = ipd_tensors_open(&f, c->path, e) || check_seal(&f, e) || read_metadata(c, &f, e) ||
                 !(*archive = ipd_archive_new(e)) || read_entries(&f, *archive, e);
    c->size = (long long)f.size;
    ipd_tensors_close(&f);
    if (failed) {
        ipd_archive_free(*archive);
        *archive = NULL;
    }
    return failed ? -1 : 0;
}

int ipd_checkpoint_dataset(const ipd_checkpoint *c, ipd_dataset **data, ipd_error *e)
{
    static const char generated[] = "generated, seed ";
    ipd_dataset_options options = {.train = (size_t)c->train,
                                   .test = c->held_out ? 0 : (size_t)c->test,
                                   .validation = (size_t)c->validation,
                                   .held_out = (size_t)c->held_out};
    int is_named = ipd_text_index(c->data, ipd_dataset_names()) >= 0;
    const char *name = is_named ? c->data : c->source; /* a path */
    if (strchr(c->source, '?'))                        /* a name with all options */
        return ipd_dataset_open(data, c->source, NULL, e);
    if (!strncmp(c->source, generated, strlen(generated)))
        options.seed = strtoull(c->source + strlen(generated), NULL, 10);
    return ipd_dataset_open(data, name, &options, e);
}
