#include "plot/image.h"
#include "plot/colour.h"

#include <math.h>

int ipd_image_columns(const ipd_image *image, int shrink)
{
    return (image->width + shrink - 1) / shrink;
}

int ipd_image_rows(const ipd_image *image, int shrink)
{
    return (image->height + 2 * shrink - 1) / (2 * shrink);
}

/* The mean of the pixels in a rectangle at (x, y), as a share of the range; pixels outside the
 * picture do not count. 0 if there are none. */
static double mean_of(const ipd_image *image, int x, int y, int width, int height)
{
    double sum = 0, count = 0, range = image->is_signed ? image->high : image->high - image->low;

    for (int row = y; row < y + height && row < image->height; row++)
        for (int column = x; column < x + width && column < image->width; column++) {
            size_t at = (size_t)row * (size_t)image->width + (size_t)column;
            if (image->count && at >= image->count)
                continue;
            sum += image->values[at * image->stride];
            count++;
        }
    if (count == 0)
        return 0;
    return (sum / count - (image->is_signed ? 0 : image->low)) / (range > 0 ? range : 1);
}

static uint32_t colour_of(const ipd_image *image, double value)
{
    return image->is_signed ? ipd_diverging(value) : ipd_grey(value);
}

void ipd_image_draw(ipd_canvas *c, ipd_area area, const ipd_image *image, int shrink)
{
    int columns = ipd_image_columns(image, shrink), rows = ipd_image_rows(image, shrink);
    int halves = c->colours >= 8 && c->charset != IPD_ASCII;

    for (int y = 0; y < rows && y < area.height; y++)
        for (int x = 0; x < columns && x < area.width; x++) {
            int from_x = x * shrink, from_y = 2 * y * shrink;
            if (!halves) {
                double mean = mean_of(image, from_x, from_y, shrink, 2 * shrink);
                ipd_canvas_put(c, area.x + x, area.y + y, ipd_shade(fabs(mean), c->charset),
                               IPD_INK_TEXT, 0);
                continue;
            }
            double upper = mean_of(image, from_x, from_y, shrink, shrink);
            int odd = from_y + shrink >= image->height; /* nothing below */
            double lower = odd ? 0 : mean_of(image, from_x, from_y + shrink, shrink, shrink);
            ipd_canvas_put(c, area.x + x, area.y + y, 0x2580, IPD_INK_TEXT, 0);
            ipd_canvas_colour(c, area.x + x, area.y + y, colour_of(image, upper),
                              odd ? 0 : colour_of(image, lower));
        }
}
