/* SPDX-License-Identifier: MIT */
#include "scripted_kernel.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/types.h>

enum { NO_FILE = -1 };

typedef struct {
    unsigned calls;
    unsigned refuse_from;
    unsigned refuse_times;
    int      error;
} refusal_t;

static refusal_t   refusals[KERNEL_CALL_KINDS];
static bool        elsewhere;
static void       *last_mapping;
static size_t      last_size;
static int         maps_file = NO_FILE;
static const char *maps_text;
static size_t      maps_piece;
static uint64_t    stack_limit;
static bool        name_hidden;

void         *__real_mmap64(void *address, size_t size, int protection, int flags, int file, off_t offset);
void         *__wrap_mmap64(void *address, size_t size, int protection, int flags, int file, off_t offset);
int           __real_munmap(void *address, size_t size);
int           __wrap_munmap(void *address, size_t size);
int           __real_mprotect(void *address, size_t size, int protection);
int           __wrap_mprotect(void *address, size_t size, int protection);
int           __real_open64(const char *path, int flags, ...);
int           __wrap_open64(const char *path, int flags, ...);
ssize_t       __real_read(int file, void *buffer, size_t size);
ssize_t       __wrap_read(int file, void *buffer, size_t size);
int           __real_ioctl(int file, unsigned long request, ...);
int           __wrap_ioctl(int file, unsigned long request, ...);
long          __real_syscall(long number, ...);
long          __wrap_syscall(long number, ...);
int           __real_getrlimit64(int resource, struct rlimit *limit);
int           __wrap_getrlimit64(int resource, struct rlimit *limit);
unsigned long __real_getauxval(unsigned long type);
unsigned long __wrap_getauxval(unsigned long type);

void kernel_refuse(kernel_call_t call, unsigned nth, unsigned times, int error)
{
    refusals[call].refuse_from = refusals[call].calls + nth;
    refusals[call].refuse_times = times;
    refusals[call].error = error;
}

void kernel_lands_elsewhere(void)
{
    elsewhere = true;
}

uintptr_t kernel_last_mapping(size_t *size)
{
    *size = last_size;
    return (uintptr_t)last_mapping;
}

void kernel_shows_maps(const char *text, size_t piece)
{
    maps_text = text;
    maps_piece = piece;
}

void kernel_stack_limit(uint64_t limit)
{
    stack_limit = limit;
}

void kernel_hides_name(void)
{
    name_hidden = true;
}

int kernel_clear(void **state)
{
    (void)state;
    memset(refusals, 0, sizeof(refusals));
    elsewhere = name_hidden = false;
    kernel_shows_maps(NULL, 0);
    stack_limit = 0;
    return 0;
}

/* Counts the call. Returns whether it is refused, and then sets errno. */
static bool refused(kernel_call_t call)
{
    refusal_t *refusal = &refusals[call];
    unsigned   number = ++refusal->calls;

    if (!refusal->refuse_times || number < refusal->refuse_from ||
        number - refusal->refuse_from >= refusal->refuse_times)
        return false;
    errno = refusal->error;
    return true;
}

void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int file, off_t offset)
{
    if (refused(KERNEL_MMAP))
        return MAP_FAILED;
    if (elsewhere)
        last_mapping = __real_mmap64(NULL, size, protection, MAP_PRIVATE | MAP_ANONYMOUS, file, offset);
    else
        last_mapping = __real_mmap64(address, size, protection, flags, file, offset);
    last_size = size;
    return last_mapping;
}

int __wrap_munmap(void *address, size_t size)
{
    return refused(KERNEL_MUNMAP) ? -1 : __real_munmap(address, size);
}

int __wrap_mprotect(void *address, size_t size, int protection)
{
    return refused(KERNEL_MPROTECT) ? -1 : __real_mprotect(address, size, protection);
}

int __wrap_open64(const char *path, int flags, ...)
{
    int file = refused(KERNEL_OPEN) ? -1 : __real_open64(path, flags);

    if (file >= 0 && !strcmp(path, "/proc/self/maps"))
        maps_file = file;
    return file;
}

ssize_t __wrap_read(int file, void *buffer, size_t size)
{
    if (refused(KERNEL_READ))
        return -1;
    if (file != maps_file || !maps_piece)
        return __real_read(file, buffer, size);
    if (size > maps_piece)
        size = maps_piece;
    if (!maps_text)
        return __real_read(file, buffer, size);

    size_t left = strlen(maps_text);
    size_t count = left < size ? left : size;
    memcpy(buffer, maps_text, count);
    maps_text += count;
    return (ssize_t)count;
}

int __wrap_ioctl(int file, unsigned long request, ...)
{
    va_list arguments;

    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    return refused(KERNEL_IOCTL) ? -1 : __real_ioctl(file, request, argument);
}

long __wrap_syscall(long number, ...)
{
    va_list arguments;
    long    given[6];

    va_start(arguments, number);
    for (unsigned i = 0; i < 6; i++)
        given[i] = va_arg(arguments, long);
    va_end(arguments);
    if (refused(KERNEL_SYSCALL))
        return -1;
    return __real_syscall(number, given[0], given[1], given[2], given[3], given[4], given[5]);
}

int __wrap_getrlimit64(int resource, struct rlimit *limit)
{
    int result = __real_getrlimit64(resource, limit);

    if (resource == RLIMIT_STACK && stack_limit)
        limit->rlim_cur = stack_limit;
    return result;
}

unsigned long __wrap_getauxval(unsigned long type)
{
    if (type != AT_EXECFN || !name_hidden)
        return __real_getauxval(type);
    errno = ENOENT;
    return 0;
}
