#include "tui/replay.h"
#include "base/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ends the line, without the CR of CRLF; returns the next one. */
static char *cut_line(char *line)
{
    char *end = line + strcspn(line, "\n");

    if (end > line && end[-1] == '\r')
        end[-1] = 0;
    *end = 0;
    return end + 1;
}

/* The rest of a line that begins with the word, else NULL. */
static const char *after_word(const char *line, const char *word)
{
    size_t n = strlen(word);

    return strncmp(line, word, n) == 0 && line[n] == ' ' ? line + n + 1 : NULL;
}

static int is_blank(const char *line)
{
    return line[strspn(line, " \t")] == 0 || line[0] == '#';
}

/* Presses the keys of a line; if k is NULL, only checks their names. */
static int press(const char *names, ipd_keyboard *k, ipd_error *e)
{
    char name[32];

    while (*names) {
        size_t n = strcspn(names, " ");
        snprintf(name, sizeof name, "%.*s", (int)n, names);
        int code = n ? ipd_key_code(name) : 0;
        if (code < 0)
            return ipd_fail(e, IPD_EFORMAT,
                            "unknown key \"%s\". ipdlam-workbench(1) lists the names of keys",
                            name);
        if (n && k)
            ipd_keyboard_press(k, code);
        names += n + (names[n] == ' ');
    }
    return 0;
}

static int check(const char *line, ipd_error *e)
{
    const char *keys = after_word(line, "key");

    if (keys)
        return press(keys, NULL, e);
    if (is_blank(line) || after_word(line, "type") || after_word(line, "wait") ||
        after_word(line, "screen"))
        return 0;
    return ipd_fail(e, IPD_EFORMAT,
                    "\"%.40s\" is none of: key NAMES, type TEXT, wait TEXT, screen PATH", line);
}

int ipd_replay_open(ipd_replay *r, const char *path, ipd_error *e)
{
    int number = 1;
    ipd_error wrong;

    *r = (ipd_replay){0};
    if (!(r->text = ipd_file_text(path, 64 << 20, 0, e)))
        return ipd_fail_in(e, "--keys");
    r->at = r->text;
    r->end = r->text + strlen(r->text);
    for (char *line = r->at, *next; line < r->end; line = next, number++) {
        next = cut_line(line);
        if (check(line, &wrong) < 0) {
            ipd_replay_close(r);
            return ipd_fail(e, IPD_EFORMAT, "--keys: %.200s, line %d: %.250s", path, number,
                            wrong.text);
        }
    }
    return 0;
}

void ipd_replay_close(ipd_replay *r)
{
    free(r->text);
    *r = (ipd_replay){0};
}

int ipd_replay_pending(const ipd_replay *r)
{
    return r->at < r->end;
}

static int write_screen(const ipd_canvas *c, const char *path, ipd_error *e)
{
    FILE *f = ipd_stream_open(path, e);
    int failed = f && ipd_canvas_print(c, f, 0) < 0;

    if (f && (ipd_stream_close(f) || failed))
        return ipd_fail(e, IPD_EIO, "%.400s: cannot be written: %s", path, strerror(errno));
    return f ? 0 : -1;
}

static int shows(const ipd_canvas *c, const char *what)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    if (!f)
        return 1; /* out of memory: do not wait */
    ipd_canvas_print(c, f, 0);
    fclose(f);
    int found = text && strstr(text, what);
    free(text);
    return found;
}

int ipd_replay_step(ipd_replay *r, ipd_keyboard *k, const ipd_canvas *c, ipd_error *e)
{
    const char *line = r->at, *argument;
    int result = 1;

    if ((argument = after_word(line, "wait")) && !shows(c, argument))
        return 0;
    r->at += strlen(line) + 1;
    if ((argument = after_word(line, "key")))
        press(argument, k, e);
    else if ((argument = after_word(line, "type")))
        ipd_keyboard_type(k, argument);
    else if ((argument = after_word(line, "screen")) && write_screen(c, argument, e) < 0)
        result = -1;
    return result;
}
