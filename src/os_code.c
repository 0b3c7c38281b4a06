/* SPDX-License-Identifier: MIT
 *
 * os_code: executable memory from the Linux kernel: a file without a name, seen at two addresses.
 *
 * The file is closed at once, as the mappings keep it: nothing is left for the host to close, to run out of or to
 * inherit, and its memory goes with the last mapping.
 */
#include "os.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "atomic.h"
#include "cancel.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x10U
#endif

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/* Of linux/membarrier.h, which is younger than some systems. */
#define MEMBARRIER_SYNC_CORE   (1 << 5)
#define REGISTER_FOR_SYNC_CORE (1 << 6)

/* In a file's place: shared memory without one. */
#define NO_FILE INT_MIN

static _Atomic bool nameless;

void os_code_be_nameless(void)
{
    /* relaxed: only says how memory looks to others. */
    atomic_store_relaxed(&nameless, true);
}

static bool is_nameless(void)
{
    /* relaxed: as above. */
    return atomic_load_relaxed(&nameless);
}

/* By a thread that is being cancelled too: what the file is for is half done. */
static void close_file(int file)
{
    int cancel_state = cancel_forbid();

    close(file);
    cancel_restore(cancel_state);
}

/* Kernels before 6.3 do not know MFD_EXEC, and all their files can be executed. Returns the file; -EACCES
 * (vm.memfd_noexec); -EMFILE; -ENOMEM; -ENOSYS (barred). */
static int create_file(const char *name)
{
    char label[OS_LABEL_SIZE];

    os_label(label, name);
    int file = memfd_create(label, MFD_CLOEXEC | MFD_EXEC);
    if (file < 0 && errno == EINVAL)
        file = memfd_create(label, MFD_CLOEXEC);
    if (file >= 0)
        return file;
    if (errno == EACCES || errno == ENOMEM)
        return -errno;
    return errno == EMFILE || errno == ENFILE ? -EMFILE : -ENOSYS;
}

/* Beyond the limit the kernel would end the program with a signal. Returns the file; else as os_code_map. */
static int create_file_of(const char *name, size_t size)
{
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};

    (void)getrlimit(RLIMIT_FSIZE, &limit);
    if (limit.rlim_cur != RLIM_INFINITY && size > limit.rlim_cur)
        return -EFBIG;
    int file = create_file(name);
    if (file < 0 || !ftruncate(file, (off_t)size))
        return file;
    close_file(file);
    return -ENOMEM;
}

/* Why there is no executable mapping. */
static int mapping_error(void)
{
    return errno == EPERM || errno == EACCES ? -EPERM : -ENOMEM;
}

/* Maps the file at `range`, readable and executable. Returns 0; -EPERM (it may not be executed there); -ENOMEM. */
static int map_executable(int file, range_t range)
{
    void *mapped = mmap((void *)range.start, range_size(range), PROT_READ | PROT_EXEC,
                        MAP_SHARED | MAP_FIXED | MAP_NORESERVE, file, 0);

    return mapped == MAP_FAILED ? mapping_error() : 0;
}

/* Maps the file a second time, or memory without one, at *writable if that is free, else anywhere, with a guard behind
 * it. A child of a fork does not have these mappings. Returns 0; -ENOMEM. */
static int map_writable(int file, size_t size, uintptr_t *writable)
{
    size_t guarded = size + os_page_size();
    int    flags = MAP_SHARED | MAP_FIXED | MAP_NORESERVE | (file == NO_FILE ? MAP_ANONYMOUS : 0);
    void  *room = mmap((void *)*writable, guarded, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (room == MAP_FAILED)
        return -ENOMEM;
    void *mapped = mmap(room, size, PROT_READ | PROT_WRITE, flags, file == NO_FILE ? -1 : file, 0);
    if (mapped == MAP_FAILED || madvise(room, guarded, MADV_DONTFORK)) {
        (void)munmap(room, guarded);
        return -ENOMEM;
    }
    *writable = (uintptr_t)mapped;
    return 0;
}

range_t os_code_second(range_t range, uintptr_t writable)
{
    return (range_t){writable, writable + range_size(range) + os_page_size()};
}

/* Maps at `range`, in one step, what is at `writable` too. The child of a fork has it. Returns 0; -ENOSYS (barred);
 * -EPERM; -ENOMEM. */
static int map_again(uintptr_t writable, range_t range, int protection)
{
    size_t size = range_size(range);
    void  *second = mremap((void *)writable, 0, size, MREMAP_MAYMOVE);

    if (second == MAP_FAILED)
        return errno == ENOMEM ? -ENOMEM : -ENOSYS;
    if (!mprotect(second, size, protection) && !madvise(second, size, MADV_DOFORK) &&
        mremap(second, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)range.start) != MAP_FAILED)
        return 0;
    int result = mapping_error();
    (void)munmap(second, size);
    return result;
}

/* Memory without a file, with the first bytes of the range copied. Returns as os_code_map; *writable is as for
 * map_writable. */
static int map_nameless(range_t range, size_t used, int protection, uintptr_t *writable)
{
    int result = map_writable(NO_FILE, range_size(range), writable);

    if (result)
        return result;
    memcpy((void *)*writable, (void *)range.start, used);
    result = map_again(*writable, range, protection);
    if (result)
        os_release(os_code_second(range, *writable));
    return result;
}

/* perf is told of executable memory when it becomes so, or so in another way, and not when it is moved: so it is read
 * again, which it was before, once it is in its place. */
static int copy_nameless(range_t range, uintptr_t used, uintptr_t *writable)
{
    uintptr_t mapped = *writable;
    int       result = map_nameless(range, used - range.start, PROT_EXEC, &mapped);

    if (result)
        return result;
    result = os_code_open(range);
    if (result)
        os_release(os_code_second(range, mapped));
    else
        *writable = mapped;
    return result;
}

int os_code_map(range_t range, const char *name, uintptr_t *writable)
{
    int       saved_errno = errno;
    int       file = is_nameless() ? NO_FILE : create_file_of(name, range_size(range));
    int       result = file;
    uintptr_t anywhere = 0;

    if (file == NO_FILE)
        result = map_nameless(range, 0, PROT_READ, &anywhere);
    if (file >= 0) {
        result = map_executable(file, range);
        if (!result)
            result = os_code_close(range);
        if (!result)
            result = map_writable(file, range_size(range), &anywhere);
        close_file(file);
    }
    if (!result)
        *writable = anywhere;
    errno = saved_errno;
    return result;
}

int os_code_check(void)
{
    int    saved_errno = errno;
    size_t size = os_page_size();
    int    flags = MAP_SHARED | (is_nameless() ? MAP_ANONYMOUS : 0);
    int    file = is_nameless() ? NO_FILE : create_file_of("", size);
    int    result = file;

    if (file >= 0 || file == NO_FILE) {
        void *mapped = mmap(NULL, size, PROT_READ | PROT_EXEC, flags, file, 0);
        result = mapped == MAP_FAILED ? mapping_error() : 0;
        if (mapped != MAP_FAILED)
            (void)munmap(mapped, size);
    }
    if (file >= 0)
        close_file(file);
    errno = saved_errno;
    return result;
}

/* Copies to a second view of the file before the file replaces what was copied. Returns as os_code_map. */
static int copy_to(int file, range_t range, uintptr_t used, uintptr_t *writable)
{
    uintptr_t copy = *writable;
    int       result = map_writable(file, range_size(range), &copy);

    if (result)
        return result;
    memcpy((void *)copy, (void *)range.start, used - range.start);
    result = map_executable(file, range);
    if (result)
        os_release(os_code_second(range, copy));
    else
        *writable = copy;
    return result;
}

int os_code_copy(range_t range, uintptr_t used, uintptr_t *writable)
{
    int saved_errno = errno;
    int file = is_nameless() ? NO_FILE : create_file_of("", range_size(range));
    int result = file;

    if (file == NO_FILE)
        result = copy_nameless(range, used, writable);
    if (file >= 0) {
        result = copy_to(file, range, used, writable);
        close_file(file);
    }
    errno = saved_errno;
    return result;
}

int os_code_commit(range_t writable)
{
    int saved_errno = errno;
    /* What the kernel cannot give should be refused here and now, not by a signal at the first write. */
    int refused = madvise((void *)writable.start, range_size(writable), MADV_POPULATE_WRITE) && errno != EINVAL;

    errno = saved_errno;
    return refused ? -ENOMEM : 0;
}

int os_code_close(range_t range)
{
    int saved_errno = errno;
    int result = mprotect((void *)range.start, range_size(range), PROT_READ) ? -ENOMEM : 0;

    errno = saved_errno;
    return result;
}

int os_code_open(range_t range)
{
    int saved_errno = errno;
    int result = mprotect((void *)range.start, range_size(range), PROT_READ | PROT_EXEC) ? mapping_error() : 0;

    errno = saved_errno;
    return result;
}

#if !defined(__x86_64__)
/* Has every thread that runs fetch its next instruction anew. */
static void synchronize_cores(void)
{
    if (!syscall(SYS_membarrier, MEMBARRIER_SYNC_CORE, 0, 0) || errno != EPERM)
        return;
    (void)syscall(SYS_membarrier, REGISTER_FOR_SYNC_CORE, 0, 0);
    (void)syscall(SYS_membarrier, MEMBARRIER_SYNC_CORE, 0, 0);
}
#endif

/* Instruction caches of x86-64 see every write to memory, whatever its address was, and forget what was fetched ahead;
 * docs/code.md has the reasoning for it and for the others. */
void os_code_publish(range_t bytes)
{
    int saved_errno = errno;

    __builtin___clear_cache((char *)bytes.start, (char *)bytes.end);
#if !defined(__x86_64__)
    synchronize_cores();
#endif
    errno = saved_errno;
}
