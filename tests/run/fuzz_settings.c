/* fuzz_settings.c - arbitrary lines NAME=VALUE as settings, and arbitrary JSON as those of a run of the history.
 *
 * A line is given as Lua and as the command line give it. A refused one changes nothing. What is set is written as
 * text, as JSON, as a list of changes and into the log; each must read back to the same settings. In the end they
 * become the numbers of a solver.
 */
#include "cli/options.h"
#include "cli/setting_options.h"
#include "format/export.h"
#include "history/history.h"
#include "run/run.h"
#include "tests/fuzz.h"

/* To the bit; of text nothing behind its end. */
static void check_same(const ipd_settings *s, const ipd_settings *t)
{
    for (const ipd_setting *i = ipd_settings_table; i->name; i++) {
        const char *a = (const char *)s + i->offset, *b = (const char *)t + i->offset;
        size_t bytes = i->kind == IPD_SET_NUMBER   ? sizeof(double)
                       : i->kind == IPD_SET_COUNT  ? sizeof(long)
                       : i->kind == IPD_SET_SWITCH ? sizeof(int)
                                                   : strlen(a) + 1;
        fuzz_check(!memcmp(a, b, bytes));
    }
}

/* The history keeps settings as a JSON object. */
static void check_history(const ipd_settings *s)
{
    static ipd_history_run run;
    char value[IPD_SETTING_TEXT];
    ipd_settings again;
    ipd_error e;
    FILE *f = fmemopen(run.settings, sizeof run.settings, "w");
    fuzz_check(f != NULL);
    for (const ipd_setting *t = ipd_settings_table; t->name; t++) {
        ipd_settings_get(s, t, value, sizeof value);
        fprintf(f, "%s\"%s\": ", t == ipd_settings_table ? "{" : ", ", t->name);
        if (ipd_setting_is_text(t, value))
            ipd_json_string(f, value);
        else
            fputs(value, f);
    }
    fputc('}', f);
    fuzz_check(!fclose(f) && !ipd_history_settings(&run, &again, &e));
    check_same(s, &again);
}

/* Settings that also set others. */
static int is_several(const char *name)
{
    return ipd_setting_rank(name) < 2 || !strcmp(name, "inertia");
}

static void check_line(ipd_settings *s, ipd_change *change, const char *name, const char *value)
{
    const ipd_setting *setting = ipd_setting_find(name);
    ipd_settings before = *s, again;
    ipd_given_settings given = {0};
    char text[IPD_SETTING_TEXT];
    ipd_error e = {0};
    if (ipd_given_parse(&given, name, value, NULL, &e) >= 0 && given.count == 1 &&
        ipd_given_apply(&given, &before, &e))
        fuzz_check_error(&e, "");
    before = *s;
    if (ipd_settings_set(s, name, value, &e)) {
        fuzz_check_error(&e, "");
        fuzz_check(!memcmp(&before, s, sizeof before));
        return;
    }
    if (ipd_change_add(change, name, value, &e))
        fuzz_check_error(&e, "");
    fuzz_taken++;
    again = *s;
    ipd_settings_get(s, setting, text, sizeof text);
    fuzz_check(is_several(name) || !ipd_settings_set(&again, name, text, &e));
    check_same(s, &again);
}

/* A list of changes is the same after it was written to a log and read. */
static void check_log(const ipd_change *change, const ipd_settings *s)
{
    char text[4 + IPD_MAX_CHANGES * sizeof change->items[0]] = "set ", method[IPD_METHOD_NAME];
    static ipd_change again;
    ipd_settings one = *s, other = *s;
    ipd_error e;
    if (!change->count)
        return;
    ipd_change_text(change, text + 4, sizeof text - 4);
    fuzz_check(ipd_log_parse(text, method, &again, &e) == IPD_LOG_SET);
    fuzz_check(again.count == change->count);
    int failed = ipd_change_apply(change, &one, 0, &e);
    fuzz_check(failed == ipd_change_apply(&again, &other, 0, &e));
    check_same(&one, &other);
}

/* The settings of a run of L layers: refused, or good. */
static int check_use(const ipd_settings *s, int L)
{
    static ipd_parameters p, q;
    ipd_settings used = *s, again;
    char why[160];
    ipd_error e = {0};
    if (ipd_settings_check(&used, L, "digits", 600, &e)) {
        fuzz_check_error(&e, "");
        return 0;
    }
    for (const ipd_setting *t = ipd_settings_table; L == 2 && t->name; t++)
        ipd_settings_unused(&used, t->name, 0, why, sizeof why);
    fuzz_check(!ipd_settings_parameters(&used, L, &p, &e));
    again = used;
    ipd_settings_from_parameters(&again, &p);
    fuzz_check(!ipd_settings_parameters(&again, L, &q, &e) && !memcmp(&p, &q, sizeof p));
    return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static ipd_history_run run;
    char *text = fuzz_text(bytes, length), *rest = text, *line, method[IPD_METHOD_NAME];
    ipd_change change = {0};
    ipd_settings s;
    ipd_error e = {0};
    if (ipd_log_parse(text, method, &change, &e) < 0)
        fuzz_check_error(&e, "");
    change.count = 0;
    ipd_settings_init(&s);
    snprintf(run.settings, sizeof run.settings, "%s", text);
    if (*text == '{' && ipd_history_settings(&run, &s, &e))
        fuzz_check_error(&e, "");
    while (*text != '{' && (line = strsep(&rest, "\n"))) {
        char *value = strchr(line, '=');
        if (value)
            *value++ = 0;
        check_line(&s, &change, line, value ? value : "");
    }
    check_log(&change, &s);
    if (check_use(&s, 1) + check_use(&s, 2) + check_use(&s, 3))
        check_history(&s);
    free(text);
    return 0;
}

FUZZ_MAIN("tests/run/corpus_settings", "\n\n==:,, .-+019eEzWarntfihlgmo_{}\"", 400, 8)
