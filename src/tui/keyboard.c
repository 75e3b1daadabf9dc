#include "tui/keyboard.h"
#include "tui/prompt.h"
#include "tui/terminal.h"

#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char end_of_paste[] = "\033[201~";

/* Bytes that came after the end of a paste, first; then the terminal's. -1: there is nothing. */
static int next_key(ipd_keyboard *k)
{
    return k->late_from < k->late_to ? (unsigned char)k->late[k->late_from++] : ipd_terminal_key();
}

static size_t next_bytes(ipd_keyboard *k, char *to, size_t size)
{
    size_t n = k->late_to - k->late_from;

    if (!n)
        return ipd_terminal_read(to, size);
    n = n < size ? n : size;
    memcpy(to, k->late + k->late_from, n);
    k->late_from += n;
    return n;
}

/* Room for more bytes of the paste; 0 where there is no memory. */
static int make_room(ipd_keyboard *k, size_t more)
{
    if (k->paste_length + more > k->paste_size) {
        size_t size = (k->paste_length + more) * 2;
        char *larger = realloc(k->paste, size);
        if (!larger)
            return 0;
        k->paste = larger;
        k->paste_size = size;
    }
    return 1;
}

/* The text is the paste's first bytes; what comes behind the end's mark is for later. */
static void end_paste(ipd_keyboard *k, size_t length)
{
    size_t behind = length + sizeof end_of_paste - 1;

    ipd_prompt_paste(k->paste, length);
    free(k->late);
    k->late = NULL;
    k->late_from = k->late_to = 0;
    if (behind < k->paste_length) {
        k->late = k->paste;
        k->late_from = behind;
        k->late_to = k->paste_length;
    } else {
        free(k->paste);
    }
    k->paste = NULL;
    k->paste_length = k->paste_size = 0;
    k->keys++;
}

/* More of the paste; 0 where nothing waits. Bytes, not keys: there may be a million. */
static int read_paste(ipd_keyboard *k)
{
    char bytes[16384];
    size_t n = next_bytes(k, bytes, sizeof bytes), mark = sizeof end_of_paste - 1;

    if (!n || !make_room(k, n))
        return n > 0;
    size_t seen = k->paste_length < mark ? 0 : k->paste_length - mark;
    memcpy(k->paste + k->paste_length, bytes, n);
    k->paste_length += n;
    char *end = memmem(k->paste + seen, k->paste_length - seen, end_of_paste, mark);
    if (end)
        end_paste(k, (size_t)(end - k->paste));
    return 1;
}

/* A byte and the rest of its UTF-8 character: Readline may read them in one go. */
static void push_character(ipd_keyboard *k, int byte, int meta)
{
    char bytes[8];
    size_t n = 0, more = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : byte >= 0xC2 ? 1 : 0;

    if (meta)
        bytes[n++] = '\033';
    bytes[n++] = (char)byte;
    while (more--) {
        int next = next_key(k);
        if (next < 0x80 || next > 0xBF) {
            if (k->late_from)
                k->late_from -= next >= 0;
            else if (next >= 0)
                ungetch(next);
            break;
        }
        bytes[n++] = (char)next;
    }
    ipd_prompt_push(bytes, n);
}

static void take(ipd_keyboard *k, int code);

/* The key is for the workbench or for Readline. meta: Escape came with it. */
static void deliver(ipd_keyboard *k, int code, int meta)
{
    char bytes[32];

    if (code <= 255) {
        if (!k->key(k->context, meta ? IPD_META | code : code))
            push_character(k, code, meta);
        return;
    }
    if (meta)
        ipd_prompt_push("\033", 1);
    if (!k->key(k->context, code) && code != KEY_RESIZE) {
        ipd_terminal_key_bytes(code, bytes, sizeof bytes);
        ipd_prompt_push(bytes, strlen(bytes));
    }
}

/* Escape and nothing with it. In emacs mode any time may pass until the next key, as in Readline: the two are
 * one key, be it Alt and a letter or what a slow line has torn apart. */
static void take_escape(ipd_keyboard *k)
{
    if (k->key(k->context, IPD_KEY_ESCAPE))
        return;
    if (ipd_prompt_waits_after_escape())
        k->escaped = 1;
    else
        ipd_prompt_push("\033", 1);
}

/* One more byte of an escape sequence that came in pieces. */
static void add_to_sequence(ipd_keyboard *k, int code)
{
    char bytes[sizeof k->sequence];
    size_t n = strlen(k->sequence);

    if (code > 255 || n + 2 > sizeof k->sequence) {
        ipd_prompt_push(k->sequence, n);
        k->sequence[0] = 0;
        take(k, code);
        return;
    }
    k->sequence[n] = (char)code;
    k->sequence[n + 1] = 0;
    int key = ipd_terminal_key_of(k->sequence);
    if (key < 0)
        return; /* more is to come */
    strcpy(bytes, k->sequence);
    k->sequence[0] = 0;
    if (key > 0)
        take(k, key);
    else
        ipd_prompt_push(bytes, n + 1);
}

static void take_after_escape(ipd_keyboard *k, int code)
{
    k->escaped = 0;
    if (code == '[' || code == 'O') {
        strcpy(k->sequence, "\033");
        add_to_sequence(k, code);
    } else if (code == '\033') {
        ipd_prompt_push("\033\033", 2);
    } else {
        deliver(k, code, 1);
    }
}

static void take_key(ipd_keyboard *k, int code)
{
    if (*k->sequence) {
        add_to_sequence(k, code);
        return;
    }
    k->keys++;
    if (k->escaped) {
        take_after_escape(k, code);
    } else if (code == '\033' && k->late_from < k->late_to) {
        k->escaped = 1; /* no key that curses has put together */
    } else if (code == '\033') {
        int next = ipd_terminal_key(); /* curses has waited for it already */
        if (next >= 0 && next <= 255) {
            deliver(k, next, 1);
            return;
        }
        take_escape(k);
        if (next > 255)
            take(k, next);
    } else {
        deliver(k, code, 0);
    }
}

/* "button;column;rowM", or "m" where a button was released (the terminal's mode 1006). */
static void take_report(ipd_keyboard *k)
{
    unsigned button, x, y;
    char end;

    k->keys++;
    k->report[k->report_length] = 0;
    if (sscanf(k->report, "%u;%u;%u%c", &button, &x, &y, &end) != 4 || !x || !y)
        return;
    ipd_mouse m = {.x = (int)x - 1, .y = (int)y - 1};
    button &= ~28u; /* with Shift, Alt or Control */
    if (button == 64 || button == 65)
        m.kind = button == 64 ? IPD_MOUSE_WHEEL_UP : IPD_MOUSE_WHEEL_DOWN;
    else if (button == 0)
        m.kind = end == 'M' ? IPD_MOUSE_PRESS : IPD_MOUSE_RELEASE;
    else if (button == 32)
        m.kind = IPD_MOUSE_DRAG;
    else
        return;
    k->mouse(k->context, &m);
}

static void add_to_report(ipd_keyboard *k, int code)
{
    if (code <= 255 && k->report_length < (int)sizeof k->report - 1)
        k->report[k->report_length++] = (char)code;
    else
        k->in_report = 0; /* this was none */
    if (code == 'M' || code == 'm') {
        k->in_report = 0;
        take_report(k);
    }
}

static void begin_paste(ipd_keyboard *k)
{
    ipd_keyboard_forget(k);
    free(k->paste);
    k->paste = malloc(k->paste_size = 4096);
    k->paste_length = 0;
    k->paste_size = k->paste ? k->paste_size : 0;
    ipd_prompt_work(); /* what was typed before comes before */
}

/* A byte or a key's code. */
static void take(ipd_keyboard *k, int code)
{
    if (code == IPD_KEY_PASTE_BEGIN) {
        begin_paste(k);
    } else if (code == IPD_KEY_PASTE_END) {
        k->keys++; /* of no paste */
    } else if (code == IPD_KEY_MOUSE) {
        k->in_report = 1;
        k->report_length = 0;
    } else if (k->in_report) {
        add_to_report(k, code);
    } else {
        take_key(k, code);
    }
}

int ipd_keyboard_read(ipd_keyboard *k)
{
    int code, any = 0;

    for (;;) {
        if (k->paste) {
            if (!read_paste(k))
                return any;
        } else {
            if ((code = next_key(k)) < 0)
                return any;
            take(k, code);
        }
        any = 1;
    }
}

void ipd_keyboard_forget(ipd_keyboard *k)
{
    k->escaped = 0;
    k->sequence[0] = 0;
}

void ipd_keyboard_press(ipd_keyboard *k, int code)
{
    int escaped = k->escaped;

    k->keys++;
    k->escaped = 0;
    if (code == IPD_KEY_ESCAPE)
        take_escape(k);
    else if (code & IPD_META)
        deliver(k, code & 0xFF, 1);
    else
        deliver(k, code, escaped);
}

void ipd_keyboard_type(ipd_keyboard *k, const char *text)
{
    while (*text) {
        size_t n = 1;
        while ((text[n] & 0xC0) == 0x80)
            n++; /* a whole UTF-8 character */
        k->keys++;
        if (n > 1 || !k->key(k->context, (unsigned char)*text))
            ipd_prompt_push(text, n);
        text += n;
    }
}

void ipd_keyboard_free(ipd_keyboard *k)
{
    free(k->paste);
    free(k->late);
    k->paste = k->late = NULL;
}
