/* SPDX-License-Identifier: MIT */
#include "scripted_os.h"

#include <stdio.h>
#include <stdlib.h>

#include "atomic.h"
#include "meta.h"
#include "os.h"
#include "os_file.h"

typedef struct {
    _Atomic unsigned  calls;
    _Atomic uintptr_t start; /* of the last call's pages */
    _Atomic uintptr_t end;
    /* Written before the threads that meet them start. */
    unsigned refuse_from;
    unsigned refuse_times;
    int      answer;
    unsigned interlude_at; /* 0: none */
    void (*interlude)(void *context);
    void *context;
} script_t;

typedef struct {
    bool    given;
    range_t range;
} scripted_range_t;

static script_t         scripts[OS_CALL_KINDS];
static scripted_range_t scripted_break;
static scripted_range_t scripted_stack;

int       __real_os_reserve(range_t range);
int       __wrap_os_reserve(range_t range);
int       __real_os_commit(range_t range);
int       __wrap_os_commit(range_t range);
int       __real_os_reset(range_t range);
int       __wrap_os_reset(range_t range);
void      __real_os_release(range_t range);
void      __wrap_os_release(range_t range);
int       __real_os_map(size_t size, void **memory);
int       __wrap_os_map(size_t size, void **memory);
void      __real_os_unmap(void *memory, size_t size);
void      __wrap_os_unmap(void *memory, size_t size);
int       __real_os_make_constant(void *memory, size_t size);
int       __wrap_os_make_constant(void *memory, size_t size);
bool      __real_os_lacks_mappings(void);
bool      __wrap_os_lacks_mappings(void);
int       __real_os_maps_open(os_maps_t *maps, os_maps_source_t source);
int       __wrap_os_maps_open(os_maps_t *maps, os_maps_source_t source);
int       __real_os_maps_next(os_maps_t *maps, uintptr_t address, range_t *mapping);
int       __wrap_os_maps_next(os_maps_t *maps, uintptr_t address, range_t *mapping);
int       __real_os_code_map(range_t range, const char *name, uintptr_t *writable);
int       __wrap_os_code_map(range_t range, const char *name, uintptr_t *writable);
int       __real_os_code_copy(range_t range, uintptr_t used, uintptr_t *writable);
int       __wrap_os_code_copy(range_t range, uintptr_t used, uintptr_t *writable);
int       __real_os_code_commit(range_t writable);
int       __wrap_os_code_commit(range_t writable);
int       __real_os_code_open(range_t range);
int       __wrap_os_code_open(range_t range);
int       __real_os_barrier(void);
int       __wrap_os_barrier(void);
int       __real_os_peek(const volatile void *address, size_t size, void *copy);
int       __wrap_os_peek(const volatile void *address, size_t size, void *copy);
int       __real_os_file_open_map(os_file_t *file);
int       __wrap_os_file_open_map(os_file_t *file);
int       __real_os_file_make_dump(os_file_t *file);
int       __wrap_os_file_make_dump(os_file_t *file);
int       __real_os_file_add(const os_file_t *file, const os_bytes_t *parts, unsigned count);
int       __wrap_os_file_add(const os_file_t *file, const os_bytes_t *parts, unsigned count);
int       __real_os_file_mark(const os_file_t *file, void **marker);
int       __wrap_os_file_mark(const os_file_t *file, void **marker);
void      __real_os_yield(void);
void      __wrap_os_yield(void);
size_t    __real_os_page_size(void);
size_t    __wrap_os_page_size(void);
uintptr_t __real_os_break(void);
uintptr_t __wrap_os_break(void);
range_t   __real_os_stack(void);
range_t   __wrap_os_stack(void);
void     *__real_meta_allocate(size_t size);
void     *__wrap_meta_allocate(size_t size);

void script_answer(os_call_t call, unsigned nth, unsigned times, int result)
{
    scripts[call].refuse_from = nth ? script_calls(call) + nth : 0;
    scripts[call].refuse_times = times;
    scripts[call].answer = result;
}

void script_interlude(os_call_t call, unsigned nth, void (*interlude)(void *context), void *context)
{
    scripts[call].interlude_at = script_calls(call) + nth;
    scripts[call].interlude = interlude;
    scripts[call].context = context;
}

unsigned script_calls(os_call_t call)
{
    return atomic_load_relaxed(&scripts[call].calls);
}

range_t script_last_range(os_call_t call)
{
    return (range_t){atomic_load_relaxed(&scripts[call].start), atomic_load_relaxed(&scripts[call].end)};
}

void script_break(uintptr_t address)
{
    scripted_break = (scripted_range_t){true, {address, address}};
}

void script_stack(range_t stack)
{
    scripted_stack = (scripted_range_t){true, stack};
}

int script_clear(void **state)
{
    (void)state;
    for (unsigned call = 0; call < OS_CALL_KINDS; call++)
        scripts[call] = (script_t){0};
    scripted_break.given = scripted_stack.given = false;
    return 0;
}

/* TEST_PAGE_SIZE in the environment makes pages larger than they are: what lintel then asks of the kernel is fit for
 * smaller ones too. What would not be fit for larger ones ends the test, as those would refuse it. */
static size_t page_size;

static __attribute__((constructor)) void read_page_size(void)
{
    const char *size = getenv("TEST_PAGE_SIZE");

    page_size = size ? strtoul(size, NULL, 10) : __real_os_page_size();
}

size_t __wrap_os_page_size(void)
{
    return page_size ? page_size : __real_os_page_size();
}

/* The kernel rounds up what it maps and unmaps for tables. The second view of code comes from it, and begins with a
 * page of its own: so it is given back. */
static void require_whole_pages(os_call_t call, range_t range)
{
    bool      second = call == OS_CODE_COMMIT || call == OS_RESET || call == OS_RELEASE;
    uintptr_t start = second ? 0 : range.start;
    bool      table = call == OS_MAP || call == OS_UNMAP || call == OS_MAKE_CONSTANT;

    if (table || call == OS_MAPS_NEXT || call == META_ALLOCATE || (range_size(range) | start) % os_page_size() == 0)
        return;
    fprintf(stderr, "call %d: %#lx to %#lx are no whole pages\n", (int)call, (long)range.start, (long)range.end);
    abort();
}

/* Counts the call and plays what is written for it. Returns whether its answer is written too. */
static bool play(os_call_t call, range_t range, int *answer)
{
    script_t *script = &scripts[call];
    unsigned  number = atomic_fetch_add_relaxed(&script->calls, 1) + 1;

    require_whole_pages(call, range);
    atomic_store_relaxed(&script->start, range.start);
    atomic_store_relaxed(&script->end, range.end);
    if (number == script->interlude_at)
        script->interlude(script->context);
    *answer = script->answer;
    return script->refuse_times && number >= script->refuse_from && number - script->refuse_from < script->refuse_times;
}

int __wrap_os_reserve(range_t range)
{
    int answer;

    return play(OS_RESERVE, range, &answer) ? answer : __real_os_reserve(range);
}

int __wrap_os_barrier(void)
{
    int answer;

    return play(OS_BARRIER, (range_t){0}, &answer) ? answer : __real_os_barrier();
}

int __wrap_os_peek(const volatile void *address, size_t size, void *copy)
{
    int answer;

    return play(OS_PEEK, (range_t){0}, &answer) ? answer : __real_os_peek(address, size, copy);
}

int __wrap_os_commit(range_t range)
{
    int answer;

    return play(OS_COMMIT, range, &answer) ? answer : __real_os_commit(range);
}

int __wrap_os_reset(range_t range)
{
    int answer;

    return play(OS_RESET, range, &answer) ? answer : __real_os_reset(range);
}

void __wrap_os_release(range_t range)
{
    int answer;

    (void)play(OS_RELEASE, range, &answer);
    __real_os_release(range);
}

int __wrap_os_map(size_t size, void **memory)
{
    int answer;

    return play(OS_MAP, (range_t){0, size}, &answer) ? answer : __real_os_map(size, memory);
}

void __wrap_os_unmap(void *memory, size_t size)
{
    int answer;

    (void)play(OS_UNMAP, (range_t){0, size}, &answer);
    __real_os_unmap(memory, size);
}

int __wrap_os_make_constant(void *memory, size_t size)
{
    int answer;

    return play(OS_MAKE_CONSTANT, (range_t){0, size}, &answer) ? answer : __real_os_make_constant(memory, size);
}

bool __wrap_os_lacks_mappings(void)
{
    int answer;

    return play(OS_LACKS_MAPPINGS, (range_t){0, 0}, &answer) ? answer : __real_os_lacks_mappings();
}

int __wrap_os_maps_open(os_maps_t *maps, os_maps_source_t source)
{
    int answer;

    return play(OS_MAPS_OPEN, (range_t){0, 0}, &answer) ? answer : __real_os_maps_open(maps, source);
}

int __wrap_os_maps_next(os_maps_t *maps, uintptr_t address, range_t *mapping)
{
    int answer;

    return play(OS_MAPS_NEXT, (range_t){address, address}, &answer) ? answer
                                                                    : __real_os_maps_next(maps, address, mapping);
}

int __wrap_os_code_map(range_t range, const char *name, uintptr_t *writable)
{
    int answer;

    return play(OS_CODE_MAP, range, &answer) ? answer : __real_os_code_map(range, name, writable);
}

int __wrap_os_code_copy(range_t range, uintptr_t used, uintptr_t *writable)
{
    int answer;

    return play(OS_CODE_COPY, range, &answer) ? answer : __real_os_code_copy(range, used, writable);
}

int __wrap_os_code_commit(range_t writable)
{
    int answer;

    return play(OS_CODE_COMMIT, writable, &answer) ? answer : __real_os_code_commit(writable);
}

int __wrap_os_code_open(range_t range)
{
    int answer;

    return play(OS_CODE_OPEN, range, &answer) ? answer : __real_os_code_open(range);
}

int __wrap_os_file_open_map(os_file_t *file)
{
    int answer;

    return play(OS_FILE_OPEN_MAP, (range_t){0, 0}, &answer) ? answer : __real_os_file_open_map(file);
}

int __wrap_os_file_make_dump(os_file_t *file)
{
    int answer;

    return play(OS_FILE_MAKE_DUMP, (range_t){0, 0}, &answer) ? answer : __real_os_file_make_dump(file);
}

int __wrap_os_file_add(const os_file_t *file, const os_bytes_t *parts, unsigned count)
{
    int answer;

    return play(OS_FILE_ADD, (range_t){0, 0}, &answer) ? answer : __real_os_file_add(file, parts, count);
}

int __wrap_os_file_mark(const os_file_t *file, void **marker)
{
    int answer;

    return play(OS_FILE_MARK, (range_t){0, 0}, &answer) ? answer : __real_os_file_mark(file, marker);
}

void __wrap_os_yield(void)
{
    int answer;

    (void)play(OS_YIELD, (range_t){0, 0}, &answer);
    __real_os_yield();
}

uintptr_t __wrap_os_break(void)
{
    return scripted_break.given ? scripted_break.range.start : __real_os_break();
}

range_t __wrap_os_stack(void)
{
    return scripted_stack.given ? scripted_stack.range : __real_os_stack();
}

void *__wrap_meta_allocate(size_t size)
{
    int answer;

    return play(META_ALLOCATE, (range_t){0, size}, &answer) ? NULL : __real_meta_allocate(size);
}
