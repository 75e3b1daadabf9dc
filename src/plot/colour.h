/* colour.h - colours of images: from red, green and blue to what a terminal can show. Any thread. */
#ifndef IPD_PLOT_COLOUR_H
#define IPD_PLOT_COLOUR_H

#include "plot/canvas.h"

/* A colour as in ipd_cell.fore: 0 ... 255 each. */
static inline uint32_t ipd_rgb(int red, int green, int blue)
{
    return IPD_RGB | (uint32_t)red << 16 | (uint32_t)green << 8 | (uint32_t)blue;
}

/* The nearest of 256 colours of xterm's palette, by number: of its cube and its greys, since the
 * first 16 are the user's. */
int ipd_colour_256(uint32_t rgb);
/* The nearest of the 8 colours, by number, as bits: 1 red, 2 green, 4 blue. */
int ipd_colour_8(uint32_t rgb);
/* Red, green and blue that ipd_colour_256's number stands for (16 ... 255). */
uint32_t ipd_colour_of_256(int number);
/* How light it is to the eye, 0 ... 1. */
double ipd_colour_light(uint32_t rgb);

/* Colours of values: grey from 0 (dark) to 1; and from -1 (light blue) through 0 (black) to 1 (light orange).
 * Outside of it the ends'. NaN is red. */
uint32_t ipd_grey(double value);
uint32_t ipd_diverging(double value);

/* A character of that much ink, 0 ... 1, where there are no colours: shades, or in ASCII " .:-=+*#%@". */
uint32_t ipd_shade(double ink, ipd_charset charset);

#endif
