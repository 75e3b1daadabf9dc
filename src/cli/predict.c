/* predict.c - `ipdlam predict`: prints the answers of a saved network for images, rows of tables
 * and arrays. */
#include "base/file.h"
#include "base/parallel.h"
#include "base/text.h"
#include "cli/bar.h"
#include "cli/cli.h"
#include "cli/json_output.h"
#include "cli/options.h"
#include "data/dataset.h"
#include "data/image.h"
#include "format/export.h"
#include "format/weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct predict {
    const char *weights, *size;
    ipd_json_output json;
    long top;
    int as_is;            /* 1: images are not inverted or centred */
    ipd_option_list rows; /* of --row */
    ipd_network net;
    size_t width, height;   /* of an input */
    ipd_encoding *encoding; /* of the weights; NULL: unknown */
    size_t colours;         /* of the images that it was trained on: 1 or 3 */
};

/* Parses --size, such as 28x28. */
static int parse_size(struct predict *p, ipd_error *e)
{
    char width[16] = "", height[16] = "";
    long w = 0, h = 0;
    size_t n = p->size ? strspn(p->size, "0123456789") : 0;
    if (!p->size)
        return 0;
    if (n < sizeof width && p->size[n] == 'x' && strlen(p->size + n + 1) < sizeof height) {
        memcpy(width, p->size, n);
        strcpy(height, p->size + n + 1);
    }
    if (strspn(height, "0123456789") != strlen(height) || ipd_text_to_long(width, &w) ||
        ipd_text_to_long(height, &h) || w < 1 || h < 1 || w > 1000000 || h > 1000000)
        return ipd_fail(e, IPD_EUSAGE,
                        "--size must be a width and a height such as 28x28, not '%.40s'", p->size);
    p->width = (size_t)w;
    p->height = (size_t)h;
    return 0;
}

/* The size of an input: from --size, from the file of weights, or square. */
static int read_size(struct predict *p, ipd_error *e)
{
    size_t inputs = p->net.d[0];
    if (!p->size && p->net.width) {
        p->width = p->net.width;
        p->height = p->net.height;
    } else if (!p->size) {
        p->width = p->height = (size_t)(sqrt((double)inputs) + 0.5);
    }
    if (p->width * p->height != inputs)
        return ipd_fail(e, IPD_EUSAGE,
                        "the network has %zu inputs, which are not %zu x %zu pixels. Give the "
                        "width and height of its images with --size",
                        inputs, p->width, p->height);
    return 0;
}

/* The name of a class, or its number. */
static const char *class_name(const struct predict *p, size_t class, char *to, size_t size)
{
    const ipd_names *names = p->encoding ? &p->encoding->classes : NULL;
    if (names && class < names->count)
        return names->item[class];
    snprintf(to, size, "%zu", class);
    return to;
}

static int has_values(const struct predict *p)
{
    return p->encoding && p->encoding->target != IPD_TARGET_CLASSES;
}

/* Converts the outputs to the unit of the values learned. */
static void to_values(const struct predict *p, float *z)
{
    const ipd_encoding *x = p->encoding;
    for (size_t i = 0; x->target_offset && i < x->outputs; i++)
        z[i] = z[i] * x->target_divisor[i] + x->target_offset[i];
}

/* Returns 1 if the network was trained with cross-entropy: its outputs are shown as probabilities
 * (softmax). */
static int has_probabilities(const struct predict *p)
{
    return !strcmp(p->net.loss->name, "cross_entropy");
}

static void to_probabilities(float *z, size_t d)
{
    float max = z[ipd_argmax(z, d)];
    double sum = 0;
    for (size_t i = 0; i < d; i++)
        sum += z[i] = expf(z[i] - max);
    for (size_t i = 0; i < d; i++)
        z[i] = (float)(z[i] / sum);
}

static void print_json(const struct predict *p, const char *file, size_t index, const float *z,
                       const ipd_image_fit *fit)
{
    size_t best = ipd_argmax(z, p->net.d[p->net.L]);
    printf("{\"file\": ");
    ipd_json_string(stdout, file);
    printf(", \"%s\": %zu", fit ? "image" : "row", index + 1);
    if (!has_values(p))
        printf(", \"class\": %zu", best);
    if (!has_values(p) && p->encoding && best < p->encoding->classes.count) {
        printf(", \"name\": ");
        ipd_json_string(stdout, p->encoding->classes.item[best]);
    }
    printf(", \"%s\": [", has_values(p)          ? "values"
                          : has_probabilities(p) ? "probabilities"
                                                 : "scores");
    for (size_t i = 0; i < p->net.d[p->net.L]; i++) {
        if (i)
            printf(", ");
        ipd_json_number(stdout, z[i]);
    }
    printf("]");
    if (fit)
        printf(", \"scaled\": %s, \"inverted\": %s", fit->scaled ? "true" : "false",
               fit->inverted ? "true" : "false");
    printf("}");
}

static void print_text(const struct predict *p, const char *file, size_t index, size_t count,
                       float *z, const ipd_image_fit *fit)
{
    size_t d = p->net.d[p->net.L];
    printf("%s", file);
    if (count > 1)
        printf(" %zu", index + 1);
    for (size_t i = 0; has_values(p) && i < d; i++)
        printf("%s %.6g", i ? "," : ":", (double)z[i]);
    for (long k = 0; !has_values(p) && k < p->top && k < (long)d; k++) {
        size_t best = ipd_argmax(z, d);
        char number[24];
        printf("%s %s ", k ? "," : ":", class_name(p, best, number, sizeof number));
        if (has_probabilities(p))
            printf("(%.2f %%)", 100 * (double)z[best]);
        else
            printf("(%.3f)", (double)z[best]);
        z[best] = -INFINITY;
    }
    if (fit && (fit->scaled || fit->inverted))
        printf("  [%s%s%s]", fit->scaled ? "scaled and centred" : "",
               fit->scaled && fit->inverted ? ", " : "",
               fit->inverted ? "inverted: its background is light" : "");
    putchar('\n');
}

/* Answers for the inputs X. fits: of images, or NULL. */
static int predict_inputs(struct predict *p, const char *file, const ipd_matrix *X,
                          const ipd_image_fit *fits, ipd_error *e)
{
    ipd_matrix z = {0};
    ipd_evaluation out;
    size_t d = p->net.d[p->net.L];
    ipd_label *labels = ipd_allocate(X->cols, sizeof *labels, e); /* any: only z is used */
    int failed = !labels || ipd_matrix_init(&z, d, X->cols, e) ||
                 ipd_network_evaluate(&p->net, ipd_inputs_of(X), ipd_truth_labels(labels), NULL,
                                      &out, &z, NULL, e);
    for (size_t i = 0; i < X->cols && !failed; i++) {
        float *one = z.data + i * d;
        const ipd_image_fit *fit = fits ? &fits[i] : NULL;
        if (has_values(p))
            to_values(p, one);
        else if (has_probabilities(p))
            to_probabilities(one, d);
        ipd_json_item(&p->json);
        if (ipd_json_asked(&p->json))
            print_json(p, file, i, one, fit);
        else
            print_text(p, file, i, X->cols, one, fit);
        ipd_json_end_item(&p->json);
    }
    ipd_matrix_free(&z);
    free(labels);
    return failed ? -1 : 0;
}

/* Scales pixels, 0 ... 255, as training did. */
static void scale_pixels(const struct predict *p, float *x)
{
    if (p->encoding)
        ipd_encoding_apply(p->encoding, x);
    for (size_t k = 0; !p->encoding && k < p->net.d[0]; k++)
        x[k] /= 255;
}

/* One picture, read as training reads a folder of them. */
static int predict_picture(struct predict *p, const char *file, ipd_error *e)
{
    ipd_matrix X = {0};
    int failed = ipd_matrix_init(&X, p->net.d[0], 1, e) ||
                 ipd_picture_read(file, p->colours, p->width, p->height / p->colours, X.data, e);
    if (!failed)
        scale_pixels(p, X.data);
    failed = failed || predict_inputs(p, file, &X, NULL, e);
    ipd_matrix_free(&X);
    return failed ? -1 : 0;
}

static int predict_images(struct predict *p, const char *file, const ipd_images *images,
                          ipd_image_fit *fits, ipd_error *e)
{
    ipd_matrix X = {0};
    size_t inputs = p->net.d[0], size = images->width * images->height;
    int failed = ipd_matrix_init(&X, inputs, images->count, e);
    for (size_t i = 0; i < images->count && !failed; i++) {
        float *x = X.data + i * inputs;
        failed = ipd_image_fit_to(images->pixels + i * size, images->width, images->height, x,
                                  p->width, p->height, &fits[i], e);
        for (size_t k = 0; !failed && k < inputs && p->encoding && p->encoding->offset; k++)
            x[k] *= 255;
        if (!failed && p->encoding && p->encoding->offset)
            ipd_encoding_apply(p->encoding, x);
    }
    failed = failed || predict_inputs(p, file, &X, fits, e);
    ipd_matrix_free(&X);
    return failed ? -1 : 0;
}

/* Reads the first bytes of a file; returns how many there are. */
static size_t first_bytes(const char *file, unsigned char first[4])
{
    memset(first, 0, 4);
    FILE *f = ipd_file_read(file, NULL);
    size_t n = f ? fread(first, 1, 4, f) : 0;
    if (f)
        fclose(f);
    return n;
}

/* Returns 1 for a PNG image if the network was trained on PNG images: it must be read as in
 * training. */
static int is_picture(const struct predict *p, const char *file)
{
    unsigned char first[4];
    return p->encoding && p->encoding->pictures && first_bytes(file, first) == 4 &&
           !memcmp(first, "\x89PNG", 4);
}

/* Returns 1 if the file has images: by its first bytes or, if it is compressed, by its name. For a
 * network that was trained on images, text is not a table. */
static int is_image(const struct predict *p, const char *file)
{
    unsigned char first[4];
    size_t n = first_bytes(file, first);
    if (first[0] == 0x1f && first[1] == 0x8b)
        return !strstr(file, ".csv.") && !strstr(file, ".tsv.");
    int is_array = !memcmp(first, "PK", 2) || first[0] == 0x93 || (n == 4 && !first[3]);
    if (!p->encoding->column_count && p->encoding->height > 1 && !is_array)
        return 1;
    return n < 4 || !memcmp(first, "\x89PNG", 4) || (!first[0] && !first[1]) ||
           (first[0] == 'P' && (first[1] == '2' || first[1] == '5') && first[2] <= ' ');
}

/* Answers for the rows of a text. name: of the text, for messages and answers. bare: 1 if it has no
 * heading. */
static int predict_text(struct predict *p, const char *name, const char *text, size_t length,
                        int bare, ipd_error *e)
{
    ipd_dataset *d = NULL;
    if (!p->encoding)
        return ipd_fail(e, IPD_EUSAGE,
                        "%s: the weights do not say how rows become inputs. Name a file of images",
                        name);
    int failed = ipd_dataset_open_text(&d, name, text, length, bare, p->encoding, e) ||
                 predict_inputs(p, name, &d->train.X, NULL, e);
    ipd_dataset_unref(d);
    return failed;
}

/* Answers for the rows of --row. */
static int predict_given(struct predict *p)
{
    size_t length = 0, n = 0;
    ipd_error e;
    for (int i = 0; p->rows[i]; i++)
        length += strlen(p->rows[i]) + 1;
    char *text = ipd_allocate(length + 1, 1, &e);
    for (int i = 0; text && p->rows[i]; i++)
        n += (size_t)sprintf(text + n, "%s\n", p->rows[i]);
    int failed = !text || predict_text(p, "--row", text, n, 1, &e);
    free(text);
    return failed ? ipd_cli_error("predict", &e) : IPD_EXIT_DONE;
}

/* Answers for the rows of standard input. */
static int predict_input(struct predict *p)
{
    ipd_error e;
    char *text = ipd_file_text("-", SIZE_MAX / 2, 1, &e);
    int failed = !text || predict_text(p, "standard input", text, strlen(text), 0, &e);
    free(text);
    return failed ? ipd_cli_error("predict", &e) : IPD_EXIT_DONE;
}

/* Answers for the rows of a table or the samples of arrays. */
static int predict_rows(struct predict *p, const char *file)
{
    ipd_dataset *d;
    ipd_error e;
    ipd_bar bar;
    ipd_data_progress progress = ipd_bar_start(&bar);
    int unread = ipd_dataset_open_inputs(&d, file, p->encoding, &progress, &e);
    ipd_bar_end(&bar);
    if (unread)
        return ipd_cli_error("predict", &e);
    int failed = predict_inputs(p, file, &d->train.X, NULL, &e);
    ipd_dataset_unref(d);
    return failed ? ipd_cli_error("predict", &e) : IPD_EXIT_DONE;
}

/* Answers for one file and prints its error. Returns an exit code. */
static int predict_file(struct predict *p, const char *file)
{
    ipd_images images;
    ipd_error e;
    if (!strcmp(file, "-"))
        return predict_input(p);
    if (p->encoding && !is_image(p, file))
        return predict_rows(p, file);
    if (read_size(p, &e))
        return ipd_cli_error("predict", &e);
    if (p->colours > 1 || p->as_is || is_picture(p, file))
        return predict_picture(p, file, &e) ? ipd_cli_error("predict", &e) : IPD_EXIT_DONE;
    if (ipd_images_read(&images, file, &e))
        return ipd_cli_error("predict", &e);
    ipd_image_fit *fits = ipd_allocate(images.count, sizeof *fits, &e);
    int failed = !fits || predict_images(p, file, &images, fits, &e);
    free(fits);
    ipd_images_free(&images);
    return failed ? ipd_cli_error("predict", &e) : IPD_EXIT_DONE;
}

/* Returns 1 if the network was trained on images in colour, whose three planes lie below each
 * other. */
static int in_colour(const struct predict *p)
{
    char known[4096] = "?", none[8];
    ipd_dataset_options *o = NULL;
    int is = p->encoding && p->encoding->options && p->encoding->height % 3 == 0 &&
             (size_t)snprintf(known + 1, sizeof known - 1, "%s", p->encoding->options) <
                 sizeof known - 1 &&
             (o = calloc(1, sizeof *o)) &&
             !ipd_data_options_parse(o, known, none, sizeof none, NULL) &&
             !strcmp(o->words[IPD_DATA_COLOUR], "yes");
    free(o);
    return is;
}

static int go(struct predict *p, int files, ipd_error *e)
{
    if (!p->weights || (files < 1 && !p->rows[0]))
        return ipd_fail(e, IPD_EUSAGE, "%s: ipdlam predict WEIGHTS FILE...",
                        p->weights ? "name the files" : "name the weights and the files");
    if (parse_size(p, e))
        return -1;
    if (ipd_weights_load(&p->net, p->weights, ipd_activation_find("relu"), ipd_loss_find("squared"),
                         e)) {
        e->code = IPD_EFORMAT;
        return -1;
    }
    if (p->net.encoding &&
        !(p->encoding = ipd_encoding_parse(p->net.encoding, p->net.d[0], p->net.d[p->net.L], e)))
        return -1;
    p->colours = in_colour(p) ? 3 : 1;
    return (!p->encoding && !p->rows[0] && read_size(p, e)) || ipd_threads_set(0, e) ? -1 : 0;
}

int ipd_cli_predict(int argc, char **argv)
{
    struct predict p = {.top = 3};
    int operands = 0;
    const ipd_option table[] = {
        IPD_OPTION_IN("top", "N", &p.top, 1, 1e6, "show the N most probable classes (default 3)"),
        IPD_OPTION("size", "WxH", &p.size,
                   "size of the network's images (default: as saved, or square)"),
        IPD_OPTION("row", "X,X...", &p.rows,
                   "answer for this row of a table, in the order of the columns trained on; may be "
                   "repeated"),
        IPD_OPTION(
            "as-is", NULL, &p.as_is,
            "scale images as training scales a folder of PNG, without inverting or centring"),
        IPD_OPTION_JSON_PER(p.json, "sample"),
        {0}};
    const ipd_options options = {.name = "predict",
                                 .usage =
                                     " WEIGHTS FILE|-... [OPTION...]\n\nPrints the answers of a "
                                     "saved network for images (PNG, PGM, or all images of "
                                     "an\nIDX file), the rows of a table (- is CSV on standard "
                                     "input), or the samples of an\narray. Images of another "
                                     "size than the network's are scaled, and light "
                                     "backgrounds\ninverted, unless the network was trained on "
                                     "PNG files.",
                                 .table = table,
                                 .operands = &operands};
    ipd_error e;
    int code = ipd_options_parse(&options, argc, argv);
    if (code >= 0)
        return code;
    p.weights = operands ? argv[1] : NULL;
    int ready = !go(&p, operands - 1, &e);
    code = ready ? IPD_EXIT_DONE : ipd_cli_error("predict", &e);
    if (ready)
        ipd_json_begin(&p.json);
    if (ready && p.rows[0])
        code = predict_given(&p);
    for (int i = 2; i <= operands && ready; i++) {
        int one = predict_file(&p, argv[i]);
        code = one != IPD_EXIT_DONE ? one : code;
    }
    ipd_json_close(&p.json);
    ipd_network_free(&p.net);
    ipd_encoding_free(p.encoding);
    return code;
}
