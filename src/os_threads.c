/* SPDX-License-Identifier: MIT
 *
 * os_threads: what other threads have done, and where they are.
 */
#include "os.h"

#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* Of linux/membarrier.h, which is younger than some systems. */
#define MEMBARRIER_PRIVATE   (1 << 3)
#define REGISTER_FOR_PRIVATE (1 << 4)

int os_barrier(void)
{
    int saved_errno = errno;
    int failed = (int)syscall(SYS_membarrier, MEMBARRIER_PRIVATE, 0, 0);

    if (failed && errno == EPERM && !syscall(SYS_membarrier, REGISTER_FOR_PRIVATE, 0, 0))
        failed = (int)syscall(SYS_membarrier, MEMBARRIER_PRIVATE, 0, 0);
    errno = saved_errno;
    return failed ? -ENOSYS : 0;
}

int os_peek(const volatile void *address, size_t size, void *copy)
{
    int          saved_errno = errno;
    struct iovec here = {copy, size};
    struct iovec there = {(void *)(uintptr_t)address, size};
    ssize_t      got = process_vm_readv(getpid(), &here, 1, &there, 1, 0);

    errno = saved_errno;
    return got == (ssize_t)size ? 0 : -EFAULT;
}
