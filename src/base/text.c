/* text.c - see text.h. */
#include "base/text.h"
#include "base/min.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 64

/* Optimal string alignment distance; words longer than LONGEST are cut. */
static int distance(const char *a, const char *b)
{
    int d[LONGEST + 1][LONGEST + 1];
    int n = IPD_MIN((int)strlen(a), LONGEST), m = IPD_MIN((int)strlen(b), LONGEST);
    for (int i = 0; i <= n; i++)
        d[i][0] = i;
    for (int j = 0; j <= m; j++)
        d[0][j] = j;
    for (int i = 1; i <= n; i++)
        for (int j = 1; j <= m; j++) {
            int differ = tolower((unsigned char)a[i - 1]) != tolower((unsigned char)b[j - 1]);
            d[i][j] = IPD_MIN(IPD_MIN(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + differ);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = IPD_MIN(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[n][m];
}

void ipd_nearest_try(ipd_nearest *n, const char *candidate)
{
    const int length = IPD_MIN((int)strlen(n->word), LONGEST);
    /* About a third of the letters may differ, and fewer than half. */
    if (!n->best)
        n->limit = length ? IPD_MIN(1 + length / 3, (length - 1) / 2) : -1;
    int d = n->limit + 1;
    /* A prefix always matches. The distance is at least the difference of the lengths. */
    if (length >= 2 && strncasecmp(candidate, n->word, strlen(n->word)) == 0)
        d = 0;
    else if (abs(IPD_MIN((int)strlen(candidate), LONGEST) - length) <= n->limit)
        d = distance(n->word, candidate);
    if (d <= n->limit) {
        n->best = candidate;
        n->limit = d - 1;
    }
}

ipd_nearest ipd_nearest_in(const char *word, const char *const *words)
{
    ipd_nearest n = {.word = word};
    while (*words)
        ipd_nearest_try(&n, *words++);
    return n;
}

int ipd_fail_unknown(ipd_error *e, const char *kind, const ipd_nearest *n, const char *otherwise)
{
    if (n->best)
        return ipd_fail(e, IPD_EUSAGE, "unknown %.40s '%.60s'. Did you mean '%.60s'?", kind,
                        n->word, n->best);
    return ipd_fail(e, IPD_EUSAGE, "unknown %.40s '%.60s'. %s", kind, n->word, otherwise);
}

int ipd_fail_unknown_in(ipd_error *e, const char *kind, const char *name, const char *const *words)
{
    char all[320] = "Use ";
    size_t n = 4;
    for (size_t i = 0; words[i] && n < sizeof all; i++)
        n += (size_t)snprintf(all + n, sizeof all - n, "%s%s",
                              i == 0         ? ""
                              : words[i + 1] ? ", "
                                             : " or ",
                              words[i]);
    if (n < sizeof all)
        snprintf(all + n, sizeof all - n, ".");
    ipd_nearest near = ipd_nearest_in(name, words);
    return ipd_fail_unknown(e, kind, &near, all);
}

int ipd_text_index(const char *word, const char *const *words)
{
    for (int i = 0; words[i]; i++)
        if (!strcmp(words[i], word))
            return i;
    return -1;
}

int ipd_text_has_suffix(const char *text, const char *suffix)
{
    size_t n = strlen(text), m = strlen(suffix);
    return n >= m && !strcmp(text + n - m, suffix);
}

const char *ipd_text_search(const char *text, const char *what)
{
    int capitals = 0;
    for (const char *c = what; *c; c++)
        capitals |= *c >= 'A' && *c <= 'Z';
    return !*what ? NULL : capitals ? strstr(text, what) : strcasestr(text, what);
}

const char *ipd_text_begin(const char *text)
{
    return text + (strncmp(text, "\xEF\xBB\xBF", 3) ? 0 : 3);
}

void ipd_text_lua(FILE *to, const char *text, size_t length)
{
    fputc('"', to);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\')
            fprintf(to, "\\%c", c);
        else if (c < ' ' || c == 127)
            fprintf(to, "\\%03d", c);
        else
            fputc(c, to);
    }
    fputc('"', to);
}

int ipd_text_to_double(const char *text, double *value)
{
    char *end;
    if (!*text || isspace((unsigned char)*text))
        return -1;
    errno = 0;
    double x = strtod(text, &end);
    if (*end || !isfinite(x))
        return -1;
    *value = x;
    return 0;
}

int ipd_text_to_long(const char *text, long *value)
{
    char *end;
    if (!*text || isspace((unsigned char)*text))
        return -1;
    errno = 0;
    long x = strtol(text, &end, 10);
    if (*end || errno)
        return -1;
    *value = x;
    return 0;
}

void ipd_text_duration(char *to, size_t size, double seconds)
{
    if (!(seconds >= 0) || seconds > 1e9) {
        snprintf(to, size, "-");
        return;
    }
    long s = (long)(seconds + 0.5);
    if (seconds < 9.95)
        snprintf(to, size, "%.1fs", seconds);
    else if (s < 60)
        snprintf(to, size, "%lds", s);
    else if (s < 3600)
        snprintf(to, size, "%ldm%02lds", s / 60, s % 60);
    else if (s < 86400)
        snprintf(to, size, "%ldh%02ldm", s / 3600, s / 60 % 60);
    else
        snprintf(to, size, "%ldd%02ldh", s / 86400, s / 3600 % 24);
}

/* Treats a UTF-8 character as one column wide. */
static int one_column(const char *text, size_t length, size_t *bytes)
{
    *bytes = 1;
    while (*bytes < length && ((unsigned char)text[*bytes] & 0xC0) == 0x80)
        ++*bytes;
    return 1;
}

static size_t spaces(const char *text, size_t length)
{
    size_t n = 0;

    while (n < length && text[n] == ' ')
        n++;
    return n;
}

/* Whether the first word of the text is wider than `max` columns. */
static int is_longer(const ipd_text_rows *r, const char *text, size_t length, int max)
{
    int used = 0;
    size_t n;

    for (size_t i = 0; i < length && text[i] != ' ' && used <= max; i += n)
        used += r->columns(text + i, length - i, &n);
    return used > max;
}

/* Bytes of the next row of a text that does not fit, of which `fits` bytes do; *next is the offset
 * of the row after it. */
static size_t break_row(const ipd_text_rows *r, size_t fits, size_t *next)
{
    size_t indent = spaces(r->text, r->length), gap = 0, end = fits;

    if (r->text[fits] != ' ') {
        for (size_t i = indent; i < fits; i++)
            if (r->text[i] == ' ' && r->text[i - 1] != ' ' && i > indent)
                gap = i;
        size_t word = gap + spaces(r->text + gap, r->length - gap);
        if (gap && !is_longer(r, r->text + word, r->length - word, r->rest))
            end = gap;
    }
    while (end > 1 && r->text[end] == ' ' && r->text[end - 1] == ' ')
        end--;
    *next = end + (r->text[end] == ' ' ? spaces(r->text + end, r->length - end) : 0);
    return end;
}

int ipd_text_next_row(ipd_text_rows *r, const char **row, size_t *bytes)
{
    int width = r->row ? r->rest : r->first, used = 0;
    size_t i = 0, n, next;

    if (r->row++ && !r->length)
        return 0;
    r->columns = r->columns ? r->columns : one_column;
    while (i < r->length) {
        used += r->columns(r->text + i, r->length - i, &n);
        if (used > width && i)
            break;
        i += n;
    }
    *row = r->text;
    next = *bytes = i;
    if (i < r->length)
        *bytes = break_row(r, i, &next);
    r->text += next;
    r->length -= next;
    return 1;
}

int ipd_text_hang(const char *text, size_t length, int width)
{
    size_t lead = spaces(text, length), at = 0, n;
    int column = 0, hang = lead ? (int)lead : 2;

    for (size_t i = 0; i < length && column <= width / 2; i += n, column++) {
        one_column(text + i, length - i, &n);
        at = i > lead && text[i] == ' ' ? at + 1 : 0;
        if (at >= 2 && i + 1 < length && text[i + 1] != ' ') {
            hang = column + 1;
            break;
        }
    }
    return hang <= width / 2 ? hang : width >= 8 ? 2 : 0;
}

void ipd_text_print(FILE *to, const char *text, int width,
                    int (*columns)(const char *text, size_t length, size_t *bytes))
{
    const char *row;
    size_t bytes;

    for (size_t n; *text; text += n + (text[n] == '\n')) {
        n = strcspn(text, "\n");
        int hang = ipd_text_hang(text, n, width);
        ipd_text_rows r = {
            .text = text, .length = n, .first = width, .rest = width - hang, .columns = columns};
        while (ipd_text_next_row(&r, &row, &bytes))
            fprintf(to, "%*s%.*s\n", r.row > 1 ? hang : 0, "", (int)bytes, row);
    }
}

void ipd_text_wrap(FILE *to, const char *text, int at, int indent, int width)
{
    ipd_text_rows r = {.text = text,
                       .length = strlen(text),
                       .first = width - at > 1 ? width - at : 1,
                       .rest = width - indent > 1 ? width - indent : 1};
    const char *row;
    size_t bytes;

    while (ipd_text_next_row(&r, &row, &bytes)) {
        if (r.row > 1)
            fprintf(to, "%*s", indent, "");
        for (size_t i = 0; i < bytes; i++)
            fputc(row[i] == IPD_TEXT_TIED ? ' ' : row[i], to);
        fputc('\n', to);
    }
}

int ipd_text_close(FILE *stream, char **text)
{
    int failed = ferror(stream);
    return fclose(stream) || failed || !*text ? -1 : 0;
}
