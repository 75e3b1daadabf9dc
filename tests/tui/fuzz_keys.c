/* fuzz_keys.c - arbitrary bytes as a file for `ipdlam --keys`. Valid files are replayed without a
 * terminal. */
#include "tests/fuzz.h"
#include "tui/prompt/prompt.h"
#include "tui/replay.h"

static int take_key(void *context, int code)
{
    (void)context;
    return code != 'q'; /* q goes to the prompt */
}

static void ignore(void *context)
{
    (void)context;
}

/* The number of characters of a line "type TEXT"; -1 for another line. */
static long characters_of(const char *line)
{
    long count = 0;
    if (strncmp(line, "type ", 5))
        return -1;
    for (const char *at = line + 5; *at; at++)
        count += at == line + 5 || (*at & 0xC0) != 0x80;
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static ipd_canvas canvas;
    ipd_keyboard keyboard = {.key = take_key, .typing = ignore};
    const char *path = fuzz_file(bytes, length);
    ipd_replay r;
    ipd_error e = {0};
    if (!canvas.width)
        fuzz_check(!ipd_canvas_init(&canvas, 4, 2, IPD_ASCII, &e));
    if (ipd_replay_open(&r, path, &e) < 0) {
        char where[64];
        snprintf(where, sizeof where, "--keys: %s", path);
        fuzz_check_error(&e, where);
        fuzz_check(!r.text && !ipd_replay_pending(&r));
        return 0;
    }
    fuzz_check(!memchr(bytes, 0, length));
    for (size_t lines = 0; ipd_replay_pending(&r); lines++) {
        fuzz_check(lines <= length && r.at >= r.text && r.end <= r.text + length);
        long typed = characters_of(r.at);
        keyboard.keys = 0;
        if (!strncmp(r.at, "screen ", 7)) /* would write a file */
            r.at += strlen(r.at) + 1;
        else if (!ipd_replay_step(&r, &keyboard, &canvas, &e))
            break;
        fuzz_check(typed < 0 || keyboard.keys == (unsigned long)typed);
    }
    ipd_replay_close(&r);
    fuzz_taken++;
    ipd_keyboard_free(&keyboard);
    ipd_prompt_drop_ahead();
    return 0;
}

FUZZ_MAIN("tests/tui/corpus_keys", "\n\n\r  keytpwaisrn#FMCS-0123456789.", 1000, 8)
