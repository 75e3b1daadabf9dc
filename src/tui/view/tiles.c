#include "tui/view/tiles.h"
#include "tui/model/keys.h"

enum { MAX_SHRINK = 16 };

static ipd_tiling with_shrink(ipd_area area, const ipd_image *image, int caption, int shrink)
{
    ipd_tiling t = {.shrink = shrink,
                    .width = ipd_image_columns(image, shrink) + 1,
                    .height = ipd_image_rows(image, shrink) + caption};

    t.across = (area.width + 1) / t.width;
    t.down = area.height / t.height;
    return t;
}

ipd_tiling ipd_tiles_fit(ipd_area area, const ipd_image *image, int caption, size_t count,
                         int finer)
{
    ipd_tiling t;
    int shrink = 1;

    for (; shrink < MAX_SHRINK; shrink++) {
        t = with_shrink(area, image, caption, shrink);
        size_t fit = (size_t)(t.across * t.down);
        if (t.across > 0 && t.down > 0 && (fit >= count || fit >= 10 || t.down >= 2))
            break;
    }
    shrink -= finer;
    shrink = shrink < 1 ? 1 : shrink > MAX_SHRINK ? MAX_SHRINK : shrink;
    t = with_shrink(area, image, caption, shrink);
    t.across = t.across < 1 ? 1 : t.across;
    t.down = t.down < 1 ? 1 : t.down;
    return t;
}

int ipd_tiles_key(int code, size_t *first, int shown, size_t count, int *finer)
{
    size_t page = shown > 0 ? (size_t)shown : 1;

    if (code == IPD_KEY_PAGE_DOWN || code == IPD_KEY_RIGHT)
        *first += *first + page < count ? page : 0;
    else if (code == IPD_KEY_PAGE_UP || code == IPD_KEY_LEFT)
        *first -= *first > page ? page : *first;
    else if (code == '+' || code == '-')
        *finer += code == '+' ? 1 : -1;
    else
        return 0;
    return 1;
}

ipd_area ipd_tile_area(const ipd_tiling *t, ipd_area area, int i)
{
    ipd_area tile = {area.x + i % t->across * t->width, area.y + i / t->across * t->height,
                     t->width - 1, t->height};

    if (tile.x + tile.width > area.x + area.width)
        tile.width = area.x + area.width - tile.x;
    if (tile.y + tile.height > area.y + area.height)
        tile.height = area.y + area.height - tile.y;
    return tile;
}
