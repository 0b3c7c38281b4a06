#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""show_census.py LIBRARY PROJECT FOLDER: runs the program under the profiler, and prints how often each of its methods
ran by its own account and by the profiler's, side by side, and the profiler's tables. Status 1 if they differ anywhere.
"""
import sys

from counting import Counting, calls_by_name

TOP = 10


def rows(output, counted):
    for line in output.splitlines():
        method, said = line.rsplit(" ", 1)
        yield method, int(said), counted.get(method, 0)


def main(library, project, folder):
    counting = Counting(library, folder)
    result, report = counting.run(counting.build(project), CALLCOUNT_TOP=TOP)
    print(f"{'method':<32}{'it says':>12}{'counted':>12}")
    wrong, total = 0, 0
    for method, said, counted in rows(result.stdout, calls_by_name(report, "census.dll")):
        print(f"{method:<32}{said:>12}{counted:>12}{'' if said == counted else '  differs'}")
        wrong, total = wrong + (said != counted), total + counted
    print(result.stderr)
    print(f"{wrong} methods differ" if wrong else f"{total} calls of the program's methods: equal to the last call")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
