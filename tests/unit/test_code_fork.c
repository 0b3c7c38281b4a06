/* SPDX-License-Identifier: MIT
 *
 * code_fork: executable memory is shared by nature; after a fork it is not.
 */
#include <errno.h>
#include <sched.h>
#include <semaphore.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "atomic.h"
#include "cache.h"
#include "machine_code.h"
#include "os.h"
#include "outcome.h"
#include "scripted_os.h"
#include "subject.h"
#include "surroundings.h"
#include "team.h"
#include "unit.h"

enum { BODIES = 500, THREADS = 3 };

static subject_t subject;
static void     *inherited[BODIES];

/* Writes a function over a body and publishes it. */
static bool write_function(void *body, uint16_t value)
{
    void *writable = body ? lintel_writable(subject.module, body) : NULL;

    return writable && !lintel_publish(subject.module, body, machine_code_of(value, writable));
}

static void *new_function(uint16_t value)
{
    void *body = lintel_alloc(subject.module, MACHINE_CODE_SIZE);

    return write_function(body, value) ? body : NULL;
}

static int start(void **state)
{
    lintel_module_desc_t desc = {.kind = LINTEL_CODE};

    (void)state;
    subject = subject_open(GIB, NULL, &desc);
    subject_free(&subject, 16 * MIB, 256 * MIB);
    for (unsigned i = 0; i < BODIES; i++)
        assert_non_null(inherited[i] = new_function((uint16_t)i));
    return 0;
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

static bool inherited_return(uint16_t offset)
{
    bool well = true;

    for (unsigned i = 0; i < BODIES; i++)
        well = well && machine_code_call(inherited[i]) == (uint16_t)(i + offset);
    return well;
}

static bool live_on(void *context)
{
    bool well = inherited_return(0) && !writable_and_executable();

    (void)context;
    for (unsigned i = 0; i < 3000; i++) {
        void *function = new_function((uint16_t)i);
        well = well && function && machine_code_call(function) == i;
    }
    return well && inherited_return(0) && !writable_and_executable();
}

static bool is_written_there(void *writable)
{
    return lintel_writable(subject.module, inherited[0]) == writable;
}

static void a_childs_code_is_written_where_its_parents_is(void **state)
{
    (void)state;
    assert_true(child_says(is_written_there, lintel_writable(subject.module, inherited[0])));
}

static void both_go_on(void **state)
{
    (void)state;
    assert_true(child_says(live_on, NULL));
    assert_true(live_on(NULL));
    assert_true(child_says(live_on, NULL));
}

static bool fork_again(void *context)
{
    return live_on(context) && child_says(live_on, context) && live_on(context);
}

static void so_does_a_childs_child(void **state)
{
    (void)state;
    assert_true(child_says(fork_again, NULL));
    assert_true(live_on(NULL));
}

/* What is shared between the two. */
static turns_t *turns;

static bool rewrite_inherited(uint16_t offset)
{
    bool well = true;

    for (unsigned i = 0; i < BODIES; i++)
        well = well && write_function(inherited[i], (uint16_t)(i + offset));
    return well;
}

static bool write_and_look(void *context)
{
    (void)context;
    turns_pass(&turns->parents_turn, &turns->childs_turn);
    bool  unseen = inherited_return(0);
    void *own = new_function(77);
    bool  written = rewrite_inherited(2000);
    turns_pass(&turns->parents_turn, &turns->childs_turn);
    return unseen && written && own && machine_code_call(own) == 77 && inherited_return(2000);
}

/* The parent's part, from when the child is there. */
static void take_turns(void *shared, unsigned member)
{
    (void)member;
    while (sem_wait(&turns->parents_turn))
        continue;
    void *own = new_function(99);
    bool  written = rewrite_inherited(1000);
    turns_pass(&turns->childs_turn, &turns->parents_turn);
    *(bool *)shared = written && inherited_return(1000) && own && machine_code_call(own) == 99;
    sem_post(&turns->childs_turn);
}

static void neither_sees_the_others_writes(void **state)
{
    bool well = false;

    (void)state;
    need_dontfork();
    turns = turns_start();
    team_start(1, take_turns, &well);
    assert_true(child_says(write_and_look, NULL));
    team_join();
    assert_true(well);
    turns_end(turns);
}

/* Of what threads of the parent had published when the fork came, all of it runs in the child. */
static _Atomic(void *)  published[THREADS][60000];
static _Atomic unsigned counts[THREADS];
static _Atomic bool     finished;

static void keep_publishing(void *shared, unsigned member)
{
    unsigned count = 0;

    (void)shared;
    /* relaxed: a sign to stop. */
    while (!atomic_load_relaxed(&finished)) {
        void *function = count < 60000 ? new_function((uint16_t)count) : NULL;
        if (!function)
            continue;
        atomic_store_relaxed(&published[member][count], function);
        /* release: pairs with published_run's acquire, on this side of the fork or in its child. */
        atomic_store_release(&counts[member], ++count);
    }
}

static bool published_run(void *context)
{
    bool well = inherited_return(0);

    for (unsigned member = 0; member < THREADS; member++) {
        /* acquire: pairs with keep_publishing's release. */
        unsigned count = atomic_load_acquire(&counts[member]);
        for (unsigned i = 0; i < count; i++)
            well = well && machine_code_call(atomic_load_relaxed(&published[member][i])) == (uint16_t)i;
    }
    return well && live_on(context);
}

static void a_fork_may_come_at_any_time(void **state)
{
    enum { FORKS = 15 };
    unsigned well = 0;

    (void)state;
    need_threads_in_children();
    team_start(THREADS, keep_publishing, NULL);
    for (int i = 0; i < FORKS; i++)
        well += child_says(published_run, NULL);
    atomic_store_relaxed(&finished, true); /* relaxed: a sign to stop. */
    team_join();
    assert_int_equal(well, FORKS);
    assert_true(published_run(NULL));
}

/* Without a copy there is no code in the child, but also none of the parent's, and no harm in asking for more. */
static bool have_nothing(void *context)
{
    lintel_location_t location;
    bool              well = !is_readable((uintptr_t)context);

    well = well && !lintel_find(subject.heap, context, &location) && location.body == context;
    well = well && !lintel_writable(subject.module, context) && errno == ERANGE;
    well = well && lintel_publish(subject.module, context, 6) == -ERANGE;
    well = well && !lintel_shrink(subject.module, context, MACHINE_CODE_SIZE, 1);
    well = well && !lintel_alloc(subject.module, 100) && errno == ENOMEM;
    lintel_thread_flush();
    return well && !lintel_module_close(subject.heap, subject.arena.start);
}

static void a_child_that_cannot_copy_shares_nothing(void **state)
{
    (void)state;
    script_answer(OS_CODE_COPY, 1, FOREVER, -EMFILE);
    assert_true(child_says(have_nothing, inherited[0]));
    script_answer(OS_CODE_COPY, 0, 0, 0);
    assert_true(live_on(NULL));
}

static bool inherits_nothing(void *context)
{
    (void)context;
    return !lintel_alloc(subject.module, MACHINE_CODE_SIZE) && errno == ENOMEM;
}

/* Where the parent wrote its code something else lies in the child. */
static bool leave_others_alone(void *others)
{
    bool well = mmap(others, 64 * KIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
                     0) == others;

    well = well && !lintel_alloc(subject.module, MACHINE_CODE_SIZE) && errno == ENOMEM;
    well = well && child_says(inherits_nothing, NULL);
    lintel_heap_destroy(subject.heap);
    return well && all_bytes_are(others, 64 * KIB, 0);
}

static void a_child_that_cannot_copy_gives_up_its_chunk_and_touches_nothing_else(void **state)
{
    void *body;

    (void)state;
    need_dontfork();
    hand_out(subject.module, MIB);
    body = new_function(1);
    void *another = new_function(2);
    assert_ptr_equal(another, (char *)body + 16);
    void *writable = lintel_writable(subject.module, inherited[0]);
    assert_int_equal((uintptr_t)writable % os_page_size(), 0);
    script_answer(OS_CODE_COPY, 1, FOREVER, -EMFILE);
    assert_true(child_says(leave_others_alone, writable));
    script_answer(OS_CODE_COPY, 0, 0, 0);
    assert_true(live_on(NULL));
}

/* The child of a fork that comes while a heap is being destroyed. */
static bool at_once(void *context)
{
    (void)context;
    return true;
}

static _Atomic bool fork_while_forgetting;
static bool         forked_well;

bool __real_cache_forget(const module_t *module);
bool __wrap_cache_forget(const module_t *module);

bool __wrap_cache_forget(const module_t *module)
{
    if (atomic_exchange_acquire(&fork_while_forgetting, false)) /* acquire: one call forks; nothing is read by it. */
        forked_well = child_says(at_once, NULL);
    return __real_cache_forget(module);
}

/* Takes a chunk of published code, and keeps it. */
static void keep_a_chunk(void *shared, unsigned member)
{
    turns_t *both = shared;

    (void)member;
    for (size_t done = 0; done < MIB; done += 4 * KIB)
        (void)lintel_alloc(subject.module, 4 * KIB);
    (void)new_function(1);
    turns_pass(&both->parents_turn, &both->childs_turn);
}

static void a_fork_may_come_while_a_heap_ends(void **state)
{
    turns_t both;

    (void)state;
    sem_init(&both.childs_turn, 0, 0);
    sem_init(&both.parents_turn, 0, 0);
    team_start(1, keep_a_chunk, &both);
    while (sem_wait(&both.parents_turn))
        continue;
    atomic_store_relaxed(&fork_while_forgetting, true); /* relaxed: for this thread. */
    lintel_heap_destroy(subject.heap);
    sem_post(&both.childs_turn);
    team_join();
    assert_true(forked_well);
    arena_end(subject.arena);
}

enum { LATE_BODIES = 4000, LATE_SIZE = 64 };

static void write_many(void)
{
    for (unsigned i = 0; i < LATE_BODIES; i++) {
        void *body = lintel_alloc(subject.module, LATE_SIZE);
        if (body)
            memset(lintel_writable(subject.module, body), 'p', LATE_SIZE);
    }
}

/* A thread of the parent's writes new bodies when a child says so. */
static void write_in_time(void *shared, unsigned member)
{
    (void)shared;
    (void)member;
    write_many();
    while (sem_wait(&turns->parents_turn))
        continue;
    write_many();
    sem_post(&turns->childs_turn);
}

/* In the child, which is about to copy the code. */
static void let_the_parent_write(void *context)
{
    (void)context;
    turns_pass(&turns->parents_turn, &turns->childs_turn);
}

static bool gets_fresh_bodies(void *context)
{
    (void)context;
    for (unsigned i = 0; i < 2 * LATE_BODIES; i++) {
        unsigned char *body = lintel_alloc(subject.module, LATE_SIZE);
        if (!body || !all_bytes_are(body, LATE_SIZE, 0))
            return false;
    }
    return true;
}

/* Bytes that nobody had when it was forked, and that the parent writes before they are copied. */
static void a_childs_new_bodies_are_fresh(void **state)
{
    (void)state;
    write_many();
    turns = turns_start();
    team_start(1, write_in_time, NULL);
    script_interlude(OS_CODE_COPY, 1, let_the_parent_write, NULL);
    bool fresh = child_says(gets_fresh_bodies, NULL);
    team_join();
    turns_end(turns);
    assert_true(fresh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_childs_code_is_written_where_its_parents_is, start, end),
        cmocka_unit_test_setup_teardown(both_go_on, start, end),
        cmocka_unit_test_setup_teardown(so_does_a_childs_child, start, end),
        cmocka_unit_test_setup_teardown(neither_sees_the_others_writes, start, end),
        cmocka_unit_test_setup_teardown(a_fork_may_come_at_any_time, start, end),
        cmocka_unit_test_setup_teardown(a_child_that_cannot_copy_shares_nothing, start, end),
        cmocka_unit_test_setup_teardown(a_child_that_cannot_copy_gives_up_its_chunk_and_touches_nothing_else, start,
                                        end),
        cmocka_unit_test_setup_teardown(a_childs_new_bodies_are_fresh, start, end),
        cmocka_unit_test_setup_teardown(a_fork_may_come_while_a_heap_ends, start, script_clear),
    };

    try_threads_in_children();
    return exit_status(cmocka_run_group_tests(tests, NULL, NULL));
}
