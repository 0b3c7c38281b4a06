/* SPDX-License-Identifier: MIT */
#include "peers.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "failure.h"

/* In the environment of a program that has started anew. */
static const char entered[] = "LINTEL_BENCH_ENTERED";

static const peer_t peers[] = {
    {.name = "lintel", .allocator = &allocator_lintel},
    {.name = "lintel-code", .allocator = &allocator_lintel_code},
    {.name = "lintel-apart", .allocator = &allocator_lintel_apart},
    {.name = "lintel:huge=0", .allocator = &allocator_lintel, .options = "huge=0"},
    {.name = "lintel:huge=1", .allocator = &allocator_lintel, .options = "huge=1"},
    {.name = "lintel:service=1", .allocator = &allocator_lintel, .options = "service=1"},
    {.name = "lintel:service=1,huge=1", .allocator = &allocator_lintel, .options = "service=1,huge=1"},
    {.name = "lintel:populate=1", .allocator = &allocator_lintel, .options = "populate=1"},
    {.name = "glibc", .allocator = &allocator_malloc},
    {.name = "jemalloc", .allocator = &allocator_malloc, .library = "libjemalloc.so.2"},
    {.name = "mimalloc", .allocator = &allocator_malloc, .library = "libmimalloc.so.2"},
    {.name = "tcmalloc", .allocator = &allocator_malloc, .library = "libtcmalloc_minimal.so.4"},
#ifdef BENCH_ASMJIT
    {.name = "asmjit", .allocator = &allocator_asmjit},
#endif
    {.name = "mutex-bump", .allocator = &allocator_mutex_bump},
    {.name = "fetch-add", .allocator = &allocator_fetch_add},
    {.name = "bump-call", .allocator = &allocator_bump_call},
    {.name = "bump-inline", .allocator = &allocator_bump_inline},
    {.name = "contract", .allocator = &allocator_contract},
    {.name = "contract-code", .allocator = &allocator_contract_code},
    {.name = "kernel", .allocator = &allocator_kernel},
    {.name = "kernel-ahead", .allocator = &allocator_kernel_ahead},
    {.name = "kernel-huge", .allocator = &allocator_kernel_huge},
};

const peer_t *peer_find(const char *name)
{
    for (size_t i = 0; i < sizeof(peers) / sizeof(peers[0]); i++)
        if (strcmp(peers[i].name, name) == 0)
            return &peers[i];
    return NULL;
}

/* The file whose malloc this process uses, without its directory. */
static const char *file_of_malloc(void)
{
    Dl_info     info;
    const char *slash;

    if (dladdr(dlsym(RTLD_DEFAULT, "malloc"), &info) == 0)
        return "";
    slash = strrchr(info.dli_fname, '/');
    return slash != NULL ? slash + 1 : info.dli_fname;
}

static bool is_here(const peer_t *peer)
{
    const char *library = peer->library != NULL ? peer->library : "libc.so";

    if (peer->allocator == &allocator_malloc && strncmp(file_of_malloc(), library, strlen(library)) != 0)
        return false;
    return peer->options == NULL || getenv(entered) != NULL;
}

/* What comes last holds. */
static void add_options(const char *options)
{
    const char *there = getenv("LINTEL_OPTIONS");
    char        all[512];

    snprintf(all, sizeof(all), "%s%s%s", there != NULL ? there : "", there != NULL && *there != '\0' ? "," : "",
             options);
    setenv("LINTEL_OPTIONS", all, 1);
}

/* By its path: what /proc/self/exe leads to is not always this program, under valgrind for one. */
static void start_anew(char **arguments)
{
    char    path[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 1);

    if (size < 0)
        failure("this program cannot be found again: %s", strerror(errno));
    path[size] = '\0';
    execv(path, arguments);
    failure("%s could not be started: %s", path, strerror(errno));
}

void peer_enter(const peer_t *peer, char **arguments)
{
    if (is_here(peer))
        return;
    if (getenv(entered) != NULL)
        failure("its library is not here: this process has the malloc of %s", file_of_malloc());
    setenv(entered, "1", 1);
    if (peer->library != NULL)
        setenv("LD_PRELOAD", peer->library, 1);
    if (peer->options != NULL)
        add_options(peer->options);
    start_anew(arguments);
}
