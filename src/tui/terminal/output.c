#include "tui/terminal/output.h"
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct ipd_output {
    ipd_scrollback *to;
    int saved[3]; /* the original descriptors */
    int read_end, write_end;
    int news, end; /* eventfds: new output; stop draining */
    pthread_t thread;
};

static volatile sig_atomic_t saved_error = -1;

static void *drain(void *context)
{
    ipd_output *o = context;
    char bytes[16384];
    const uint64_t one = 1;

    for (;;) {
        struct pollfd fds[2] = {{.fd = o->read_end, .events = POLLIN},
                                {.fd = o->end, .events = POLLIN}};
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return NULL;
        if (fds[0].revents & POLLIN) {
            ssize_t n = read(o->read_end, bytes, sizeof bytes);
            if (n <= 0)
                return NULL;
            ipd_scrollback_write(o->to, bytes, (size_t)n);
            if (write(o->news, &one, sizeof one) < 0 && errno != EAGAIN)
                return NULL;
        } else if (fds[1].revents) {
            return NULL; /* the pipe is empty */
        }
    }
}

static int start_thread(ipd_output *o, ipd_error *e)
{
    int failed = ipd_thread_start(&o->thread, drain, o);
    return failed ? ipd_fail(e, IPD_EIO, "cannot start the thread of the output pane: %s",
                             strerror(failed))
                  : 0;
}

static void close_all(ipd_output *o)
{
    int *const all[] = {&o->saved[0],  &o->saved[1], &o->saved[2], &o->read_end,
                        &o->write_end, &o->news,     &o->end};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (*all[i] >= 0)
            close(*all[i]);
    free(o);
}

static int open_all(ipd_output *o, ipd_error *e)
{
    int ends[2];

    for (int i = 0; i < 3; i++)
        o->saved[i] = -1;
    o->read_end = o->write_end = o->news = o->end = -1;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return ipd_fail(e, IPD_EIO, "cannot make a pipe for the output pane: %s", strerror(errno));
    o->read_end = ends[0];
    o->write_end = ends[1];
    o->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    o->end = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    for (int i = 0; i < 3; i++)
        o->saved[i] = fcntl(i, F_DUPFD_CLOEXEC, 3);
    if (o->news < 0 || o->end < 0 || o->saved[0] < 0 || o->saved[1] < 0 || o->saved[2] < 0)
        return ipd_fail(e, IPD_EIO, "no descriptors for the output pane: %s", strerror(errno));
    return 0;
}

ipd_output *ipd_output_start(ipd_scrollback *to, ipd_error *e)
{
    ipd_output *o = calloc(1, sizeof *o);

    if (!o) {
        ipd_fail(e, IPD_EMEMORY, "no memory for the output pane");
        return NULL;
    }
    o->to = to;
    if (open_all(o, e) < 0 || start_thread(o, e) < 0) {
        close_all(o);
        return NULL;
    }
    fflush(stdout);
    fflush(stderr);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing >= 0) {
        dup2(nothing, 0);
        close(nothing);
    }
    dup2(o->write_end, 1);
    dup2(o->write_end, 2);
    setvbuf(stdout, NULL, _IOLBF, 0); /* a pipe is not line-buffered by default */
    saved_error = o->saved[2];
    return o;
}

void ipd_output_stop(ipd_output *o)
{
    const uint64_t one = 1;

    if (!o)
        return;
    fflush(stdout);
    fflush(stderr);
    saved_error = -1;
    for (int i = 0; i < 3; i++)
        dup2(o->saved[i], i);
    if (write(o->end, &one, sizeof one) == sizeof one)
        pthread_join(o->thread, NULL);
    close_all(o);
}

void ipd_output_say(ipd_output *o, ipd_text_kind kind, const char *text)
{
    char mark[2] = {IPD_MARK, (char)('A' + kind)}, end[3] = {'\n', IPD_MARK, 'A'};
    const struct {
        const char *bytes;
        size_t count;
    } pieces[] = {{mark, 2}, {text, strlen(text)}, {end, 3}};

    fflush(stdout);
    for (size_t i = 0; i < 3; i++)
        for (size_t done = 0; done < pieces[i].count;) {
            ssize_t n = write(o->write_end, pieces[i].bytes + done, pieces[i].count - done);
            if (n < 0 && errno != EINTR)
                return;
            done += n > 0 ? (size_t)n : 0;
        }
}

int ipd_output_fd(const ipd_output *o)
{
    return o->news;
}

void ipd_output_seen(ipd_output *o)
{
    uint64_t count;

    while (read(o->news, &count, sizeof count) > 0)
        ;
}

int ipd_output_pending(const ipd_output *o)
{
    int bytes = 0;

    return ioctl(o->read_end, FIONREAD, &bytes) == 0 && bytes > 0;
}

void ipd_output_wait(const ipd_output *o)
{
    enum { PATIENCE = 500 }; /* milliseconds */

    for (int i = 0; i < PATIENCE && ipd_output_pending(o); i++)
        poll(NULL, 0, 1);
}

void ipd_output_restore_now(void)
{
    if (saved_error >= 0)
        dup2(saved_error, 2);
}
