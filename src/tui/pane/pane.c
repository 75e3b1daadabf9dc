#include "tui/pane/pane.h"
#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 8 };

typedef struct reader {
    const char *at;
    const ipd_view *seen[IPD_MAX_PANES];
    int seen_count, depth;
    ipd_error *e;
} reader;

static void skip(reader *r)
{
    while (isspace((unsigned char)*r->at))
        r->at++;
}

static int take(reader *r, char c)
{
    skip(r);
    if (*r->at != c)
        return 0;
    r->at++;
    return 1;
}

static int read_view(reader *r, const char *name, ipd_pane *p)
{
    ipd_nearest near = {.word = name};

    p->view = ipd_view_find(name);
    for (int i = 0; !p->view && ipd_views[i]; i++)
        ipd_nearest_try(&near, ipd_views[i]->name);
    if (!p->view)
        return ipd_fail_unknown(r->e, "view", &near, "?view lists the views.");
    for (int i = 0; i < r->seen_count; i++)
        if (r->seen[i] == p->view)
            return ipd_fail(r->e, IPD_EUSAGE, "the view \"%s\" is twice in the layout", name);
    if (r->seen_count == IPD_MAX_PANES)
        return ipd_fail(r->e, IPD_EUSAGE, "the layout has more than %d views", IPD_MAX_PANES);
    r->seen[r->seen_count++] = p->view;
    return 0;
}

/* The weight of a pane without a number: 0 for a view in rows that knows how many it needs. */
static int default_weight(const ipd_pane *p, int in_columns)
{
    return p->view && !in_columns && (!p->view->framed || p->view->rows) ? 0 : 1;
}

static int read_pane(reader *r, ipd_pane *p, int in_columns);

static int read_children(reader *r, ipd_pane *p)
{
    if (++r->depth > DEEPEST)
        return ipd_fail(r->e, IPD_EUSAGE, "the layout is nested deeper than %d", DEEPEST);
    do {
        ipd_pane *more = realloc(p->children, (size_t)(p->count + 1) * sizeof *more);
        if (!more)
            return ipd_fail(r->e, IPD_EMEMORY, "no memory for a layout");
        p->children = more;
        more[p->count] = (ipd_pane){0};
        if (read_pane(r, &more[p->count++], p->columns) < 0)
            return -1;
    } while (take(r, ','));
    r->depth--;
    if (!take(r, ')'))
        return ipd_fail(r->e, IPD_EUSAGE, "a \")\" is missing in the layout at \"%.30s\"", r->at);
    return 0;
}

static int read_pane(reader *r, ipd_pane *p, int in_columns)
{
    char name[32];
    size_t n = 0;
    long weight = -1;

    skip(r);
    while (isalnum((unsigned char)r->at[n]) || r->at[n] == '_' || r->at[n] == '-')
        n++;
    if (!n || n >= sizeof name)
        return ipd_fail(r->e, IPD_EUSAGE,
                        "the layout needs a view, rows(...) or columns(...) at \"%.30s\"", r->at);
    memcpy(name, r->at, n);
    name[n] = 0;
    r->at += n;
    if (take(r, ':')) {
        char *end;
        weight = strtol(r->at, &end, 10);
        if (end == r->at || weight < 1 || weight > 10000)
            return ipd_fail(r->e, IPD_EUSAGE,
                            "the share of %s must be a number from 1 to 10000, not \"%.20s\"", name,
                            r->at);
        r->at = end;
    }
    p->columns = strcmp(name, "columns") == 0;
    if (p->columns || strcmp(name, "rows") == 0) {
        p->weight = weight < 0 ? default_weight(p, in_columns) : (int)weight;
        if (!take(r, '('))
            return ipd_fail(r->e, IPD_EUSAGE, "%s in a layout needs panes: %s(status, console)",
                            name, name);
        return read_children(r, p);
    }
    if (read_view(r, name, p) < 0)
        return -1;
    p->weight = weight < 0 ? default_weight(p, in_columns) : (int)weight;
    return 0;
}

static void free_children(ipd_pane *p)
{
    for (int i = 0; i < p->count; i++)
        free_children(&p->children[i]);
    free(p->children);
}

void ipd_pane_free(ipd_pane *root)
{
    if (root)
        free_children(root);
    free(root);
}

static int holds(const ipd_pane *p, const ipd_view *v)
{
    int found = p->view == v;

    for (int i = 0; i < p->count && !found; i++)
        found = holds(&p->children[i], v);
    return found;
}

int ipd_pane_parse(ipd_pane **out, const char *text, ipd_error *e)
{
    reader r = {.at = text, .e = e};

    *out = calloc(1, sizeof **out);
    if (!*out)
        return ipd_fail(e, IPD_EMEMORY, "no memory for a layout");
    int failed = strlen(text) >= IPD_PANE_TEXT
                     ? ipd_fail(e, IPD_EUSAGE, "the layout is longer than %d bytes", IPD_PANE_TEXT)
                     : read_pane(&r, *out, 0);
    skip(&r);
    if (!failed && *r.at)
        failed = ipd_fail(e, IPD_EUSAGE, "the layout has text after its end: \"%.30s\"", r.at);
    if (!failed && !holds(*out, &ipd_view_console))
        failed =
            ipd_fail(e, IPD_EUSAGE, "the layout needs the view \"console\": it holds the prompt");
    if (failed) {
        ipd_pane_free(*out);
        *out = NULL;
    }
    return failed;
}

static size_t print(const ipd_pane *p, int in_columns, char *to, size_t size)
{
    size_t n = 0;

#define PUT(...) (n += n < size ? (size_t)snprintf(to + n, size - n, __VA_ARGS__) : 0)
    PUT("%s", p->view ? p->view->name : p->columns ? "columns" : "rows");
    if (p->weight != default_weight(p, in_columns))
        PUT(":%d", p->weight);
    for (int i = 0; i < p->count; i++) {
        PUT("%s", i ? ", " : "(");
        n += n < size ? print(&p->children[i], p->columns, to + n, size - n) : 0;
    }
    if (!p->view)
        PUT(")");
#undef PUT
    return n;
}

void ipd_pane_print(const ipd_pane *root, char *to, size_t size)
{
    print(root, 0, to, size);
}

int ipd_pane_leaves(ipd_pane *p, ipd_pane **leaves, int max)
{
    int count = 0;

    if (p->area.width < 1 || p->area.height < 1 || max < 1)
        return 0;
    if (p->view) {
        leaves[0] = p;
        return 1;
    }
    for (int i = 0; i < p->count; i++)
        count += ipd_pane_leaves(&p->children[i], leaves + count, max - count);
    return count;
}
