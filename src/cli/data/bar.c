#include "cli/data/bar.h"
#include "base/ending.h"

#include <signal.h>

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
