/* image.c - see image.h. */
#include "data/image.h"

#include "base/file.h"
#include "config.h"
#include "data/idx.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef HAVE_PNG
#include <png.h>
#endif

enum { WIDEST = 8192, LIGHT = 128 };

void ipd_images_free(ipd_images *images)
{
    free(images->pixels);
    *images = (ipd_images){0};
}

/* Fails unless both sides are in range. */
static int check_size(const char *path, size_t width, size_t height, ipd_error *e)
{
    if (width >= 1 && height >= 1 && width <= WIDEST && height <= WIDEST)
        return 0;
    return ipd_fail(e, IPD_EFORMAT, "%s: is %zu x %zu pixels. Each side may have 1 to %d", path,
                    width, height, WIDEST);
}

#ifdef HAVE_PNG
static int read_png(ipd_images *images, const char *path, int colours, ipd_error *e)
{
    png_image png = {.version = PNG_IMAGE_VERSION};
    const png_color white = {255, 255, 255}; /* the background of transparent pixels */
    if (!png_image_begin_read_from_file(&png, path))
        return ipd_fail(e, IPD_EFORMAT, "%s: is not a readable PNG: %s", path, png.message);
    png.format = colours == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
    int failed = check_size(path, png.width, png.height, e);
    if (!failed) {
        *images = (ipd_images){1, png.width, png.height, malloc(PNG_IMAGE_SIZE(png))};
        if (!images->pixels)
            failed = ipd_fail(e, IPD_EMEMORY, "%s: out of memory", path);
        else if (!png_image_finish_read(&png, &white, images->pixels, 0, NULL))
            failed = ipd_fail(e, IPD_EFORMAT, "%s: is damaged: %s", path, png.message);
    }
    png_image_free(&png);
    return failed;
}
#else
static int read_png(ipd_images *images, const char *path, int colours, ipd_error *e)
{
    (void)images;
    (void)colours;
    return ipd_fail(e, IPD_ESTATE,
                    "%s: this ipdlam was built without libpng and cannot read PNG. Use PGM", path);
}
#endif

/* The next number of a PGM header, after white space and comments; -1 if there is none. */
static long header_number(FILE *file)
{
    int c = fgetc(file);
    long n = 0;
    while (isspace(c) || c == '#') {
        while (c == '#' && (c = fgetc(file)) != '\n' && c != EOF)
            c = '#';
        c = fgetc(file);
    }
    if (!isdigit(c))
        return -1;
    for (; isdigit(c) && n < 1000000; c = fgetc(file))
        n = 10 * n + c - '0';
    return isspace(c) || c == EOF ? n : -1; /* the last sample may end the file */
}

/* Reads one sample: one or two bytes (P5), or a number (P2). */
static long sample(FILE *file, int plain, int wide)
{
    if (plain)
        return header_number(file);
    int high = wide ? fgetc(file) : 0, low = fgetc(file);
    return high == EOF || low == EOF ? -1 : 256L * high + low;
}

static int read_pgm(ipd_images *images, const char *path, FILE *file, ipd_error *e)
{
    int plain = fgetc(file) == 'P' && fgetc(file) == '2';
    long width = header_number(file), height = header_number(file), max = header_number(file);
    if (width < 0 || height < 0 || max < 1 || max > 65535)
        return ipd_fail(e, IPD_EFORMAT, "%s: is not a PGM file: its header is wrong", path);
    if (check_size(path, (size_t)width, (size_t)height, e))
        return -1;
    size_t count = (size_t)width * (size_t)height;
    *images = (ipd_images){1, (size_t)width, (size_t)height, malloc(count)};
    if (!images->pixels)
        return ipd_fail(e, IPD_EMEMORY, "%s: out of memory", path);
    for (size_t i = 0; i < count; i++) {
        long n = sample(file, plain, max > 255);
        if (n < 0)
            return ipd_fail(e, IPD_EFORMAT, "%s: ends after %zu of %zu pixels", path, i, count);
        images->pixels[i] = (uint8_t)((n < max ? n : max) * 255 / max);
    }
    return 0;
}

static int read_idx(ipd_images *images, const char *path, ipd_error *e)
{
    ipd_idx x;
    if (ipd_idx_read(NULL, &x, path, IPD_IDX_IMAGES, e))
        return -1;
    if (ipd_idx_check_bytes(&x, path, e)) {
        ipd_idx_free(&x);
        return -1;
    }
    *images = (ipd_images){x.size[0], x.size[2], x.size[1], malloc(x.count)};
    if (images->pixels)
        memcpy(images->pixels, x.items, x.count);
    ipd_idx_free(&x);
    return images->pixels ? 0 : ipd_fail(e, IPD_EMEMORY, "%s: out of memory", path);
}

/* Reads PNG or, in grey, PGM. takes_idx: or the grey images of an IDX file. */
static int read_images(ipd_images *images, const char *path, int colours, int takes_idx,
                       ipd_error *e)
{
    unsigned char first[4] = {0};
    FILE *file = ipd_file_read(path, e);
    *images = (ipd_images){0};
    if (!file)
        return -1;
    size_t got = fread(first, 1, sizeof first, file);
    int failed, is_idx = (!first[0] && !first[1]) || (first[0] == 0x1f && first[1] == 0x8b);
    rewind(file);
    if (got == 4 && !memcmp(first, "\x89PNG", 4))
        failed = read_png(images, path, colours, e);
    else if (colours == 1 && first[0] == 'P' && (first[1] == '2' || first[1] == '5'))
        failed = read_pgm(images, path, file, e);
    else if (takes_idx && got == 4 && is_idx)
        failed = read_idx(images, path, e);
    else
        failed = ipd_fail(e, IPD_EFORMAT, "%s: is %s", path,
                          takes_idx      ? "neither PNG, PGM nor an IDX file of images"
                          : colours == 1 ? "not a PNG file and not PGM"
                                         : "not a PNG file, which images in colour must be");
    fclose(file);
    if (failed)
        ipd_images_free(images);
    return failed ? -1 : 0;
}

int ipd_images_read(ipd_images *images, const char *path, ipd_error *e)
{
    return read_images(images, path, 1, 1, e);
}

int ipd_images_read_planes(ipd_images *images, const char *path, int colours, ipd_error *e)
{
    return read_images(images, path, colours, 0, e);
}

/* The mean of the pixels at the border. */
static double border(const uint8_t *p, size_t width, size_t height)
{
    double sum = 0, count = 0;
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++)
            if (!x || !y || x == width - 1 || y == height - 1) {
                sum += p[y * width + x];
                count++;
            }
    return sum / count;
}

/* A rectangle of pixels. */
struct box {
    size_t left, top, right, bottom; /* right and bottom are exclusive */
};

/* The bounding box of the drawing: pixels with at least a quarter of the maximum brightness. */
static struct box find_ink(const float *p, size_t width, size_t height)
{
    struct box b = {width, height, 0, 0};
    float max = 0;
    for (size_t i = 0; i < width * height; i++)
        max = p[i] > max ? p[i] : max;
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++)
            if (max > 0 && p[y * width + x] >= max / 4) {
                b.left = x < b.left ? x : b.left;
                b.right = x + 1 > b.right ? x + 1 : b.right;
                b.top = y < b.top ? y : b.top;
                b.bottom = y + 1 > b.bottom ? y + 1 : b.bottom;
            }
    return b.right ? b : (struct box){0, 0, width, height};
}

/* The mean over a rectangle with fractional edges. */
static double area(const float *p, size_t width, double x0, double y0, double x1, double y1)
{
    double sum = 0, weight = 0;
    for (size_t y = (size_t)y0; (double)y < y1; y++)
        for (size_t x = (size_t)x0; (double)x < x1; x++) {
            double w = (fmin(x1, (double)x + 1) - fmax(x0, (double)x)) *
                       (fmin(y1, (double)y + 1) - fmax(y0, (double)y));
            sum += w * p[y * width + x];
            weight += w;
        }
    return weight > 0 ? sum / weight : 0;
}

/* Scales the drawing to five sevenths of the input and centres it by its centre of mass, like
 * MNIST's digits. */
static void scale(const float *p, size_t width, size_t height, float *to, size_t w, size_t h)
{
    struct box b = find_ink(p, width, height);
    double bw = (double)(b.right - b.left), bh = (double)(b.bottom - b.top);
    double factor = fmin(5. / 7 * (double)w / bw, 5. / 7 * (double)h / bh);
    double cx = 0, cy = 0, sum = 0;
    for (size_t y = b.top; y < b.bottom; y++)
        for (size_t x = b.left; x < b.right; x++) {
            double v = p[y * width + x];
            cx += v * ((double)x + 0.5);
            cy += v * ((double)y + 0.5);
            sum += v;
        }
    cx = sum > 0 ? cx / sum : (double)b.left + bw / 2;
    cy = sum > 0 ? cy / sum : (double)b.top + bh / 2;
    for (size_t y = 0; y < h; y++)
        for (size_t x = 0; x < w; x++) {
            double x0 = cx + ((double)x - (double)w / 2) / factor, x1 = x0 + 1 / factor;
            double y0 = cy + ((double)y - (double)h / 2) / factor, y1 = y0 + 1 / factor;
            double full = (x1 - x0) * (y1 - y0);
            x0 = fmax(x0, (double)b.left), x1 = fmin(x1, (double)b.right);
            y0 = fmax(y0, (double)b.top), y1 = fmin(y1, (double)b.bottom);
            to[y * w + x] =
                x1 > x0 && y1 > y0
                    ? (float)(area(p, width, x0, y0, x1, y1) * (x1 - x0) * (y1 - y0) / full)
                    : 0;
        }
}

int ipd_image_fit_to(const uint8_t *pixels, size_t width, size_t height, float *to, size_t to_width,
                     size_t to_height, ipd_image_fit *fit, ipd_error *e)
{
    float *p = malloc(width * height * sizeof *p);
    if (!p)
        return ipd_fail(e, IPD_EMEMORY, "out of memory for an image");
    fit->inverted = border(pixels, width, height) >= LIGHT;
    fit->scaled = width != to_width || height != to_height;
    for (size_t i = 0; i < width * height; i++)
        p[i] = (float)(fit->inverted ? 255 - pixels[i] : pixels[i]) / 255;
    if (fit->scaled)
        scale(p, width, height, to, to_width, to_height);
    else
        memcpy(to, p, width * height * sizeof *p);
    free(p);
    return 0;
}
