#include "tui/terminal/sequence.h"

#include <string.h>

static ipd_sequence found(ipd_sequence kind, size_t length, size_t *to)
{
    *to = length;
    return kind;
}

static int is_between(char c, int low, int high)
{
    return (unsigned char)c >= low && (unsigned char)c <= high;
}

/* After CSI: parameters, intermediate bytes, a final byte. */
static ipd_sequence scan_csi(const char *bytes, size_t count, size_t *length)
{
    size_t i = 2;

    if (count > 2 && bytes[2] == '[') /* F1 to F5 of the Linux console */
        return count < 4                        ? found(IPD_SEQUENCE_MORE, count, length)
               : is_between(bytes[3], 'A', 'E') ? found(IPD_SEQUENCE_WHOLE, 4, length)
                                                : found(IPD_SEQUENCE_BROKEN, 3, length);
    if (count > 2 && bytes[2] == 'M') /* button, column and row, one byte each */
        return count < 6 ? found(IPD_SEQUENCE_MORE, count, length)
                         : found(IPD_SEQUENCE_WHOLE, 6, length);
    while (i < count && is_between(bytes[i], 0x20, 0x3F))
        if (++i > IPD_SEQUENCE_CSI_MAX)
            return found(IPD_SEQUENCE_BROKEN, i, length);
    return i == count                         ? found(IPD_SEQUENCE_MORE, count, length)
           : is_between(bytes[i], 0x40, 0x7E) ? found(IPD_SEQUENCE_WHOLE, i + 1, length)
                                              : found(IPD_SEQUENCE_BROKEN, i, length);
}

/* After SS3: a byte; xterm puts modifiers before it. */
static ipd_sequence scan_ss3(const char *bytes, size_t count, size_t *length)
{
    size_t i = 2;

    while (i < count && i < IPD_SEQUENCE_CSI_MAX && is_between(bytes[i], '0', ';'))
        i++;
    return i == count                         ? found(IPD_SEQUENCE_MORE, count, length)
           : is_between(bytes[i], 0x20, 0x7E) ? found(IPD_SEQUENCE_WHOLE, i + 1, length)
                                              : found(IPD_SEQUENCE_BROKEN, i, length);
}

/* 1 if the introducer of a string and the next byte begin a reply of the terminal. Otherwise they
 * are two keys, the first with Alt. */
static int begins_string(char introducer, char next)
{
    return introducer == ']'   ? is_between(next, '0', '9') || next == 'l' || next == 'L'
           : introducer == 'P' ? is_between(next, '0', '9') || (next && strchr(">$+!|", next))
                               : next == 'G';
}

/* After OSC, DCS or APC: anything printable up to BEL or ST. */
static ipd_sequence scan_string(const char *bytes, size_t count, size_t *length)
{
    for (size_t i = 2; i < count; i++) {
        if (i == 2 && !begins_string(bytes[1], bytes[2]))
            return found(IPD_SEQUENCE_NONE, 1, length);
        if (bytes[i] == '\a')
            return found(IPD_SEQUENCE_WHOLE, i + 1, length);
        if (bytes[i] == '\033' && i + 1 == count)
            break;
        if (bytes[i] == '\033' && bytes[i + 1] == '\\')
            return found(IPD_SEQUENCE_WHOLE, i + 2, length);
        if (is_between(bytes[i], 0, 0x1F) || i == IPD_SEQUENCE_STRING_MAX)
            return found(IPD_SEQUENCE_BROKEN, i, length);
    }
    return found(IPD_SEQUENCE_MORE, count, length);
}

ipd_sequence ipd_sequence_scan(const char *bytes, size_t count, size_t *length)
{
    if (count < 2)
        return found(IPD_SEQUENCE_MORE, 1, length);
    switch (bytes[1]) {
    case '[':
        return scan_csi(bytes, count, length);
    case 'O':
        return scan_ss3(bytes, count, length);
    case ']':
    case 'P':
    case '_':
        return scan_string(bytes, count, length);
    default:
        return found(IPD_SEQUENCE_NONE, 1, length);
    }
}
