#include "tui/model/scrollback.h"
#include "base/text.h"
#include "plot/glyph.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_LINE = 1 << 16 };

typedef struct line {
    char *text; /* owned, UTF-8 */
    ipd_text_kind kind;
} line;

typedef enum escape { PLAIN, ESCAPED, IN_CSI, IN_STRING, MARKED } escape;

struct ipd_scrollback {
    pthread_mutex_t lock;
    line lines[IPD_SCROLLBACK_LINES]; /* a ring */
    size_t first, count;
    char open[LONGEST_LINE + 1]; /* the line that has not ended yet */
    size_t open_length;
    int is_open, returned; /* returned: the last byte was \r */
    ipd_text_kind kind;
    escape state;
    unsigned long version;
    unsigned long ended;  /* number of lines that have ended */
    unsigned long hidden; /* number of these that are hidden */
    FILE *log;
    char *log_path;
    int log_error; /* errno of a failed write; 0: none */
};

ipd_scrollback *ipd_scrollback_new(ipd_error *e)
{
    ipd_scrollback *s = calloc(1, sizeof *s);

    if (!s) {
        ipd_fail(e, IPD_EMEMORY, "no memory for the output pane");
        return NULL;
    }
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

/* Line i, from 0 for the oldest. */
static line *line_at(ipd_scrollback *s, size_t i)
{
    return &s->lines[(s->first + i) % IPD_SCROLLBACK_LINES];
}

void ipd_scrollback_free(ipd_scrollback *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++)
        free(line_at(s, i)->text);
    if (s->log)
        fclose(s->log);
    free(s->log_path);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static void write_log(ipd_scrollback *s)
{
    if (!s->log || (fwrite(s->open, 1, s->open_length, s->log) == s->open_length &&
                    putc('\n', s->log) != EOF && !fflush(s->log)))
        return;
    s->log_error = errno;
    fclose(s->log);
    s->log = NULL;
}

static void end_line(ipd_scrollback *s)
{
    char *text = malloc(s->open_length + 1);

    write_log(s);
    s->ended += text != NULL;
    if (text) {
        memcpy(text, s->open, s->open_length);
        text[s->open_length] = 0;
        if (s->count == IPD_SCROLLBACK_LINES) {
            free(s->lines[s->first].text);
            s->first = (s->first + 1) % IPD_SCROLLBACK_LINES;
            s->count--;
        }
        *line_at(s, s->count++) = (line){text, s->kind};
    }
    s->open_length = 0;
    s->is_open = s->returned = 0;
}

static void put(ipd_scrollback *s, char c)
{
    if (s->returned) {
        s->open_length = 0;
        s->returned = 0;
    }
    if (s->open_length == LONGEST_LINE)
        end_line(s);
    s->open[s->open_length++] = c;
    s->is_open = 1;
}

static void plain(ipd_scrollback *s, char c)
{
    if (c == '\n')
        end_line(s);
    else if (c == '\r')
        s->returned = 1;
    else if (c == '\033')
        s->state = ESCAPED;
    else if (c == IPD_MARK)
        s->state = MARKED;
    else if (c == '\t')
        do
            put(s, ' ');
        while (s->open_length % 8);
    else if (c == '\b' && s->open_length)
        s->open_length--;
    else if ((unsigned char)c >= ' ' && c != 0x7F)
        put(s, c);
}

static void write_byte(ipd_scrollback *s, char c)
{
    switch (s->state) {
    case PLAIN:
        plain(s, c);
        break;
    case ESCAPED:
        s->state = c == '[' ? IN_CSI : c == ']' || c == 'P' || c == '_' ? IN_STRING : PLAIN;
        break;
    case IN_CSI:
        if (c >= 0x40 && c <= 0x7E)
            s->state = PLAIN;
        break;
    case IN_STRING:
        if (c == '\a')
            s->state = PLAIN;
        else if (c == '\033')
            s->state = ESCAPED;
        break;
    case MARKED:
        if (s->is_open)
            end_line(s);
        if (c >= 'A' && c < 'A' + IPD_TEXT_KINDS)
            s->kind = (ipd_text_kind)(c - 'A');
        s->state = PLAIN;
        break;
    }
}

void ipd_scrollback_write(ipd_scrollback *s, const char *bytes, size_t count)
{
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < count; i++)
        write_byte(s, bytes[i]);
    s->version++;
    pthread_mutex_unlock(&s->lock);
}

unsigned long ipd_scrollback_version(ipd_scrollback *s)
{
    pthread_mutex_lock(&s->lock);
    unsigned long version = s->version;
    pthread_mutex_unlock(&s->lock);
    return version;
}

/* Begins to wrap a line; all rows but the first are to be indented by *hang. */
static ipd_text_rows rows_in(const char *text, size_t length, int width, int ascii, int *hang)
{
    *hang = ipd_text_hang(text, length, width);
    return (ipd_text_rows){.text = text,
                           .length = length,
                           .first = width,
                           .rest = width - *hang,
                           .columns = ascii ? ipd_glyph_columns_ascii : ipd_glyph_columns};
}

static int rows_of(const char *text, size_t length, int width, int ascii)
{
    int hang;
    size_t bytes;
    const char *row;
    ipd_text_rows rows = rows_in(text, length, width, ascii, &hang);

    while (ipd_text_next_row(&rows, &row, &bytes))
        ;
    return rows.row - 1;
}

static void draw_line(ipd_canvas *c, ipd_area area, int y, const char *text, size_t length,
                      ipd_text_kind kind)
{
    static const ipd_ink inks[IPD_TEXT_KINDS] = {IPD_INK_TEXT, IPD_INK_FAINT, IPD_INK_KEY,
                                                 IPD_INK_BAD, IPD_INK_WARNING};
    int hang, indent = 0;
    size_t bytes;
    const char *row;
    char shown[4096];
    ipd_text_rows rows = rows_in(text, length, area.width, c->charset == IPD_ASCII, &hang);

    for (; ipd_text_next_row(&rows, &row, &bytes); y++, indent = hang) {
        if (y < area.y || y >= area.y + area.height)
            continue;
        snprintf(shown, sizeof shown, "%.*s", (int)bytes, row);
        ipd_canvas_text(c, area.x + indent, y, area.width - indent, inks[kind], 0, shown);
    }
}

/* Draws from the newest line upwards until the area is full. Call with the lock held. */
static int draw_up(ipd_scrollback *s, ipd_canvas *c, ipd_area area, int back)
{
    int ascii = c->charset == IPD_ASCII, bottom = area.y + area.height + back;
    size_t all = s->count + (s->is_open ? 1 : 0), total = all, shown = s->ended - s->hidden;

    if (total > shown + (s->is_open ? 1 : 0))
        total = shown + (s->is_open ? 1 : 0);
    for (size_t i = 0; i < total && bottom > area.y; i++) {
        int open = s->is_open && i == 0;
        const line *l = open ? NULL : line_at(s, all - 1 - i);
        const char *text = open ? s->open : l->text;
        size_t length = open ? s->open_length : strlen(l->text);
        bottom -= rows_of(text, length, area.width, ascii);
        if (bottom < area.y + area.height)
            draw_line(c, area, bottom, text, length, open ? s->kind : l->kind);
    }
    return bottom > area.y ? area.y + area.height - bottom : area.height;
}

/* Counts the rows of the newest `lines` lines that have ended; stops when there are `enough`. */
static int count_rows(ipd_scrollback *s, size_t lines, int width, int ascii, int enough)
{
    int rows = 0;

    for (size_t i = s->count; i > 0 && lines > 0 && rows < enough; i--, lines--) {
        const char *text = line_at(s, i - 1)->text;
        rows += rows_of(text, strlen(text), width, ascii);
    }
    return rows;
}

/* The rows of the line that has not ended. */
static int open_rows(const ipd_scrollback *s, int width, int ascii)
{
    return s->is_open ? rows_of(s->open, s->open_length, width, ascii) : 0;
}

int ipd_scrollback_rows(ipd_scrollback *s, size_t lines, int width, int ascii)
{
    pthread_mutex_lock(&s->lock);
    int rows = count_rows(s, lines, width, ascii, INT_MAX);
    pthread_mutex_unlock(&s->lock);
    return rows;
}

void ipd_scrollback_hide(ipd_scrollback *s, int hidden)
{
    pthread_mutex_lock(&s->lock);
    s->hidden = hidden ? s->ended : 0;
    s->version++;
    pthread_mutex_unlock(&s->lock);
}

int ipd_scrollback_draw(ipd_scrollback *s, ipd_canvas *c, ipd_area area, int *back)
{
    if (area.width < 1 || area.height < 1)
        return 0;
    pthread_mutex_lock(&s->lock);
    if (*back > 0) {
        int ascii = c->charset == IPD_ASCII, rows = open_rows(s, area.width, ascii);
        rows += count_rows(s, s->count, area.width, ascii, area.height + *back - rows);
        int max = rows > area.height ? rows - area.height : 0;
        *back = *back > max ? max : *back;
    }
    int used = draw_up(s, c, area, *back);
    pthread_mutex_unlock(&s->lock);
    return used;
}

/* --- search, copies and the log --- */

unsigned long ipd_scrollback_find(ipd_scrollback *s, const char *text, unsigned long from, int step,
                                  int *place, int *all)
{
    unsigned long found = 0;

    pthread_mutex_lock(&s->lock);
    *place = *all = 0;
    for (size_t i = 0; i < s->count; i++) {
        unsigned long number = s->ended - s->count + i + 1;
        if (!ipd_text_search(line_at(s, i)->text, text))
            continue;
        ++*all;
        if (step < 0 ? !from || number < from : number > from && !found) {
            found = number;
            *place = *all;
        }
    }
    pthread_mutex_unlock(&s->lock);
    return found;
}

int ipd_scrollback_below(ipd_scrollback *s, unsigned long number, int width, int ascii)
{
    pthread_mutex_lock(&s->lock);
    size_t lines = number < s->ended ? s->ended - number : 0;
    int rows = open_rows(s, width, ascii) + count_rows(s, lines, width, ascii, INT_MAX);
    pthread_mutex_unlock(&s->lock);
    return rows;
}

char *ipd_scrollback_last(ipd_scrollback *s)
{
    char *text = NULL;
    size_t size, end, begin;
    FILE *to = open_memstream(&text, &size);

    if (!to)
        return NULL;
    pthread_mutex_lock(&s->lock);
    for (end = s->count; end > 0 && line_at(s, end - 1)->kind == IPD_TEXT_ECHO;)
        end--; /* skip the line that called this */
    for (begin = end; begin > 0 && line_at(s, begin - 1)->kind != IPD_TEXT_ECHO;)
        begin--;
    for (; begin < end; begin++)
        fprintf(to, "%s\n", line_at(s, begin)->text);
    pthread_mutex_unlock(&s->lock);
    if (ipd_text_close(to, &text)) {
        free(text);
        return NULL;
    }
    return text;
}

int ipd_scrollback_log(ipd_scrollback *s, const char *path, ipd_error *e)
{
    FILE *log = path ? fopen(path, "ae") : NULL;
    char *name = path ? strdup(path) : NULL;

    if (path && (!log || !name)) {
        ipd_fail(e, IPD_EIO, "%s: %s. Name a file that can be written", path, strerror(errno));
        if (log)
            fclose(log);
        free(name);
        return -1;
    }
    pthread_mutex_lock(&s->lock);
    FILE *before = s->log;
    char *named = s->log_path;
    s->log = log;
    s->log_path = name;
    s->log_error = 0;
    pthread_mutex_unlock(&s->lock);
    free(named);
    if (before)
        fclose(before); /* each line was flushed */
    return 0;
}

char *ipd_scrollback_log_path(ipd_scrollback *s)
{
    pthread_mutex_lock(&s->lock);
    char *path = s->log ? strdup(s->log_path) : NULL;
    pthread_mutex_unlock(&s->lock);
    return path;
}

int ipd_scrollback_log_failed(ipd_scrollback *s, ipd_error *e)
{
    pthread_mutex_lock(&s->lock);
    int failed = s->log_error;
    s->log_error = 0;
    if (failed)
        ipd_fail(e, IPD_EIO,
                 "%s: %s. The output is no longer written to it: :log FILE begins again",
                 s->log_path, strerror(failed));
    pthread_mutex_unlock(&s->lock);
    return failed != 0;
}
