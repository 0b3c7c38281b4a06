/* SPDX-License-Identifier: MIT */
#include "calls_answer.h"

#include <errno.h>

enum { MOST_WAYS = 8 };

typedef struct {
    int         answer; /* an errno, or what is done instead */
    const char *name;
} way_t;

typedef struct {
    const char *name;
    way_t       ways[MOST_WAYS]; /* the rest are zero */
} kind_t;

static const kind_t kinds[KINDS] = {
    [MMAP_ANYWHERE] = {"mmap", {{ENOMEM, "ENOMEM"}, {EAGAIN, "EAGAIN"}}},
    [MMAP_THERE] = {"mmap, not over anything",
                    {{ENOMEM, "ENOMEM"}, {EEXIST, "EEXIST"}, {LANDS_ELSEWHERE, "elsewhere"}}},
    [MMAP_OVER] = {"mmap, over its own", {{ENOMEM, "ENOMEM"}}},
    [MMAP_EXECUTABLE] = {"mmap, executable", {{ENOMEM, "ENOMEM"}, {EPERM, "EPERM"}, {EACCES, "EACCES"}}},
    [MMAP_WRITABLE] = {"mmap, of a file", {{ENOMEM, "ENOMEM"}}},
    [MREMAP] = {"mremap", {{ENOMEM, "ENOMEM"}, {EPERM, "EPERM"}}},
    [MUNMAP] = {"munmap", {{ENOMEM, "ENOMEM"}, {EINVAL, "EINVAL"}}},
    [MPROTECT] = {"mprotect", {{ENOMEM, "ENOMEM"}, {EACCES, "EACCES"}}},
    [MADVISE] = {"madvise", {{EINVAL, "EINVAL"}, {ENOMEM, "ENOMEM"}, {EFAULT, "EFAULT"}}},
    [OPEN] = {"open", {{ENOENT, "ENOENT"}, {EMFILE, "EMFILE"}, {EACCES, "EACCES"}, {EINTR, "EINTR"}}},
    [READ] = {"read", {{EIO, "EIO"}, {EINTR, "EINTR"}, {GIVES_A_BYTE, "one byte"}, {ENDS, "end of file"}}},
    [IOCTL] = {"ioctl", {{ENOTTY, "ENOTTY"}, {EPERM, "EPERM"}, {ENOENT, "ENOENT"}, {EINVAL, "EINVAL"}}},
    [SYSCALL] = {"syscall", {{ENOSYS, "ENOSYS"}}},
    [MEMORY_FILE] = {"memfd_create",
                     {{EMFILE, "EMFILE"},
                      {ENFILE, "ENFILE"},
                      {ENOSYS, "ENOSYS"},
                      {EACCES, "EACCES"},
                      {EPERM, "EPERM"},
                      {ENOMEM, "ENOMEM"},
                      {EINVAL, "EINVAL"}}},
    [TRUNCATE] = {"ftruncate", {{EFBIG, "EFBIG"}, {EIO, "EIO"}}},
    [WRITE] = {"writev", {{ENOSPC, "ENOSPC"}, {EIO, "EIO"}, {GIVES_A_BYTE, "one byte"}}},
    [LIMIT] = {"getrlimit", {{EFAULT, "EFAULT"}, {GIVES_A_BYTE, "one byte"}}},
    [PIPE] = {"pipe2", {{EMFILE, "EMFILE"}, {ENFILE, "ENFILE"}}},
    [METADATA] = {"mallocx", {{ENOMEM, "NULL"}}},
    [ARENA] = {"mallctl", {{ENOMEM, "ENOMEM"}}},
    [KEY] = {"pthread_key_create", {{EAGAIN, "EAGAIN"}, {ENOMEM, "ENOMEM"}}},
    [SPECIFIC] = {"pthread_setspecific", {{ENOMEM, "ENOMEM"}}},
    [HANDLERS] = {"pthread_atfork", {{ENOMEM, "ENOMEM"}}},
    [THREAD] = {"pthread_create", {{EAGAIN, "EAGAIN"}, {EPERM, "EPERM"}}},
    [TABLE] = {"cds_lfht_new", {{ENOMEM, "NULL"}}},
};

static fault_t         faults[MOST_FAULTS];
static calls_report_t  nobody_listens;
static calls_report_t *report = &nobody_listens;
static int             lasting[KINDS];
static bool            query_hidden;
static _Atomic bool    watched;
static bool            ended;
static const void     *stray; /* the last mapping that landed elsewhere, while it is there */

void calls_plan(const fault_t planned[MOST_FAULTS], calls_report_t *told)
{
    for (unsigned i = 0; i < MOST_FAULTS; i++)
        faults[i] = planned[i];
    report = told;
    *report = (calls_report_t){0};
}

void calls_hide_query(void)
{
    query_hidden = true;
}

void calls_watch(bool on)
{
    watched = on && !ended;
}

void calls_end(void)
{
    ended = true;
}

static unsigned ways_of(const kind_t *kind)
{
    unsigned count = 0;

    while (count < MOST_WAYS && kind->ways[count].answer)
        count++;
    return count;
}

/* Writes down what a refusal may leave behind. */
static void note(call_t call, int answer, bool lasts)
{
    report->munmap_refused |= call == MUNMAP;
    report->memory_refused |= call == MMAP_ANYWHERE || call == MMAP_OVER;
    report->space_hidden |= lasts && ((call == MMAP_THERE && answer != ENOMEM) || call == OPEN);
    report->file_refused |= call == MEMORY_FILE || call == MREMAP;
    report->truncate_refused |= call == TRUNCATE;
    report->limit_refused |= call == LIMIT;
    report->execution_refused |= call == MMAP_EXECUTABLE || call == MPROTECT || call == MREMAP;
}

static int refuse(call_t call, const fault_t *fault, unsigned number)
{
    const kind_t *kind = &kinds[call];
    const way_t  *way = &kind->ways[fault->variant];

    report->calls_name[number] = kind->name;
    report->ways_name[number] = way->name;
    report->ways[number] = ways_of(kind);
    report->refused++;
    /* Who is interrupted for ever waits for ever. */
    if (fault->lasting && way->answer != EINTR)
        lasting[call] = way->answer;
    note(call, way->answer, fault->lasting);
    return way->answer;
}

int answer(call_t call)
{
    int result = lasting[call];

    if (!watched)
        return GRANTED;
    report->calls++;
    for (unsigned i = 0; i < MOST_FAULTS; i++)
        if (faults[i].at == report->calls && faults[i].variant < ways_of(&kinds[call]))
            result = refuse(call, &faults[i], i);
    if (result > 0)
        errno = result;
    return result;
}

int answer_by_result(call_t call)
{
    int saved_errno = errno;
    int result = answer(call);

    errno = saved_errno;
    return result;
}

void note_stray(const void *address)
{
    report->strays++;
    stray = address;
}

bool forget_stray(const void *address)
{
    bool is_stray = stray && address == stray;

    if (is_stray) {
        stray = NULL;
        report->strays--;
    }
    return is_stray;
}

bool is_query_hidden(void)
{
    return query_hidden;
}
