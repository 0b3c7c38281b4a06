/* SPDX-License-Identifier: MIT
 *
 * lintel-bench: what lintel costs, and what those cost that one would use instead.
 */
#include <gnu/libc-version.h>
#include <lintel/lintel.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "benchmarks.h"
#include "worker.h"

static void add_contexts(void)
{
    const char *options = getenv("LINTEL_OPTIONS");

    bench_add_context("lintel_version", lintel_version());
    bench_add_context("LINTEL_OPTIONS", options != NULL ? options : "");
    bench_add_context("glibc_version", gnu_get_libc_version());
    bench_add_context("compiler", "gcc-compatible " __VERSION__);
#ifdef NDEBUG
    bench_add_context("lintel_asserts", "off");
#else
    bench_add_context("lintel_asserts", "on: figures are of no use");
#endif
}

/* Each round is long enough: by default there need not be many. */
int main(int argc, char **argv)
{
    static const char *const defaults[] = {"--benchmark_min_time=0.02", NULL};

    if (argc == 3 && strcmp(argv[1], "--worker") == 0)
        return worker_main(argv);
    add_contexts();
    benchmarks_register();
    return bench_main(argc, argv, defaults);
}
