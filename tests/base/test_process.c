/* test_process.c - memory under control groups and limits, stacks of threads, what LAPACK cannot address. */
#include "base/blas.h"
#include "base/machine.h"
#include "base/path.h"
#include "base/process.h"
#include "tests/tap.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char root[64] = "/tmp/ipdlam-test.XXXXXX";

static void put(const char *name, const char *text)
{
    char path[256];
    ipd_error e;
    snprintf(path, sizeof path, "%s%s", root, name);
    FILE *f = ipd_path_make_parent(path, &e) ? NULL : fopen(path, "w");
    if (!f || fputs(text, f) < 0 || fclose(f))
        exit(99);
}

static void is_memory(double total, double available, const char *what)
{
    double t, a;
    ipd_machine_memory(root, &t, &a);
    ok(t == total && a == available, "%s: %g and %g", what, t, a);
}

static void test_memory(void)
{
    is_memory(0, 0, "nothing is known");
    put("/proc/meminfo",
        "MemTotal:       8192 kB\nMemFree:        1024 kB\nMemAvailable:   4096 kB\n");
    is_memory(8192 << 10, 4096 << 10, "the machine's");
    put("/proc/self/cgroup", "0::/\n");
    put("/sys/fs/cgroup/memory.max", "max\n");
    put("/sys/fs/cgroup/memory.current", "1000\n");
    is_memory(8192 << 10, 4096 << 10, "a control group without a limit");
    put("/sys/fs/cgroup/memory.max", "3000000\n");
    put("/sys/fs/cgroup/memory.current", "2500000\n");
    put("/sys/fs/cgroup/memory.stat", "anon 7\ninactive_file 1000000\n");
    is_memory(3000000, 1500000, "a container's, whose cached files do not count");
    put("/proc/self/cgroup", "0::/user.slice/job.scope\n");
    put("/sys/fs/cgroup/user.slice/memory.max", "2000000\n");
    put("/sys/fs/cgroup/user.slice/memory.current", "1900000\n");
    put("/sys/fs/cgroup/user.slice/job.scope/memory.max", "2800000\n");
    put("/sys/fs/cgroup/user.slice/job.scope/memory.current", "300000\n");
    is_memory(2000000, 100000, "the least of a group and those around it");
    put("/proc/self/cgroup", "5:cpu,cpuacct:/a\n4:memory:/batch/job\n0::/elsewhere\n");
    put("/sys/fs/cgroup/memory.max", "max\n");
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    put("/sys/fs/cgroup/memory/memory.usage_in_bytes", "5000000\n");
    put("/sys/fs/cgroup/memory/batch/job/memory.limit_in_bytes", "1000000\n");
    put("/sys/fs/cgroup/memory/batch/job/memory.usage_in_bytes", "700000\n");
    put("/sys/fs/cgroup/memory/batch/job/memory.stat",
        "inactive_file 5\ntotal_inactive_file 50000\n");
    is_memory(1000000, 350000, "control groups of version 1");
    put("/proc/self/cgroup", "");
    put("/proc/self/status", "Name:   x\nVmSize:     1000 kB\nVmData:      100 kB\n");
#ifdef __SANITIZE_ADDRESS__
    skip("the process's own limit: the sanitizer itself needs more");
#else
    struct rlimit limit, no_limit;
    if (getrlimit(RLIMIT_DATA, &no_limit))
        return;
    limit = no_limit;
    limit.rlim_cur = 2000 << 10;
    setrlimit(RLIMIT_DATA, &limit);
    is_memory(2000 << 10, 1900 << 10, "the process's own limit");
    setrlimit(RLIMIT_DATA, &no_limit);
#endif
}

/* Writes to `bytes` bytes of the stack. */
static int use_stack(size_t bytes)
{
    char room[4096];
    memset(room, (int)bytes, sizeof room);
    int sum = bytes > sizeof room ? use_stack(bytes - sizeof room) : 0;
    return sum + ((volatile char *)room)[bytes % sizeof room];
}

static void *deep(void *result)
{
    sigset_t blocked;
    use_stack(1 << 20);
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    *(int *)result = sigismember(&blocked, SIGTERM);
    return NULL;
}

static int command(int argc, char **argv)
{
    (void)argv;
    sigset_t blocked;
    use_stack(1 << 20);
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    return argc + sigismember(&blocked, SIGTERM);
}

static void test_stacks(void)
{
    struct rlimit limit;
    pthread_attr_t small;
    pthread_t thread;
    int result = 0;
    /* The size of a thread's stack if the limit is low when the program starts. */
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 128 << 10);
    pthread_setattr_default_np(&small);
    pthread_attr_destroy(&small);
    getrlimit(RLIMIT_STACK, &limit);
    ok(ipd_process_run(command, 7, NULL) == 7, "a command runs");
    limit.rlim_cur = 128 << 10;
    setrlimit(RLIMIT_STACK, &limit);
    ok(!ipd_thread_start(&thread, deep, &result) && !pthread_join(thread, NULL) && result,
       "a thread has its stack, and no signals");
#ifdef __SANITIZE_ADDRESS__
    skip("under AddressSanitizer the caller of pthread_create is left with its signals blocked");
#else
    ok(ipd_process_run(command, 7, NULL) == 7, "a command has its stack too, and signals");
#endif
}

static void test_descriptors(void)
{
    int kept = dup(1), errors = dup(2);
    char byte;
    close(0);
    close(1);
    close(2);
    ipd_process_begin();
    int good = read(0, &byte, 1) == 0 && write(1, "", 1) == 1 && write(2, "", 1) == 1;
    dup2(kept, 1);
    dup2(errors, 2);
    close(kept);
    close(errors);
    ok(good, "descriptors that were closed can be used");
}

int main(void)
{
    ipd_error e;
    double value;
    if (!mkdtemp(root))
        return 99;
    test_memory();
    test_stacks();
    test_descriptors();
    ipd_matrix64 large = {40000, 40000, NULL};
    ok(ipd_eigen64(&large, &value, &e) && strstr(e.text, "narrower layers"),
       "a matrix whose eigenvalues LAPACK cannot compute is refused");
    char command_line[128];
    snprintf(command_line, sizeof command_line, "rm -r %s", root);
    return system(command_line) ? 1 : done();
}
