/* SPDX-License-Identifier: MIT */
#include "calls.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <urcu/rculfhash.h>
#include <urcu/urcu-bp.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

typedef enum {
    MMAP_ANYWHERE,
    MMAP_THERE,
    MMAP_OVER,
    MUNMAP,
    MPROTECT,
    MADVISE,
    OPEN,
    READ,
    IOCTL,
    SYSCALL,
    METADATA,
    ARENA,
    KEY,
    SPECIFIC,
    HANDLERS,
    THREAD,
    TABLE,
    KINDS
} call_t;

/* What a call does instead of failing. */
enum { GRANTED = 0, LANDS_ELSEWHERE = -1, GIVES_A_BYTE = -2, ENDS = -3 };

typedef struct {
    int         answer; /* an errno, or one of the above */
    const char *name;
} way_t;

typedef struct {
    const char *name;
    way_t       ways[4]; /* the rest are zero */
} kind_t;

static const kind_t kinds[KINDS] = {
    [MMAP_ANYWHERE] = {"mmap", {{ENOMEM, "ENOMEM"}}},
    [MMAP_THERE] = {"mmap, not over anything",
                    {{ENOMEM, "ENOMEM"}, {EEXIST, "EEXIST"}, {LANDS_ELSEWHERE, "elsewhere"}}},
    [MMAP_OVER] = {"mmap, over its own", {{ENOMEM, "ENOMEM"}}},
    [MUNMAP] = {"munmap", {{ENOMEM, "ENOMEM"}}},
    [MPROTECT] = {"mprotect", {{ENOMEM, "ENOMEM"}, {EACCES, "EACCES"}}},
    [MADVISE] = {"madvise", {{EINVAL, "EINVAL"}, {ENOMEM, "ENOMEM"}}},
    [OPEN] = {"open", {{ENOENT, "ENOENT"}, {EMFILE, "EMFILE"}, {EACCES, "EACCES"}}},
    [READ] = {"read", {{EIO, "EIO"}, {EINTR, "EINTR"}, {GIVES_A_BYTE, "one byte"}, {ENDS, "end of file"}}},
    [IOCTL] = {"ioctl", {{ENOTTY, "ENOTTY"}, {EPERM, "EPERM"}, {ENOENT, "ENOENT"}}},
    [SYSCALL] = {"syscall", {{ENOSYS, "ENOSYS"}}},
    [METADATA] = {"mallocx", {{ENOMEM, "NULL"}}},
    [ARENA] = {"mallctl", {{ENOMEM, "ENOMEM"}}},
    [KEY] = {"pthread_key_create", {{EAGAIN, "EAGAIN"}, {ENOMEM, "ENOMEM"}}},
    [SPECIFIC] = {"pthread_setspecific", {{ENOMEM, "ENOMEM"}}},
    [HANDLERS] = {"pthread_atfork", {{ENOMEM, "ENOMEM"}}},
    [THREAD] = {"pthread_create", {{EAGAIN, "EAGAIN"}, {EPERM, "EPERM"}}},
    [TABLE] = {"cds_lfht_new", {{ENOMEM, "NULL"}}},
};

static fault_t         faults[MOST_FAULTS];
static calls_report_t  nobody_listens;
static calls_report_t *report = &nobody_listens;
static int             lasting[KINDS];
static bool            query_hidden;
static _Atomic bool    watched;
static bool            ended;
static void           *stray;          /* the last mapping that landed elsewhere, while it is there */
static bool            thread_refused; /* the last one */

void calls_plan(const fault_t planned[MOST_FAULTS], calls_report_t *told)
{
    for (unsigned i = 0; i < MOST_FAULTS; i++)
        faults[i] = planned[i];
    report = told;
    *report = (calls_report_t){0};
}

void calls_hide_query(void)
{
    query_hidden = true;
}

void calls_watch(bool on)
{
    watched = on && !ended;
}

void calls_end(void)
{
    ended = true;
}

static unsigned ways_of(const kind_t *kind)
{
    unsigned count = 0;

    while (count < 4 && kind->ways[count].answer)
        count++;
    return count;
}

/* Writes down what a refusal may leave behind. */
static void note(call_t call, int answer, bool lasts)
{
    report->munmap_refused |= call == MUNMAP;
    report->memory_refused |= call == MMAP_ANYWHERE || call == MMAP_OVER;
    report->space_hidden |= lasts && call == MMAP_THERE && answer != ENOMEM;
}

static int refuse(call_t call, const fault_t *fault, unsigned number)
{
    const kind_t *kind = &kinds[call];
    const way_t  *way = &kind->ways[fault->variant];

    report->calls_name[number] = kind->name;
    report->ways_name[number] = way->name;
    report->ways[number] = ways_of(kind);
    report->refused++;
    /* Who is interrupted for ever waits for ever. */
    if (fault->lasting && way->answer != EINTR)
        lasting[call] = way->answer;
    note(call, way->answer, fault->lasting);
    return way->answer;
}

/* Counts the call. Returns GRANTED, or how it is refused: with errno set, where that is one. */
static int answer(call_t call)
{
    int result = lasting[call];

    if (!watched)
        return GRANTED;
    report->calls++;
    for (unsigned i = 0; i < MOST_FAULTS; i++)
        if (faults[i].at == report->calls && faults[i].variant < ways_of(&kinds[call]))
            result = refuse(call, &faults[i], i);
    if (result > 0)
        errno = result;
    return result;
}

/* The C library's threads give back an errno instead of setting it. */
static int answer_by_result(call_t call)
{
    int saved_errno = errno;
    int result = answer(call);

    errno = saved_errno;
    return result;
}

void *__real_mmap64(void *address, size_t size, int protection, int flags, int file, off_t offset);
void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int file, off_t offset);

void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int file, off_t offset)
{
    call_t call = flags & MAP_FIXED_NOREPLACE ? MMAP_THERE : flags & MAP_FIXED ? MMAP_OVER : MMAP_ANYWHERE;
    int    result = answer(call);

    if (result > 0)
        return MAP_FAILED;
    if (result == LANDS_ELSEWHERE) {
        report->strays++;
        stray = __real_mmap64(NULL, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, file, offset);
        return stray;
    }
    return __real_mmap64(address, size, protection, flags, file, offset);
}

int __real_munmap(void *address, size_t size);
int __wrap_munmap(void *address, size_t size);

int __wrap_munmap(void *address, size_t size)
{
    if (answer(MUNMAP))
        return -1;
    if (stray && address == stray) {
        stray = NULL;
        report->strays--;
    }
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
    return answer(OPEN) ? -1 : __real_open64(path, flags);
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
    if (query_hidden) {
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

void *__real_mallocx(size_t size, int flags);
void *__wrap_mallocx(size_t size, int flags);

void *__wrap_mallocx(size_t size, int flags)
{
    return answer_by_result(METADATA) ? NULL : __real_mallocx(size, flags);
}

int __real_mallctl(const char *name, void *old, size_t *old_size, void *new, size_t new_size);
int __wrap_mallctl(const char *name, void *old, size_t *old_size, void *new, size_t new_size);

int __wrap_mallctl(const char *name, void *old, size_t *old_size, void *new, size_t new_size)
{
    int result = answer_by_result(ARENA);

    return result ? result : __real_mallctl(name, old, old_size, new, new_size);
}

int __real_pthread_key_create(pthread_key_t *key, void (*destructor)(void *));
int __wrap_pthread_key_create(pthread_key_t *key, void (*destructor)(void *));

int __wrap_pthread_key_create(pthread_key_t *key, void (*destructor)(void *))
{
    int result = answer_by_result(KEY);

    return result ? result : __real_pthread_key_create(key, destructor);
}

int __real_pthread_setspecific(pthread_key_t key, const void *value);
int __wrap_pthread_setspecific(pthread_key_t key, const void *value);

int __wrap_pthread_setspecific(pthread_key_t key, const void *value)
{
    int result = answer_by_result(SPECIFIC);

    return result ? result : __real_pthread_setspecific(key, value);
}

int __real_pthread_atfork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void));
int __wrap_pthread_atfork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void));

int __wrap_pthread_atfork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void))
{
    int result = answer_by_result(HANDLERS);

    return result ? result : __real_pthread_atfork(before, in_parent, in_child);
}

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*work)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*work)(void *), void *argument);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*work)(void *), void *argument)
{
    int result = answer_by_result(THREAD);

    thread_refused = result != 0;
    return result ? result : __real_pthread_create(thread, attributes, work, argument);
}

void __real_urcu_bp_call_rcu(struct rcu_head *head, void (*work)(struct rcu_head *head));
void __wrap_urcu_bp_call_rcu(struct rcu_head *head, void (*work)(struct rcu_head *head));

/* At its first call liburcu makes a thread, and ends the process where it cannot have one. */
void __wrap_urcu_bp_call_rcu(struct rcu_head *head, void (*work)(struct rcu_head *head))
{
    if (thread_refused)
        abort();
    __real_urcu_bp_call_rcu(head, work);
}

struct cds_lfht *__real__cds_lfht_new(unsigned long size, unsigned long least, unsigned long most, int flags,
                                      const struct cds_lfht_mm_type *memory, const struct rcu_flavor_struct *flavor,
                                      pthread_attr_t *attributes);
struct cds_lfht *__wrap__cds_lfht_new(unsigned long size, unsigned long least, unsigned long most, int flags,
                                      const struct cds_lfht_mm_type *memory, const struct rcu_flavor_struct *flavor,
                                      pthread_attr_t *attributes);

struct cds_lfht *__wrap__cds_lfht_new(unsigned long size, unsigned long least, unsigned long most, int flags,
                                      const struct cds_lfht_mm_type *memory, const struct rcu_flavor_struct *flavor,
                                      pthread_attr_t *attributes)
{
    if (answer_by_result(TABLE))
        return NULL;
    return __real__cds_lfht_new(size, least, most, flags, memory, flavor, attributes);
}
