/* live.c - a text on the terminal that is updated in place; see live.h. */
#include "cli/live.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static int shown; /* the cursor is this many lines below the first line of the text */
static int is_shown, keys;
static struct termios before;

int ipd_cli_live_size(void *context, int *columns, int *lines)
{
    struct winsize w;
    const char *kind = getenv("TERM");
    (void)context;
    if (!isatty(STDERR_FILENO) || !isatty(STDIN_FILENO) || !kind || !strcmp(kind, "dumb") ||
        ioctl(STDERR_FILENO, TIOCGWINSZ, &w))
        return 0;
    *columns = w.ws_col > 20 ? w.ws_col : 80;
    *lines = w.ws_row > 4 ? w.ws_row : 24;
    return 1;
}

static void restore_keyboard(void)
{
    if (keys)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
    keys = 0;
}

/* Reads keys without waiting for a line and without echo; C-c remains a signal. */
static void grab_keyboard(void)
{
    static int registered;
    struct termios now;
    if (keys || tcgetattr(STDIN_FILENO, &before))
        return;
    now = before;
    now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    now.c_cc[VMIN] = 0;
    now.c_cc[VTIME] = 0;
    keys = tcsetattr(STDIN_FILENO, TCSADRAIN, &now) == 0;
    if (!registered)
        atexit(restore_keyboard);
    registered = 1;
}

/* Erases the text if stdout is a terminal, so that later output replaces it. */
static void leave(void)
{
    if (!is_shown)
        return;
    if (!isatty(STDOUT_FILENO))
        fputc('\n', stderr);
    else if (shown)
        fprintf(stderr, "\r\033[%dA\033[J", shown);
    else
        fputs("\r\033[J", stderr);
    fflush(stderr);
}

int ipd_cli_live(void *context, const char *text)
{
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};
    char key = 0;
    (void)context;
    if (!text) {
        leave();
        is_shown = shown = 0;
        restore_keyboard();
        return 0;
    }
    grab_keyboard();
    fflush(stdout);
    fputc('\r', stderr);
    if (shown)
        fprintf(stderr, "\033[%dA", shown);
    for (shown = 0; *text; text += *text == '\n') {
        size_t length = strcspn(text, "\n");
        fprintf(stderr, "%.*s\033[K", (int)length, text);
        text += length;
        if (*text) {
            fputc('\n', stderr);
            shown++;
        }
    }
    fputs("\033[J", stderr);
    fflush(stderr);
    is_shown = 1;
    if (keys && poll(&input, 1, 0) == 1 && read(STDIN_FILENO, &key, 1) != 1)
        key = 0;
    return (unsigned char)key;
}

int ipd_cli_live_shown(void)
{
    return is_shown;
}
