/* tiles.h - pictures of one size in rows and columns, with a line of text below each. */
#ifndef IPD_TUI_VIEW_TILES_H
#define IPD_TUI_VIEW_TILES_H

#include "plot/image.h"

typedef struct ipd_tiling {
    int shrink;        /* see ipd_image_draw */
    int width, height; /* cells of one with its text and the gap to the next */
    int across, down;  /* how many fit */
} ipd_tiling;

/* The largest pictures of which at least two rows, or all of `count`, fit; `finer` > 0 shrinks less, < 0 more. */
ipd_tiling ipd_tiles_fit(ipd_area area, const ipd_image *image, int caption, size_t count,
                         int finer);
/* Keys of such a view: pages of `shown` of `count` pictures, of which *first is the first on it, and + and -. 1: taken. */
int ipd_tiles_key(int code, size_t *first, int shown, size_t count, int *finer);
/* The area of the i-th. */
ipd_area ipd_tile_area(const ipd_tiling *t, ipd_area area, int i);

#endif
