/* contract.c - see contract.h. */
#include "base/contract.h"

#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

_Thread_local const void *ipd_thread_owner;

static atomic_int moved; /* 1: a thread has become the main thread */
static _Thread_local int is_main;

void ipd_become_main_thread(void)
{
    is_main = 1;
    atomic_store(&moved, 1);
}

int ipd_on_main_thread(void)
{
    return atomic_load(&moved) ? is_main : syscall(SYS_gettid) == getpid();
}
