/* schedule.c - see schedule.h. */
#include "settings/schedule.h"
#include "base/text.h"
#include "format/export.h"
#include "settings/private.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

typedef enum form_kind { STEPS, LINEAR, COSINE, GEOMETRIC, ANNEAL, FUNCTION } form_kind;
static const char *const names[] = {"linear", "cosine", "geometric", "anneal", NULL};

enum { MAX_STEPS = 32, WRITTEN = (2 * IPD_NUMBER_TEXT + 2) * MAX_STEPS + 64 };

typedef struct form {
    form_kind kind;
    double from, to;          /* the values at the ends */
    long first, last;         /* their iterations; last 0: the run's length */
    int steps;                /* of STEPS */
    long at[MAX_STEPS];       /* iterations, increasing */
    double values[MAX_STEPS]; /* from there on */
} form;

#define HOW                                                                                        \
    "Write steps such as 1:0.3,20:0.1, or linear, cosine, geometric or anneal with two values, "   \
    "such as cosine:0.3..0.01"

/* Reads a value of the setting; its range is checked. */
static int read_value(const ipd_setting *setting, const char *text, double *x, ipd_error *e)
{
    long n;
    if (setting->kind == IPD_SET_NUMBER)
        return ipd_setting_read_number(x, setting, text, e);
    if (ipd_setting_read_count(&n, setting, text, e))
        return -1;
    *x = (double)n;
    return 0;
}

static int read_steps(const ipd_setting *s, char *text, form *f, ipd_error *e)
{
    char *rest;
    f->kind = STEPS;
    if (!*text)
        return ipd_fail(e, IPD_EUSAGE, "%s has no schedule. " HOW, s->name);
    for (char *word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        char *colon = strchr(word, ':');
        if (f->steps == MAX_STEPS)
            return ipd_fail(e, IPD_EUSAGE, "%s: the schedule has more than %d steps", s->name,
                            MAX_STEPS);
        if (colon)
            *colon = 0;
        if (!colon || ipd_text_to_long(word, &f->at[f->steps]) || f->at[f->steps] < 1)
            return ipd_fail(e, IPD_EUSAGE, "%s: '%.40s' is not a schedule. " HOW, s->name, word);
        if (f->steps && f->at[f->steps] <= f->at[f->steps - 1])
            return ipd_fail(e, IPD_EUSAGE,
                            "%s: iteration %ld does not come after iteration %ld. Write the steps "
                            "in order, each iteration once",
                            s->name, f->at[f->steps], f->at[f->steps - 1]);
        if (read_value(s, colon + 1, &f->values[f->steps++], e))
            return -1;
    }
    return 0;
}

/* Splits "A..B" into two words; -1 if the text has another form. */
static int split(char *text, char **a, char **b)
{
    char *dots = strstr(text, "..");
    if (!dots || dots == text || !dots[2])
        return -1;
    *dots = 0;
    *a = text;
    *b = dots + 2;
    return 0;
}

/* Reads the part after the name: "A..B" or "A..B:FIRST..LAST". */
static int read_ends(const ipd_setting *s, char *text, form *f, ipd_error *e)
{
    char *when = strchr(text, ':'), *a, *b;
    f->first = 1;
    if (when)
        *when++ = 0;
    if (split(text, &a, &b))
        return ipd_fail(e, IPD_EUSAGE, "%s: '%.40s' is not a pair of values. " HOW, s->name, text);
    if (read_value(s, a, &f->from, e) || read_value(s, b, &f->to, e))
        return -1;
    if (f->kind == GEOMETRIC && !(f->from > 0 && f->to > 0))
        return ipd_fail(e, IPD_EUSAGE, "%s: a geometric schedule needs values above 0", s->name);
    if (when && (split(when, &a, &b) || ipd_text_to_long(a, &f->first) ||
                 ipd_text_to_long(b, &f->last) || f->first < 1 || f->last <= f->first))
        return ipd_fail(e, IPD_EUSAGE,
                        "%s: '%.40s' is not a pair of iterations, the first before the last. Write "
                        "such as linear:0.001..0.1:1..5",
                        s->name, when);
    return 0;
}

/* Parses a form; *text is changed. */
static int read_form(const ipd_setting *s, char *text, form *f, ipd_error *e)
{
    *f = (form){.kind = FUNCTION};
    if (!strcmp(text, "function"))
        return 0;
    size_t length = strcspn(text, ":");
    for (int i = 0; names[i]; i++)
        if (strlen(names[i]) == length && !strncmp(text, names[i], length) && text[length]) {
            f->kind = (form_kind)(LINEAR + i);
            return read_ends(s, text + length + 1, f, e);
        }
    return read_steps(s, text, f, e);
}

static void add_number(char *to, double x)
{
    char number[IPD_NUMBER_TEXT];
    ipd_number_text(x, number);
    strcat(to, number);
}

/* Writes the form as text. */
static void write_form(const form *f, char to[WRITTEN])
{
    *to = 0;
    if (f->kind == FUNCTION)
        strcpy(to, "function");
    for (int i = 0; i < f->steps; i++) {
        strcat(to, i ? "," : "");
        add_number(to, (double)f->at[i]);
        strcat(to, ":");
        add_number(to, f->values[i]);
    }
    if (f->kind == STEPS || f->kind == FUNCTION)
        return;
    strcat(strcpy(to, names[f->kind - LINEAR]), ":");
    add_number(to, f->from);
    strcat(to, "..");
    add_number(to, f->to);
    if (!f->last)
        return;
    strcat(to, ":");
    add_number(to, (double)f->first);
    strcat(to, "..");
    add_number(to, (double)f->last);
}

/* The next item of a list: the name of its setting, and its form in *text, which is changed later.
 * Returns 0 at the end. */
static int next_item(const char **list, char name[32], char text[IPD_SETTING_TEXT])
{
    *list += strspn(*list, " \t\n");
    size_t length = strcspn(*list, " \t\n"), equals = strcspn(*list, "= \t\n");
    if (!length)
        return 0;
    snprintf(name, 32, "%.*s", (int)equals, *list);
    snprintf(text, IPD_SETTING_TEXT, "%.*s", equals < length ? (int)(length - equals - 1) : 0,
             *list + equals + 1);
    *list += length;
    return 1;
}

static int check_setting(const char *name, const char *text, const ipd_setting **s, ipd_error *e)
{
    *s = ipd_setting_find(name);
    if (!*s)
        return ipd_fail(e, IPD_EUSAGE,
                        "schedule: there is no setting '%.31s'. Write SETTING=FORM, such as "
                        "delta=cosine:0.3..0.01",
                        name);
    if ((*s)->offset == offsetof(ipd_settings, rho))
        return ipd_fail(e, IPD_EUSAGE, "schedule: rho has its own. Set rho_schedule = %.60s",
                        *text ? text : "1:1,20:5");
    if ((*s)->alias || (*s)->when == IPD_AT_START || (*s)->kind > IPD_SET_COUNT)
        return ipd_fail(e, IPD_EUSAGE, "schedule: %s is not a number that can change during a run",
                        name);
    return 0;
}

int ipd_schedules_read(const char *list, char *to, ipd_error *e)
{
    char name[32], text[IPD_SETTING_TEXT], written[WRITTEN];
    const char *from = strcmp(list, "none") ? list : "";
    const ipd_setting *s;
    size_t n = 0;
    form f;
    *to = 0;
    while (next_item(&from, name, text)) {
        char earlier[IPD_SETTING_TEXT];
        if (check_setting(name, text, &s, e) || read_form(s, text, &f, e))
            return -1;
        if (ipd_schedules_find(to, name, earlier))
            return ipd_fail(e, IPD_EUSAGE, "schedule: %s is given twice", name);
        write_form(&f, written);
        n += (size_t)snprintf(to + n, IPD_SETTING_TEXT - n, "%s%s=%s", n ? " " : "", name, written);
        if (n >= IPD_SETTING_TEXT)
            return ipd_fail(e, IPD_EUSAGE, "schedule is too long. Use less than %d bytes",
                            IPD_SETTING_TEXT);
    }
    return 0;
}

int ipd_schedule_is_form(const ipd_setting *setting, const char *value)
{
    return setting->kind <= IPD_SET_COUNT &&
           (strchr(value, ':') != NULL || !strcmp(value, "function"));
}

/* As ipd_schedules_put, for a setting that is no alias. */
static int put(const char *list, const char *setting, const char *how, char to[IPD_SETTING_TEXT],
               ipd_error *e)
{
    char name[32], text[IPD_SETTING_TEXT], all[2 * IPD_SETTING_TEXT + 64];
    size_t n = 0;
    *all = 0;
    while (next_item(&list, name, text))
        if (strcmp(name, setting))
            n += (size_t)snprintf(all + n, sizeof all - n, "%s%s=%s", n ? " " : "", name, text);
    if (how)
        snprintf(all + n, sizeof all - n, "%s%s=%s", n ? " " : "", setting, how);
    return ipd_schedules_read(all, to, e);
}

int ipd_schedules_put(const char *list, const ipd_setting *setting, const char *how,
                      char to[IPD_SETTING_TEXT], ipd_error *e)
{
    char before[IPD_SETTING_TEXT];
    if (!setting->alias)
        return put(list, setting->name, how, to, e);
    snprintf(to, IPD_SETTING_TEXT, "%s", list);
    for (int i = 0; setting->alias[i]; i++) {
        strcpy(before, to);
        if (put(before, setting->alias[i], how, to, e))
            return -1;
    }
    return 0;
}

int ipd_schedules_have(const char *list, const ipd_setting *setting)
{
    char how[IPD_SETTING_TEXT];
    int have = !setting->alias && ipd_schedules_find(list, setting->name, how);
    for (int i = 0; setting->alias && setting->alias[i]; i++)
        have |= ipd_schedules_find(list, setting->alias[i], how);
    return have;
}

int ipd_schedules_find(const char *list, const char *setting, char how[IPD_SETTING_TEXT])
{
    char name[32];
    while (next_item(&list, name, how))
        if (!strcmp(name, setting))
            return 1;
    *how = 0;
    return 0;
}

const ipd_setting *ipd_schedules_function(const char *list, int i)
{
    char name[32], text[IPD_SETTING_TEXT];
    while (next_item(&list, name, text))
        if (!strcmp(text, "function") && i-- == 0)
            return ipd_setting_find(name);
    return NULL;
}

void ipd_schedules_without_functions(const char *list, char to[IPD_SETTING_TEXT])
{
    char name[32], text[IPD_SETTING_TEXT];
    size_t n = 0;
    while (next_item(&list, name, text))
        if (strcmp(text, "function") && n < IPD_SETTING_TEXT)
            n +=
                (size_t)snprintf(to + n, IPD_SETTING_TEXT - n, "%s%s=%s", n ? " " : "", name, text);
    if (!n)
        strcpy(to, "none");
}

/* The value at iteration k of a run of this length; `now` before the first step. */
static double value_at(const form *f, int k, long length, double now)
{
    const double hold = 0.3, pi = 3.14159265358979323846;
    long last = f->last ? f->last : length;
    double u = last > f->first ? (double)(k - f->first) / (double)(last - f->first) : 1;
    u = fmin(fmax(u, 0), 1);
    for (int i = 0; i < f->steps && f->at[i] <= k; i++)
        now = f->values[i];
    switch (f->kind) {
    case COSINE:
        u = (1 - cos(pi * u)) / 2;
        break;
    case ANNEAL:
        u = fmax(u - hold, 0) / (1 - hold);
        break;
    case GEOMETRIC:
        return u == 1 ? f->to : f->from * pow(f->to / f->from, u);
    case LINEAR:
        break;
    default:
        return now;
    }
    return u == 1 ? f->to : f->from + (f->to - f->from) * u;
}

static int read_rho(const ipd_settings *s, form *f)
{
    char text[IPD_SETTING_TEXT];
    ipd_error e;
    if (!ipd_schedule_is_form(ipd_setting_find("rho"), s->rho_schedule))
        return -1;
    snprintf(text, sizeof text, "%s", s->rho_schedule);
    return read_form(ipd_setting_find("rho"), text, f, &e);
}

static int needs_length(const form *f)
{
    return f->kind != STEPS && f->kind != FUNCTION && !f->last;
}

int ipd_schedules_need_length(const ipd_settings *s)
{
    char name[32], text[IPD_SETTING_TEXT];
    const char *list = s->schedule;
    form f;
    ipd_error e;
    if (!read_rho(s, &f) && needs_length(&f))
        return 1;
    while (next_item(&list, name, text))
        if (!read_form(ipd_setting_find(name), text, &f, &e) && needs_length(&f))
            return 1;
    return 0;
}

int ipd_schedule_read_rho(const char *given, char *to, ipd_error *e)
{
    char text[IPD_SETTING_TEXT], written[WRITTEN];
    form f;
    snprintf(text, sizeof text, "%s", given);
    if (read_form(ipd_setting_find("rho"), text, &f, e)) {
        ipd_fail_in(e, "rho_schedule");
        return -1;
    }
    write_form(&f, written);
    if (strlen(written) >= IPD_SETTING_TEXT)
        return ipd_fail(e, IPD_EUSAGE, "rho_schedule is too long. Use less than %d bytes",
                        IPD_SETTING_TEXT);
    strcpy(to, written);
    return 0;
}

int ipd_schedule_check_rho(const ipd_settings *s, ipd_error *e)
{
    form f;
    if (read_rho(s, &f) || f.kind == FUNCTION)
        return 0;
    for (int i = 0; i < f.steps; i++)
        if (f.values[i] > s->rho_max)
            return ipd_fail(e, IPD_EUSAGE,
                            "rho_schedule: %g, from iteration %ld on, is larger than rho_max = %g. "
                            "Raise rho_max too",
                            f.values[i], f.at[i], s->rho_max);
    if (fmax(f.from, f.to) > s->rho_max)
        return ipd_fail(e, IPD_EUSAGE,
                        "rho_schedule: %g is larger than rho_max = %g. Raise rho_max too",
                        fmax(f.from, f.to), s->rho_max);
    return 0;
}

void ipd_schedule_apply_rho(ipd_settings *s, int k)
{
    form f;
    if (!read_rho(s, &f))
        s->rho = value_at(&f, k, s->length, s->rho);
}

void ipd_schedules_apply(ipd_settings *s, int k)
{
    char name[32], text[IPD_SETTING_TEXT];
    const char *list = s->schedule;
    ipd_value value;
    ipd_error e;
    form f;
    while (next_item(&list, name, text)) {
        const ipd_setting *setting = ipd_setting_find(name);
        if (read_form(setting, text, &f, &e) || f.kind == FUNCTION)
            continue;
        void *at = (char *)s + setting->offset;
        int is_count = setting->kind == IPD_SET_COUNT;
        memcpy(&value, at, is_count ? sizeof value.count : sizeof value.number);
        double now = ipd_value_number(setting, &value), x = value_at(&f, k, s->length, now);
        if (is_count)
            x = nearbyint(x);
        if (x == now || ipd_value_of_number(setting, x, &value, &e))
            continue;
        memcpy(at, &value, is_count ? sizeof value.count : sizeof value.number);
    }
}
