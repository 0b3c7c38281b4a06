/* SPDX-License-Identifier: MIT */
#include "patch.h"

#include <fcntl.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "threads.h"

typedef struct {
    patch_t *patches;
    size_t   count;
} batch_t;

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

void patches_hold(void)
{
    pthread_mutex_lock(&one_at_a_time);
}

void patches_release(void)
{
    pthread_mutex_unlock(&one_at_a_time);
}

/* The last patch that begins below `address`, or NULL. */
static const patch_t *find_below(const batch_t *batch, uintptr_t address)
{
    size_t low = 0;
    size_t high = batch->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (batch->patches[middle].start < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &batch->patches[low - 1] : NULL;
}

static void go_on_in_trampoline(greg_t *program_counter, void *context)
{
    uintptr_t      address = (uintptr_t)*program_counter;
    const patch_t *patch = find_below(context, address);

    if (patch == NULL || address >= patch->start + JUMP_LENGTH)
        return;
    for (size_t i = 0; i < patch->count; i++)
        if (patch->start + patch->offsets[i] == address)
            *program_counter = (greg_t)patch->moved[i];
}

static bool write_all(int text, const batch_t *batch)
{
    size_t written = 0;

    for (size_t i = 0; i < batch->count; i++) {
        patch_t *patch = &batch->patches[i];

        patch->written = syscall(SYS_pwrite64, text, patch->jump, sizeof(patch->jump), patch->start) ==
                         (long)sizeof(patch->jump);
        written += patch->written;
    }
    return written == batch->count;
}

static reason_t write_among_threads(int text, batch_t *batch)
{
    syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0);
    if (threads_stop() != 0)
        return REASON_THREADS;
    threads_visit(go_on_in_trampoline, batch);
    bool done = write_all(text, batch);
    /* No processor goes on with instructions that it had fetched before. */
    syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0);
    threads_resume();
    return done ? REASON_NONE : REASON_REFUSED;
}

reason_t patches_write(patch_t *patches, size_t count)
{
    batch_t  batch = {patches, count};
    reason_t reason = REASON_REFUSED;

    patches_hold();
    int text = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
    if (text >= 0 && threads_alone())
        reason = write_all(text, &batch) ? REASON_NONE : REASON_REFUSED;
    else if (text >= 0)
        reason = write_among_threads(text, &batch);
    if (text >= 0)
        close(text);
    patches_release();
    return reason;
}
