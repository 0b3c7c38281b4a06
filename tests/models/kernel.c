/* SPDX-License-Identifier: MIT */
#include "kernel.h"

#include <errno.h>
#include <pthread.h>
#include <stdalign.h>
#include <string.h>

#include "explorer.h"
#include "fork.h"
#include "gap.h"
#include "meta.h"
#include "os.h"

enum { TABLES = 1 << 20 };

typedef struct {
    bool     reserved;
    bool     committed; /* before the threads */
    bool     executable;
    moment_t commits[MOST_THREADS];
} page_t;

static alignas(KERNEL_PAGE) char memory_of_pages[KERNEL_BLOCK + KERNEL_BLOCK + KERNEL_PAGES * KERNEL_PAGE];
static alignas(KERNEL_PAGE) char tables[MOST_THREADS + 1][TABLES]; /* each thread's own: their order says nothing */
static size_t      tables_used[MOST_THREADS + 1];
static page_t      pages[KERNEL_PAGES];
static unsigned    page_count, pages_before = KERNEL_PAGES, objects, refused, maps;
static bool        held;
static const void *thread_values[MOST_THREADS + 1];
static void (*thread_end)(void *);

void kernel_start(unsigned count)
{
    memset(tables_used, 0, sizeof(tables_used));
    memset(pages, 0, sizeof(pages));
    memset(thread_values, 0, sizeof(thread_values));
    page_count = count;
    pages_before = KERNEL_PAGES;
    held = false;
    objects = 0;
    refused = maps = 0;
}

uintptr_t kernel_image(void)
{
    return align_up((uintptr_t)memory_of_pages, KERNEL_BLOCK) + KERNEL_BLOCK - (1 + pages_before) * KERNEL_PAGE;
}

void kernel_start_across(unsigned count, unsigned before)
{
    kernel_start(count);
    pages_before = before;
}

void kernel_refuse_commits(unsigned thread)
{
    refused |= 1U << thread;
}

static uintptr_t ground(void)
{
    return kernel_image() + KERNEL_PAGE;
}

range_t kernel_reserve_all(void)
{
    for (unsigned i = 0; i < page_count; i++)
        pages[i].reserved = true;
    return (range_t){ground(), ground() + (uintptr_t)page_count * KERNEL_PAGE};
}

/* All of it is one thing to the order of calls. */
static void step(const char *operation)
{
    if (explorer_self() != NOBODY)
        explorer_step(pages, true, &(access_t){.text = "pages", .function = "kernel", .operation = operation});
}

static unsigned first_page(range_t range)
{
    return (unsigned)((range.start - ground()) / KERNEL_PAGE);
}

static unsigned pages_in(range_t range)
{
    return (unsigned)(align_up(range.end, KERNEL_PAGE) - align_down(range.start, KERNEL_PAGE)) / KERNEL_PAGE;
}

static bool is_page_committed(const page_t *page)
{
    bool committed = page->committed;

    for (unsigned i = 0; i < MOST_THREADS; i++)
        committed = committed || (page->commits[i].time && memory_has_happened(page->commits[i]));
    return page->reserved && committed;
}

bool kernel_is_committed(range_t range)
{
    bool committed = range.start >= ground() && first_page(range) + pages_in(range) <= page_count;

    for (unsigned i = 0; committed && i < pages_in(range); i++)
        committed = is_page_committed(&pages[first_page(range) + i]);
    return committed;
}

unsigned kernel_reserved_pages(void)
{
    unsigned count = 0;

    for (unsigned i = 0; i < page_count; i++)
        count += pages[i].reserved;
    return count;
}

bool kernel_is_executable(uintptr_t address)
{
    return pages[(address - ground()) / KERNEL_PAGE].executable;
}

/* Both views of code are one here: each access to it is checked in any case. */
int os_code_map(range_t range, const char *name, uintptr_t *writable)
{
    (void)name;
    *writable = range.start;
    return 0;
}

static void set_executable(range_t range, bool executable)
{
    step("protect");
    for (unsigned i = 0; i < pages_in(range); i++)
        pages[first_page(range) + i].executable = executable;
}

int os_code_open(range_t range)
{
    set_executable(range, true);
    return 0;
}

int os_code_close(range_t range)
{
    set_executable(range, false);
    return 0;
}

void os_code_publish(range_t bytes)
{
    (void)bytes;
}

unsigned kernel_objects(void)
{
    return objects;
}

unsigned kernel_maps(void)
{
    return maps;
}

size_t os_page_size(void)
{
    return KERNEL_PAGE;
}

int os_commit(range_t range)
{
    unsigned self = explorer_self();

    if (self != NOBODY && refused >> self & 1)
        return -ENOMEM;
    for (unsigned i = 0; i < pages_in(range); i++) {
        page_t *page = &pages[first_page(range) + i];
        explorer_check(page->reserved, "what is committed is reserved");
        if (self == NOBODY)
            page->committed = true;
        else if (!page->commits[self].time)
            page->commits[self] = memory_now();
    }
    return 0;
}

void os_release(range_t range)
{
    step("release");
    plain_write((const void *)range.start, range_size(range));
    for (unsigned i = 0; i < pages_in(range); i++) {
        explorer_check(pages[first_page(range) + i].reserved, "what is released is reserved");
        pages[first_page(range) + i] = (page_t){0};
    }
    memory_release_to(CHANNEL_KERNEL);
}

range_t os_addresses(void)
{
    return (range_t){ground(), ground() + (uintptr_t)page_count * KERNEL_PAGE};
}

/* Nothing more is to be had than gap_reserve gives. */
int os_reserve(range_t range)
{
    (void)range;
    return -EEXIST;
}

int os_reset(range_t range)
{
    plain_write((const void *)range.start, range_size(range));
    return 0;
}

void os_populate(range_t range)
{
    (void)range;
}

void os_name(range_t range, const char *name)
{
    (void)range;
    (void)name;
}

void os_prefer_huge(range_t range)
{
    (void)range;
}

void os_yield(void)
{
    explorer_yield();
}

/* The first `count` pages in the window that are free. */
static int reserve(range_t window, unsigned count, range_t *reserved)
{
    unsigned run = 0;

    step("reserve");
    memory_acquire_from(CHANNEL_KERNEL); /* unmapping and mapping again are ordered by the kernel's lock */
    for (unsigned i = 0; i < page_count; i++) {
        range_t page = {ground() + (uintptr_t)i * KERNEL_PAGE, ground() + (uintptr_t)(i + 1) * KERNEL_PAGE};
        run = !pages[i].reserved && range_contains(window, page) ? run + 1 : 0;
        if (run < count)
            continue;
        *reserved = (range_t){page.end - (uintptr_t)count * KERNEL_PAGE, page.end};
        for (unsigned taken = 0; taken < count; taken++)
            pages[i - taken].reserved = true;
        return 0;
    }
    return -ENOSPC;
}

int gap_reserve(const gap_request_t *request, range_t *reserved)
{
    return reserve(request->window, (unsigned)(align_up(request->want, KERNEL_PAGE) / KERNEL_PAGE), reserved);
}

int gap_reserve_clearance(const gap_request_t *request, range_t *reserved)
{
    (void)request;
    (void)reserved;
    return -ENOSPC;
}

int os_map(size_t size, void **memory)
{
    unsigned self = explorer_self();

    if (TABLES - tables_used[self] < size)
        return -ENOMEM;
    maps++;
    *memory = tables[self] + tables_used[self];
    plain_write(*memory, 1); /* fresh pages read as zero: that they came before their use is the caller's to see to */
    tables_used[self] += align_up(size, KERNEL_PAGE);
    return 0;
}

void os_unmap(void *memory, size_t size)
{
    (void)memory;
    (void)size;
}

int meta_start(void)
{
    return 0;
}

void *meta_allocate(size_t size)
{
    void *memory;

    if (os_map(size, &memory))
        return NULL;
    memset(memory, 0, size);
    plain_watch(memory, size);
    objects++;
    return memory;
}

void meta_free(void *memory)
{
    plain_end(memory);
    objects--;
}

int   __wrap_pthread_key_create(pthread_key_t *key, void (*at_end)(void *));
int   __wrap_pthread_key_delete(pthread_key_t key);
void *__wrap_pthread_getspecific(pthread_key_t key);
int   __wrap_pthread_setspecific(pthread_key_t key, const void *value);
int   __wrap_pthread_create(const pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                            void *argument);

int __wrap_pthread_key_create(pthread_key_t *key, void (*at_end)(void *))
{
    thread_end = at_end;
    *key = 0;
    return 0;
}

int __wrap_pthread_key_delete(pthread_key_t key)
{
    (void)key;
    return 0;
}

void *__wrap_pthread_getspecific(pthread_key_t key)
{
    (void)key;
    return (void *)(uintptr_t)thread_values[explorer_self()];
}

int __wrap_pthread_setspecific(pthread_key_t key, const void *value)
{
    (void)key;
    thread_values[explorer_self()] = value;
    return 0;
}

void kernel_end_thread(void)
{
    void *value = (void *)(uintptr_t)thread_values[explorer_self()];

    thread_values[explorer_self()] = NULL;
    if (value)
        thread_end(value);
}

/* No thread can be had: liburcu's callbacks are run by who retires. */
int __wrap_pthread_create(const pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *argument)
{
    (void)thread;
    (void)attributes;
    (void)run;
    (void)argument;
    return EAGAIN;
}

unsigned fork_process(void)
{
    return 1;
}

/* A lock of the C library's: who waits for it goes on when it is free. */
void fork_hold(void)
{
    step("hold");
    while (held)
        explorer_yield();
    held = true;
    memory_acquire_from(CHANNEL_HOLD);
}

void fork_release(void)
{
    memory_release_to(CHANNEL_HOLD);
    step("release the hold");
    held = false;
}
