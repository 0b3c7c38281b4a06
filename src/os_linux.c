/* SPDX-License-Identifier: MIT
 *
 * os_linux: memory from the Linux kernel.
 */
#include "os.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "atomic.h"

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/* Linux 5.17. */
#ifndef PR_SET_VMA
#define PR_SET_VMA           0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

/* The kernel gives nothing below this to programs (vm.mmap_min_addr), and a root that could ask should not. */
#define LOWEST_ADDRESS 0x10000

#if defined(__x86_64__)
#define ADDRESS_BITS 47
#else
#define ADDRESS_BITS 48
#endif

/* The kernel keeps other mappings this far below a stack. */
#define STACK_GUARD ((size_t)1 << 20)

/* The kernel leaves at least so much room for the main stack, whatever its limit; beyond the other we do not go. */
#define STACK_LEAST ((size_t)128 << 20)
#define STACK_MOST  ((size_t)1 << 30)

static const int reserved_flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

size_t os_page_size(void)
{
    static _Atomic size_t known;
    /* relaxed, both: a number that says all there is to know; who comes too early asks again. */
    size_t size = atomic_load_relaxed(&known);

    if (!size) {
        size = (size_t)sysconf(_SC_PAGESIZE);
        /* relaxed: as above. */
        atomic_store_relaxed(&known, size);
    }
    return size;
}

range_t os_addresses(void)
{
    return (range_t){LOWEST_ADDRESS, ((uintptr_t)1 << ADDRESS_BITS) - os_page_size()};
}

int os_reserve(range_t range)
{
    int   saved_errno = errno;
    void *wanted = (void *)range.start;
    void *got = mmap(wanted, range_size(range), PROT_NONE, reserved_flags | MAP_FIXED_NOREPLACE, -1, 0);
    int   result = got != MAP_FAILED ? 0 : errno == EEXIST ? -EEXIST : -ENOMEM;

    /* Kernels before 4.17, PaX and gVisor take the address as a hint only: elsewhere means it was taken. */
    if (result == 0 && got != wanted) {
        munmap(got, range_size(range));
        result = -EEXIST;
    }
    errno = saved_errno;
    return result;
}

int os_commit(range_t range)
{
    int saved_errno = errno;
    int refused = mprotect((void *)range.start, range_size(range), PROT_READ | PROT_WRITE);

    errno = saved_errno;
    return refused ? -ENOMEM : 0;
}

void os_populate(range_t range)
{
    int saved_errno = errno;

    (void)madvise((void *)range.start, range_size(range), MADV_POPULATE_WRITE);
    errno = saved_errno;
}

/* The kernel takes printable characters, save these. */
static bool may_be_in_label(char c)
{
    return c >= ' ' && c <= '~' && c != '\\' && c != '`' && c != '$' && c != '[' && c != ']';
}

void os_label(char label[OS_LABEL_SIZE], const char *name)
{
    static const char owner[] = "lintel ";
    char             *last = &label[OS_LABEL_SIZE - 1];
    char             *at = label + sizeof(owner) - 1;

    memcpy(label, owner, sizeof(owner));
    if (!*name)
        at--;
    for (; *name && at < last; name++)
        *at++ = *name;
    *at = '\0';
    for (at = label; *at; at++)
        if (!may_be_in_label(*at))
            *at = '?';
}

void os_name(range_t range, const char *name)
{
    int  saved_errno = errno;
    char label[OS_LABEL_SIZE];

    os_label(label, name);
    (void)prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, range.start, range_size(range), label);
    errno = saved_errno;
}

void os_prefer_huge(range_t range)
{
    int saved_errno = errno;

    (void)madvise((void *)range.start, range_size(range), MADV_HUGEPAGE);
    errno = saved_errno;
}

int os_reset(range_t range)
{
    int   saved_errno = errno;
    void *got = mmap((void *)range.start, range_size(range), PROT_NONE, reserved_flags | MAP_FIXED, -1, 0);

    errno = saved_errno;
    return got == MAP_FAILED ? -ENOMEM : 0;
}

/* MS_ASYNC has had nothing to do since Linux 2.6.19 but to say ENOMEM at the first hole. The C library's function lets
 * threads be cancelled. Memcheck takes it for a read of all the range. */
bool os_is_mapped(range_t range)
{
    int  saved_errno = errno;
    bool mapped = !RUNNING_ON_VALGRIND && !syscall(SYS_msync, range.start, range_size(range), MS_ASYNC);

    errno = saved_errno;
    return mapped;
}

/* Two mappings, as pages that are shared are none with their neighbours': as many as a change in the middle of one
 * makes. */
bool os_lacks_mappings(void)
{
    int    saved_errno = errno;
    size_t page = os_page_size();
    void  *trial = mmap(NULL, 2 * page, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    bool   lacks = trial == MAP_FAILED || mprotect(trial, page, PROT_READ);

    if (trial != MAP_FAILED)
        (void)munmap(trial, 2 * page);
    errno = saved_errno;
    return lacks;
}

void os_release(range_t range)
{
    int saved_errno = errno;

    if (munmap((void *)range.start, range_size(range)))
        (void)madvise((void *)range.start, range_size(range), MADV_DONTNEED);
    errno = saved_errno;
}

int os_map(size_t size, void **memory)
{
    int   saved_errno = errno;
    void *got = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    errno = saved_errno;
    if (got == MAP_FAILED)
        return -ENOMEM;
    *memory = got;
    return 0;
}

int os_make_constant(void *memory, size_t size)
{
    int saved_errno = errno;
    int refused = mprotect(memory, size, PROT_READ);

    errno = saved_errno;
    return refused ? -ENOMEM : 0;
}

void os_unmap(void *memory, size_t size)
{
    int saved_errno = errno;

    (void)munmap(memory, size);
    errno = saved_errno;
}

uintptr_t os_break(void)
{
    int  saved_errno = errno;
    long now = syscall(SYS_brk, 0);

    errno = saved_errno;
    return now == -1 ? 0 : (uintptr_t)now;
}

/* The kernel puts the program's file name at the very top of the main stack. */
range_t os_stack(void)
{
    struct rlimit limit = {STACK_LEAST, STACK_LEAST};
    int           saved_errno = errno;
    uintptr_t     top = getauxval(AT_EXECFN);

    (void)getrlimit(RLIMIT_STACK, &limit);
    errno = saved_errno;
    if (!top)
        return (range_t){0, 0};

    uintptr_t room = max_address(STACK_LEAST, min_address(STACK_MOST, limit.rlim_cur)) + STACK_GUARD;
    uintptr_t end = align_up(top, os_page_size());
    return (range_t){align_down(end - min_address(room, end), os_page_size()), end};
}

void os_yield(void)
{
    sched_yield();
}
