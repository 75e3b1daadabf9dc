/* view.h - views: each is a file that ends in an ipd_view. Main thread.
 *
 * To add a view, write its file, name its table below and in view.c, and put it into a layout in
 * layouts.c.
 */
#ifndef IPD_TUI_VIEW_VIEW_H
#define IPD_TUI_VIEW_VIEW_H

#include "tui/model/keys.h"
#include "tui/model/model.h"

/* A mouse event, in cells of the screen. */
typedef struct ipd_mouse {
    enum {
        IPD_MOUSE_PRESS, /* of the left button */
        IPD_MOUSE_DRAG,  /* moved with the button down */
        IPD_MOUSE_RELEASE,
        IPD_MOUSE_WHEEL_UP,
        IPD_MOUSE_WHEEL_DOWN
    } kind;
    int x, y;
} ipd_mouse;

typedef struct ipd_view {
    const char *name;
    const char *context; /* context of its keys in keys.c, which views may share; NULL: its name */
    int framed;          /* 1: has a box with a title and can have the focus */
    /* Writes the title, of which `width` columns are shown. NULL: the title is the name. */
    void (*title)(const ipd_model *m, int width, char *to, size_t size);
    /* Draws into the upper edge of the box beside the title. NULL: draws nothing. */
    void (*edge)(ipd_model *m, ipd_canvas *c, ipd_area edge);
    /* The rows that the view needs inside the box. NULL: as many as there are. */
    int (*rows)(const ipd_model *m, int width);
    /* Draws into the inside of the box, which is blank. May ask the model for columns and set its
     * cursor. */
    void (*draw)(ipd_model *m, ipd_canvas *c, ipd_area inside);
    /* Handles a key of this view's context while the view has the focus (m->focus). The code is one
     * of keys.h. Returns 1 if the key was used; if 0, it has its meaning everywhere or goes to the
     * prompt. NULL: uses no key. */
    int (*key)(ipd_model *m, int code);
    /* The keys sent for the wheel, up and down; 0: `mouse` handles the wheel. */
    int wheel[2];
    /* Handles the mouse; `inside` is the area drawn last. A press has moved the focus to the view
     * before. Returns 1 if the event was used. NULL: uses none. */
    int (*mouse)(ipd_model *m, const ipd_mouse *e, ipd_area inside);
} ipd_view;

/* Draws sample n of a set as a picture, see ipd_image_draw, with its label below, and the network's
 * answer (-1: unknown) if that is wrong. */
void ipd_sample_draw(const ipd_model *m, ipd_canvas *c, ipd_area tile, const ipd_samples *set,
                     size_t n, int shrink, int answer);

/* Searches the output for a text, upwards from its end, and shows the match. "" goes back to the
 * match of the last search. Returns 0 if there is no match. */
int ipd_console_search(ipd_model *m, const char *text);
/* Ends the search and shows the end of the output again. */
void ipd_console_leave(ipd_model *m);

/* Draws a sentence in place of content that a view does not have. */
static inline void ipd_view_say(ipd_canvas *c, ipd_area inside, const char *text)
{
    ipd_canvas_text_cut(c, inside.x + 1, inside.y, inside.width - 1, IPD_INK_FAINT, 0, text);
}

/* The first of the rows to draw such that row `selected` is among `rows` rows. */
static inline int ipd_view_first(int selected, int rows)
{
    return selected >= rows ? selected - rows + 1 : 0;
}

/* The context of a view's keys. */
static inline const char *ipd_view_context(const ipd_view *v)
{
    return v->context ? v->context : v->name;
}

extern const ipd_view ipd_view_status;
extern const ipd_view ipd_view_objective;
extern const ipd_view ipd_view_accuracy;
extern const ipd_view ipd_view_gaps;
extern const ipd_view ipd_view_moved;
extern const ipd_view ipd_view_steps;
extern const ipd_view ipd_view_parameters;
extern const ipd_view ipd_view_metrics;
extern const ipd_view ipd_view_changes;
extern const ipd_view ipd_view_order;
extern const ipd_view ipd_view_events;
extern const ipd_view ipd_view_weights;
extern const ipd_view ipd_view_distribution;
extern const ipd_view ipd_view_samples;
extern const ipd_view ipd_view_confusion;
extern const ipd_view ipd_view_boundary;
extern const ipd_view ipd_view_runs;
extern const ipd_view ipd_view_tree;
extern const ipd_view ipd_view_values;
extern const ipd_view ipd_view_watch;
extern const ipd_view ipd_view_layers;
extern const ipd_view ipd_view_blocks;
extern const ipd_view ipd_view_settings;
extern const ipd_view ipd_view_console;
extern const ipd_view ipd_view_keys;
extern const ipd_view ipd_view_help;

/* The views that a layout can name; NULL at the end. The help is not one of them. */
extern const ipd_view *const ipd_views[];
/* One of these views by its name; NULL if there is none. */
const ipd_view *ipd_view_find(const char *name);

#endif
