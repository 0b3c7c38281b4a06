/* SPDX-License-Identifier: MIT */
#include "surroundings.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "machine_code.h"
#include "outcome.h"
#include "unit.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/* Two pages, of which the second is executable too: mappings that differ in that alone. */
void need_true_maps(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    bool   executable[2] = {false, false};
    char  *mapped = mmap(NULL, 2 * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (mapped == MAP_FAILED || mprotect(mapped + page, page, PROT_READ | PROT_EXEC))
        return;
    machine_code_executable((uintptr_t)mapped, 2, executable);
    munmap(mapped, 2 * page);
    if (executable[0] || !executable[1])
        skip_because("/proc/self/maps does not say what is executable here");
}

void need_populate(void)
{
    size_t        page = (size_t)sysconf(_SC_PAGESIZE);
    unsigned char resident = 0;
    void         *mapped = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (mapped == MAP_FAILED)
        return;
    (void)madvise(mapped, page, MADV_POPULATE_WRITE);
    (void)mincore(mapped, page, &resident);
    munmap(mapped, page);
    if (!(resident & 1))
        skip_because("MADV_POPULATE_WRITE makes nothing resident here");
}

/* Runs `work` in a child that ends quietly whatever happens to it. Returns whether it returned true. */
static bool child_can(bool (*work)(void))
{
    int   status = 1;
    pid_t child = fork();

    if (child < 0)
        return false;
    if (child == 0) {
        int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(nowhere, STDERR_FILENO);
        alarm(20);
        _exit(work() ? 0 : 1);
    }
    return waitpid(child, &status, 0) == child && status == 0;
}

static bool limit_holds(void)
{
    struct rlimit none = {0, 0};

    return !setrlimit(RLIMIT_AS, &none) && mmap(NULL, MIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}

void need_limits(void)
{
    if (!child_can(limit_holds))
        skip_because("limits on memory do not hold here");
}

static bool reads_maps_without_file_size(void)
{
    struct rlimit none = {0, 0};

    return !setrlimit(RLIMIT_FSIZE, &none) && open("/proc/self/maps", O_RDONLY | O_CLOEXEC) >= 0;
}

void need_maps_without_file_size(void)
{
    if (!child_can(reads_maps_without_file_size))
        skip_because("/proc/self/maps is a file that RLIMIT_FSIZE holds for here");
}

static void *do_nothing(void *argument)
{
    return argument;
}

static bool has_a_thread(void)
{
    pthread_t thread;

    return !pthread_create(&thread, NULL, do_nothing, NULL) && !pthread_join(thread, NULL);
}

static bool child_has_a_thread(void)
{
    return has_a_thread() && child_can(has_a_thread);
}

static void *wait_for_turn(void *turn)
{
    pthread_mutex_lock(turn);
    pthread_mutex_unlock(turn);
    return NULL;
}

static enum { NOT_TRIED, CAN, CANNOT } threads_in_children;

void try_threads_in_children(void)
{
    pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
    pthread_t       other;

    pthread_mutex_lock(&turn);
    if (pthread_create(&other, NULL, wait_for_turn, &turn))
        return;
    threads_in_children = child_can(child_has_a_thread) ? CAN : CANNOT;
    pthread_mutex_unlock(&turn);
    pthread_join(other, NULL);
}

void need_threads_in_children(void)
{
    assert_int_not_equal(threads_in_children, NOT_TRIED);
    if (threads_in_children == CANNOT)
        skip_because("the child of a threaded process cannot have threads here");
}

static const char *kept_back;

static bool is_kept_back(void)
{
    return !is_mapped((uintptr_t)kept_back);
}

void need_dontfork(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char  *mapped = mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (mapped == MAP_FAILED)
        return;
    kept_back = mapped;
    bool can = !madvise(mapped, page, MADV_DONTFORK) && child_can(is_kept_back);
    munmap(mapped, page);
    if (!can)
        skip_because("MADV_DONTFORK keeps nothing from a child here");
}
