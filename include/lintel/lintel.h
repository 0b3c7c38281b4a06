/* SPDX-License-Identifier: MIT
 *
 * lintel: memory directly above a loaded module, for many threads at once, without a lock.
 *
 * Create one heap, open a module per loaded image, allocate bodies above it. A body is never freed by
 * itself: all of a module's bodies go together once the module is closed and its last reference released.
 *
 * Conventions. A function that returns int gives 0 or a negative errno. A function that returns a pointer
 * gives NULL and sets errno. An output argument comes last and is untouched on failure. All-zero structs
 * and NULL option pointers mean defaults. Sizes are bytes.
 *
 * Progress. "wait-free": ends within a bounded number of the caller's own steps. "lock-free": ends
 * whatever other threads are stopped inside lintel, wherever they are stopped. "may block": may wait for
 * another thread. "Any thread" excludes signal handlers unless they are named. Of all functions, lintel_heap_print
 * alone is a point where a thread can be cancelled (pthread_cancel).
 */
#ifndef LINTEL_H
#define LINTEL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <lintel/version.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define LINTEL_API __attribute__((visibility("default")))
#else
#define LINTEL_API
#endif

/* A registry of modules; one per embedding program. */
typedef struct lintel_heap lintel_heap_t;

/* The allocator above one module. */
typedef struct lintel_module lintel_module_t;

/* What a module's bodies are for. */
typedef enum {
    LINTEL_DATA = 0, /* read-write bodies (IL, tables, counters) */
    LINTEL_CODE = 1  /* executable bodies, never writable and executable at one address: written elsewhere, where
                      * lintel_writable says, and executable once published. Aligned to 16 at least. What lies
                      * between them traps. A child of a fork has a copy, for which its parent waits in fork; where
                      * that cannot be had, it has no bodies of code, and none to be got in these modules (ENOMEM) */
} lintel_kind_t;

/* How far above its base a module's bodies may lie: the last byte of a body is at most this far. */
#define LINTEL_REACH_REL32 UINT64_C(0x7fffffff) /* a signed 32-bit displacement from the base */
#define LINTEL_REACH_RVA32 UINT64_C(0xffffffff) /* an unsigned 32-bit offset from the base */
#define LINTEL_REACH_ABOVE UINT64_MAX           /* any address above the base */

/* How free address ranges are found. Each way takes over where the one before it is unavailable. */
typedef enum {
    LINTEL_GAP_AUTO = 0,  /* the first of the following that works */
    LINTEL_GAP_QUERY = 1, /* the PROCMAP_QUERY ioctl (Linux 6.11) */
    LINTEL_GAP_TEXT = 2,  /* the text of /proc/self/maps */
    LINTEL_GAP_PROBE = 3  /* trial mappings in 64 KiB steps; needs no /proc, misses smaller gaps */
} lintel_gap_t;

/* How code is written without ever being executable where it is writable. */
typedef enum {
    LINTEL_CODE_DOUBLE = 0, /* at a second address of the same memory */
    LINTEL_CODE_FLIP = 1    /* in place: a body has pages of its own, which are writable until they are published, and
                             * never again. For hosts where memory must not have two addresses; costs a page a body */
} lintel_code_way_t;

/* Where perf learns the names that lintel_name gives to bodies of code. */
typedef enum {
    LINTEL_PERF_OFF = 0,
    /* In /tmp/perf-PID.map, where perf looks by itself: addresses and names. It cannot say that a body is gone. */
    LINTEL_PERF_MAP = 1,
    /* In $JITDUMPDIR/.debug/jit/lintel-XXXXXX/jit-PID.dump (or under $HOME, or /tmp), for `perf record -k mono` and
     * `perf inject --jit`: names, the code itself, how to unwind it, and since when it was there. */
    LINTEL_PERF_JITDUMP = 2
} lintel_perf_t;

/* A setting that is on or off. */
typedef enum { LINTEL_DEFAULT = 0, LINTEL_OFF = 1, LINTEL_ON = 2 } lintel_switch_t;

/* Options of a heap. All-zero means defaults. Byte counts are rounded up to whole pages, save where it is said; those
 * over SIZE_MAX / 2 are EINVAL. The environment variable LINTEL_OPTIONS overrides those it names:
 * `name=value,name=value`, with the names of the fields below, save the pool's; 0 or 1 for what is on or off, auto,
 * query, text or probe for `gap`, double or flip for `code`, off, map or jitdump for `perf`, and bytes for sizes, with
 * k, m or g for powers of 1024. What it says wrongly is ignored, and told once on stderr; a process that gained rights
 * at exec (set-user-ID) ignores all of it. */
typedef struct {
    /* The early pool: `pool_size` bytes of address space reserved at heap creation, at the nearest free range
     * above `pool_near`, whole within `pool_reach` of it (0 = LINTEL_REACH_RVA32). Modules whose reach covers
     * free pool space are served from it where it is nearer than what the kernel has free. For programs whose
     * address space fills up later. `pool_size` 0 means no pool; a pool with `pool_near` 0 is EINVAL. */
    uintptr_t pool_near;
    uint64_t  pool_reach;
    size_t    pool_size;

    lintel_gap_t gap;          /* how free ranges are found; a way that is forced has no fallback */
    size_t       first_region; /* address space of a module's first region; 0 = 64 KiB; later ones double */
    size_t       region_limit; /* no region grows past this, save for a larger body; 0 = 256 MiB */
    size_t       commit_step;  /* memory is committed in steps of at least this many bytes, a power of two: others are
                                * rounded up to one; 0 = 16 KiB. Steps grow with the module, up to 1 MiB */

    /* Populate what is committed at once, by MADV_POPULATE_WRITE, in steps of at most 32 KiB: no fault at a body's
     * first write, but single calls that take longer. LINTEL_CODE_DOUBLE always does. Default: off. */
    lintel_switch_t populate;
    /* Ask for 2 MiB pages in DATA modules that have handed out 3 MiB, and from then on in regions of 32 MiB or more:
     * much cheaper a byte, but the first write to such a page takes longer, and a page is resident as a whole.
     * Default: off. */
    lintel_switch_t huge;
    /* A thread of the heap's own that commits and populates memory ahead of what is handed out, for DATA modules that
     * have handed out 256 KiB: while it keeps up, lintel_alloc makes no system call and a body's first write takes no
     * fault. It keeps resident what the module will use in its next few looks, but at most 8 MiB and a 32nd of what it
     * has handed out (of a module below 2 MiB 64 KiB, or an eighth if that is less); and it prepares the next region
     * when the newest one nears its end. It looks every 0.25 to 4 ms while something moves, and once a second at the
     * least; a fork, and the end of a module, wait for a look. It also gives back to such modules what threads have in
     * hand of them and do not use. Where the system has no thread for it the heap does without; see
     * lintel_heap_service. Default: off. */
    lintel_switch_t service;

    lintel_code_way_t code; /* how code is written */

    /* A guard behind each region: a page without access, so that a write that runs over the end of the last body is a
     * fault, and not a write to a neighbour. LINTEL_DEFAULT takes it where there is room for it, and gives a module's
     * own guards up to its bodies before it says ENOSPC, or ENOMEM where the process has no mapping left
     * (vm.max_map_count); LINTEL_ON takes no region without one, and keeps them; LINTEL_OFF takes none. */
    lintel_switch_t guard;
    /* The addresses of modules that are gone are not used again at once: they stay reserved, without memory, until so
     * many bytes, or 32 ranges, have come after them, or until no space or no mapping is left. 0 = 64 MiB; rounded down
     * to whole pages, so that 1 is nothing (in LINTEL_OPTIONS, 0 is too); at most 32 GiB. A larger region goes at once,
     * and so do the early pool's. */
    size_t quarantine;
    /* Whom lintel_name tells. With LINTEL_PERF_MAP, code written at a second address is in shared memory without a name
     * instead of a memfd, from then on in the whole process: perf looks into the map for nothing else. */
    lintel_perf_t   perf;
    lintel_switch_t gdb; /* gdb, by its interface for JIT compilers. Default: off */
    /* Have /proc/PID/maps show whose each region is, "[anon:lintel NAME]", where the kernel can (Linux 5.17, if built
     * so): one system call more for each region; and neighbours of different modules are no longer one mapping where
     * both are used up. Default: on. */
    lintel_switch_t names;
} lintel_heap_options_t;

/* What to open. Only `base` must be set. */
typedef struct {
    uintptr_t     base;       /* lowest address of the loaded image; page-aligned, not 0 */
    size_t        image_size; /* bytes; 0 = not known: bodies go above the base, in whatever is free */
    uint64_t      key;        /* the registry's key (a CLR ModuleID, say); 0 = the base */
    const char   *name;       /* copied; for people: statistics and messages; may be NULL */
    lintel_kind_t kind;       /* what its bodies are for */
    uint64_t      reach;      /* 0 = LINTEL_REACH_REL32 for code, LINTEL_REACH_RVA32 for data */
    size_t        align;      /* least alignment of a body, a power of two up to 4096; 0 = 16 */
    size_t        reserve;    /* address space to reserve at open, in one piece; 0 = nothing is mapped before
                               * the first body */
} lintel_module_desc_t;

/* Figures about one module, or summed over a heap. With no call in flight
 * allocated + spare + lost is every byte ever taken from the regions, exactly. */
typedef struct {
    uint64_t modules;     /* count: 1 for a module; open ones and closed ones not yet gone for a heap */
    uint64_t regions;     /* count */
    uint64_t reserved;    /* address space held for bodies, in bytes: without guards and what is in quarantine; a
                           * heap's includes what is left of the early pool */
    uint64_t committed;   /* of those, bytes that are readable and writable */
    uint64_t allocated;   /* bytes asked for by callers */
    uint64_t allocations; /* count of bodies */
    uint64_t spare;       /* bytes set aside that a later call can still get: in threads' hands, tails, padding, refused
                           * claims */
    uint64_t lost;        /* bytes that no caller will ever get: rounding up to the alignment, and spare ones that
                           * could not be listed for want of memory */
    uint64_t failures;    /* count of allocations that gave NULL for want of space or memory */
} lintel_stats_t;

/* One region: a contiguous range of address space above a module. */
typedef struct {
    uintptr_t start;     /* its first byte */
    size_t    reserved;  /* bytes of address space from `start` */
    size_t    committed; /* of those, readable and writable from `start` on */
    size_t    used;      /* of those, taken so far from `start` on: bodies, spare and lost */
} lintel_region_t;

/* Where an address lies. */
typedef struct {
    uint64_t    key;    /* of the module */
    uintptr_t   base;   /* of its image */
    uint64_t    offset; /* address - base */
    const void *body;   /* the body's first byte for CODE modules, else NULL */
} lintel_location_t;

/* How a debugger or profiler gets from inside a body to its caller. All-zero: not said. */
typedef struct {
    /* Not 0: the body never moves the stack pointer (nor, on aarch64, the return address out of x30), as trampolines
     * and leaf functions do not. Then `eh_frame` must be NULL. */
    int frameless;
    /* Or what a compiler writes into a section .eh_frame, relocated for where it lies now: CIEs with a pointer encoding
     * (augmentation "zR"), absolute or relative to the place, of 4 or 8 bytes; and at least one FDE, each for a part of
     * what is named. It is copied. */
    const void *eh_frame;
    size_t      eh_frame_size; /* bytes; a terminator in it ends it earlier */
} lintel_unwind_t;

/* The longest name that lintel_name takes, in bytes. */
#define LINTEL_NAME_MOST 4095

/* What the books are printed as. */
typedef enum { LINTEL_TEXT = 0, LINTEL_JSON = 1, LINTEL_OPENMETRICS = 2 } lintel_format_t;

/* Create a heap and store it in *heap; the caller owns it and ends it with lintel_heap_destroy. `options`
 * may be NULL and is not kept.
 * Returns 0; -EINVAL (heap NULL, or an option out of range); -ENOMEM (metadata, or address space refused for
 * the early pool); -ENOSPC (no free range for the early pool).
 * Any thread. May block. */
LINTEL_API int lintel_heap_create(const lintel_heap_options_t *options, lintel_heap_t **heap);

/* End a heap; every module's memory goes with it, referenced or not. NULL is allowed and ignored. No other
 * call on the heap or its modules may be running, or follow. Not from within an RCU read-side critical section.
 * Any thread. May block. */
LINTEL_API void lintel_heap_destroy(lintel_heap_t *heap);

/* Have the heap's service thread running, if its options ask for one. lintel_heap_create and lintel_module_open see to
 * that too, and go on without where it cannot be had: this says so. The child of a fork has none before its first
 * module is opened, or this is called.
 * Returns 0 (it runs); -ENOENT (the heap is to have none); -EAGAIN (the system has no thread for it now); -EINVAL
 * (heap NULL).
 * Any thread. May block. */
LINTEL_API int lintel_heap_service(lintel_heap_t *heap);

/* Open the allocator above the image that `desc` describes and store it in *module, with one reference that
 * is the caller's; the registry holds another until lintel_module_close.
 * Returns 0; -EINVAL (a NULL argument; base 0 or not page-aligned; image range wraps; alignment not a power of
 * two or over 4096; unknown kind); -EEXIST (the key is open);
 * -ENOSPC (no free range of `reserve` bytes within reach); -ENOMEM (metadata, or `reserve` refused). For code, also
 * why executable memory is not to be had: -ENOSYS (memfd_create is barred, by a sandbox or by age); -EACCES
 * (vm.memfd_noexec bars executable files of that kind); -EPERM (the system's policy bars executable mappings of them);
 * -EFBIG (RLIMIT_FSIZE is below a page, or below `reserve`); -EMFILE (no file descriptor left: one is used, for a
 * moment).
 * Any thread. May block. */
LINTEL_API int lintel_module_open(lintel_heap_t *heap, const lintel_module_desc_t *desc, lintel_module_t **module);

/* Find the open module of `key` and take a reference to it, to be given back by lintel_module_release.
 * Returns the module, or NULL with errno ENOENT (no open module has that key) or EINVAL (heap NULL).
 * Any thread. Wait-free after the thread's first call, which may block. */
LINTEL_API lintel_module_t *lintel_module_acquire(lintel_heap_t *heap, uint64_t key);

/* Give a reference back. After the last one of a closed module its memory is given up, once no thread can
 * still be looking at it; its addresses stay reserved for a while (lintel_heap_options_t: quarantine). NULL is allowed
 * and ignored.
 * Any thread. Lock-free, save for the last reference of a closed module, which may block. */
LINTEL_API void lintel_module_release(lintel_module_t *module);

/* Close the open module of `key`: nobody finds it any more, the key can be opened again, and its memory goes
 * when the last reference is released. References held keep working, lintel_alloc included.
 * Returns 0; -ENOENT (no open module has that key); -EINVAL (heap NULL).
 * Any thread. May block. */
LINTEL_API int lintel_module_close(lintel_heap_t *heap, uint64_t key);

/* Allocate a body of `size` bytes above the module, at the module's alignment. It reads as zero and lives
 * until the module is closed and its last reference released; there is no free. The whole body lies above the
 * image and within the module's reach.
 * Returns the body, or NULL with errno EINVAL (module NULL, or size 0), ENOSPC (no range of that size left
 * within reach) or ENOMEM (the kernel refused memory, address space or a mapping); for code also ENOSYS, EACCES, EPERM,
 * EFBIG or EMFILE, as lintel_module_open, where more memory is needed. A failure loses nothing: whatever fits still
 * succeeds.
 * Any thread and signal handlers, those that interrupt lintel itself included. Lock-free. */
LINTEL_API void *lintel_alloc(lintel_module_t *module, size_t size);

/* The same at an alignment of `align`, a power of two up to 4096; one below the module's is raised to it.
 * Padding in front of the body stays available to later calls.
 * Returns as lintel_alloc; EINVAL also for a bad alignment. Any thread and signal handlers. Lock-free. */
LINTEL_API void *lintel_alloc_aligned(lintel_module_t *module, size_t size, size_t align);

/* Shorten a body that lintel_alloc gave for `old_size` bytes to `new_size`, from its end; what is freed is zeroed
 * and used again. The body's start and its first `new_size` bytes stay as they are. The caller owns the body:
 * nobody may be using the part given back.
 * Returns the bytes given back; 0 if none are: new_size is 0 or not below old_size, both round up to the same
 * multiple of the module's alignment, or this is not a body of the module, or what would be freed is published, with
 * LINTEL_CODE_FLIP. Sets no errno.
 * Any thread and signal handlers. Lock-free. */
LINTEL_API size_t lintel_shrink(lintel_module_t *module, void *body, size_t old_size, size_t new_size);

/* Where to write `body`: the body itself for DATA modules; for CODE another address, for the whole body.
 * That address is good as long as the body; a child of a fork asks for its own.
 * Returns the address, or NULL with errno ERANGE (not in this module's bodies), EACCES (published, with
 * LINTEL_CODE_FLIP: not to be written again) or EINVAL (a NULL argument).
 * Any thread and signal handlers. Wait-free. */
LINTEL_API void *lintel_writable(const lintel_module_t *module, const void *body);

/* Make the `size` bytes written at `body` visible to instruction fetch on all threads: whichever of them learns of it
 * from the caller can jump there. DATA bodies are never fetched: it only checks its arguments.
 * Returns 0; -EINVAL (a NULL argument); -ERANGE (not wholly in this module's bodies); -ENOMEM (the kernel refused to
 * make the pages executable: vm.max_map_count); -EPERM (the system's policy bars it).
 * Any thread and signal handlers. Lock-free. */
LINTEL_API int lintel_publish(lintel_module_t *module, const void *body, size_t size);

/* Name the `size` bytes at `body`, of a CODE module, for perf and gdb, as far as the heap's options `perf` and `gdb`
 * say so; once they are published, as the bytes are told too. A body may have several names, and several parts with
 * names of their own; a name once given stays until the module's memory goes (in perf's map: for good). `name` is
 * copied; control characters become '?'. Child processes name what they inherit anew, in files of their own.
 * Returns 0 (also where nobody is to be told); -EINVAL (a NULL argument, size 0, an empty name, a DATA module); and,
 * where somebody is to be told: -ERANGE (not wholly in this module's bodies); -ENAMETOOLONG (over LINTEL_NAME_MOST);
 * -EFBIG (over 1 GiB; or the file would grow over RLIMIT_FSIZE); -ENOMEM; -EEXIST (what is in the map's place is not
 * this process's); -ESTALE (the file was replaced); and what the system says of a file that it refuses: -EACCES,
 * -EDQUOT, -EMFILE, -ENOENT, -ENOSPC, -EPERM (the dump's directory is mounted noexec, and perf needs the file mapped),
 * -EROFS and others; the first time on stderr too. After a failure the body has this name nowhere, and goes on working.
 * Any thread. Wait-free where nobody is to be told, else may block. */
LINTEL_API int lintel_name(lintel_module_t *module, const void *body, size_t size, const char *name);

/* The same, with how to unwind: gdb's backtraces go on through the body, and perf's do where the body goes on behind
 * the `size` named bytes, by 80 bytes or what docs/names.md says. `unwind` may be NULL and is not kept.
 * Returns as lintel_name; -EINVAL also if somebody is to be told and `unwind` is not as it must be.
 * Any thread. Wait-free where nobody is to be told, else may block. */
LINTEL_API int lintel_name_unwindable(lintel_module_t *module, const void *body, size_t size, const char *name,
                                      const lintel_unwind_t *unwind);

/* The offset of `body` from the module's base, always positive.
 * Returns the offset; -ERANGE (not in this module's bodies); -EINVAL (module NULL).
 * Any thread and signal handlers. Wait-free. */
LINTEL_API int64_t lintel_offset(const lintel_module_t *module, const void *body);

/* Give back what lintel has set aside for the calling thread, of all modules: for threads that pause for long. A thread
 * that ends does so by itself.
 * Any thread and signal handlers; one that interrupts lintel gives nothing back. Lock-free. */
LINTEL_API void lintel_thread_flush(void);

/* Find the module to whose bodies `address` belongs, and store where it lies in *location.
 * Returns 0; -ENOENT (images, space that nobody was given, anything else); -EINVAL (heap or location NULL).
 * Any thread and signal handlers. Wait-free. */
LINTEL_API int lintel_find(const lintel_heap_t *heap, const void *address, lintel_location_t *location);

/* Store the module's figures in *stats. Exact when no other thread is inside lintel, or ending, else near.
 * Returns 0; -EINVAL (a NULL argument). Any thread. Lock-free. */
LINTEL_API int lintel_module_stats(const lintel_module_t *module, lintel_stats_t *stats);

/* Store up to `capacity` of the module's regions, newest first, in `regions` (which may be NULL if capacity is 0). Last
 * comes the one that the service thread has prepared to follow the newest, if there is one.
 * Returns how many regions there are, which may be more than were stored; 0 for a NULL module.
 * Any thread. Lock-free. */
LINTEL_API size_t lintel_module_regions(const lintel_module_t *module, size_t capacity, lintel_region_t *regions);

/* Store the heap's figures, summed over its modules, in *stats.
 * Returns 0; -EINVAL (a NULL argument). Any thread. Lock-free after the thread's first call, which may block. */
LINTEL_API int lintel_heap_stats(const lintel_heap_t *heap, lintel_stats_t *stats);

/* Print the heap's modules, their figures and the totals to `out`: a table (LINTEL_TEXT), a JSON document with the
 * regions too (LINTEL_JSON), or OpenMetrics samples ended by "# EOF" (LINTEL_OPENMETRICS).
 * Returns 0; -EINVAL (a NULL argument, or an unknown format); -ENOMEM; -EIO (`out` has its error flag set).
 * Any thread. May block. */
LINTEL_API int lintel_heap_print(const lintel_heap_t *heap, FILE *out, lintel_format_t format);

/* The version of the library as "major.minor.patch"; static, never NULL. Any thread and signal handlers. Wait-free. */
LINTEL_API const char *lintel_version(void);

#ifdef __cplusplus
}
#endif

#endif
