/* SPDX-License-Identifier: MIT
 *
 * The kernel's calls, as the C library makes them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include "calls_answer.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

static call_t kind_of_mmap(int protection, int flags)
{
    if (flags & MAP_SHARED)
        return protection & PROT_EXEC ? MMAP_EXECUTABLE : MMAP_WRITABLE;
    return flags & MAP_FIXED_NOREPLACE ? MMAP_THERE : flags & MAP_FIXED ? MMAP_OVER : MMAP_ANYWHERE;
}

void *__real_mmap64(void *address, size_t size, int protection, int flags, int file, off_t offset);
void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int file, off_t offset);

void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int file, off_t offset)
{
    int result = answer(kind_of_mmap(protection, flags));

    if (result > 0)
        return MAP_FAILED;
    if (result == LANDS_ELSEWHERE) {
        void *stray = __real_mmap64(NULL, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, file, offset);
        note_stray(stray);
        return stray;
    }
    return __real_mmap64(address, size, protection, flags, file, offset);
}

void *__real_mremap(void *address, size_t size, size_t new_size, int flags, ...);
void *__wrap_mremap(void *address, size_t size, size_t new_size, int flags, ...);

void *__wrap_mremap(void *address, size_t size, size_t new_size, int flags, ...)
{
    va_list arguments;

    va_start(arguments, flags);
    void *new_address = flags & MREMAP_FIXED ? va_arg(arguments, void *) : NULL;
    va_end(arguments);
    return answer(MREMAP) ? MAP_FAILED : __real_mremap(address, size, new_size, flags, new_address);
}

int __real_munmap(void *address, size_t size);
int __wrap_munmap(void *address, size_t size);

int __wrap_munmap(void *address, size_t size)
{
    if (answer(MUNMAP))
        return -1;
    (void)forget_stray(address);
    return __real_munmap(address, size);
}

int __real_mprotect(void *address, size_t size, int protection);
int __wrap_mprotect(void *address, size_t size, int protection);

int __wrap_mprotect(void *address, size_t size, int protection)
{
    return answer(MPROTECT) ? -1 : __real_mprotect(address, size, protection);
}

int __real_madvise(void *address, size_t size, int advice);
int __wrap_madvise(void *address, size_t size, int advice);

int __wrap_madvise(void *address, size_t size, int advice)
{
    return answer(MADVISE) ? -1 : __real_madvise(address, size, advice);
}

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);

int __wrap_open64(const char *path, int flags, ...)
{
    va_list arguments;

    va_start(arguments, flags);
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return answer(OPEN) ? -1 : __real_open64(path, flags, mode);
}

ssize_t __real_read(int file, void *buffer, size_t size);
ssize_t __wrap_read(int file, void *buffer, size_t size);

ssize_t __wrap_read(int file, void *buffer, size_t size)
{
    int result = answer(READ);

    if (result > 0)
        return -1;
    return result == ENDS ? 0 : __real_read(file, buffer, result == GIVES_A_BYTE ? 1 : size);
}

int __real_ioctl(int file, unsigned long request, ...);
int __wrap_ioctl(int file, unsigned long request, ...);

int __wrap_ioctl(int file, unsigned long request, ...)
{
    va_list arguments;

    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    if (is_query_hidden()) {
        errno = ENOTTY;
        return -1;
    }
    return answer(IOCTL) ? -1 : __real_ioctl(file, request, argument);
}

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

long __wrap_syscall(long number, ...)
{
    va_list arguments;
    long    given[6];

    va_start(arguments, number);
    for (unsigned i = 0; i < 6; i++)
        given[i] = va_arg(arguments, long);
    va_end(arguments);
    return answer(SYSCALL) ? -1 : __real_syscall(number, given[0], given[1], given[2], given[3], given[4], given[5]);
}

int __real_memfd_create(const char *name, unsigned flags);
int __wrap_memfd_create(const char *name, unsigned flags);

int __wrap_memfd_create(const char *name, unsigned flags)
{
    return answer(MEMORY_FILE) ? -1 : __real_memfd_create(name, flags);
}

int __real_ftruncate64(int file, off_t size);
int __wrap_ftruncate64(int file, off_t size);

int __wrap_ftruncate64(int file, off_t size)
{
    return answer(TRUNCATE) ? -1 : __real_ftruncate64(file, size);
}

ssize_t __real_writev(int file, const struct iovec *parts, int count);
ssize_t __wrap_writev(int file, const struct iovec *parts, int count);

ssize_t __wrap_writev(int file, const struct iovec *parts, int count)
{
    int result = answer(WRITE);

    if (result > 0)
        return -1;
    return result == GIVES_A_BYTE ? write(file, parts->iov_base, 1) : __real_writev(file, parts, count);
}

int __real_getrlimit64(int resource, struct rlimit *limit);
int __wrap_getrlimit64(int resource, struct rlimit *limit);

int __wrap_getrlimit64(int resource, struct rlimit *limit)
{
    int result = answer(LIMIT);

    if (result > 0)
        return -1;
    int got = __real_getrlimit64(resource, limit);
    if (result == GIVES_A_BYTE)
        limit->rlim_cur = 1;
    return got;
}

int __real_pipe2(int ends[2], int flags);
int __wrap_pipe2(int ends[2], int flags);

int __wrap_pipe2(int ends[2], int flags)
{
    return answer(PIPE) ? -1 : __real_pipe2(ends, flags);
}
