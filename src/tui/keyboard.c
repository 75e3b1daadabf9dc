#include "tui/keyboard.h"
#include "tui/prompt.h"
#include "tui/terminal.h"

#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_to_paste(ipd_keyboard *k, int byte)
{
    if (k->paste_length == k->paste_size) {
        size_t size = k->paste_size * 2 + 4096;
        char *larger = realloc(k->paste, size);
        if (!larger)
            return;
        k->paste = larger;
        k->paste_size = size;
    }
    k->paste[k->paste_length++] = (char)byte;
}

static void end_paste(ipd_keyboard *k)
{
    ipd_prompt_paste(k->paste, k->paste_length);
    free(k->paste);
    k->paste = NULL;
    k->paste_length = k->paste_size = 0;
}

/* A byte and the rest of its UTF-8 character: Readline may read them in one go. */
static void push_character(int byte, int meta)
{
    char bytes[8];
    size_t n = 0, more = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : byte >= 0xC2 ? 1 : 0;

    if (meta)
        bytes[n++] = '\033';
    bytes[n++] = (char)byte;
    while (more--) {
        int next = ipd_terminal_key();
        if (next < 0x80 || next > 0xBF) {
            if (next >= 0)
                ungetch(next);
            break;
        }
        bytes[n++] = (char)next;
    }
    ipd_prompt_push(bytes, n);
}

static void take_key(ipd_keyboard *k, int code)
{
    char bytes[32];
    int meta = 0;

    k->keys++;
    if (code == '\033') {
        int next = ipd_terminal_key(); /* curses has waited for it already */
        if (next < 0 || next > 255) {
            if (!k->key(k->context, IPD_KEY_ESCAPE))
                ipd_prompt_push("\033", 1);
            if (next > 255)
                take_key(k, next);
            return;
        }
        code = next;
        meta = 1;
    }
    if (k->key(k->context, meta ? IPD_META | code : code))
        return;
    if (code <= 255) {
        push_character(code, meta);
    } else if (code != KEY_RESIZE) {
        ipd_terminal_key_bytes(code, bytes, sizeof bytes);
        ipd_prompt_push(bytes, strlen(bytes));
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

int ipd_keyboard_read(ipd_keyboard *k)
{
    int code, any = 0;

    while ((code = ipd_terminal_key()) >= 0) {
        if (code == IPD_KEY_PASTE_BEGIN) {
            free(k->paste);
            k->paste = malloc(k->paste_size = 4096);
            k->paste_length = 0;
            k->paste_size = k->paste ? k->paste_size : 0;
            ipd_prompt_work(); /* what was typed before comes before */
        } else if (code == IPD_KEY_PASTE_END) {
            if (k->paste)
                end_paste(k);
            k->keys++;
        } else if (k->paste) {
            if (code <= 255)
                add_to_paste(k, code);
        } else if (code == IPD_KEY_MOUSE) {
            k->in_report = 1;
            k->report_length = 0;
        } else if (k->in_report) {
            add_to_report(k, code);
        } else {
            take_key(k, code);
        }
        any = 1;
    }
    return any;
}

void ipd_keyboard_press(ipd_keyboard *k, int code)
{
    char bytes[32] = {(char)(code & 0xFF)};

    k->keys++;
    if (k->key(k->context, code))
        return;
    if (code & IPD_META) {
        bytes[0] = '\033';
        bytes[1] = (char)(code & 0xFF);
    } else if (code > 255) {
        ipd_terminal_key_bytes(code, bytes, sizeof bytes);
    }
    ipd_prompt_push(bytes, strlen(bytes));
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
    k->paste = NULL;
}
