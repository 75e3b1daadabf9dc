#include "plot/colour.h"

#include <math.h>
#include <stdlib.h>

static int channel(uint32_t rgb, int shift)
{
    return (int)(rgb >> shift & 0xFF);
}

/* Steps of the palette's 6 x 6 x 6 cube. */
static const int steps[6] = {0, 95, 135, 175, 215, 255};

static int nearest_step(int value)
{
    int best = 0;

    for (int i = 1; i < 6; i++)
        if (abs(steps[i] - value) < abs(steps[best] - value))
            best = i;
    return best;
}

static int distance(uint32_t x, uint32_t y)
{
    int sum = 0;

    for (int shift = 0; shift <= 16; shift += 8) {
        int d = channel(x, shift) - channel(y, shift);
        sum += d * d;
    }
    return sum;
}

uint32_t ipd_colour_of_256(int number)
{
    if (number >= 232) {
        int grey = 8 + 10 * (number - 232);
        return ipd_rgb(grey, grey, grey);
    }
    int at = number < 16 ? 0 : number - 16;
    return ipd_rgb(steps[at / 36], steps[at / 6 % 6], steps[at % 6]);
}

int ipd_colour_256(uint32_t rgb)
{
    int cube = 16 + 36 * nearest_step(channel(rgb, 16)) + 6 * nearest_step(channel(rgb, 8)) +
               nearest_step(channel(rgb, 0));
    int mean = (channel(rgb, 16) + channel(rgb, 8) + channel(rgb, 0)) / 3;
    int grey = 232 + (mean < 3 ? 0 : mean > 238 ? 23 : (mean - 3) / 10);

    return distance(ipd_colour_of_256(grey), rgb) < distance(ipd_colour_of_256(cube), rgb) ? grey
                                                                                           : cube;
}

static double within(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

uint32_t ipd_grey(double value)
{
    if (isnan(value))
        return ipd_rgb(255, 0, 0);
    int grey = (int)lround(255 * within(value, 0, 1));
    return ipd_rgb(grey, grey, grey);
}

/* Interpolates between colours of xterm's palette: 256-colour terminals show little between. */
uint32_t ipd_diverging(double value)
{
    enum { STOPS = 8 };
    static const int cold[STOPS][3] = {{0, 0, 0},      {0, 0, 95},     {0, 0, 135},
                                       {0, 0, 175},    {0, 95, 215},   {0, 135, 255},
                                       {95, 175, 255}, {175, 215, 255}};
    static const int warm[STOPS][3] = {{0, 0, 0},      {95, 0, 0},     {135, 0, 0},
                                       {175, 0, 0},    {215, 95, 0},   {255, 135, 0},
                                       {255, 175, 95}, {255, 215, 175}};
    int mixed[3];

    if (isnan(value))
        return ipd_rgb(255, 0, 0);
    const int(*stops)[3] = value < 0 ? cold : warm;
    double at = within(fabs(value), 0, 1) * (STOPS - 1);
    int low = at >= STOPS - 1 ? STOPS - 2 : (int)at;
    for (int i = 0; i < 3; i++)
        mixed[i] = (int)lround(stops[low][i] + (at - low) * (stops[low + 1][i] - stops[low][i]));
    return ipd_rgb(mixed[0], mixed[1], mixed[2]);
}

uint32_t ipd_shade(double ink, ipd_charset charset)
{
    static const uint32_t shades[] = {' ', 0x2591, 0x2592, 0x2593, 0x2588};
    static const char ascii[] = " .:-=+*#%@";
    int levels = charset == IPD_ASCII ? 10 : 5;
    int level = isnan(ink) ? levels - 1 : (int)(within(ink, 0, 1) * levels);

    level = level == levels ? levels - 1 : level;
    return charset == IPD_ASCII ? (uint32_t)ascii[level] : shades[level];
}
