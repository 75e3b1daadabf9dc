#include "plot/glyph.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

size_t ipd_utf8_decode(const char *text, size_t length, uint32_t *code)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t need = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    static const unsigned char lead_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    static const uint32_t min[] = {0, 0, 0x80, 0x800, 0x10000};

    *code = 0xFFFD;
    if (need == 0 || need > length || s[0] > 0xF4)
        return 1;
    uint32_t value = s[0] & lead_bits[need];
    for (size_t i = 1; i < need; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 1;
        value = value << 6 | (s[i] & 0x3F);
    }
    if (value < min[need] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000))
        return 1;
    *code = value;
    return need;
}

size_t ipd_utf8_encode(char to[5], uint32_t code)
{
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};

    for (size_t i = n; i > 1; i--, code >>= 6)
        to[i - 1] = (char)(0x80 | (code & 0x3F));
    to[0] = (char)(lead[n] | code);
    to[n] = 0;
    return n;
}

int ipd_glyph_width(uint32_t code)
{
    if (code < 0x20 || (code >= 0x7F && code < 0xA0))
        return -1;
    int width = code < 0x7F ? 1 : wcwidth((wchar_t)code);
    return width < 0 ? 1 : width;
}

const char *ipd_glyph_ascii(uint32_t code)
{
    static const struct {
        uint32_t code;
        const char *text;
    } table[] = {
        {0xA0, " "},       {0xB0, "deg"},   {0xB1, "+-"},     {0xB2, "^2"},     {0xB3, "^3"},
        {0xB5, "u"},       {0xB7, "."},     {0xD7, "x"},      {0x394, "d"},     {0x3A6, "Phi"},
        {0x3B1, "alpha"},  {0x3B2, "beta"}, {0x3B3, "gamma"}, {0x3B4, "delta"}, {0x3B8, "theta"},
        {0x3BB, "lambda"}, {0x3BE, "xi"},   {0x3C1, "rho"},   {0x3C3, "sigma"}, {0x2013, "-"},
        {0x2014, "-"},     {0x2016, "|"},   {0x2018, "'"},    {0x2019, "'"},    {0x201C, "\""},
        {0x201D, "\""},    {0x2026, "..."}, {0x2190, "<-"},   {0x2191, "^"},    {0x2192, "->"},
        {0x2193, "v"},     {0x2212, "-"},   {0x221E, "inf"},  {0x2264, "<="},   {0x2265, ">="},
        {0x25B2, "^"},     {0x25BC, "v"},   {0x25B6, ">"},    {0x25CF, "*"},    {0x25CB, "o"},
        {0x23F8, "="},     {0x2022, "*"},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].code == code)
            return table[i].text;
    if (code >= 0x2500 && code < 0x2580) { /* lines and corners */
        if (code == 0x2500 || code == 0x2508 || code == 0x2504)
            return "-";
        return code == 0x2502 || code == 0x250A ? "|" : "+";
    }
    return "?";
}

static int columns_of(uint32_t code, int ascii)
{
    int width = ipd_glyph_width(code);

    return width < 0 ? 1 : ascii && code > 0x7E ? (int)strlen(ipd_glyph_ascii(code)) : width;
}

int ipd_glyph_columns(const char *text, size_t length, size_t *bytes)
{
    uint32_t code;

    *bytes = ipd_utf8_decode(text, length, &code);
    return columns_of(code, 0);
}

int ipd_glyph_columns_ascii(const char *text, size_t length, size_t *bytes)
{
    uint32_t code;

    *bytes = ipd_utf8_decode(text, length, &code);
    return columns_of(code, 1);
}

int ipd_text_columns(const char *text, int ascii)
{
    size_t length = strlen(text), bytes;
    int columns = 0;

    for (; length; text += bytes, length -= bytes)
        columns += ascii ? ipd_glyph_columns_ascii(text, length, &bytes)
                         : ipd_glyph_columns(text, length, &bytes);
    return columns;
}

void ipd_text_middle(char *to, size_t size, const char *text, int columns, int ascii)
{
    int all = ipd_text_columns(text, ascii), dots = ipd_text_columns("…", ascii);
    int head = (columns - dots) / 3, tail = columns - dots - head, used = 0;
    size_t length = strlen(text), at = 0, bytes;

    if (all <= columns || columns <= dots) {
        snprintf(to, size, "%s", all <= columns ? text : "");
        return;
    }
    const char *from = text;
    for (; used < all - tail; from += bytes) {
        size_t left = length - (size_t)(from - text);
        used += ascii ? ipd_glyph_columns_ascii(from, left, &bytes)
                      : ipd_glyph_columns(from, left, &bytes);
        if (used <= head)
            at = (size_t)(from - text) + bytes;
    }
    snprintf(to, size, "%.*s…%s", (int)at, text, from);
}
