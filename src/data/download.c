/* download.c - see download.h. */
#include "data/download.h"
#include "base/clock.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { CONNECT_SECONDS = 20, MAX_REDIRECTS = 5, SLOWEST = 64 /* bytes per second */ };

/* The reason for which a callback aborted the transfer. */
typedef enum breach {
    NONE,
    STOPPED,
    STALLED,
    TOO_LARGE,
    CANNOT_WRITE,
    BAD_STATUS,
    BAD_RANGE
} breach;

typedef struct transfer {
    ipd_download *d;
    CURL *curl;
    int fd;
    int started; /* the status of the answer has been checked */
    curl_off_t from, have;
    double since;     /* start of the current stall interval, seconds */
    curl_off_t then;  /* bytes received at that time */
    long range_start; /* start in the answer's Content-Range, or -1 */
    breach breach;
    int why; /* errno */
} transfer;

static void start_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* Parses the start of a partial answer: "Content-Range: bytes 100-199/200". */
static size_t on_header(char *line, size_t size, size_t count, void *context)
{
    static const char name[] = "content-range: bytes ";
    transfer *t = context;
    size_t n = size * count, m = sizeof name - 1;
    if (n >= 5 && !strncasecmp(line, "HTTP/", 5)) /* a new answer, after a redirection */
        t->range_start = -1;
    if (n > m && !strncasecmp(line, name, m)) {
        long start = 0;
        for (size_t i = m; i < n && line[i] >= '0' && line[i] <= '9' && start < 1L << 50; i++)
            start = start * 10 + (line[i] - '0');
        t->range_start = start;
    }
    return n;
}

/* Checks the status of the answer before its first byte is written. 0 to go on. */
static int start_answer(transfer *t)
{
    long status = 0;
    t->started = 1;
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status == 206 && t->from > 0) {
        if (t->range_start != t->from) {
            t->breach = BAD_RANGE;
            return -1;
        }
        t->d->resumed = 1;
        return 0;
    }
    if (status != 200 && status != 0) { /* 0: a local file */
        t->breach = BAD_STATUS;
        return -1;
    }
    /* The server sends the whole file and ignores the range. */
    t->have = 0;
    if (ftruncate(t->fd, 0) || lseek(t->fd, 0, SEEK_SET) < 0) {
        t->why = errno;
        t->breach = CANNOT_WRITE;
        return -1;
    }
    return 0;
}

static size_t on_data(char *bytes, size_t size, size_t count, void *context)
{
    transfer *t = context;
    size_t n = size * count;
    if (!t->started && start_answer(t))
        return 0;
    if ((double)t->have + (double)n > t->d->max) {
        t->breach = TOO_LARGE;
        return 0;
    }
    for (size_t done = 0; done < n;) {
        ssize_t w = write(t->fd, bytes + done, n - done);
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0) {
            t->why = errno;
            t->breach = CANNOT_WRITE;
            return 0;
        }
        done += (size_t)w;
    }
    t->have += (curl_off_t)n;
    return n;
}

/* curl calls this at least once a second, even without data. */
static int on_progress(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total,
                       curl_off_t up_now)
{
    transfer *t = context;
    ipd_download *d = t->d;
    (void)up_total;
    (void)up_now;
    if (t->have - t->then >= SLOWEST * d->stall) {
        t->since = ipd_seconds();
        t->then = t->have;
    } else if (ipd_seconds() - t->since > (double)d->stall) {
        t->breach = STALLED;
        return 1;
    }
    /* Before the status is known, `total` may be the length of an error page. */
    double whole = t->started && total > 0 ? (double)(t->have - now + total) : 0;
    if (!d->progress || !d->progress(d->context, (double)t->have, whole))
        return 0;
    t->breach = STOPPED;
    return 1;
}

static void set_protocols(CURL *curl)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https,file");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS,
                     (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS | CURLPROTO_FILE));
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

/* message: CURL_ERROR_SIZE bytes. */
static void set_up(transfer *t, const char *range, char *message)
{
    CURL *c = t->curl;
    curl_easy_setopt(c, CURLOPT_URL, t->d->url);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, message);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "ipdlam");
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(c, CURLOPT_MAXREDIRS, (long)MAX_REDIRECTS);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT,
                     t->d->stall < CONNECT_SECONDS ? t->d->stall : (long)CONNECT_SECONDS);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(c, CURLOPT_XFERINFODATA, t);
    curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    if (*range)
        curl_easy_setopt(c, CURLOPT_RANGE, range);
    set_protocols(c);
}

/* Turns the failure into one sentence; empties the file if the answer was too large to be the right
 * one. */
static int explain(transfer *t, CURLcode code, const char *message, ipd_error *e)
{
    const char *url = t->d->url;
    long status = 0;
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    switch (t->breach) {
    case STOPPED:
        return ipd_fail(e, IPD_EINTERRUPT, "stopped; the same command continues from here");
    case STALLED:
        return ipd_fail(e, IPD_EIO, "%.300s: hardly any data arrived for %ld seconds", url,
                        t->d->stall);
    case TOO_LARGE:
        if (ftruncate(t->fd, 0) == 0)
            t->have = 0;
        return ipd_fail(e, IPD_EFORMAT, "%.300s: sends more than the allowed %.0f MiB", url,
                        t->d->max / (1 << 20));
    case CANNOT_WRITE:
        return ipd_fail(e, IPD_ESTATE, "%.300s: cannot be written: %s", t->d->path,
                        strerror(t->why));
    case BAD_RANGE:
        return ipd_fail(e, IPD_EFORMAT, "%.300s: sends another part of the file than requested",
                        url);
    case BAD_STATUS:
        return ipd_fail(e, IPD_EIO, "%.300s: the server answers %ld%s", url, status,
                        status == 404   ? " (not found)"
                        : status == 403 ? " (forbidden)"
                                        : "");
    case NONE:
        break;
    }
    if (code == CURLE_OPERATION_TIMEDOUT)
        return ipd_fail(e, IPD_EIO, "%.300s: the server does not answer in time", url);
    if (code == CURLE_PARTIAL_FILE)
        return ipd_fail(e, IPD_EIO, "%.300s: the connection was closed before the end of the file",
                        url);
    return ipd_fail(e, IPD_EIO, "%.280s: %.160s", url,
                    *message ? message : curl_easy_strerror(code));
}

static int run(transfer *t, ipd_error *e)
{
    char range[40] = "", message[CURL_ERROR_SIZE] = "";
    long status = 0;
    t->from = t->have = lseek(t->fd, 0, SEEK_END);
    if (t->from > 0 && strncmp(t->d->url, "file:", 5))
        snprintf(range, sizeof range, "%lld-", (long long)t->from);
    t->then = t->have;
    t->since = ipd_seconds();
    set_up(t, range, message);
    CURLcode code = curl_easy_perform(t->curl);
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK && !t->started && start_answer(t))
        code = CURLE_WRITE_ERROR; /* an empty answer */
    if (*range && (t->breach == BAD_RANGE || (t->breach == BAD_STATUS && status == 416))) {
        /* The partial file does not match the server's: start again from the beginning. */
        if (ftruncate(t->fd, 0))
            return ipd_fail(e, IPD_ESTATE, "%.300s: cannot be written: %s", t->d->path,
                            strerror(errno));
        curl_easy_reset(t->curl);
        *t = (transfer){.d = t->d, .curl = t->curl, .fd = t->fd, .range_start = -1};
        return run(t, e);
    }
    return code == CURLE_OK ? 0 : explain(t, code, message, e);
}

int ipd_download_run(ipd_download *d, ipd_error *e)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    transfer t = {.d = d, .range_start = -1};
    struct stat s;
    int result;
    d->resumed = d->gained = 0;
    pthread_once(&once, start_curl);
    t.fd = open(d->path, O_RDWR | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0666);
    if (t.fd < 0)
        return ipd_fail(e, IPD_ESTATE, "%.300s: cannot be written: %s", d->path, strerror(errno));
    if (fstat(t.fd, &s) || !S_ISREG(s.st_mode)) {
        close(t.fd);
        return ipd_fail(e, IPD_ESTATE, "%.300s: is not a regular file. Move it away", d->path);
    }
    if (flock(t.fd, LOCK_EX | LOCK_NB)) {
        close(t.fd);
        return ipd_fail(e, IPD_ESTATE, "%.300s: another ipdlam is downloading it", d->path);
    }
    t.curl = curl_easy_init();
    if (!t.curl) {
        close(t.fd);
        return ipd_fail(e, IPD_EMEMORY, "out of memory for a download");
    }
    curl_off_t before = lseek(t.fd, 0, SEEK_END);
    result = run(&t, e);
    d->gained = lseek(t.fd, 0, SEEK_END) > before;
    curl_easy_cleanup(t.curl);
    if (fsync(t.fd) && !result)
        result = ipd_fail(e, IPD_ESTATE, "%.300s: cannot be written: %s", d->path, strerror(errno));
    close(t.fd);
    return result;
}
