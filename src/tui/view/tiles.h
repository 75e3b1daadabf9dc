/* tiles.h - pictures of one size in rows and columns, each with its caption below. Main thread. */
#ifndef IPD_TUI_VIEW_TILES_H
#define IPD_TUI_VIEW_TILES_H

#include "plot/image.h"

typedef struct ipd_tiling {
    int shrink;        /* see ipd_image_draw */
    int width, height; /* cells of a tile, with its caption and the gap to the next tile */
    int across, down;  /* number of columns and rows that fit */
} ipd_tiling;

/* Chooses the largest pictures of which two rows, ten or all of `count` fit, then makes them larger
 * by `finer` steps (negative: smaller). `caption` is the number of rows below each picture. */
ipd_tiling ipd_tiles_fit(ipd_area area, const ipd_image *image, int caption, size_t count,
                         int finer);
/* Handles the keys of a view with tiles. The arrows and PageUp and PageDown move *first, the index
 * of the first picture, by a page of `shown` within `count`; + and - change *finer. Returns 1 if
 * the key was used. */
int ipd_tiles_key(int code, size_t *first, int shown, size_t count, int *finer);
/* The area of the i-th tile. */
ipd_area ipd_tile_area(const ipd_tiling *t, ipd_area area, int i);

#endif
