/* SPDX-License-Identifier: MIT
 *
 * late LIBRARY [leave|quick|vfork|deaf|stuck|crowd OTHER OTHER]: loads the library while it runs, and calls late_answer
 * seven times. leave: ends by _exit. quick: by quick_exit. vfork: a child in the program's own memory has ended before.
 * deaf: meanwhile, a thread runs that no signal reaches. stuck: a thread ends by _exit while another has stderr's lock.
 * crowd: then two threads load and unload a library each.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CROWD_TURNS = 2000 };

static atomic_int deaf_thread; /* 1: it is there; 2: it is to end */

static void *hear_nothing(void *context)
{
    sigset_t all;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    atomic_store(&deaf_thread, 1);
    while (atomic_load(&deaf_thread) == 1)
        continue;
    return context;
}

static int load_and_call(const char *path)
{
    const char *(*answer)(void);
    void *library = dlopen(path, RTLD_NOW);

    if (library == NULL)
        return 1;
    *(void **)&answer = dlsym(library, "late_answer");
    for (int i = 0; i < 6; i++)
        answer();
    puts(answer());
    return dlclose(library);
}

static void *load_and_unload(void *path)
{
    void *library = path;

    for (int i = 0; i < CROWD_TURNS && library != NULL; i++) {
        library = dlopen(path, RTLD_NOW);
        if (library != NULL)
            dlclose(library);
    }
    return library;
}

static int crowd(char *path, char *other)
{
    pthread_t thread;
    void     *result = NULL;

    if (pthread_create(&thread, NULL, load_and_unload, other) != 0)
        return 1;
    int failed = load_and_unload(path) == NULL;
    return pthread_join(thread, &result) != 0 || failed || result == NULL;
}

/* As after an exec that failed. */
static int leave_as_child(void)
{
    int   status = -1;
    pid_t child = vfork();

    if (child == 0)
        _exit(0);
    return waitpid(child, &status, 0) == child ? status : -1;
}

static void *leave_with(void *status)
{
    _exit(*(int *)status);
}

int main(int argc, char **argv)
{
    const char *way = argc > 2 ? argv[2] : "";
    pthread_t   thread;
    int         deaf = strcmp(way, "deaf") == 0;

    if (argc < 2 || (deaf && pthread_create(&thread, NULL, hear_nothing, NULL) != 0))
        return 1;
    while (deaf && atomic_load(&deaf_thread) == 0)
        continue;
    if (strcmp(way, "vfork") == 0 && leave_as_child() != 0)
        return 1;
    int status = load_and_call(argv[1]);
    atomic_store(&deaf_thread, 2);
    if (deaf)
        pthread_join(thread, NULL);
    fflush(stdout);
    if (argc > 4 && crowd(argv[3], argv[4]) != 0)
        return 1;
    if (strcmp(way, "stuck") == 0)
        flockfile(stderr);
    if (strcmp(way, "stuck") == 0 && pthread_create(&thread, NULL, leave_with, &status) == 0)
        pause();
    if (strcmp(way, "leave") == 0)
        _exit(status);
    if (strcmp(way, "quick") == 0)
        quick_exit(status);
    return status;
}
