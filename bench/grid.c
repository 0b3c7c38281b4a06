/* SPDX-License-Identifier: MIT */
#include "grid.h"

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

#define SIZES   LIST("bytes:64", "bytes:256", "bytes:1024", "bytes:real")
#define THREADS LIST("threads:1", "threads:2", "threads:4", "threads:8", "threads:16", "threads:64")
#define TOTALS                                                                                                         \
    LIST("total:16384", "total:65536", "total:262144", "total:1048576", "total:4194304", "total:16777216",             \
         "total:67108864")
#define MODULES LIST("modules:100", "modules:1000", "modules:10000", "modules:100000")

const grid_t grids[] = {
    {
        .measure = "warm",
        .peers = LIST("lintel", "lintel-code", "lintel-apart", "glibc", "jemalloc", "mimalloc", "tcmalloc", "asmjit",
                      "mutex-bump", "fetch-add", "bump-call", "bump-inline", "contract", "contract-code"),
        .outer = SIZES,
        .inner = THREADS,
    },
    {
        .measure = "warm",
        .peers = LIST("lintel", "glibc", "jemalloc", "mimalloc", "tcmalloc", "bump-call"),
        .outer = LIST("bytes:64/hold:256"),
        .inner = LIST("threads:1", "threads:2"),
    },
    {
        .measure = "warm",
        .peers = LIST("lintel:service=1"),
        .outer = LIST("bytes:64"),
        .inner = LIST("threads:1", "threads:2"),
    },
    {
        .measure = "cold",
        .peers = LIST("lintel", "lintel:huge=0", "lintel:huge=1", "lintel:populate=1", "lintel:service=1", "glibc",
                      "jemalloc", "mimalloc", "tcmalloc", "asmjit", "mutex-bump", "fetch-add", "bump-inline", "kernel",
                      "kernel-huge"),
        .outer = LIST("bytes:64", "bytes:256", "bytes:1024", "bytes:4096", "bytes:real"),
        .inner = LIST("threads:1", "threads:2"),
    },
    {
        .measure = "pages",
        .peers = LIST("kernel", "kernel-huge"),
        .outer = LIST("bytes:64", "bytes:256", "bytes:1024", "bytes:4096", "bytes:real"),
        .inner = LIST("threads:1", "threads:2"),
    },
    {
        .measure = "latency",
        .once = true,
        .peers = LIST("lintel", "lintel:service=1", "lintel:service=1,huge=1", "lintel:populate=1", "glibc", "jemalloc",
                      "mimalloc", "tcmalloc", "asmjit", "mutex-bump", "kernel", "kernel-ahead"),
        .outer = LIST("bodies:1048576/pace:0", "bodies:262144/pace:2000"),
        .inner = LIST("threads:1"),
    },
    {
        .measure = "space",
        .once = true,
        .peers = LIST("lintel", "lintel:huge=0", "glibc", "jemalloc", "mimalloc", "tcmalloc", "asmjit"),
        .outer = TOTALS,
        .inner = LIST("threads:1", "threads:16"),
    },
    {
        .measure = "space",
        .once = true,
        .peers = LIST("lintel", "glibc", "jemalloc", "mimalloc", "tcmalloc", "asmjit"),
        .outer = LIST("bodies:200"),
        .inner = LIST("threads:1"),
    },
    {
        .measure = "acquire",
        .peers = LIST("lintel"),
        .outer = MODULES,
        .inner = LIST("shuffled:0/threads:1", "shuffled:1/threads:1", "shuffled:1/threads:2"),
    },
    {
        .measure = "find",
        .peers = LIST("lintel"),
        .outer = MODULES,
        .inner = LIST("shuffled:0/threads:1", "shuffled:1/threads:1", "shuffled:1/threads:2"),
    },
    {
        .measure = "where",
        .once = true,
        .peers = LIST("lintel"),
        .outer = LIST("modules:1/total:16777216", "modules:1/total:1073741824", "modules:100/total:1073741824",
                      "modules:10000/total:167772160", "modules:10000/total:1073741824"),
        .inner = LIST("threads:1"),
    },
    {
        .measure = "where",
        .once = true,
        .peers = LIST("glibc"),
        .outer = LIST("modules:1", "modules:100", "modules:10000"),
        .inner = LIST("threads:1"),
    },
    {
        .measure = "open",
        .peers = LIST("lintel"),
        .outer = LIST("modules:0", "modules:10000"),
        .inner = LIST("threads:1"),
    },
    {
        .measure = "close",
        .peers = LIST("lintel"),
        .outer = LIST("modules:0", "modules:10000"),
        .inner = LIST("threads:1"),
    },
    {
        .measure = "cycle",
        .peers = LIST("lintel"),
        .outer = LIST("modules:0", "modules:10000"),
        .inner = LIST("threads:1"),
    },
};

const size_t grid_count = sizeof(grids) / sizeof(grids[0]);
