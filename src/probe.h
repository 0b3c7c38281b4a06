/* SPDX-License-Identifier: MIT
 *
 * probe: static tracepoints (USDT) for bpftrace, perf, SystemTap and gdb: an instruction that does nothing and a note
 * each. None is on the fast path. docs/observability.md has the table; names and arguments are not to change.
 */
#ifndef LINTEL_PROBE_H
#define LINTEL_PROBE_H

#include "base.h"

#ifdef LINTEL_USDT
#include <sys/sdt.h>
#else
/* Without the system's header a probe is nothing. */
#define STAP_PROBE3(provider, probe, a, b, c)    ((void)(a), (void)(b), (void)(c))
#define STAP_PROBE4(provider, probe, a, b, c, d) ((void)(a), (void)(b), (void)(c), (void)(d))
#endif

static inline void probe_module_open(const char *name, uint64_t key, uintptr_t base, uint64_t serial)
{
    STAP_PROBE4(lintel, module_open, name, key, base, serial);
}

static inline void probe_module_close(const char *name, uint64_t key, uintptr_t base, uint64_t serial)
{
    STAP_PROBE4(lintel, module_close, name, key, base, serial);
}

/* A closed module that nobody references any more is given back. */
static inline void probe_module_end(const char *name, uint64_t key, uintptr_t base, uint64_t serial)
{
    STAP_PROBE4(lintel, module_end, name, key, base, serial);
}

/* Address space is taken. */
static inline void probe_region_reserve(const char *name, uintptr_t base, range_t pages)
{
    STAP_PROBE4(lintel, region_reserve, name, base, pages.start, range_size(pages));
}

/* A region becomes the module's newest one. */
static inline void probe_region_grow(const char *name, uintptr_t base, range_t pages)
{
    STAP_PROBE4(lintel, region_grow, name, base, pages.start, range_size(pages));
}

/* More of a region is accessible. */
static inline void probe_region_commit(uintptr_t base, uintptr_t start, range_t committed)
{
    STAP_PROBE4(lintel, region_commit, base, start, committed.start, range_size(committed));
}

static inline void probe_region_release(uintptr_t base, range_t pages)
{
    STAP_PROBE3(lintel, region_release, base, pages.start, range_size(pages));
}

/* A caller gets NULL; `error` is a positive errno. */
static inline void probe_allocation_failure(const char *name, uintptr_t base, size_t size, int error)
{
    STAP_PROBE4(lintel, allocation_failure, name, base, size, error);
}

#endif
