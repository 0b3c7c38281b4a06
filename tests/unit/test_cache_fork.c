/* SPDX-License-Identifier: MIT
 *
 * cache: a fork that catches a thread with chunks in hand, at any instruction of its exchange of one: another thread,
 * or the one whose signal handler forks. The processor's single step stops the thread; the child then fills the whole
 * window.
 */
#include <errno.h>
#include <semaphore.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cache.h"
#include "registry.h"
#include "scripted_os.h"
#include "stepping.h"
#include "subject.h"
#include "team.h"
#include "unit.h"

enum { SIZE = 64, LEAST = 16, ROUNDS = UNDER_ASAN ? 50 : 200 };

/* Just past what earns chunks, so that a child has little to fill. */
#define HANDED_OUT (256 * KIB)
#define HOLE       (288 * KIB)
#define CHUNK      (4 * KIB)

static subject_t     subject;
static sem_t         stopped;
static sem_t         go_on;
static unsigned long stop_at;

static void open_subject(void)
{
    lintel_heap_options_t options = {.first_region = HOLE};

    subject = subject_open(4 * GIB, &options, NULL);
    subject_free(&subject, MIB, HOLE);
    hand_out(subject.module, HANDED_OUT);
    lintel_thread_flush();
    assert_int_equal(sem_init(&stopped, 0, 0), 0);
    assert_int_equal(sem_init(&go_on, 0, 0), 0);
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

/* Fills what is left, to the last unit of alignment. Says whether each body was nobody's, and how much there was. */
static bool fill_up(size_t *bytes)
{
    *bytes = 0;
    for (size_t size = SIZE; size; size = size == SIZE ? LEAST : 0)
        for (unsigned char *body; (body = lintel_alloc(subject.module, size)); *bytes += size) {
            if (!all_bytes_are(body, size, 0))
                return false;
            memset(body, 'c', size);
        }
    return errno == ENOSPC;
}

static void stop(void)
{
    sem_post(&stopped);
    while (sem_wait(&go_on))
        continue;
}

static void take_one_and_stop(void *shared, unsigned member)
{
    (void)member;
    *(void **)shared = lintel_alloc(subject.module, SIZE);
    stop();
}

static bool the_rest_is_the_childs(void *unused)
{
    size_t bytes;

    (void)unused;
    return fill_up(&bytes) && bytes == HOLE - HANDED_OUT - SIZE && stats_of(subject.module).allocated == HOLE &&
           stats_of(subject.module).spare == 0;
}

static void the_child_uses_the_chunks_of_others(void **state)
{
    void *body = NULL;

    (void)state;
    open_subject();
    team_start(1, take_one_and_stop, &body);
    sem_wait(&stopped);
    assert_non_null(body);
    assert_int_equal(stats_of(subject.module).spare, CHUNK - SIZE);
    bool well = child_says(the_rest_is_the_childs, NULL);
    sem_post(&go_on);
    team_join();
    assert_true(well);
}

/* Uses a chunk but for 48 bytes, then takes one more body: the chunk is exchanged, and its rest given back. */
static void *exchange_chunk(void (*visit)(void))
{
    char *first = lintel_alloc(subject.module, 16);
    char *rest = first ? lintel_alloc(subject.module, CHUNK - 16 - 48) : NULL;
    void *body = NULL;

    if (rest) {
        memset(first, 'p', CHUNK - 48);
        stepping_begin(stop_at, visit);
        body = lintel_alloc(subject.module, SIZE);
        stepping_end();
    }
    return body;
}

static void exchange_a_chunk(void *shared, unsigned member)
{
    (void)member;
    *(void **)shared = exchange_chunk(stop);
    if (!stop_at)
        stop();
}

static bool bodies_are_nobodys(void *unused)
{
    size_t bytes;

    (void)unused;
    return fill_up(&bytes) && bytes <= HOLE - HANDED_OUT - (CHUNK - 48);
}

static void fork_at(unsigned long at)
{
    void *body = NULL;

    open_subject();
    stop_at = at;
    team_start(1, exchange_a_chunk, &body);
    sem_wait(&stopped);
    bool well = child_says(bodies_are_nobodys, NULL);
    sem_post(&go_on);
    team_join();
    assert_true(well);
    assert_non_null(body);
    assert_true(all_bytes_are(body, SIZE, 0));
}

static void the_exchange_of_a_chunk_may_be_caught_anywhere(void **state)
{
    fork_at(0);
    unsigned long all = stepping_count();
    unsigned long stride = all / ROUNDS + 1;
    for (unsigned long at = 1; at <= all; at += stride) {
        end(state);
        fork_at(at);
    }
    print_message("caught at every %luth of %lu instructions\n", stride, all);
}

static pid_t child;

static void fork_here(void)
{
    child = fork();
}

/* The handler forks; in either process the interrupted call goes on, and then there is as much left as ever. */
static void fork_from_a_handler_at(unsigned long at)
{
    size_t bytes;
    int    status;

    open_subject();
    stop_at = at;
    child = -1;
    void *body = exchange_chunk(fork_here);
    bool  well = body && all_bytes_are(body, SIZE, 0) && fill_up(&bytes) &&
                bytes == HOLE - HANDED_OUT - (CHUNK - 48) - SIZE && stats_of(subject.module).allocated == HOLE;
    if (!child)
        _exit(!well);
    assert_true(well);
    if (at) {
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
}

static void a_handler_may_fork_anywhere_in_an_exchange(void **state)
{
    fork_from_a_handler_at(0);
    unsigned long all = stepping_count();
    unsigned long stride = all / ROUNDS + 1;
    for (unsigned long at = 1; at <= all; at += stride) {
        end(state);
        fork_from_a_handler_at(at);
    }
    print_message("forked at every %luth of %lu instructions\n", stride, all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_child_uses_the_chunks_of_others, end),
        cmocka_unit_test_teardown(the_exchange_of_a_chunk_may_be_caught_anywhere, end),
        cmocka_unit_test_teardown(a_handler_may_fork_anywhere_in_an_exchange, end),
    };

    if (!stepping_works())
        return EXIT_SKIP;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
