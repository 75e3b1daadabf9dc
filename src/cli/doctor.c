/* doctor.c - `ipdlam doctor`: what the program finds on this machine. */
#include "base/blas.h"
#include "base/kernel.h"
#include "base/parallel.h"
#include "base/path.h"
#include "cli/cli.h"
#include "cli/machine.h"
#include "cli/options.h"
#include "config.h"
#include "data/dataset.h"
#include "run/export.h"
#include "run/history.h"

#include <curl/curl.h>
#include <curses.h>
#include <jansson.h>
#include <langinfo.h>
#include <locale.h>
#include <lua.h>
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

/* Findings are printed as they come: a line of text, or a member of a JSON object. */
struct report {
    int json, count;
    char advice[4][320];
    int advice_count;
};

static void item(struct report *r, const char *key, const char *label, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void item(struct report *r, const char *key, const char *label, const char *format, ...)
{
    char text[4200];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    if (!r->json) {
        printf("%-13s  %s\n", label, text);
        return;
    }
    printf("%s\"%s\": ", r->count++ ? ", " : "{", key);
    ipd_json_string(stdout, text);
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
    item(r, "processor", "processor", "%s%s%s", m.processor, m.avx2 ? ", AVX2" : ", no AVX2",
         m.avx512 ? ", AVX-512" : "");
    item(r, "processors", "threads", "%d processor%s for this process", m.processors,
         m.processors == 1 ? "" : "s");
    item(r, "memory", "memory", "%s, %s available", all, free_now);
    item(r, "openblas", "OpenBLAS", "%s, kernel %s%s%s", ipd_blas_version(), ipd_blas_kernel(),
         *reason ? ", " : "", reason);
    if (better)
        advise(r,
               "OpenBLAS works with the kernel %s, which uses less than this processor offers: "
               "OPENBLAS_CORETYPE=%s, or a newer OpenBLAS, is faster",
               ipd_blas_kernel(), better);
}

static void look_at_terminal(struct report *r)
{
    const char *term = getenv("TERM");
    struct winsize size = {0};
    int error = 0;
    if (!isatty(STDOUT_FILENO)) {
        item(r, "terminal", "terminal", "the output is not a terminal (TERM is %s)",
             term && *term ? term : "not set");
    } else if (!term || setupterm((char *)term, STDOUT_FILENO, &error) != OK) {
        item(r, "terminal", "terminal", "%s: not known to terminfo", term ? term : "TERM not set");
        advise(r, "the terminal is not known: set TERM, or install ncurses-term");
    } else {
        ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
        int colours = tigetnum("colors");
        item(r, "terminal", "terminal", "%s, %d x %d, %d colours%s", term, size.ws_col, size.ws_row,
             colours > 0 ? colours : 0, getenv("NO_COLOR") ? " (NO_COLOR is set)" : "");
        if (size.ws_col && (size.ws_col < 80 || size.ws_row < 24))
            advise(r,
                   "the terminal is smaller than 80 x 24: the workbench hides some of its views");
    }
    const char *locale = setlocale(LC_CTYPE, NULL);
    item(r, "locale", "locale", "%s, %s", locale ? locale : "C", nl_langinfo(CODESET));
    if (!ipd_terminal_utf8())
        advise(r, "the locale is not UTF-8, so charts are drawn in ASCII: set LC_ALL=C.UTF-8");
}

static void look_at_data(struct report *r)
{
    const char *const *names = ipd_dataset_names(), *folder = getenv("IPDLAM_DATA");
    char path[4096], key[96], label[96];
    for (int i = 0; names[i]; i++) {
        snprintf(key, sizeof key, "data_%s", names[i]);
        snprintf(label, sizeof label, "%s", names[i]);
        if (ipd_dataset_find(names[i], path, sizeof path))
            item(r, key, label, "not found: ipdlam data fetch %s downloads it", names[i]);
        else
            item(r, key, label, "%s", *path ? path : "generated, always there");
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
    if (ipd_history_path(path, sizeof path, &e)) {
        item(r, "history", "history", "%s", e.text);
    } else if (!ipd_path_exists(path)) {
        item(r, "history", "history", "%s: no runs yet", path);
    } else if (ipd_history_open(&h, path, 0, &e) || ipd_history_runs(h, 0, count_run, &runs, &e)) {
        item(r, "history", "history", "%s", e.text);
        advise(r, "the history cannot be read: %s", e.text);
    } else {
        item(r, "history", "history", "%s: %ld run%s%s", path, runs, runs == 1 ? "" : "s",
             access(path, W_OK) ? ", read-only" : "");
    }
    ipd_history_close(h);
}

static void look_at_libraries(struct report *r)
{
    const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
    item(r, "libraries", "libraries",
         "%s, Readline %s, %s, zlib %s, jansson %s, SQLite %s, curl %s", LUA_RELEASE,
         rl_library_version, curses_version(), zlibVersion(), JANSSON_VERSION, sqlite3_libversion(),
         curl->version);
#ifdef HAVE_CAIRO
    item(r, "cairo", "cairo", "%s: figures as SVG, PDF and PNG", cairo_version_string());
#else
    item(r, "cairo", "cairo", "not built in: no figures as SVG, PDF and PNG");
#endif
}

static void finish(struct report *r)
{
    if (r->json)
        printf(", \"advice\": [");
    for (int i = 0; i < r->advice_count; i++) {
        if (!r->json) {
            printf("%s%s\n", i ? "" : "\nAdvice:\n", r->advice[i]);
            continue;
        }
        printf("%s", i ? ", " : "");
        ipd_json_string(stdout, r->advice[i]);
    }
    printf(r->json ? "]}\n" : r->advice_count ? "" : "\nNothing to advise.\n");
}

int ipd_cli_doctor(int argc, char **argv)
{
    struct report r = {0};
    const ipd_option table[] = {
        {"json", NULL, "print one JSON object", IPD_OPTION_FLAG, &r.json, 0, 0}, {0}};
    const ipd_options options = {.table = table};
    ipd_error e;
    int asked = ipd_options_parse(&options, argc, argv, &e);
    if (asked < 0)
        return ipd_cli_error("doctor", &e);
    if (asked) {
        printf("Usage: ipdlam doctor [--json]\n"
               "\n"
               "Shows what ipdlam finds on this machine - processor, OpenBLAS, memory, terminal,\n"
               "data sets, history - and what could be better.\n"
               "\n");
        ipd_options_help(stdout, table);
        printf("\nSee ipdlam-doctor(1).\n");
        return IPD_EXIT_DONE;
    }
    item(&r, "version", "ipdlam", "%s", PACKAGE_VERSION);
    look_at_machine(&r);
    look_at_terminal(&r);
    look_at_data(&r);
    look_at_history(&r);
    look_at_libraries(&r);
    finish(&r);
    return IPD_EXIT_DONE;
}
