/* bar.c - see bar.h. */
#include "cli/bar.h"
#include "base/clock.h"
#include "base/ending.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t stop;

void ipd_bar_text(char to[IPD_BAR + 1], double share)
{
    int full = share > 0 ? (int)(share * IPD_BAR) : 0;
    for (int i = 0; i < IPD_BAR; i++)
        to[i] = i < full ? '=' : i == full ? '>' : ' ';
    to[IPD_BAR] = 0;
}

static void on_signal(void *context, int number)
{
    (void)context;
    (void)number;
    stop = 1;
}

int ipd_bar_begin(ipd_error *e)
{
    const ipd_ending_host ending = {.asked = on_signal, .interrupt_ends = 1, .pipe_ends = 1};
    return ipd_ending_begin(&ending, e);
}

int ipd_bar_stopped(void)
{
    return stop;
}

/* "reading   [=======>                ]  29%" */
static int report(void *context, const char *step, double share)
{
    enum { WAIT = 1 }; /* seconds before the bar appears */
    ipd_bar *b = context;
    double now = ipd_seconds();
    if (b->terminal && now - b->began > WAIT && now - b->last > 0.1) {
        char bar[IPD_BAR + 1];
        ipd_bar_text(bar, share);
        b->last = now;
        b->drawn = 1;
        fprintf(stderr, "\r%-9s [%s] %3.0f%%\033[K", step, bar, 100 * share);
    }
    return stop;
}

ipd_data_progress ipd_bar_start(ipd_bar *b)
{
    *b = (ipd_bar){.terminal = isatty(STDERR_FILENO), .began = ipd_seconds()};
    fflush(stdout);
    return (ipd_data_progress){report, b};
}

void ipd_bar_end(ipd_bar *b)
{
    if (b->drawn)
        fputs("\r\033[K", stderr);
    b->drawn = 0;
}
