/* contract.c - see contract.h. */
#include "base/contract.h"

#include <sys/syscall.h>
#include <unistd.h>

_Thread_local const void *ipd_thread_owner;

int ipd_on_main_thread(void)
{
    static _Thread_local pid_t process; /* the process whose first thread this is; 0: none */
    pid_t now = getpid();
    if (process != now && syscall(SYS_gettid) == now)
        process = now;
    return process == now;
}
