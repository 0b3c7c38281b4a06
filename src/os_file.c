/* SPDX-License-Identifier: MIT */
#include "os_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "os.h"

#define NANOSECONDS INT64_C(1000000000)
#define CREATING    (O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC)
#define OPENING     (O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)

uint32_t os_process(void)
{
    return (uint32_t)getpid();
}

uint32_t os_thread(void)
{
    return (uint32_t)syscall(SYS_gettid);
}

static int64_t now(clockid_t clock)
{
    struct timespec time = {0};

    (void)clock_gettime(clock, &time);
    return time.tv_sec * NANOSECONDS + time.tv_nsec;
}

uint64_t os_nanoseconds(void)
{
    return (uint64_t)now(CLOCK_MONOTONIC);
}

/* When the process began, by the clock of files; 0 if unknown. Field 22 of its status, in ticks since the system began;
 * the second field, in parentheses, may hold anything. */
static int64_t process_start(void)
{
    char        text[1024];
    const char *at;
    long        ticks = sysconf(_SC_CLK_TCK);
    int         status = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    ssize_t     length = status < 0 ? -1 : read(status, text, sizeof(text) - 1);

    if (status >= 0)
        close(status);
    text[length < 0 ? 0 : length] = 0;
    at = strrchr(text, ')');
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    if (!at || ticks <= 0)
        return 0;
    return now(CLOCK_REALTIME) - now(CLOCK_BOOTTIME) + strtoll(at, NULL, 10) * (NANOSECONDS / ticks);
}

/* Takes over an open file, which is closed then. Returns 0, or why it cannot be known. */
static int know(int opened, os_file_t *file)
{
    struct stat status;
    int         result = fstat(opened, &status) ? -errno : 0;

    close(opened);
    if (result)
        return result;
    file->device = status.st_dev;
    file->inode = status.st_ino;
    return 0;
}

static int create(os_file_t *file)
{
    int opened = open(file->path, CREATING, S_IRUSR | S_IWUSR);

    return opened < 0 ? -errno : know(opened, file);
}

/* What is there already: ours to add to; left by a process that is gone, so that it goes too; or none of ours. */
static int open_existing(os_file_t *file)
{
    struct stat status;

    if (lstat(file->path, &status))
        return -errno;
    if (!S_ISREG(status.st_mode) || status.st_uid != geteuid() || status.st_nlink != 1)
        return -EEXIST;
    if (status.st_mtim.tv_sec * NANOSECONDS + status.st_mtim.tv_nsec < process_start())
        return unlink(file->path) ? -errno : create(file);
    file->device = status.st_dev;
    file->inode = status.st_ino;
    return 0;
}

int os_file_open_map(os_file_t *file)
{
    int saved_errno = errno;

    (void)snprintf(file->path, sizeof(file->path), "/tmp/perf-%u.map", os_process());
    int result = create(file);
    if (result == -EEXIST)
        result = open_existing(file);
    errno = saved_errno;
    return result;
}

/* As perf's own agents: below what the user named for it, or the home. Directories that are there stay as they are. */
static int make_directory(char *path)
{
    static const char *const above[] = {".debug", ".debug/jit"};
    const char              *base = secure_getenv("JITDUMPDIR");
    char                     wanted[OS_FILE_PATH];

    base = base && *base ? base : secure_getenv("HOME");
    base = base && *base ? base : "/tmp";
    for (unsigned i = 0; i < 2; i++) {
        (void)snprintf(wanted, sizeof(wanted), "%s/%s", base, above[i]);
        (void)mkdir(wanted, S_IRWXU);
    }
    if (snprintf(wanted, sizeof(wanted), "%s/%s/lintel-XXXXXX", base, above[1]) >= OS_FILE_PATH)
        return -ENAMETOOLONG;
    return mkdtemp(wanted) && realpath(wanted, path) ? 0 : -errno;
}

int os_file_make_dump(os_file_t *file)
{
    int saved_errno = errno;
    int result = make_directory(file->path);

    if (!result) {
        size_t length = strlen(file->path);
        int    more = snprintf(file->path + length, sizeof(file->path) - length, "/jit-%u.dump", os_process());
        result = more < (int)(sizeof(file->path) - length) ? create(file) : -ENAMETOOLONG;
        if (result) {
            file->path[length] = '\0';
            (void)rmdir(file->path);
        }
    }
    errno = saved_errno;
    return result;
}

/* Returns the file, open; else what the system says, or -ESTALE. */
static int reopen(const os_file_t *file, int flags, struct stat *status)
{
    int opened = open(file->path, flags);

    if (opened < 0)
        return -errno;
    if (!fstat(opened, status) && status->st_dev == file->device && status->st_ino == file->inode)
        return opened;
    close(opened);
    return -ESTALE;
}

/* Beyond the limit the kernel would end the program with a signal. */
static bool is_too_large(const struct stat *status, size_t more)
{
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};

    (void)getrlimit(RLIMIT_FSIZE, &limit);
    return limit.rlim_cur != RLIM_INFINITY && (uint64_t)status->st_size + more > limit.rlim_cur;
}

/* What was written of something that did not fit is taken back: half a record makes all that follow unreadable. */
static int write_all(int opened, const struct iovec *parts, unsigned count, size_t size)
{
    ssize_t written = writev(opened, parts, (int)count);

    if (written < 0)
        return -errno;
    if ((size_t)written == size)
        return 0;
    return ftruncate(opened, lseek(opened, 0, SEEK_CUR) - written) ? -errno : -ENOSPC;
}

int os_file_add(const os_file_t *file, const os_bytes_t *parts, unsigned count)
{
    struct iovec vector[OS_FILE_PARTS];
    struct stat  status = {0};
    size_t       size = 0;
    int          saved_errno = errno;
    int          opened = reopen(file, OPENING, &status);
    int          result = opened;

    for (unsigned i = 0; i < count && i < OS_FILE_PARTS; i++) {
        vector[i] = (struct iovec){(void *)parts[i].start, parts[i].size};
        size += parts[i].size;
    }
    if (opened >= 0) {
        result = is_too_large(&status, size) ? -EFBIG : write_all(opened, vector, count, size);
        close(opened);
    }
    errno = saved_errno;
    return result;
}

int os_file_mark(const os_file_t *file, void **marker)
{
    struct stat status;
    int         saved_errno = errno;
    int         opened = reopen(file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC, &status);
    int         result = opened < 0 ? opened : 0;

    if (opened >= 0) {
        void *mapped = mmap(NULL, os_page_size(), PROT_READ | PROT_EXEC, MAP_PRIVATE, opened, 0);
        result = mapped == MAP_FAILED ? -errno : 0;
        if (!result)
            *marker = mapped;
        close(opened);
    }
    errno = saved_errno;
    return result;
}

void os_file_unmark(void *marker)
{
    os_unmap(marker, os_page_size());
}

void os_file_remove_dump(os_file_t *file)
{
    int saved_errno = errno;

    (void)unlink(file->path);
    *strrchr(file->path, '/') = 0;
    (void)rmdir(file->path);
    file->inode = 0;
    errno = saved_errno;
}
