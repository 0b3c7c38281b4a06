#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""measure-overhead.py PROFILER LOOP [CALLS [RUNS]]: what a counted call costs more. LOOP calls zlibVersion CALLS times
and prints the nanoseconds of one; it runs with and without the profiler by turns, and the medians are told.
"""
import os
import statistics
import subprocess
import sys


def nanoseconds(loop, calls, profiler=None):
    environment = dict(os.environ, NATIVE_CALLCOUNT="libz", NATIVE_CALLCOUNT_TOP="0")
    if profiler:
        environment["LD_PRELOAD"] = profiler
    return float(subprocess.run([loop, calls], env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout)


def main(profiler, loop, calls="50000000", runs="9"):
    plain, counted = [], []
    for _ in range(int(runs)):
        plain.append(nanoseconds(loop, calls))
        counted.append(nanoseconds(loop, calls, profiler))
    without, with_counter = statistics.median(plain), statistics.median(counted)
    print(f"a call without the profiler: {without:.2f} ns; counted: {with_counter:.2f} ns; "
          f"the counter: {with_counter - without:.2f} ns (medians of {runs} runs of {calls} calls)")


if __name__ == "__main__":
    main(*sys.argv[1:])
