/* tiles.h - pictures of one size in rows and columns, with a line of text below each. */
#ifndef IPD_TUI_VIEW_TILES_H
#define IPD_TUI_VIEW_TILES_H

#include "plot/image.h"

typedef struct ipd_tiling {
    int shrink;        /* see ipd_image_draw */
    int width, height; /* cells of a tile, with its text and the gap to the next */
    int across, down;  /* how many fit */
} ipd_tiling;

/* The largest pictures of which at least two rows, or all of `count`, fit; `finer` > 0 makes them
 * larger, < 0 smaller. */
ipd_tiling ipd_tiles_fit(ipd_area area, const ipd_image *image, int caption, size_t count,
                         int finer);
/* Handles the keys of a view with tiles: pages of `shown` of `count` pictures, with *first as the first one shown, and + and -. Returns 1 if used. */
int ipd_tiles_key(int code, size_t *first, int shown, size_t count, int *finer);
/* The area of the i-th tile. */
ipd_area ipd_tile_area(const ipd_tiling *t, ipd_area area, int i);

#endif
