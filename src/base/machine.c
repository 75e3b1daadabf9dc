/* machine.c - see machine.h. */
#include "base/machine.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static double kilobytes(const char *key)
{
    char text[64];
    return proc_value("/proc/meminfo", key, text, sizeof text) ? 1024 * strtod(text, NULL) : 0;
}

/* A number in a file of the control group; infinite where there is none ("max"). */
static double group_value(const char *name)
{
    char path[128];
    double value;
    snprintf(path, sizeof path, "/sys/fs/cgroup/%s", name);
    FILE *f = fopen(path, "r");
    if (!f || fscanf(f, "%lf", &value) != 1)
        value = INFINITY;
    if (f)
        fclose(f);
    return value;
}

/* What the group has read of files and could do without. */
static double idle_file_bytes(void)
{
    char key[64];
    double value, found = 0;
    FILE *f = fopen("/sys/fs/cgroup/memory.stat", "r");
    while (f && fscanf(f, "%63s %lf", key, &value) == 2)
        if (!strcmp(key, "inactive_file"))
            found = value;
    if (f)
        fclose(f);
    return found;
}

void ipd_machine_look(ipd_machine *m)
{
    cpu_set_t set;
    memset(m, 0, sizeof *m);
    if (!proc_value("/proc/cpuinfo", "model name", m->processor, sizeof m->processor))
        strcpy(m->processor, "unknown");
    m->processors = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
#if defined(__x86_64__) || defined(__i386__)
    m->avx2 = __builtin_cpu_supports("avx2") != 0;
    m->avx512 = __builtin_cpu_supports("avx512f") != 0;
#endif
    m->memory = kilobytes("MemTotal");
    m->available = kilobytes("MemAvailable");
    double limit = group_value("memory.max"), used = group_value("memory.current");
    if (isfinite(limit) && isfinite(used)) {
        used -= idle_file_bytes();
        m->memory = fmin(m->memory, limit);
        m->available = fmin(m->available, fmax(limit - used, 0));
    }
}

void ipd_machine_bytes(char *to, size_t size, double bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    int i = 0;
    for (; i < 4 && bytes >= 1023.5; i++)
        bytes /= 1024;
    snprintf(to, size, "%.*f %s", i > 1 && bytes < 9.95, bytes, units[i]);
}
