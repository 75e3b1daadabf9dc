/* doctor.c - `ipdlam doctor`: shows processor, libraries, memory, terminal, data sets and history
 * of this machine. */
#include "base/blas.h"
#include "base/kernel.h"
#include "base/parallel.h"
#include "base/path.h"
#include "cli/cli.h"
#include "cli/json_output.h"
#include "cli/machine.h"
#include "cli/options.h"
#include "config.h"
#include "data/dataset.h"
#include "format/export.h"
#include "history/history.h"

#include <curl/curl.h>
#include <curses.h>
#include <jansson.h>
#include <langinfo.h>
#include <locale.h>
#include <lua.h>
#include <math.h>
#include <readline/readline.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>
#include <zlib.h>

#ifdef HAVE_CAIRO
#include <cairo.h>
#endif

/* Findings are printed at once: as lines of text, or as members of a JSON object. */
struct report {
    ipd_json_output json;
    int count;
    char advice[4][320];
    int advice_count;
};

/* Prints a line of text, except in JSON. */
static void line(struct report *r, const char *label, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void line(struct report *r, const char *label, const char *format, ...)
{
    va_list ap;
    if (ipd_json_asked(&r->json))
        return;
    printf("%-13s  ", label);
    va_start(ap, format);
    vprintf(format, ap);
    va_end(ap);
    putchar('\n');
}

/* Begins a member of the JSON object. Returns 0 for text output. */
static int member(struct report *r, const char *key)
{
    if (ipd_json_asked(&r->json))
        printf("%s\"%s\": ", r->count++ ? ", " : "{", key);
    return ipd_json_asked(&r->json);
}

static void text_member(struct report *r, const char *key, const char *text)
{
    if (!member(r, key))
        return;
    if (text)
        ipd_json_string(stdout, text);
    else
        printf("null");
}

static void number_member(struct report *r, const char *key, double number)
{
    if (member(r, key))
        ipd_json_number(stdout, number);
}

static void bool_member(struct report *r, const char *key, int is)
{
    if (member(r, key))
        printf(is ? "true" : "false");
}

static void advise(struct report *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void advise(struct report *r, const char *format, ...)
{
    va_list ap;
    if (r->advice_count == 4)
        return;
    va_start(ap, format);
    vsnprintf(r->advice[r->advice_count++], sizeof r->advice[0], format, ap);
    va_end(ap);
}

static void look_at_machine(struct report *r)
{
    ipd_machine m;
    char all[32], free_now[32];
    const char *reason = ipd_kernel_reason(), *better = ipd_kernel_better(ipd_blas_kernel());
    ipd_machine_look(&m);
    ipd_machine_bytes(all, sizeof all, m.memory);
    ipd_machine_bytes(free_now, sizeof free_now, m.available);
    text_member(r, "processor", m.processor);
    bool_member(r, "avx2", m.avx2);
    bool_member(r, "avx512", m.avx512);
    number_member(r, "processors", m.processors);
    number_member(r, "memory", m.memory);
    number_member(r, "memory_available", m.available);
    text_member(r, "openblas", ipd_blas_version());
    text_member(r, "kernel", ipd_blas_kernel());
    text_member(r, "kernel_reason", *reason ? reason : NULL);
    line(r, "processor", "%s%s%s", m.processor, m.avx2 ? ", AVX2" : ", no AVX2",
         m.avx512 ? ", AVX-512" : "");
    line(r, "threads", "%d processor%s for this process", m.processors,
         m.processors == 1 ? "" : "s");
    line(r, "memory", "%s, %s available", all, free_now);
    line(r, "OpenBLAS", "%s, kernel %s%s%s", ipd_blas_version(), ipd_blas_kernel(),
         *reason ? ", " : "", reason);
    if (better)
        advise(r,
               "OpenBLAS uses the kernel %s, which uses less than this processor offers: "
               "OPENBLAS_CORETYPE=%s, or a newer OpenBLAS, is faster",
               ipd_blas_kernel(), better);
}

static void look_at_terminal(struct report *r)
{
    const char *term = getenv("TERM");
    struct winsize size = {0};
    int error = 0;
    text_member(r, "terminal", term && *term ? term : NULL);
    bool_member(r, "is_terminal", isatty(STDOUT_FILENO));
    if (!isatty(STDOUT_FILENO)) {
        line(r, "terminal", "the output is not a terminal (TERM is %s)",
             term && *term ? term : "not set");
    } else if (!term || setupterm((char *)term, STDOUT_FILENO, &error) != OK) {
        line(r, "terminal", "%s: not known to terminfo", term ? term : "TERM not set");
        advise(r, "the terminal is not known. Set TERM, or install ncurses-term");
    } else {
        ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
        int colours = tigetnum("colors");
        number_member(r, "columns", size.ws_col);
        number_member(r, "rows", size.ws_row);
        number_member(r, "colours", colours > 0 ? colours : 0);
        line(r, "terminal", "%s, %d x %d, %d colours%s", term, size.ws_col, size.ws_row,
             colours > 0 ? colours : 0, getenv("NO_COLOR") ? " (NO_COLOR is set)" : "");
        if (size.ws_col && (size.ws_col < 80 || size.ws_row < 24))
            advise(r,
                   "the terminal is smaller than 80 x 24: the workbench hides some of its views");
    }
    const char *locale = setlocale(LC_CTYPE, NULL);
    text_member(r, "locale", locale ? locale : "C");
    text_member(r, "charset", nl_langinfo(CODESET));
    line(r, "locale", "%s, %s", locale ? locale : "C", nl_langinfo(CODESET));
    if (!ipd_terminal_utf8())
        advise(r, "the locale is not UTF-8, so charts are drawn in ASCII. Set LC_ALL=C.UTF-8");
}

static void look_at_data(struct report *r)
{
    const char *const *names = ipd_dataset_names(), *folder = getenv("IPDLAM_DATA");
    char path[4096], key[96];
    for (int i = 0; names[i]; i++) {
        snprintf(key, sizeof key, "data_%s", names[i]);
        int missing = ipd_dataset_find(names[i], path, sizeof path);
        text_member(r, key, missing ? NULL : *path ? path : "generated");
        if (missing)
            line(r, names[i], "not found. Download it with ipdlam data fetch %s", names[i]);
        else
            line(r, names[i], "%s", *path ? path : "generated, always there");
    }
    if (folder && !ipd_path_exists(folder))
        advise(r, "IPDLAM_DATA is %s, which does not exist", folder);
}

static int count_run(void *context, const ipd_history_run *run)
{
    (void)run;
    ++*(long *)context;
    return 0;
}

static void look_at_history(struct report *r)
{
    char path[4096];
    ipd_error e;
    ipd_history *h = NULL;
    long runs = 0;
    int nowhere = ipd_history_path(path, sizeof path, &e);
    text_member(r, "history", nowhere ? NULL : path);
    if (nowhere) {
        line(r, "history", "%s", e.text);
    } else if (!ipd_path_exists(path)) {
        line(r, "history", "%s: no runs yet", path);
    } else if (ipd_history_open(&h, path, 0, &e) || ipd_history_runs(h, 0, count_run, &runs, &e)) {
        line(r, "history", "%s", e.text);
        advise(r, "the history cannot be read: %s", e.text);
    } else {
        line(r, "history", "%s: %ld run%s%s", path, runs, runs == 1 ? "" : "s",
             access(path, W_OK) ? ", read-only" : "");
    }
    number_member(r, "runs", h || (!nowhere && !ipd_path_exists(path)) ? (double)runs : NAN);
    ipd_history_close(h);
}

static void look_at_libraries(struct report *r)
{
    const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
    text_member(r, "lua", LUA_RELEASE);
    text_member(r, "readline", rl_library_version);
    text_member(r, "ncurses", curses_version());
    text_member(r, "zlib", zlibVersion());
    text_member(r, "jansson", JANSSON_VERSION);
    text_member(r, "sqlite", sqlite3_libversion());
    text_member(r, "curl", curl->version);
    line(r, "libraries", "%s, Readline %s, %s, zlib %s, jansson %s, SQLite %s, curl %s",
         LUA_RELEASE, rl_library_version, curses_version(), zlibVersion(), JANSSON_VERSION,
         sqlite3_libversion(), curl->version);
#ifdef HAVE_CAIRO
    text_member(r, "cairo", cairo_version_string());
    line(r, "cairo", "%s: figures as SVG, PDF and PNG", cairo_version_string());
#else
    text_member(r, "cairo", NULL);
    line(r, "cairo", "not built in: no figures as SVG, PDF and PNG");
#endif
}

static void finish(struct report *r)
{
    if (member(r, "advice")) {
        putchar('[');
        for (int i = 0; i < r->advice_count; i++) {
            fputs(i ? ", " : "", stdout);
            ipd_json_string(stdout, r->advice[i]);
        }
        puts("]}");
        return;
    }
    for (int i = 0; i < r->advice_count; i++)
        printf("%s%s\n", i ? "" : "\nAdvice:\n", r->advice[i]);
    if (!r->advice_count)
        printf("\nNothing to advise.\n");
}

int ipd_cli_doctor(int argc, char **argv)
{
    struct report r = {0};
    const ipd_option table[] = {IPD_OPTION_JSON(r.json), {0}};
    const ipd_options options = {
        .name = "doctor",
        .usage = " [--json | --jsonl]\n\nShows what ipdlam finds on this machine - processor, "
                 "OpenBLAS, memory, terminal,\ndata sets, history - and what could be improved.",
        .table = table};
    int code = ipd_options_parse(&options, argc, argv);
    if (code >= 0)
        return code;
    text_member(&r, "version", PACKAGE_VERSION);
    line(&r, "ipdlam", "%s", PACKAGE_VERSION);
    look_at_machine(&r);
    look_at_terminal(&r);
    look_at_data(&r);
    look_at_history(&r);
    look_at_libraries(&r);
    finish(&r);
    return IPD_EXIT_DONE;
}
