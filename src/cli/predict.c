/* predict.c - `ipdlam predict`: classifies image files with a saved network. */
#include "base/parallel.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/json_output.h"
#include "cli/options.h"
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
    ipd_network net;
    size_t width, height; /* of an input */
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

/* Returns 1 if the network was trained with cross-entropy: its outputs are shown as probabilities (softmax). */
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
    printf("{\"file\": ");
    ipd_json_string(stdout, file);
    printf(", \"image\": %zu, \"class\": %zu, \"%s\": [", index + 1,
           ipd_argmax(z, p->net.d[p->net.L]), has_probabilities(p) ? "probabilities" : "scores");
    for (size_t i = 0; i < p->net.d[p->net.L]; i++) {
        if (i)
            printf(", ");
        ipd_json_number(stdout, z[i]);
    }
    printf("], \"scaled\": %s, \"inverted\": %s}", fit->scaled ? "true" : "false",
           fit->inverted ? "true" : "false");
}

static void print_text(const struct predict *p, const char *file, size_t index, size_t count,
                       float *z, const ipd_image_fit *fit)
{
    size_t d = p->net.d[p->net.L];
    printf("%s", file);
    if (count > 1)
        printf(" %zu", index + 1);
    for (long k = 0; k < p->top && k < (long)d; k++) {
        size_t best = ipd_argmax(z, d);
        if (has_probabilities(p))
            printf("%s %zu (%.2f %%)", k ? "," : ":", best, 100 * (double)z[best]);
        else
            printf("%s %zu (%.3f)", k ? "," : ":", best, (double)z[best]);
        z[best] = -INFINITY;
    }
    if (fit->scaled || fit->inverted)
        printf("  [%s%s%s]", fit->scaled ? "scaled and centred" : "",
               fit->scaled && fit->inverted ? ", " : "",
               fit->inverted ? "inverted: its background is light" : "");
    putchar('\n');
}

static int predict_images(struct predict *p, const char *file, const ipd_images *images,
                          ipd_image_fit *fits, ipd_error *e)
{
    ipd_matrix X = {0}, z = {0};
    ipd_evaluation out;
    size_t inputs = p->net.d[0], d = p->net.d[p->net.L], size = images->width * images->height;
    ipd_label *labels = ipd_allocate(images->count, sizeof *labels, e);
    int failed = !labels || ipd_matrix_init(&X, inputs, images->count, e) ||
                 ipd_matrix_init(&z, d, images->count, e);
    for (size_t i = 0; i < images->count && !failed; i++)
        failed = ipd_image_fit_to(images->pixels + i * size, images->width, images->height,
                                  X.data + i * inputs, p->width, p->height, &fits[i], e);
    failed = failed ||
             ipd_network_evaluate(&p->net, &X, ipd_truth_labels(labels), NULL, &out, &z, NULL, e);
    for (size_t i = 0; i < images->count && !failed; i++) {
        float *one = z.data + i * d;
        if (has_probabilities(p))
            to_probabilities(one, d);
        ipd_json_item(&p->json);
        if (ipd_json_asked(&p->json))
            print_json(p, file, i, one, &fits[i]);
        else
            print_text(p, file, i, images->count, one, &fits[i]);
        ipd_json_end_item(&p->json);
    }
    ipd_matrix_free(&X);
    ipd_matrix_free(&z);
    free(labels);
    return failed ? -1 : 0;
}

/* Classifies one file; after a failure the others are still processed. */
static int predict_file(struct predict *p, const char *file)
{
    ipd_images images;
    ipd_error e;
    if (ipd_images_read(&images, file, &e))
        return ipd_cli_error("predict", &e);
    ipd_image_fit *fits = ipd_allocate(images.count, sizeof *fits, &e);
    int failed = !fits || predict_images(p, file, &images, fits, &e);
    free(fits);
    ipd_images_free(&images);
    return failed ? ipd_cli_error("predict", &e) : IPD_EXIT_DONE;
}

static int go(struct predict *p, int files, ipd_error *e)
{
    if (!p->weights || files < 1)
        return ipd_fail(e, IPD_EUSAGE, "%s: ipdlam predict WEIGHTS FILE...",
                        p->weights ? "name the images" : "name the weights and the images");
    if (parse_size(p, e))
        return -1;
    if (ipd_weights_load(&p->net, p->weights, ipd_activation_find("relu"), ipd_loss_find("squared"),
                         e)) {
        e->code = IPD_EFORMAT;
        return -1;
    }
    return read_size(p, e) || ipd_threads_set(0, e) ? -1 : 0;
}

int ipd_cli_predict(int argc, char **argv)
{
    struct predict p = {.top = 3};
    int operands = 0;
    const ipd_option table[] = {
        IPD_OPTION_IN("top", "N", &p.top, 1, 1e6, "show the N most probable classes (default 3)"),
        IPD_OPTION("size", "WxH", &p.size,
                   "size of the network's images (default: as saved, or square)"),
        IPD_OPTION_JSON_PER(p.json, "image"),
        {0}};
    const ipd_options options = {
        .name = "predict",
        .usage =
            " WEIGHTS FILE... [OPTION...]\n\nClassifies images with a saved network: PNG, PGM, "
            "or all images of an IDX file. Images\nof another size than its inputs are scaled, "
            "and light backgrounds inverted.",
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
    for (int i = 2; i <= operands && ready; i++) {
        int one = predict_file(&p, argv[i]);
        code = one != IPD_EXIT_DONE ? one : code;
    }
    ipd_json_close(&p.json);
    ipd_network_free(&p.net);
    return code;
}
