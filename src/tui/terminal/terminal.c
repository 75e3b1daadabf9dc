#include "tui/terminal/terminal.h"
#include "base/contract.h"
#include "tui/terminal/signals.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

static FILE *stream; /* /dev/tty */
static SCREEN *screen;
static struct termios modes; /* the original modes */
static int started;

static int reports_mouse, wants_mouse = 1;

/* Presses, releases, the wheel and drags (1002), with coordinates as numbers (1006). */
#define MOUSE_ON "\033[?1002h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1002l"
#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"

int ipd_terminal_suits(ipd_error *e)
{
    const char *term = getenv("TERM");
    int result;

    if (!isatty(0) || !isatty(1))
        return ipd_fail(e, IPD_EUSAGE, "stdin and stdout are not a terminal");
    if (!term || !*term)
        return ipd_fail(e, IPD_EUSAGE, "TERM is not set");
    if (setupterm(term, 1, &result) == ERR)
        return ipd_fail(e, IPD_EUSAGE, "unknown terminal \"%.40s\"", term);
    const char *move = tigetstr("cup");
    int can_move = move && move != (char *)-1;
    del_curterm(cur_term); /* newterm will make its own */
    if (!can_move)
        return ipd_fail(e, IPD_EUSAGE, "the terminal \"%.40s\" cannot move its cursor", term);
    return 0;
}

int ipd_terminal_open(ipd_error *e)
{
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

    if (fd < 0 || !(stream = fdopen(fd, "r+"))) {
        ipd_fail(e, IPD_EIO, "cannot open the terminal: /dev/tty: %s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    if (tcgetattr(fd, &modes) < 0)
        return ipd_fail(e, IPD_EIO, "cannot read the terminal's modes: %s", strerror(errno));
    return 0;
}

static void send(const char *bytes)
{
    ssize_t ignored = write(fileno(stream), bytes, strlen(bytes));
    (void)ignored;
}

static void send_modes(int on)
{
    send(on ? PASTE_ON : PASTE_OFF);
    if (reports_mouse && (wants_mouse || !on))
        send(on ? MOUSE_ON : MOUSE_OFF);
}

void ipd_terminal_mouse(int on)
{
    wants_mouse = on;
    if (started && reports_mouse)
        send(on ? MOUSE_ON : MOUSE_OFF);
}

/* A capability without its padding ("$<5>"), for use in a signal handler. */
static void append_capability(char *to, size_t size, const char *name)
{
    const char *text = tigetstr(name);
    size_t n = strlen(to);

    if (!text || text == (char *)-1)
        return;
    while (*text && n + 1 < size) {
        if (text[0] == '$' && text[1] == '<' && strchr(text, '>'))
            text = strchr(text, '>') + 1;
        else
            to[n++] = *text++;
    }
    to[n] = 0;
}

/* Prepares what restores the terminal after a fatal signal. */
static void prepare_for_the_worst(void)
{
    char bytes[256] = PASTE_OFF;
    static const char *const names[] = {"sgr0", "rmkx", "rmcup", "cnorm"};

    if (reports_mouse)
        strcat(bytes, MOUSE_OFF);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        append_capability(bytes, sizeof bytes, names[i]);
    ipd_signals_restore(fileno(stream), &modes, bytes, strlen(bytes));
}

/* Makes C-s and C-q keys, since C-s searches forward in the history. Disables C-\, which would end
 * the session. */
static void make_keys(void)
{
    struct termios now;

    if (tcgetattr(fileno(stream), &now) == 0) {
        now.c_iflag &= ~(tcflag_t)IXON;
        now.c_cc[VQUIT] = _POSIX_VDISABLE;
        tcsetattr(fileno(stream), TCSADRAIN, &now);
        def_prog_mode();
    }
}

int ipd_terminal_start(ipd_error *e)
{
    IPD_MAIN_THREAD();
    struct winsize size = {0};
    /* If the size is unknown, curses uses the environment or the terminal's description. */
    int sized = ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col;
    use_env(!sized);
    use_tioctl(sized);
    screen = newterm(NULL, stream, stream);
    if (!screen)
        return ipd_fail(e, IPD_EIO, "cannot open the screen on this terminal. Use `ipdlam repl`");
    started = 1;
    const char *mouse = tigetstr("kmous");
    reports_mouse = mouse && mouse != (char *)-1;
    atexit(ipd_terminal_stop); /* for os.exit */
    prepare_for_the_worst();
    cbreak();
    make_keys();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    if (!getenv("ESCDELAY"))
        set_escdelay(25);
    leaveok(stdscr, FALSE);
    ipd_terminal_resize();
    send_modes(1);
    return 0;
}

void ipd_terminal_stop(void)
{
    if (started) {
        started = 0;
        send_modes(0);
        curs_set(1);
        endwin();
        tcsetattr(fileno(stream), TCSADRAIN, &modes);
        ipd_signals_restore(-1, NULL, NULL, 0);
        delscreen(screen);
        screen = NULL;
    }
    if (stream) {
        fclose(stream);
        stream = NULL;
    }
}

int ipd_terminal_fd(void)
{
    return fileno(stream);
}

void ipd_terminal_size(int *width, int *height)
{
    *width = COLS > 0 ? COLS : 1;
    *height = LINES > 0 ? LINES : 1;
}

void ipd_terminal_resize(void)
{
    struct winsize size;

    if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0 &&
        (size.ws_col != COLS || size.ws_row != LINES))
        resizeterm(size.ws_row, size.ws_col);
}

void ipd_terminal_refresh(int take_modes)
{
    IPD_MAIN_THREAD();
    if (take_modes) {
        reset_prog_mode();
        keypad(stdscr, TRUE); /* curses sends it only when it reads keys itself */
        send_modes(1);
    }
    ipd_terminal_resize();
    clearok(curscr, TRUE);
}

void ipd_terminal_leave(void)
{
    send_modes(0);
    def_prog_mode();
    curs_set(1);
    endwin();
    tcsetattr(fileno(stream), TCSADRAIN, &modes);
}

void ipd_terminal_come_back(void)
{
    tcgetattr(fileno(stream), &modes); /* stty may have changed them */
    prepare_for_the_worst();
    ipd_terminal_refresh(1);
}

void ipd_terminal_suspend(void)
{
    ipd_terminal_leave();
    ipd_signals_stop_process();
    ipd_terminal_come_back();
}

size_t ipd_terminal_read(char *to, size_t size)
{
    IPD_MAIN_THREAD();
    int waiting = 0;

    if (ioctl(fileno(stream), FIONREAD, &waiting) < 0 || waiting <= 0)
        return 0;
    ssize_t n = read(fileno(stream), to, (size_t)waiting < size ? (size_t)waiting : size);
    return n > 0 ? (size_t)n : 0;
}

int ipd_terminal_wait(void)
{
    struct pollfd p = {.fd = fileno(stream), .events = POLLIN};

    return poll(&p, 1, get_escdelay()) > 0 && p.revents & POLLIN;
}

int ipd_terminal_key_of(const char *bytes)
{
    return key_defined(bytes);
}

int ipd_terminal_is_mouse(int code)
{
    return code == KEY_MOUSE;
}

void ipd_terminal_key_bytes(int code, char *to, unsigned long size)
{
    char *bytes = keybound(code, 0);

    to[0] = 0;
    if (bytes) {
        strncat(to, bytes, size - 1);
        free(bytes);
    }
}
