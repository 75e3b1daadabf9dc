#include "tui/terminal/keyboard.h"
#include "tui/prompt/prompt.h"
#include "tui/terminal/sequence.h"
#include "tui/terminal/signals.h"
#include "tui/terminal/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char begin_of_paste[] = "\033[200~", end_of_paste[] = "\033[201~";

enum { CHUNK = 16384, LONGEST_KEY = 32 };

/* A key or sequence taken from the input. Longer sequences, which are never bound, are cut. */
typedef struct unit {
    char bytes[IPD_SEQUENCE_CSI_MAX + 2];
    size_t length;
    int code; /* of a key of terminfo, or 0 */
} unit;

static int reserve(ipd_keyboard *k)
{
    if (k->from == k->to)
        k->from = k->to = 0;
    if (k->from > k->size / 2) {
        memmove(k->bytes, k->bytes + k->from, k->to - k->from);
        k->to -= k->from;
        k->from = 0;
    }
    if (k->to + CHUNK > k->size) {
        char *larger = realloc(k->bytes, 2 * (k->to + CHUNK));
        if (!larger)
            return -1;
        k->bytes = larger;
        k->size = 2 * (k->to + CHUNK);
    }
    return 0;
}

/* Reads more of the input; 0 if there is none or memory runs out. */
static int read_more(ipd_keyboard *k)
{
    if (reserve(k))
        return 0;
    size_t n = ipd_terminal_read(k->bytes + k->to, CHUNK);
    k->to += n;
    return n > 0;
}

/* Waits briefly for more bytes, since those of one key arrive together. Returns 1 if some came. */
static int comes_more(ipd_keyboard *k)
{
    return read_more(k) || (ipd_terminal_wait() && read_more(k));
}

static void drop(ipd_keyboard *k, size_t count)
{
    k->from += count;
    k->escaped = k->waits = 0;
}

/* Removes a unit from the input before a callback is called, which may read further keys. */
static unit take_out(ipd_keyboard *k, size_t length, int code)
{
    unit u = {.length = length, .code = code};

    memcpy(u.bytes, k->bytes + k->from, length < sizeof u.bytes ? length : sizeof u.bytes);
    drop(k, length);
    return u;
}

/* --- pastes and the mouse --- */

/* Returns 0 if the end of the paste has not arrived. */
static int take_paste(ipd_keyboard *k)
{
    size_t count = k->to - k->from, mark = sizeof end_of_paste - 1;
    const char *text = k->bytes + k->from;
    const char *end = memmem(text + k->searched, count - k->searched, end_of_paste, mark);

    if (!end) {
        k->searched = count < mark ? 0 : count - mark;
        return 0;
    }
    k->keys++;
    k->in_paste = 0;
    drop(k, (size_t)(end - text) + mark);
    ipd_prompt_paste(text, (size_t)(end - text));
    return 1;
}

/* "\033[<button;column;rowM", or "m" for a release (terminal mode 1006). Returns 0 for anything
 * else. */
static int take_report(ipd_keyboard *k, const unit *u)
{
    unsigned button, x, y;
    char end;

    if (u->length < 4 || u->length >= sizeof u->bytes || u->bytes[2] != '<' ||
        !strchr("Mm", u->bytes[u->length - 1]))
        return 0;
    if (sscanf(u->bytes + 3, "%5u;%5u;%5u%c", &button, &x, &y, &end) != 4 || !x || !y)
        return 1;
    ipd_mouse m = {.x = (int)x - 1, .y = (int)y - 1};
    button &= ~28u; /* the bits of Shift, Alt and Control */
    if (button == 64 || button == 65)
        m.kind = button == 64 ? IPD_MOUSE_WHEEL_UP : IPD_MOUSE_WHEEL_DOWN;
    else if (button == 0)
        m.kind = end == 'M' ? IPD_MOUSE_PRESS : IPD_MOUSE_RELEASE;
    else if (button == 32)
        m.kind = IPD_MOUSE_DRAG;
    else
        return 1;
    k->mouse(k->context, &m);
    return 1;
}

/* --- keys --- */

static void push(ipd_keyboard *k, const char *bytes, size_t length)
{
    k->typing(k->context);
    ipd_prompt_push(bytes, length);
}

/* Delivers all bytes of a UTF-8 character at once, so that Readline can read the character. meta:
 * an Escape came before it. */
static void deliver_character(ipd_keyboard *k, const char *bytes, size_t length, int meta)
{
    int code = (unsigned char)*bytes;

    if (k->key(k->context, meta ? IPD_META | code : code)) {
        for (size_t i = 1; i < length; i++) /* a view that edits a text gets it byte by byte */
            k->key(k->context, (unsigned char)bytes[i]);
        return;
    }
    if (meta)
        push(k, "\033", 1);
    push(k, bytes, length);
}

/* Delivers a lone Escape. In emacs mode Readline waits for the next key without limit, and both
 * form one key: Alt and a letter, or a sequence split by a slow line. Returns 1 if the Escape must
 * wait likewise. */
static int deliver_escape(ipd_keyboard *k)
{
    if (k->key(k->context, IPD_KEY_ESCAPE))
        return 0;
    if (ipd_prompt_waits_after_escape())
        return 1;
    push(k, "\033", 1);
    return 0;
}

/* Puts an Escape back into the input, where it waits for the next key. */
static void hold_escape(ipd_keyboard *k)
{
    if (k->from == k->to && reserve(k) == 0)
        k->bytes[k->to++] = '\033';
    else if (k->from > 0)
        k->bytes[--k->from] = '\033';
    else
        return;
    k->escaped = k->waits = 1;
    k->held = k->to - k->from;
}

/* The terminfo key at the beginning of the bytes: its code and *length. 0: none; -1: the bytes are
 * the beginning of a key. */
static int key_of(const char *bytes, size_t count, size_t *length)
{
    char begin[LONGEST_KEY + 1];
    int code = -1;

    for (size_t n = 1; n <= count && code < 0; n++) {
        if (n > LONGEST_KEY || !bytes[n - 1])
            return 0;
        memcpy(begin, bytes, n);
        begin[n] = 0;
        code = ipd_terminal_key_of(begin);
        *length = n;
    }
    return code;
}

/* The character of a keypad key in application mode; 0: none. */
static char keypad_of(const unit *u)
{
    static const char keys[] = "jklmnopqrstuvwxyMX", typed[] = "*+,-./0123456789\r=";
    const char *at = u->length == 3 && u->bytes[1] == 'O' ? strchr(keys, u->bytes[2]) : NULL;

    return at && *at ? typed[at - keys] : 0;
}

/* Delivers a terminfo key or a whole sequence to the workbench or Readline; drops it if it is
 * unbound. */
static void take_unit(ipd_keyboard *k, const unit *u)
{
    char typed = keypad_of(u);

    if (!u->code && u->length == sizeof begin_of_paste - 1 &&
        !memcmp(u->bytes, begin_of_paste, u->length)) {
        k->in_paste = 1;
        k->searched = 0;
        ipd_prompt_work(); /* earlier keys come first */
        return;
    }
    k->keys++;
    if (u->code ? k->key(k->context, u->code) : take_report(k, u))
        return;
    if (u->length < sizeof u->bytes && ipd_prompt_binds(u->bytes, u->length))
        push(k, u->bytes, u->length);
    else if (typed)
        deliver_character(k, &typed, 1, 0);
}

/* The number of bytes of the UTF-8 character at offset `at` of the input. */
static size_t character_length(ipd_keyboard *k, size_t at)
{
    int byte = (unsigned char)k->bytes[k->from + at];
    size_t n = 1, more = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : byte >= 0xC2 ? 1 : 0;

    for (; more; more--, n++)
        if ((k->from + at + n == k->to && !comes_more(k)) ||
            (k->bytes[k->from + at + n] & 0xC0) != 0x80)
            break;
    return n;
}

/* Delivers a character, or with `meta` an Escape and a character. */
static int take_character(ipd_keyboard *k, int meta)
{
    size_t length = character_length(k, meta ? 1 : 0);

    k->keys++;
    unit u = take_out(k, length + (meta ? 1 : 0), 0);
    deliver_character(k, u.bytes + (meta ? 1 : 0), length, meta);
    return 1;
}

/* Delivers two Escapes, perhaps with a sequence after the second. */
static int take_two_escapes(ipd_keyboard *k)
{
    int escaped = k->escaped, code = 0;
    size_t length = 1;

    k->keys++;
    if (k->to - k->from > 2) {
        code = key_of(k->bytes + k->from + 1, k->to - k->from - 1, &length);
        if (code <= 0 && ipd_sequence_scan(k->bytes + k->from + 1, k->to - k->from - 1, &length) !=
                             IPD_SEQUENCE_WHOLE)
            length = 0;
        unit u = take_out(k, 1 + length, 0);
        if (length && u.length < sizeof u.bytes && ipd_prompt_binds(u.bytes, u.length)) {
            push(k, u.bytes, u.length); /* an inputrc binds Alt and an arrow, for example */
            return 1;
        }
        if (!escaped)
            deliver_escape(k);
        if (length) {
            memmove(u.bytes, u.bytes + 1, --u.length);
            u.code = code > 0 ? code : 0;
            take_unit(k, &u);
        }
        return 1;
    }
    drop(k, 1);
    if (!escaped && k->key(k->context, IPD_KEY_ESCAPE))
        return 1;
    drop(k, k->from < k->to);
    push(k, "\033\033", 2); /* Readline binds this key */
    return 1;
}

/* Delivers an Escape that begins no sequence. Returns 0 if it waits for the next key. */
static int take_escape(ipd_keyboard *k)
{
    if (k->to - k->from > 1)
        return k->bytes[k->from + 1] == '\033' ? take_two_escapes(k) : take_character(k, 1);
    k->keys++;
    drop(k, 1);
    if (!deliver_escape(k))
        return 1;
    hold_escape(k);
    return 0;
}

/* Delivers the first key or sequence. Returns 0 if it is incomplete. */
static int take(ipd_keyboard *k)
{
    ipd_sequence kind = IPD_SEQUENCE_NONE;
    size_t length, whole, count;
    int code, settled = 0;

    for (;;) {
        const char *bytes = k->bytes + k->from;
        count = k->to - k->from;
        code = key_of(bytes, count, &length);
        whole = 1;
        if (*bytes == '\033')
            kind = ipd_sequence_scan(bytes, count, &whole);
        int two = count == 2 && !memcmp(bytes, "\033\033", 2);
        if (settled || (code >= 0 && kind != IPD_SEQUENCE_MORE && !two))
            break;
        settled = (k->escaped && count == 1) || !comes_more(k);
    }
    if (code > 0 && !ipd_terminal_is_mouse(code)) {
        unit u = take_out(k, length, code);
        take_unit(k, &u);
        return 1;
    }
    if (k->bytes[k->from] != '\033')
        return take_character(k, 0);
    if (kind == IPD_SEQUENCE_MORE &&
        (count > 2 || (count == 2 && strchr("[O", k->bytes[k->from + 1])) ||
         (count == 1 && k->escaped)))
        return 0; /* a slow line has split it */
    if (kind == IPD_SEQUENCE_NONE || kind == IPD_SEQUENCE_MORE)
        return take_escape(k);
    unit u = take_out(k, whole, 0);
    if (kind == IPD_SEQUENCE_WHOLE)
        take_unit(k, &u);
    return 1;
}

int ipd_keyboard_read(ipd_keyboard *k)
{
    int any = 0;

    for (;;) {
        if (ipd_signals_pending() & IPD_SIGNAL_INTERRUPT)
            return any; /* C-c goes first: it discards input */
        k->held = k->to - k->from;
        int more = read_more(k);
        any |= more;
        if (more && ipd_signals_pending() & IPD_SIGNAL_INTERRUPT)
            return any; /* these bytes came after C-c */
        k->waits = k->waits && !more;
        if (k->in_paste && ipd_prompt_is_held())
            return any;
        if (k->from < k->to && !k->waits) {
            if (k->in_paste ? take_paste(k) : take(k))
                any = 1;
            else
                k->waits = 1;
        } else if (!more) {
            k->held = k->to - k->from;
            return any;
        }
    }
}

void ipd_keyboard_forget(ipd_keyboard *k)
{
    if (!k->in_paste)
        drop(k, k->held < k->to - k->from ? k->held : k->to - k->from);
    k->held = 0;
}

void ipd_keyboard_press(ipd_keyboard *k, int code)
{
    int meta = k->escaped;
    char bytes[LONGEST_KEY];

    ipd_keyboard_forget(k);
    if (code == IPD_KEY_ESCAPE) {
        k->keys++;
        if (deliver_escape(k))
            hold_escape(k);
    } else if (code & IPD_META || code <= 0xFF) {
        k->keys++;
        bytes[0] = (char)code;
        deliver_character(k, bytes, 1, meta || code & IPD_META);
    } else {
        unit u = {.code = code};
        ipd_terminal_key_bytes(code, u.bytes, sizeof u.bytes);
        u.length = strlen(u.bytes);
        take_unit(k, &u);
    }
}

void ipd_keyboard_type(ipd_keyboard *k, const char *text)
{
    while (*text) {
        size_t n = 1;
        while ((text[n] & 0xC0) == 0x80)
            n++; /* a whole UTF-8 character */
        k->keys++;
        if (n > 1 || !k->key(k->context, (unsigned char)*text))
            push(k, text, n);
        text += n;
    }
}

void ipd_keyboard_free(ipd_keyboard *k)
{
    free(k->bytes);
    k->bytes = NULL;
    k->from = k->to = k->size = 0;
}
