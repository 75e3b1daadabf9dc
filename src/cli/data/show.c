/* show.c - `ipdlam data show`: draws samples with characters. */
#include "base/machine.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/data/data.h"

#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

typedef enum style { ASCII, COLOURS_256, TRUE_COLOUR } style;

enum { GAP = 2, MAX_SHOWN = 10000 };

/* The samples to draw, and their layout. */
typedef struct sheet {
    const ipd_dataset *set;
    const ipd_samples *half;
    size_t *chosen; /* indices of samples, `count` of them */
    float *images;  /* of these */
    size_t count;
    size_t left, top, width, height; /* the part of the images that is not empty */
    size_t shrink;                   /* shrink x shrink pixels become one */
    size_t cell;                     /* columns per image */
    style style;
    int scaled; /* 1: values as the network gets them */
} sheet;

static size_t terminal_width(void)
{
    const char *room = getenv("COLUMNS");
    long n = room ? strtol(room, NULL, 10) : 0;
    return (size_t)ipd_terminal_width(STDOUT_FILENO, n >= 20 && n <= 10000 ? (int)n : 80);
}

/* The best style that the terminal supports. */
static style find_style(void)
{
    const char *no = getenv("NO_COLOR"), *colorterm = getenv("COLORTERM");
    int status;
    if (!isatty(STDOUT_FILENO) || (no && *no) || strcmp(nl_langinfo(CODESET), "UTF-8"))
        return ASCII;
    if (setupterm(NULL, STDOUT_FILENO, &status) != 0)
        return ASCII;
    int colours = tigetnum("colors");
    del_curterm(cur_term);
    if (colours >= 256 && colorterm &&
        (!strcmp(colorterm, "truecolor") || !strcmp(colorterm, "24bit")))
        return TRUE_COLOUR;
    return colours > 256 ? TRUE_COLOUR : colours == 256 ? COLOURS_256 : ASCII;
}

/* The grey value, 0 to 255, at (x, y) of the shrunk part of image i; 0 outside. */
static int grey(const sheet *s, size_t number, size_t x, size_t y)
{
    const float *image = s->images + number * s->set->inputs;
    double sum = 0;
    size_t k = s->shrink;
    for (size_t i = y * k; i < (y + 1) * k; i++)
        for (size_t j = x * k; j < (x + 1) * k; j++)
            if (i < s->height && j < s->width)
                sum += image[(s->top + i) * s->set->width + s->left + j];
    return (int)(sum / (double)(k * k) * 255 + 0.5);
}

/* The nearest grey of the terminal's 256 colours: black, 232 to 255 (greys 8 to 238), white. */
static int colour_256(int g)
{
    return g < 4 ? 16 : g > 246 ? 231 : 232 + (g < 8 ? 0 : (g - 3) / 10 > 23 ? 23 : (g - 3) / 10);
}

/* Draws one row of characters, which shows two rows of pixels, of one image. */
static void draw_row(const sheet *s, size_t number, size_t row)
{
    static const char ramp[] = " .:-=+*#%@";
    int last_up = -1, last_down = -1;
    for (size_t x = 0; x < s->cell; x++) {
        int up = grey(s, number, x, 2 * row), down = grey(s, number, x, 2 * row + 1);
        if (s->style == ASCII) {
            putchar(ramp[(up + down) * 10 / 511]);
            continue;
        }
        if (s->style == TRUE_COLOUR && (up != last_up || down != last_down))
            printf("\033[38;2;%d;%d;%d;48;2;%d;%d;%dm", up, up, up, down, down, down);
        if (s->style == COLOURS_256 && (up != last_up || down != last_down))
            printf("\033[38;5;%d;48;5;%dm", colour_256(up), colour_256(down));
        last_up = up;
        last_down = down;
        fputs("\u2580", stdout);
    }
    if (s->style != ASCII)
        fputs("\033[0m", stdout);
}

static void draw_labels(const sheet *s, size_t first, size_t count)
{
    char name[32], text[80];
    for (size_t i = first; i < first + count; i++) {
        size_t sample = s->chosen[i];
        if (s->half->labels)
            ipd_dataset_class_name(s->set, s->half->labels[sample], name, sizeof name);
        else
            *name = 0;
        snprintf(text, sizeof text, "%s (%zu)", name, sample + 1);
        printf("%-*.*s%s", (int)s->cell, (int)s->cell, text, i + 1 < first + count ? "  " : "\n");
    }
}

static void draw(const sheet *s, size_t room)
{
    size_t across = (room + GAP) / (s->cell + GAP);
    size_t rows = ((s->height + s->shrink - 1) / s->shrink + 1) / 2;
    across = across ? across : 1;
    for (size_t first = 0; first < s->count; first += across) {
        size_t count = s->count - first < across ? s->count - first : across;
        if (first)
            putchar('\n');
        draw_labels(s, first, count);
        for (size_t row = 0; row < rows; row++)
            for (size_t i = first; i < first + count; i++) {
                draw_row(s, i, row);
                fputs(i + 1 < first + count ? "  " : "\n", stdout);
            }
    }
}

/* Removes the margin that is empty in all chosen samples, except one pixel. */
static void crop(sheet *s)
{
    size_t w = s->set->width, h = s->set->height;
    size_t left = w, right = 0, top = h, bottom = 0;
    for (size_t i = 0; i < s->count; i++) {
        const float *image = s->images + i * s->set->inputs;
        for (size_t p = 0; p < w * h; p++) {
            size_t x = p % w, y = p / w;
            if (image[p] <= 0)
                continue;
            left = x < left ? x : left;
            right = x > right ? x : right;
            top = y < top ? y : top;
            bottom = y > bottom ? y : bottom;
        }
    }
    if (left > right) { /* all samples are empty */
        left = top = 0;
        right = w - 1;
        bottom = h - 1;
    }
    s->left = left > 0 ? left - 1 : 0;
    s->top = top > 0 ? top - 1 : 0;
    s->width = (right + 1 < w ? right + 2 : w) - s->left;
    s->height = (bottom + 1 < h ? bottom + 2 : h) - s->top;
}

/* Chooses `count` samples starting at number `first`, only of class `label` if that is >= 0. */
static int choose(sheet *s, long first, long count, long label, ipd_error *e)
{
    size_t N = s->half->X.cols;
    const char *half = s->half == &s->set->test ? "test" : "training";
    if ((size_t)first > N)
        return ipd_fail(e, IPD_EUSAGE, "--first %ld is out of range: there are %zu %s samples",
                        first, N, half);
    if (label != -1 && (size_t)label >= s->set->classes)
        return ipd_fail(e, IPD_EUSAGE, "--class %ld is out of range: classes go from 0 to %zu",
                        label, s->set->classes - 1);
    s->chosen = ipd_allocate((size_t)count, sizeof *s->chosen, e);
    if (!s->chosen)
        return -1;
    for (size_t i = (size_t)first - 1; i < N && s->count < (size_t)count; i++)
        if (label < 0 || (long)s->half->labels[i] == label)
            s->chosen[s->count++] = i;
    if (s->count == 0)
        return ipd_fail(e, IPD_ESTATE, "no %s sample from number %ld on has class %ld", half, first,
                        label);
    return 0;
}

static int parse_style(style *to, const char *text, ipd_error *e)
{
    if (!text || !strcmp(text, "auto"))
        *to = find_style();
    else if (!strcmp(text, "ascii"))
        *to = ASCII;
    else if (!strcmp(text, "256"))
        *to = COLOURS_256;
    else if (!strcmp(text, "truecolor"))
        *to = TRUE_COLOUR;
    else
        return ipd_fail(e, IPD_EUSAGE,
                        "--style must be auto, ascii, 256 or truecolor, not \"%.40s\"", text);
    return 0;
}

/* Sets *label to that of a class by its name or number; to -1, all classes, if class is NULL. */
static int find_class(const ipd_dataset *d, const char *class, long *label, ipd_error *e)
{
    char name[64];
    *label = -1;
    if (!class)
        return 0;
    if (d->values)
        return ipd_fail(e, IPD_EUSAGE, "--class: %s has values, not classes", d->name);
    for (size_t c = 0; c < d->classes; c++) {
        ipd_dataset_class_name(d, c, name, sizeof name);
        if (!strcmp(name, class))
            *label = (long)c;
    }
    return *label >= 0 || (ipd_text_to_long(class, label) == 0 && *label >= 0)
               ? 0
               : ipd_fail(e, IPD_EUSAGE, "--class: %s has no class %.40s", d->name, class);
}

static int show(sheet *s, long first, long count, const char *class, size_t room, ipd_error *e)
{
    long label;
    if (find_class(s->set, class, &label, e) || choose(s, first, count, label, e))
        return -1;
    if (!ipd_dataset_has_images(s->set))
        return ipd_cli_data_rows(s->set, s->half, s->chosen, s->count, room, s->scaled, e);
    ipd_inputs X = ipd_samples_inputs(s->half);
    if (!(s->images = ipd_allocate_unset(s->count * X.rows, sizeof *s->images, e)))
        return -1;
    for (size_t i = 0; i < s->count; i++) {
        float *image = s->images + i * X.rows;
        ipd_inputs_read(&X, s->chosen[i], 1, 1, image);
        if (s->scaled || !s->set->encoding->offset)
            continue;
        ipd_encoding_undo(s->set->encoding, image); /* to pixels */
        for (size_t k = 0; k < X.rows; k++)
            image[k] /= 255;
    }
    crop(s);
    s->shrink = (s->width + room - 1) / room;
    s->cell = (s->width + s->shrink - 1) / s->shrink;
    draw(s, room);
    return 0;
}

int ipd_cli_data_show(int argc, char **argv)
{
    int test = 0;
    long count = 12, first = 1, width = 0;
    const char *class = NULL;
    ipd_data_choice choice = {0};
    const char *style_name = NULL;
    sheet s = {0};
    int names = 0;
    const ipd_option table[] = {
        IPD_OPTION_IN("count", "N", &count, 1, MAX_SHOWN, "number of samples (default 12)"),
        IPD_OPTION_IN("first", "I", &first, 1, 1e9, "first sample (default 1)"),
        IPD_OPTION("class", "C", &class, "show only samples of class C, a name or a number"),
        IPD_OPTION("test", NULL, &test, "show test samples"),
        IPD_OPTION_DATA_TRAIN(choice),
        IPD_OPTIONS_DATA_OTHER(choice),
        IPD_OPTION("seed", "N", &choice.seed, "seed of the split and of the digits (default 1)"),
        IPD_OPTION("scaled", NULL, &s.scaled, "show values as the network gets them, scaled"),
        IPD_OPTION("style", "STYLE", &style_name,
                   "how to draw: auto, ascii, 256 or truecolor (default auto)"),
        IPD_OPTION_IN("width", "N", &width, 10, 10000,
                      "width of the output in columns (default: the terminal's)"),
        {0}};
    const ipd_options options = {
        .name = "data show",
        .usage =
            " [OPTION...] [NAME|FILE|FOLDER]\n\nDraws samples of a data set (default digits), each "
            "below its class and number.",
        .table = table,
        .operands = &names,
        .max_operands = 1};
    int code = ipd_options_parse(&options, argc, argv);
    if (code >= 0)
        return code;
    ipd_dataset *d = NULL;
    ipd_error e;
    if (parse_style(&s.style, style_name, &e) ||
        ipd_data_choice_open(&d, names ? argv[1] : "digits", &choice, &e))
        return ipd_cli_error("data show", &e);
    s.set = d;
    s.half = test ? &d->test : &d->train;
    int failed = show(&s, first, count, class, width ? (size_t)width : terminal_width(), &e);
    free(s.chosen);
    free(s.images);
    ipd_dataset_unref(d);
    return failed ? ipd_cli_error("data show", &e) : IPD_EXIT_DONE;
}
