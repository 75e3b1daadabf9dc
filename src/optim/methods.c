/* methods.c - see methods.h. */
#include "optim/methods.h"
#include "base/file.h"
#include "base/text.h"
#include "solver/written.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const ipd_method *const methods[] = {
    &ipd_method_ipdlam,  &ipd_method_bcd,      &ipd_method_relaxed_am, &ipd_method_sgd,
    &ipd_method_adagrad, &ipd_method_adadelta, &ipd_method_rmsprop,    &ipd_method_adam,
    &ipd_method_amsgrad, &ipd_method_adamax};

enum { COUNT = sizeof methods / sizeof *methods, MAX_ADDED = 500 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const ipd_method *added[MAX_ADDED];
static char *paths[MAX_ADDED]; /* of their files, or NULL */
static int added_count;
static int newest[MAX_ADDED]; /* order in which they were given last: a larger number is newer */
static int clock_of_names;
static const char **names;                 /* the newest list; NULL if it is out of date */
static const char **handed[MAX_ADDED + 1]; /* lists given to callers, never freed */
static const ipd_method_reader *reader;

static const ipd_method *built_in(const char *name)
{
    for (size_t i = 0; i < COUNT; i++)
        if (!strcmp(methods[i]->name, name))
            return methods[i];
    return NULL;
}

int ipd_method_is_built_in(const char *name)
{
    return built_in(name) != NULL;
}

/* The index of an added method, or -1. Call with the lock. */
static int index_of(const char *name)
{
    size_t length = strlen(name);
    int found = -1;
    for (int i = 0; i < added_count; i++) {
        if (!strcmp(added[i]->name, name))
            return i;
        if (!strncmp(added[i]->name, name, length) && added[i]->name[length] == '@' &&
            (found < 0 || newest[i] > newest[found]))
            found = i;
    }
    return found;
}

const ipd_method *ipd_method_find(const char *name)
{
    const ipd_method *method = built_in(name);
    if (method)
        return method;
    pthread_mutex_lock(&lock);
    int i = index_of(name);
    method = i < 0 ? NULL : added[i];
    pthread_mutex_unlock(&lock);
    return method;
}

const char *const *ipd_method_names(void)
{
    static const char *first[COUNT + 1];
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < COUNT; i++)
        first[i] = methods[i]->name;
    if (!names && added_count)
        names = handed[added_count] = calloc((size_t)(COUNT + added_count + 1), sizeof *names);
    const char **all = names ? names : first;
    if (names && !names[0]) {
        memcpy(names, first, COUNT * sizeof *names);
        for (int i = 0; i < added_count; i++)
            names[COUNT + i] = added[i]->name;
    }
    pthread_mutex_unlock(&lock);
    return all;
}

const ipd_method *ipd_method_add(const ipd_method *method, const char *path, ipd_error *e)
{
    char *copy = *path ? strdup(path) : NULL;
    pthread_mutex_lock(&lock);
    int i = index_of(method->name);
    if (i < 0 && added_count < MAX_ADDED) {
        i = added_count++;
        added[i] = method;
        names = NULL;
    }
    if (i >= 0) {
        newest[i] = ++clock_of_names;
        if (copy) {
            free(paths[i]);
            paths[i] = copy;
            copy = NULL;
        }
        method = added[i];
    }
    pthread_mutex_unlock(&lock);
    free(copy);
    if (i >= 0)
        return method;
    ipd_fail(e, IPD_EUSAGE, "%d methods have been read from files. Start ipdlam again for more",
             MAX_ADDED);
    return NULL;
}

int ipd_method_path(const ipd_method *method, char *to, size_t size)
{
    *to = 0;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < added_count; i++)
        if (added[i] == method && paths[i] && strlen(paths[i]) < size)
            strcpy(to, paths[i]);
    pthread_mutex_unlock(&lock);
    return *to != 0;
}

int ipd_method_has_changed(const ipd_method *method, char *path, size_t size)
{
    ipd_error e;
    char *now = ipd_method_path(method, path, size) ? ipd_file_text(path, 256 << 10, 0, &e) : NULL;
    size_t n = now ? strlen(now) : 0;
    const char *text = now ? method->written->text : "";
    int same = !now || (!strncmp(text, now, n) &&
                        (!text[n] || !strncmp(text + n, IPD_METHOD_BASE, strlen(IPD_METHOD_BASE))));
    free(now);
    return !same;
}

int ipd_method_is_reload(const ipd_method *from, const ipd_method *to)
{
    size_t n = strcspn(from->name, "@");
    return from->written && to->written && from != to && n == strcspn(to->name, "@") &&
           !strncmp(from->name, to->name, n);
}

void ipd_method_set_reader(const ipd_method_reader *r)
{
    reader = r;
}

const ipd_method *ipd_method_get(const char *name, ipd_error *e)
{
    int is_path = strchr(name, '/') || ipd_text_has_suffix(name, ".lua");
    const ipd_method *method = is_path ? NULL : ipd_method_find(name);
    if (method)
        return method;
    e->code = IPD_ESTATE;
    if (reader && (method = reader->file(name, e)))
        return method;
    if (reader && (is_path || e->code != IPD_ESTATE))
        return NULL;
    if (strchr(name, '@')) {
        ipd_fail(
            e, IPD_ESTATE,
            "the text of the method %.40s is not known here. Resume its run from a checkpoint, or "
            "read the file that it was: ip.method(FILE)",
            name);
        return NULL;
    }
    ipd_fail_unknown_in(e, "method", name, ipd_method_names());
    return NULL;
}

const ipd_method *ipd_method_read(const char *text, const char *path, ipd_error *e)
{
    if (reader)
        return reader->text(text, path, e);
    ipd_fail(e, IPD_EUSAGE, "this program does not read methods from files");
    return NULL;
}

static const char line_begin[] = "method ";

char *ipd_method_line(const ipd_method *method)
{
    if (!method->written)
        return NULL;
    const char *text = method->written->text;
    char *line = malloc(sizeof line_begin + 2 * strlen(text)), *to = line;
    if (!line)
        return NULL;
    memcpy(to, line_begin, sizeof line_begin);
    to += sizeof line_begin - 1;
    for (; *text; text++) {
        if (*text == '\n' || *text == '\\')
            *to++ = '\\';
        *to++ = *text == '\n' ? 'n' : *text;
    }
    *to = 0;
    return line;
}

/* Reads the method of a line, which is overwritten. */
static int read_line(char *line, ipd_error *e)
{
    char *to = line;
    for (const char *from = line + sizeof line_begin - 1; *from; from++) {
        if (*from == '\\' && from[1])
            *to++ = *++from == 'n' ? '\n' : *from;
        else
            *to++ = *from;
    }
    *to = 0;
    return ipd_method_read(line, "", e) ? 0 : -1;
}

int ipd_method_read_lines(char *lines, ipd_error *e)
{
    char *kept = lines, *next;
    int failed = 0;
    for (char *line = lines; line && *line && !failed; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        if (!strncmp(line, line_begin, sizeof line_begin - 1)) {
            failed = read_line(line, e);
            continue;
        }
        size_t n = strlen(line);
        memmove(kept, line, n);
        kept += n;
        if (next) /* the last line may lack its newline, and there is no space to add one */
            *kept++ = '\n';
    }
    *kept = 0;
    return failed;
}
