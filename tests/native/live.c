/* SPDX-License-Identifier: MIT
 *
 * live: threads that never pause in zlib, while others have zlib, the C library, and libdw, by which the profiler
 * itself reads, instrumented under their feet. Afterwards each calls zlibVersion a known number of times; a child does
 * so, too. Prints how often it was called at least and at most, and the child's process and count.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

enum { WORKERS = 4, ADDERS = 3, AFTERWARDS = 1000, OF_CHILD = 123 };

static size_t (*add)(const char *names);
static atomic_bool  done;
static atomic_ulong calls;
static atomic_ulong wrong;

static void call_all(unsigned long turn)
{
    static const unsigned char bytes[] = "instrumented while it runs";

    if (strcmp(zlibVersion(), ZLIB_VERSION) != 0 || crc32(0, bytes, sizeof(bytes) - 1) != 0xe8ee7a9f ||
        compressBound(turn) < turn || zlibCompileFlags() == 0 || get_crc_table()[1] != 0x77073096)
        atomic_fetch_add(&wrong, 1);
}

static void *work(void *context)
{
    unsigned long turns = 0;

    (void)context;
    while (!atomic_load(&done))
        call_all(turns++);
    for (int i = 0; i < AFTERWARDS; i++)
        call_all(turns++);
    atomic_fetch_add(&calls, turns);
    return NULL;
}

static void *instrument(void *names)
{
    if (add(names) == 0)
        atomic_fetch_add(&wrong, 1);
    return NULL;
}

/* Whether some page can be written and run. */
static int any_writable_code(void)
{
    char  line[512];
    int   found = 0;
    FILE *maps = fopen("/proc/self/maps", "re");

    while (maps != NULL && fgets(line, sizeof(line), maps) != NULL)
        found += strstr(line, " rwx") != NULL || strstr(line, " -wx") != NULL;
    if (maps != NULL)
        fclose(maps);
    return maps == NULL || found;
}

static pid_t call_in_child(void)
{
    pid_t child = fork();
    int   status = -1;

    if (child == 0) {
        for (int i = 0; i < OF_CHILD; i++)
            call_all((unsigned long)i);
        exit(atomic_load(&wrong) != 0);
    }
    return waitpid(child, &status, 0) == child && status == 0 ? child : -1;
}

int main(void)
{
    static char names[ADDERS][8] = {"libz", "libdw", "libc"};
    pthread_t   workers[WORKERS];
    pthread_t   adders[ADDERS];

    *(void **)&add = dlsym(RTLD_DEFAULT, "native_callcount_add");
    if (add == NULL)
        return 77;
    for (int i = 0; i < WORKERS; i++)
        pthread_create(&workers[i], NULL, work, NULL);
    for (int i = 0; i < ADDERS; i++)
        pthread_create(&adders[i], NULL, instrument, names[i]);
    for (int i = 0; i < ADDERS; i++)
        pthread_join(adders[i], NULL);
    atomic_store(&done, 1);
    for (int i = 0; i < WORKERS; i++)
        pthread_join(workers[i], NULL);
    pid_t child = call_in_child();
    printf("%d %lu %d %d\n", WORKERS * AFTERWARDS, atomic_load(&calls), (int)child, OF_CHILD);
    return child < 0 || atomic_load(&wrong) != 0 || any_writable_code();
}
