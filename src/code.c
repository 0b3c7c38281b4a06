/* SPDX-License-Identifier: MIT */
#include "code.h"

#include "os.h"

static uintptr_t page_of(uintptr_t address)
{
    return align_down(address, os_page_size());
}

bool code_has_open(const starts_t *starts, range_t bytes)
{
    return starts_any(starts, (range_t){page_of(bytes.start), align_up(bytes.end, os_page_size())}, STARTS_OPENED);
}

bool code_is_open_now(const starts_t *starts, uintptr_t address)
{
    return starts_ask(starts, page_of(address), STARTS_OPENED);
}

bool code_is_executable(const starts_t *starts, range_t pages)
{
    return starts_all(starts, pages, STARTS_EXECUTABLE);
}

/* Fills the parts of the bytes that lie on open pages, and those on closed ones if they are to be zeroed. Pages that
 * were never committed are closed and zero. */
static void fill_by_page(const starts_t *starts, const region_t *region, range_t bytes, int open_value,
                         bool zero_closed)
{
    uintptr_t end = min_address(bytes.end, region_committed(region));

    if (!zero_closed && !code_has_open(starts, bytes))
        return;
    for (uintptr_t at = bytes.start, next; at < end; at = next) {
        bool open = code_has_open(starts, (range_t){at, at + 1});
        next = min_address(page_of(at) + os_page_size(), end);
        if (open || zero_closed)
            region_fill(region, (range_t){at, next}, open ? open_value : 0);
    }
}

void code_take(const starts_t *starts, const region_t *region, range_t bytes)
{
    fill_by_page(starts, region, bytes, 0, false);
}

void code_leave(const starts_t *starts, const region_t *region, range_t bytes)
{
    fill_by_page(starts, region, bytes, CODE_TRAP, false);
}

void code_bury(const starts_t *starts, const region_t *region, range_t bytes)
{
    fill_by_page(starts, region, bytes, CODE_TRAP, true);
}

void code_begin_to_open(const starts_t *starts, range_t pages)
{
    starts_say(starts, pages, STARTS_OPENED);
}

int code_open(const starts_t *starts, range_t pages)
{
    int result = os_code_open(pages);

    if (!result)
        starts_say(starts, pages, STARTS_EXECUTABLE);
    return result;
}

/* Returns whether all pages of the range that were not executable are not so again. */
static bool close_again(const starts_t *starts, range_t range)
{
    size_t page = os_page_size();
    bool   closed = true;

    for (uintptr_t at = range.start, end; at < range.end && closed; at = end) {
        for (end = at; end < range.end && !code_is_executable(starts, (range_t){end, end + page});)
            end += page;
        if (end > at)
            closed = !os_code_close((range_t){at, end});
        else
            end += page;
    }
    return closed;
}

void code_after_fork(const starts_t *starts, region_t *region, bool copy)
{
    range_t   pages = region_pages(region);
    uintptr_t used = region_committed(region);
    uintptr_t writable = region_writable(region); /* a signal handler may have forked in the middle of a write */
    bool      copied = copy && !os_code_copy(pages, used, &writable);

    /* Threads of the parent went on writing what nobody had when it forked: here it does not read as zero. */
    if (copied)
        code_begin_to_open(starts, (range_t){pages.start, used});
    if (!copied || !close_again(starts, pages)) {
        (void)os_reset(pages);
        if (copied)
            os_release(os_code_second(pages, writable));
        writable = 0;
    }
    region_after_fork(region, writable);
}
