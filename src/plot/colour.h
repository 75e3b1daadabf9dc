/* colour.h - colours of images, and the nearest ones that a terminal can show. Any thread. */
#ifndef IPD_PLOT_COLOUR_H
#define IPD_PLOT_COLOUR_H

#include "plot/canvas.h"

/* A colour for ipd_cell.fore; each channel is 0 ... 255. */
static inline uint32_t ipd_rgb(int red, int green, int blue)
{
    return IPD_RGB | (uint32_t)red << 16 | (uint32_t)green << 8 | (uint32_t)blue;
}

/* The number of the nearest colour of xterm's palette of 256. Only its cube and greys are used: the
 * user can redefine the first 16. */
int ipd_colour_256(uint32_t rgb);
/* Red, green and blue of a number from ipd_colour_256 (16 ... 255). */
uint32_t ipd_colour_of_256(int number);

/* Colours for values: greys from 0 (black) to 1 (white), and colours from -1 (light blue) through 0
 * (black) to 1 (light orange). Values outside are clamped; NaN is red. */
uint32_t ipd_grey(double value);
uint32_t ipd_diverging(double value);

/* A character that covers a share `ink` of its cell, 0 ... 1, for displays without colours: shades,
 * or in ASCII " .:-=+*#%@". */
uint32_t ipd_shade(double ink, ipd_charset charset);

#endif
