/* SPDX-License-Identifier: MIT
 *
 * calls_answer: what the wrapped calls have in common: each is counted, and granted or refused.
 */
#ifndef FAULTS_CALLS_ANSWER_H
#define FAULTS_CALLS_ANSWER_H

#include "calls.h"

typedef enum {
    MMAP_ANYWHERE,
    MMAP_THERE,
    MMAP_OVER,
    MMAP_EXECUTABLE,
    MMAP_WRITABLE,
    MREMAP,
    MUNMAP,
    MPROTECT,
    MADVISE,
    OPEN,
    READ,
    IOCTL,
    SYSCALL,
    MEMORY_FILE,
    TRUNCATE,
    WRITE,
    LIMIT,
    PIPE,
    METADATA,
    ARENA,
    KEY,
    SPECIFIC,
    HANDLERS,
    THREAD,
    TABLE,
    KINDS
} call_t;

/* What a call does instead of failing. */
enum { GRANTED = 0, LANDS_ELSEWHERE = -1, GIVES_A_BYTE = -2, ENDS = -3 };

/* Counts the call. Returns GRANTED, or how it is refused: with errno set, where that is one. */
int answer(call_t call);

/* The same for who gives back an errno instead of setting it, as the C library's threads do. */
int answer_by_result(call_t call);

/* Note a mapping that landed elsewhere; or whether `address` is the last of them, which is gone from now on. */
void note_stray(const void *address);
bool forget_stray(const void *address);

/* The kernel is one without PROCMAP_QUERY. */
bool is_query_hidden(void);

#endif
