/* machine.c - see machine.h. */
#include "base/machine.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PATH = 4096 + 256 };

/* The value after "KEY...:" on the first line of a /proc file that begins with KEY. */
static int proc_value(const char *path, const char *key, char *to, size_t size)
{
    char line[4096];
    FILE *f = fopen(path, "r");
    int found = 0;
    while (f && !found && fgets(line, sizeof line, f)) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, key, strlen(key)) || !colon)
            continue;
        colon += 1 + strspn(colon + 1, " \t");
        snprintf(to, size, "%.*s", (int)strcspn(colon, "\n"), colon);
        found = 1;
    }
    if (f)
        fclose(f);
    return found;
}

/* In bytes. */
typedef struct memory {
    double total, available;
} memory;

/* Applies a limit of which `used` bytes are in use. */
static void limit_memory(memory *m, double limit, double used)
{
    if (!isfinite(limit) || !isfinite(used))
        return;
    m->total = fmin(m->total, limit);
    m->available = fmin(m->available, fmax(limit - used, 0));
}

/* The kilobytes after `key` in a /proc file, in bytes; NaN if they are missing. */
static double kilobytes(const char *path, const char *key)
{
    char text[64];
    return proc_value(path, key, text, sizeof text) ? 1024 * strtod(text, NULL) : NAN;
}

/* A number in a file of a control group; infinite if there is none ("max"). */
static double group_value(const char *folder, const char *name)
{
    char path[PATH + 64];
    double value;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "r");
    if (!f || fscanf(f, "%lf", &value) != 1)
        value = INFINITY;
    if (f)
        fclose(f);
    return value;
}

/* Bytes of the group's page cache that the kernel can reclaim. */
static double idle_file_bytes(const char *folder, const char *name)
{
    char path[PATH + 64], key[64];
    double value, found = 0;
    snprintf(path, sizeof path, "%s/memory.stat", folder);
    FILE *f = fopen(path, "r");
    while (f && fscanf(f, "%63s %lf", key, &value) == 2)
        if (!strcmp(key, name))
            found = value;
    if (f)
        fclose(f);
    return found;
}

/* The files of control groups, version 1 and 2. */
typedef struct version {
    const char *mount, *limit, *used, *idle;
} version;
static const version versions[] = {
    {"/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
     "total_inactive_file"},
    {"/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"}};

/* Applies the limits of a group and of its parents. `group` is "/a/b" and is modified. In a
 * container, the group's own folder may be the mount itself. */
static void limit_by_group(memory *m, const char *root, const version *v, char *group)
{
    char folder[PATH];
    for (;;) {
        if (snprintf(folder, sizeof folder, "%s%s%s", root, v->mount, group) >= PATH)
            return;
        limit_memory(m, group_value(folder, v->limit),
                     group_value(folder, v->used) - idle_file_bytes(folder, v->idle));
        char *slash = strrchr(group, '/');
        if (!slash)
            break;
        *slash = 0;
    }
}

/* Lines are "NUMBER:CONTROLLERS:GROUP"; version 2 has no controllers. */
static void limit_by_groups(memory *m, const char *root)
{
    char path[PATH], line[4096];
    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f)) {
        char *controllers = strchr(line, ':');
        char *group = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!group)
            continue;
        *group++ = 0;
        group[strcspn(group, "\n")] = 0;
        if (!*++controllers)
            limit_by_group(m, root, &versions[1], group);
        else if (strstr(controllers, "memory"))
            limit_by_group(m, root, &versions[0], group);
    }
    if (f)
        fclose(f);
}

/* Applies the limits of this process (ulimit -v, ulimit -d). */
static void limit_by_process(memory *m, const char *root)
{
    static const struct {
        int resource;
        const char *used;
    } limits[] = {{RLIMIT_AS, "VmSize"}, {RLIMIT_DATA, "VmData"}};
    char path[PATH];
    struct rlimit limit;
    snprintf(path, sizeof path, "%s/proc/self/status", root);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (!getrlimit(limits[i].resource, &limit) && limit.rlim_cur != RLIM_INFINITY)
            limit_memory(m, (double)limit.rlim_cur, kilobytes(path, limits[i].used));
}

void ipd_machine_memory(const char *root, double *total, double *available)
{
    char path[PATH];
    snprintf(path, sizeof path, "%s/proc/meminfo", root);
    memory m = {kilobytes(path, "MemTotal"), kilobytes(path, "MemAvailable")};
    if (isnan(m.total) || isnan(m.available)) {
        *total = *available = 0;
        return;
    }
    limit_by_groups(&m, root);
    limit_by_process(&m, root);
    *total = m.total;
    *available = m.available;
}

int ipd_machine_processors(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

void ipd_machine_look(ipd_machine *m)
{
    memset(m, 0, sizeof *m);
    if (!proc_value("/proc/cpuinfo", "model name", m->processor, sizeof m->processor))
        strcpy(m->processor, "unknown");
    m->processors = ipd_machine_processors();
#if defined(__x86_64__) || defined(__i386__)
    m->avx2 = __builtin_cpu_supports("avx2") != 0;
    m->avx512 = __builtin_cpu_supports("avx512f") != 0;
#endif
    ipd_machine_memory("", &m->memory, &m->available);
}

void ipd_machine_bytes(char *to, size_t size, double bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    int i = 0;
    for (; i < 4 && bytes >= 1023.5; i++)
        bytes /= 1024;
    snprintf(to, size, "%.*f %s", i > 1 && bytes < 9.95, bytes, units[i]);
}

int ipd_terminal_width(int descriptor, int otherwise)
{
    struct winsize size;
    if (!isatty(descriptor) || ioctl(descriptor, TIOCGWINSZ, &size) || size.ws_col == 0)
        return otherwise;
    return size.ws_col;
}

double ipd_machine_status(const char *key)
{
    double bytes = kilobytes("/proc/self/status", key);
    return isnan(bytes) ? 0 : bytes;
}
