/* SPDX-License-Identifier: MIT */
#include "handler.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 96, MOST_BODIES = 100000, MOST_CHILDREN = 1024, CHILD_SECONDS = 120, FILLED = 0xee };

static stage_t *home;
static char    *bodies[MOST_BODIES];
static size_t   body_count;
static pid_t    children[MOST_CHILDREN];
static size_t   child_count;
static bool     forked;

static bool holds(const char *body, size_t size, unsigned char value)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)body[i] != value)
            return false;
    return true;
}

static void use(const subject_t *subject, size_t size)
{
    char *body = lintel_alloc(subject->module, size);
    bool  well = scene_is_fresh(&stage_scene, subject, body, size);

    if (!well)
        stage_fault(home, "a handler's allocation", body == NULL ? strerror(errno) : "not a fresh body");
    if (!well || body_count == MOST_BODIES)
        return;
    memset(body, FILLED, size);
    if (lintel_shrink(subject->module, body, size, SIZE / 2) != size - SIZE / 2)
        stage_fault(home, "a handler's lintel_shrink", "gave nothing back");
    bodies[body_count++] = body;
    lintel_thread_flush();
}

/* From chunks, from the modules, and by growing. */
static void use_both(void)
{
    use(&stage_scene.large, SIZE);
    use(&stage_scene.large, SIZE);
    use(&stage_scene.small, SIZE);
    use(&stage_scene.small, 2 * stage_scene.page);
}

static void fork_here(void)
{
    pid_t child = fork();

    if (child == 0) {
        forked = true;
        alarm(CHILD_SECONDS);
    } else if (child > 0 && child_count < MOST_CHILDREN) {
        children[child_count++] = child;
    } else {
        stage_fault(home, "fork in a handler", strerror(errno));
    }
}

static void handle(int signal)
{
    int entered_with = errno;

    (void)signal;
    if (forked)
        return;
    if (home->handler_forks)
        fork_here();
    else
        use_both();
    errno = entered_with;
    if (!forked)
        pthread_kill(pthread_self(), HANDLER_DONE);
}

void handler_install(stage_t *stage)
{
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};

    home = stage;
    sigaction(HANDLER_CALL, &action, NULL);
}

bool handler_forked(void)
{
    return forked;
}

/* Nobody else is left here: the books have to add up once the thread's own chunks are back. */
void handler_end_child(bool well)
{
    unsigned faults = atomic_load(&home->faults);

    use_both();
    lintel_thread_flush();
    _exit(well && atomic_load(&home->faults) == faults && scene_adds_up(&stage_scene) ? 0 : 1);
}

void handler_check(stage_t *stage)
{
    for (size_t i = 0; i < body_count; i++)
        if (!holds(bodies[i], SIZE / 2, FILLED))
            stage_fault(stage, "a handler's body", "was changed");
    for (size_t i = 0; i < child_count; i++) {
        int status = 0;

        waitpid(children[i], &status, 0);
        if (status != 0)
            stage_fault(stage, "the child of a handler's fork",
                        WIFEXITED(status) ? "went wrong" : "ended by a signal (SIGALRM: a deadlock)");
    }
    body_count = 0;
    child_count = 0;
}
