/* weights.c - see weights.h. */
#include "format/weights.h"
#include "base/file.h"
#include "base/text.h"
#include "data/encoding.h"
#include "data/tensors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WIDEST = 1 << 24 }; /* maximum width of a layer; keeps products of widths in 64 bits */

/* Writing. */

/* The texts of a file's metadata; NULL: unknown or none. */
typedef struct metadata {
    const char *sigma, *loss, *image, *definitions, *encoding;
} metadata;

static int write_npz(FILE *to, const ipd_tensor_out *t, size_t count, const metadata *m)
{
    const char *texts[11] = {"activation", m->sigma, "loss", m->loss};
    int n = 4;
    if (m->image) {
        texts[n++] = "image";
        texts[n++] = m->image;
    }
    if (m->definitions) {
        texts[n++] = "definitions";
        texts[n++] = m->definitions;
    }
    if (m->encoding) {
        texts[n++] = "encoding";
        texts[n++] = m->encoding;
    }
    return ipd_npz_write(to, t, count, texts);
}

static int write_safetensors(FILE *to, const ipd_tensor_out *t, size_t count, const metadata *m)
{
    json_t *json = json_pack("{s: s, s: s, s: s, s: s*, s: s*, s: s*}", "format", "ipdlam",
                             "activation", m->sigma, "loss", m->loss, "image", m->image,
                             "definitions", m->definitions, "encoding", m->encoding);
    char *header = ipd_safetensors_header(json, t, count);
    int failed = !header || ipd_safetensors_write(to, header, t, count);
    free(header);
    return failed;
}

int ipd_weights_save(const ipd_network *net, const char *path, ipd_error *e)
{
    ipd_tensor_out tensors[2 * IPD_MAX_LAYERS];
    ipd_new_file f;
    char sigma[512], image[48], definitions[IPD_OWN_TEXTS];
    size_t count = 0;
    for (int l = 1; l <= net->L; l++) {
        ipd_tensor_out *W = &tensors[count++], *b = &tensors[count++];
        *W = (ipd_tensor_out){
            .rank = 2, .shape = {net->d[l], net->d[l - 1]}, .values = net->W[l].data, .columns = 1};
        *b = (ipd_tensor_out){.rank = 1, .shape = {net->d[l]}, .values = net->b[l].data};
        snprintf(W->name, sizeof W->name, "W%d", l);
        snprintf(b->name, sizeof b->name, "b%d", l);
    }
    ipd_network_activations(net, sigma, sizeof sigma);
    snprintf(image, sizeof image, "%zux%zu", net->width, net->height);
    if (ipd_network_definitions(net, definitions, e) || ipd_new_file_open(&f, path, e))
        return -1;
    metadata m = {sigma, net->loss->name, net->width ? image : NULL,
                  *definitions ? definitions : NULL, net->encoding};
    int failed = (ipd_text_has_suffix(path, ".npz") ? write_npz : write_safetensors)(
        f.stream, tensors, count, &m);
    if (failed && !ferror(f.stream)) {
        ipd_new_file_abandon(&f);
        return ipd_fail(e, IPD_EMEMORY, "%s: out of memory", path);
    }
    return ipd_new_file_commit(&f, e);
}

/* Reading. Every error begins with the path. */

struct reader {
    ipd_tensor_file file;
    int L;
    const ipd_tensor *W[IPD_MAX_LAYERS + 1], *b[IPD_MAX_LAYERS + 1];
    ipd_error *e;
};

#define REFUSE(r, ...) ipd_fail((r)->e, IPD_EFORMAT, __VA_ARGS__)

/* The slot of tensor `name`, or NULL and an error. */
static const ipd_tensor **slot(struct reader *r, const char *name)
{
    char expected[16];
    char *end;
    long l = name[0] == 'W' || name[0] == 'b' ? strtol(name + 1, &end, 10) : 0;
    if (l > 0 && l <= IPD_MAX_LAYERS) {
        snprintf(expected, sizeof expected, "%c%ld", name[0], l);
        if (!strcmp(expected, name))
            return name[0] == 'W' ? &r->W[l] : &r->b[l];
    } else if (l > IPD_MAX_LAYERS && !*end) {
        REFUSE(r, "%s: holds layer %ld: a network has at most %d layers", r->file.path, l,
               IPD_MAX_LAYERS);
        return NULL;
    }
    REFUSE(
        r,
        "%s: tensor \"%.40s\" does not belong to a network. Name tensors W1, b1, W2, b2, and so on",
        r->file.path, name);
    return NULL;
}

static size_t columns(const ipd_tensor *t)
{
    return t->rank == 2 ? t->shape[1] : 1;
}

static int check_shape(struct reader *r, const ipd_tensor *t)
{
    int vector = t->name[0] == 'b';
    if (t->dtype != IPD_F32 && t->dtype != IPD_F64)
        return REFUSE(r, "%s: %s is not of type F32 or F64, as weights are", r->file.path, t->name);
    if (vector ? t->rank != 1 && t->rank != 2 : t->rank != 2)
        return REFUSE(r, "%s: the shape of %s must be %s", r->file.path, t->name,
                      vector ? "[width]" : "[width, inputs]");
    if (!t->bytes || t->shape[0] > WIDEST || columns(t) > WIDEST || (vector && columns(t) != 1))
        return REFUSE(r, "%s: the shape of %s is out of range: widths are 1 to %d%s", r->file.path,
                      t->name, WIDEST, vector ? ", and a bias is one vector" : "");
    return 0;
}

/* Checks that layers 1 ... L are complete and that their shapes match. */
static int check_layers(struct reader *r)
{
    const char *path = r->file.path;
    for (int l = 1; l <= IPD_MAX_LAYERS; l++)
        if (r->W[l] || r->b[l])
            r->L = l;
    if (!r->L)
        return REFUSE(r, "%s: holds no tensor W1", path);
    for (int l = 1; l <= r->L; l++) {
        const ipd_tensor *W = r->W[l], *b = r->b[l];
        if (!W || !b)
            return REFUSE(r, "%s: holds layer %d, but no tensor %c%d", path, r->L, W ? 'b' : 'W',
                          l);
        if (b->shape[0] != W->shape[0])
            return REFUSE(r, "%s: W%d has %zu rows, but b%d has %zu: they must be equal", path, l,
                          W->shape[0], l, b->shape[0]);
        if (l > 1 && W->shape[1] != r->W[l - 1]->shape[0])
            return REFUSE(r, "%s: W%d has %zu columns, but W%d has %zu rows: they must be equal",
                          path, l, W->shape[1], l - 1, r->W[l - 1]->shape[0]);
    }
    return 0;
}

static int find_layers(struct reader *r)
{
    for (size_t i = 0; i < r->file.count; i++) {
        ipd_tensor *t = &r->file.tensors[i];
        const ipd_tensor **place = slot(r, t->name);
        if (t->name[0] == 'b' && t->rank == 2 && t->shape[0] == 1) { /* accept a row as a vector */
            t->shape[0] = t->shape[1];
            t->shape[1] = 1;
        }
        if (!place || check_shape(r, t))
            return -1;
        *place = t;
    }
    return check_layers(r);
}

/* Reads a tensor into m (rows x cols, column-major), converting doubles to float. */
static int read_values(struct reader *r, const ipd_tensor *t, ipd_matrix *m)
{
    size_t rows = t->shape[0], cols = columns(t);
    char *values = malloc(t->bytes);
    if (!values)
        return ipd_fail(r->e, IPD_EMEMORY, "%s: out of memory", r->file.path);
    int failed = ipd_tensors_read(&r->file, t, values, r->e);
    for (size_t i = 0; !failed && i < rows; i++)
        for (size_t j = 0; !failed && j < cols; j++) {
            float value;
            double x = ipd_tensor_value(t, values, i * cols + j);
            value = fabs(x) <= 3.4028234e38 ? (float)x : INFINITY;
            if (!isfinite(value))
                failed = REFUSE(r,
                                "%s: %s holds a value that is not finite in float, in row %zu, "
                                "column %zu",
                                r->file.path, t->name, i + 1, j + 1);
            m->data[i + j * rows] = value;
        }
    free(values);
    return failed;
}

/* Reads activations with their definitions, loss and image size from the metadata; those that are
 * missing stay unchanged. */
static int read_metadata(struct reader *r, ipd_network *net)
{
    /* Other programs may use "loss" for a value: only files of ipdlam must name a known loss. */
    const char *format = ipd_tensors_text(&r->file, "format");
    int foreign = !r->file.npz && (!format || strcmp(format, "ipdlam"));
    const char *definitions = foreign ? NULL : ipd_tensors_text(&r->file, "definitions");
    const char *name = ipd_tensors_text(&r->file, "activation");
    if ((definitions && ipd_network_read_definitions(definitions, r->e)) ||
        (name && ipd_network_set_activations(net, name, r->e)))
        return ipd_fail_in(r->e, "%s: the metadata", r->file.path);
    size_t width, height;
    name = ipd_tensors_text(&r->file, "image");
    if (name && sscanf(name, "%zux%zu", &width, &height) == 2 && width && width <= net->d[0] &&
        net->d[0] % width == 0 && height == net->d[0] / width) {
        net->width = width;
        net->height = height;
    }
    name = foreign ? NULL : ipd_tensors_text(&r->file, "encoding");
    if (name) {
        ipd_encoding *encoding = ipd_encoding_parse(name, net->d[0], net->d[net->L], r->e);
        if (!encoding)
            return ipd_fail_in(r->e, "%s", r->file.path);
        ipd_encoding_free(encoding);
        if (!(net->encoding = strdup(name)))
            return ipd_fail(r->e, IPD_EMEMORY, "%s: out of memory", r->file.path);
    }
    name = ipd_tensors_text(&r->file, "loss");
    const ipd_loss *loss = name ? ipd_loss_find(name) : NULL;
    if (loss)
        net->loss = loss;
    else if (name && !foreign)
        return REFUSE(r, "%s: the metadata name the unknown loss \"%.40s\"", r->file.path, name);
    if (definitions && ipd_network_use_definitions(net, definitions, r->e))
        return ipd_fail_in(r->e, "%s: the metadata", r->file.path);
    return 0;
}

static int read_network(struct reader *r, const char *path, ipd_network *net,
                        const ipd_activation *activation, const ipd_loss *loss)
{
    size_t widths[IPD_MAX_LAYERS + 1];
    if (ipd_tensors_open(&r->file, path, r->e))
        return -1;
    if (r->file.npy)
        return REFUSE(r, "%s: is a single .npy array: save all weights with np.savez", path);
    if (find_layers(r))
        return -1;
    widths[0] = r->W[1]->shape[1];
    for (int l = 1; l <= r->L; l++)
        widths[l] = r->W[l]->shape[0];
    if (ipd_network_init(net, r->L, widths, activation, loss, r->e) || read_metadata(r, net))
        return -1;
    for (int l = 1; l <= r->L; l++)
        if (read_values(r, r->W[l], &net->W[l]) || read_values(r, r->b[l], &net->b[l]))
            return -1;
    return 0;
}

int ipd_weights_load(ipd_network *net, const char *path, const ipd_activation *activation,
                     const ipd_loss *loss, ipd_error *e)
{
    struct reader r = {.e = e};
    memset(net, 0, sizeof *net);
    int failed = read_network(&r, path, net, activation, loss);
    if (failed)
        ipd_network_free(net);
    ipd_tensors_close(&r.file);
    return failed;
}
