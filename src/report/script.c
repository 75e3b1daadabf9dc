/* script.c - a run as a Lua script; see script.h. */
#include "report/script.h"

#include "base/blas.h"
#include "base/text.h"
#include "config.h"
#include "net/definitions.h"
#include "report/script_check.h"
#include "settings/schedule.h"
#include "solver/written.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Writes "name = value" of a setting. A value by a function becomes constant: the log holds its
 * results. Values from a file are not trusted: a number or a boolean is written as such, everything
 * else in quotes. */
static int assign(FILE *to, const char *name, const char *value, ipd_error *e)
{
    const ipd_setting *s = ipd_setting_find(name);
    double number;
    if (!s)
        return ipd_fail(e, IPD_EFORMAT, "the run has the unknown setting '%.40s'", name);
    char others[IPD_SETTING_TEXT];
    if (!strcmp(name, "rho_schedule") && !strcmp(value, "function"))
        value = "constant";
    if (!strcmp(name, "schedule")) {
        ipd_schedules_without_functions(value, others);
        value = others;
    }
    fprintf(to, "%s = ", s->name);
    if (ipd_setting_is_text(s, value))
        ipd_text_lua(to, value, strlen(value));
    else if (!ipd_text_to_double(value, &number) || !strcmp(value, "true") ||
             !strcmp(value, "false"))
        fputs(value, to);
    else
        return ipd_fail(e, IPD_EFORMAT, "the run's %s is '%.40s', which is not a valid value",
                        s->name, value);
    return 0;
}

/* Returns 1 if the setting has the value that preset and method choose, so that it can be left
 * out. */
static int is_default(const ipd_settings *usual, const ipd_settings *here, const ipd_setting *s)
{
    char a[512], b[512];
    static const char *const always[] = {"preset", "method", "batch", "seed", NULL};
    if (ipd_text_index(s->name, always) >= 0)
        return 0;
    ipd_settings_get(usual, s, a, sizeof a);
    ipd_settings_get(here, s, b, sizeof b);
    return !strcmp(a, b);
}

static int write_settings(FILE *to, const ipd_script *script, ipd_error *e)
{
    const ipd_settings *here = script->settings;
    ipd_settings usual;
    char value[512];
    int column = 0;
    ipd_settings_init(&usual);
    if (ipd_settings_set(&usual, "preset", here->preset, e) ||
        ipd_settings_set(&usual, "method", here->method, e) ||
        ipd_settings_check(&usual, script->L, script->data, script->train, e))
        return -1;
    for (const ipd_setting *s = ipd_settings_table; s->name; s++) {
        /* Skip aliases of other settings: inertia (alpha, beta, gamma) and rho (rho_init). */
        if (!ipd_setting_is_first(s) || !ipd_setting_exists(here, s) || is_default(&usual, here, s))
            continue;
        ipd_settings_get(here, s, value, sizeof value);
        int wide = (int)(strlen(s->name) + strlen(value)) + 6;
        if (column && column + wide > 100) {
            fputs("\n", to);
            column = 0;
        }
        fputs(column ? " " : "  ", to);
        if (assign(to, s->name, value, e))
            return -1;
        fputc(',', to);
        column += wide;
    }
    fputc('\n', to);
    return 0;
}

static void write_counts(FILE *to, const ipd_script *s)
{
    fprintf(to, ", { train = %zu", s->train);
    if (s->validation)
        fprintf(to, ", validation = %zu", s->validation);
    fprintf(to, ", %s = %zu", s->held_out ? "held_out" : "test", s->test);
}

static int write_data(FILE *to, const ipd_script *s, const char *n, ipd_error *e)
{
    static const char generated[] = "generated, seed ";
    int is_named = ipd_text_index(s->data, ipd_dataset_names()) >= 0;
    const char *name = is_named ? s->data : s->source; /* a folder */
    int says_all = strchr(s->source, '?') != NULL;
    if (says_all)
        name = s->source;
    fprintf(to, "local data%s = assert(ip.dataset(", n);
    ipd_text_lua(to, name, strlen(name));
    if (!says_all)
        write_counts(to, s);
    if (!strncmp(s->source, generated, strlen(generated))) {
        const char *seed = s->source + strlen(generated);
        if (!*seed || seed[strspn(seed, "0123456789")])
            return ipd_fail(e, IPD_EFORMAT, "the seed of the run's data, '%.40s', is not a number",
                            seed);
        fprintf(to, ", seed = %s", seed);
    }
    fputs(says_all ? "))\n" : " }))\n", to);
    if (*s->checksum) {
        fprintf(to, "assert(data%s.checksum == ", n);
        ipd_text_lua(to, s->checksum, strlen(s->checksum));
        fputs(",\n  \"the data are not those of the run\")\n", to);
    }
    return 0;
}

static int write_run(FILE *to, const ipd_script *s, const char *n, ipd_error *e)
{
    fprintf(to, "local run%s = assert(ip.run {\n  name = ", n);
    ipd_text_lua(to, s->name, strlen(s->name));
    fprintf(to, ", data = data%s, net = ", n);
    if (s->given) {
        fputs("assert(ip.load(", to);
        ipd_text_lua(to, s->weights, strlen(s->weights));
        fputs("))", to);
    } else {
        fputs("{ ", to);
        for (int l = 0; l <= s->L; l++)
            fprintf(to, "%s%zu", l ? ", " : "", s->widths[l]);
        fputs(" }", to);
    }
    fputs(",\n", to);
    if (write_settings(to, s, e))
        return -1;
    fputs("})\n", to);
    return 0;
}

static void write_definitions(FILE *to, const char *lines)
{
    for (size_t n; *lines; lines += n + (lines[n] == '\n')) {
        n = strcspn(lines, "\n");
        int kind = ipd_own_kind_of(lines);
        fprintf(to, "assert(ip.%s(", ipd_own_kinds[kind < 0 ? IPD_OWN_ACTIVATION : kind]);
        ipd_text_lua(to, lines, n);
        fputs("))\n", to);
    }
}

/* The text of a method from a file, so that the script needs no file; NULL or a built-in one:
 * nothing. */
static void write_method(FILE *to, const char *name)
{
    const ipd_method *method = ipd_method_find(name);
    if (!method || !method->written)
        return;
    fputs("assert(ip.method(", to);
    ipd_text_lua(to, method->written->text, strlen(method->written->text));
    fputs("))\n", to);
}

/* The methods of the start and of all switches, each once. */
static void write_methods(FILE *to, const ipd_script *s)
{
    write_method(to, s->settings->method);
    for (size_t i = 0; i < s->log_count; i++) {
        char method[IPD_METHOD_NAME] = "", other[IPD_METHOD_NAME];
        ipd_change change = {0};
        ipd_error e;
        int known = ipd_log_parse(s->log[i].text, method, &change, &e) != IPD_LOG_SWITCH ||
                    !strcmp(method, s->settings->method);
        for (size_t j = 0; j < i && !known; j++)
            known = ipd_log_parse(s->log[j].text, other, &change, &e) == IPD_LOG_SWITCH &&
                    !strcmp(method, other);
        if (!known)
            write_method(to, method);
    }
}

/* "run:step_to { iteration = 14, batch = 7, block = "W2" }" */
static void write_place(FILE *to, const ipd_place *at, const char *n)
{
    char block[8];
    fprintf(to, "run%s:step_to { iteration = %d", n, at->iteration);
    if (at->batch > 1)
        fprintf(to, ", batch = %d", at->batch);
    if (at->sweep > 1)
        fprintf(to, ", sweep = %d", at->sweep);
    ipd_block_text(at->block, block);
    if (at->block.layer)
        fprintf(to, ", block = \"%s\"", block);
    fputs(" }", to);
}

/* "{ delta = 0.3, order = "increase" }" */
static int write_change(FILE *to, const ipd_change *change, ipd_error *e)
{
    fputs("{ ", to);
    for (int i = 0; i < change->count; i++) {
        if (i)
            fputs(", ", to);
        char value[IPD_SETTING_TEXT];
        ipd_value_text(change->items[i].setting, &change->items[i].value, value, sizeof value);
        if (assign(to, change->items[i].setting->name, value, e))
            return -1;
    }
    fputs(" }", to);
    return 0;
}

static int write_log(FILE *to, const ipd_script *s, const char *n, ipd_error *e)
{
    ipd_place at = {0};
    for (size_t i = 0; i < s->log_count; i++) {
        const ipd_log_entry *entry = &s->log[i];
        ipd_change change = {0};
        char method[IPD_METHOD_NAME] = "";
        int kind = ipd_log_parse(entry->text, method, &change, e);
        if (kind < 0)
            return -1;
        if (!strncmp(entry->text, "write ", 6)) {
            char place[128];
            ipd_place_text(&entry->place, place, sizeof place);
            return ipd_fail(e, IPD_ESTATE,
                            "a script cannot repeat this run: it was given a matrix (%.60s) at %s. "
                            "Its checkpoint holds the matrix",
                            entry->text, place);
        }
        if (kind == IPD_LOG_OTHER)
            continue;
        if (!ipd_place_is_same(&at, &entry->place)) {
            fputs("assert(", to);
            write_place(to, &entry->place, n);
            fputs(")\n", to);
        }
        at = entry->place;
        if (kind == IPD_LOG_SET) {
            fprintf(to, "assert(run%s:set ", n);
            if (write_change(to, &change, e))
                return -1;
        } else {
            fprintf(to, "assert(run%s:switch(", n);
            ipd_text_lua(to, method, strlen(method));
            if (change.count) {
                fputs(", ", to);
                if (write_change(to, &change, e))
                    return -1;
            }
            fputc(')', to);
        }
        fputs(")\n", to);
    }
    return 0;
}

void ipd_script_of_run(ipd_script *s, const ipd_run *run)
{
    const ipd_dataset *d = ipd_run_dataset(run);
    ipd_run_status status = ipd_run_get_status(run);
    *s = (ipd_script){.title = "",
                      .name = ipd_run_name(run),
                      .settings = ipd_run_first_settings(run),
                      .data = d->name,
                      .source = d->source,
                      .checksum = d->checksum,
                      .train = d->train.X.cols,
                      .test = d->test.X.cols,
                      .validation = d->validation.X.cols,
                      .held_out = d->held_out,
                      .L = ipd_run_depth(run),
                      .widths = ipd_run_widths(run),
                      .definitions = ipd_run_definitions(run),
                      .given = ipd_run_initial(run) != NULL,
                      .weights = ipd_run_initial(run),
                      .log_count = ipd_run_log_count(run),
                      .end = ipd_run_place(run),
                      .ended = status == IPD_DIVERGED || status == IPD_FAILED};
    if (s->log_count)
        s->log = ipd_run_log(run, 0);
    if (s->ended) /* it ends within the current iteration */
        s->end = (ipd_place){.iteration = s->end.iteration + 1};
}

/* Writes the first lines of a file. */
static void write_head(FILE *to)
{
    fprintf(to,
            "-- Written by ipdlam %s with OpenBLAS %s (%s); repeat it with: ipdlam run FILE\n"
            "-- The bits are the same with this OpenBLAS and kernel, for any number of threads.\n"
            "local ip = require \"ipdlam\"\n",
            PACKAGE_VERSION, ipd_blas_version(), ipd_blas_kernel());
}

static int write_script(FILE *to, const ipd_script *s, ipd_error *e)
{
    char n[16] = "";
    if (s->given && (!s->weights || !*s->weights))
        return ipd_fail(
            e, IPD_ESTATE,
            "the initial weights of %s are not in a file, so a script cannot repeat the run",
            s->name);
    if (s->number)
        snprintf(n, sizeof n, "%d", s->number);
    fputc('\n', to);
    if (s->title && *s->title) {
        fputs("-- ", to);
        for (const char *c = s->title; *c; c++) /* a newline would end the comment */
            fputc((unsigned char)*c < ' ' ? ' ' : *c, to);
        fputc('\n', to);
    }
    write_definitions(to, s->definitions);
    write_methods(to, s);
    if (write_data(to, s, n, e) || write_run(to, s, n, e) || write_log(to, s, n, e))
        return -1;
    if (s->ended) {
        fprintf(to, "-- It ends within this:\n");
        write_place(to, &s->end, n);
        fputc('\n', to);
    } else if (s->end.iteration > 1 || s->end.batch > 1 || s->end.block.layer) {
        fputs("assert(", to);
        write_place(to, &s->end, n);
        fputs(")\n", to);
    }
    if (s->asks_rho && !s->ended)
        fputs("assert(run:set { rho = (...) })\n", to);
    if (s->returns)
        fputs("return run\n", to);
    else
        fprintf(to, "print(run%s:last() or run%s)\n", n, n);
    return 0;
}

int ipd_script_write(FILE *to, const ipd_script *s, ipd_error *e)
{
    char *text = NULL;
    size_t size;
    FILE *memory = open_memstream(&text, &size);
    int failed = !memory ? ipd_fail(e, IPD_EMEMORY, "out of memory for a script")
                         : write_script(memory, s, e);
    if (memory && ipd_text_close(memory, &text) && !failed)
        failed = ipd_fail(e, IPD_EMEMORY, "out of memory for a script");
    failed = failed || ipd_script_check(text, e); /* no content of a history is executed */
    if (!failed && s->number <= 1)
        write_head(to);
    if (!failed && fputs(text, to) < 0)
        failed = ipd_fail(e, IPD_EIO, "the script cannot be written: %s", strerror(errno));
    free(text);
    return failed ? -1 : 0;
}
