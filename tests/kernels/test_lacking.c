/* SPDX-License-Identifier: MIT
 *
 * lacking: old-kernel takes away what it says it does, in threads and in children too. To be run by it.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lacking.h"

static size_t page;

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    printf("not so: %s\n", what);
    exit(1);
}

static void calls_are_refused(void)
{
    uint64_t query[13] = {sizeof(query), 0x10};
    int      maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    void    *memory = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    require(maps >= 0 && ioctl(maps, LACKING_QUERY, query) == -1 && errno == ENOTTY, "no PROCMAP_QUERY");
    close(maps);
    require(madvise(memory, page, LACKING_POPULATE_WRITE) == -1 && errno == EINVAL, "no MADV_POPULATE_WRITE");
    require(madvise(memory, page, LACKING_POPULATE_READ) == -1 && errno == EINVAL, "no MADV_POPULATE_READ");
    require(!madvise(memory, page, MADV_DONTNEED), "other advice is taken");
    require(memfd_create("", LACKING_EXEC | MFD_CLOEXEC) == -1 && errno == EINVAL, "no MFD_EXEC");
    require(memfd_create("", LACKING_NOEXEC) == -1 && errno == EINVAL, "no MFD_NOEXEC_SEAL");
    int file = memfd_create("", MFD_CLOEXEC);
    require(file >= 0 && !close(file), "there are memory files");
    require(prctl(LACKING_SET_VMA, 0, memory, page, "name") == -1 && errno == EINVAL, "no PR_SET_VMA");
    require(syscall(SYS_membarrier, 0, 0, 0) == -1 && errno == ENOSYS, "no membarrier");
    munmap(memory, page);
}

/* What is mapped stays, the new mapping lies elsewhere, and nothing says so but its address. */
static void a_flag_is_ignored(void)
{
    char *taken = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    taken[0] = 'x';
    char *got = mmap(taken, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | LACKING_NOREPLACE, -1, 0);
    require(got != MAP_FAILED && got != taken && taken[0] == 'x', "MAP_FIXED_NOREPLACE is a hint");
    munmap(got, page);
    munmap(taken, page);
    got = mmap(taken, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | LACKING_NOREPLACE, -1, 0);
    require(got == taken, "which is followed where there is room");
    munmap(got, page);
}

static void *look_about(void *argument)
{
    calls_are_refused();
    a_flag_is_ignored();
    return argument;
}

int main(void)
{
    pthread_t thread;
    int       status;

    page = (size_t)sysconf(_SC_PAGESIZE);
    look_about(NULL);
    require(!pthread_create(&thread, NULL, look_about, NULL) && !pthread_join(thread, NULL), "there are threads");
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        look_about(NULL);
    else
        require(waitpid(child, &status, 0) == child && status == 0, "there are children");
    return 0;
}
