#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""test_mishaps.py LIBRARY PROJECT FOLDER: whatever goes wrong with the profiler, the program says what it says without
it, and one line on stderr says what went wrong.
"""
import sys

from counting import CALLCOUNT, Counting, calls_by_name, expect, profiled

OTHER_CLASS = "{00000000-1111-2222-3333-444444444444}"
LITTLE = 3_000_000_000
PREFIX = "callcount: "


class Mishaps:
    def __init__(self, counting, assembly):
        self.counting, self.assembly = counting, assembly
        self.alone = self.run_in({})

    def run_in(self, environment):
        result = self.counting.dotnet.run([self.counting.dotnet.command, self.assembly, "200"], environment)
        expect(result.returncode == 0, f"the program fails:\n{result.stdout}{result.stderr}")
        return result

    def expect_same(self, result, line):
        expect(result.stdout == self.alone.stdout, f"it says something else:\n{result.stdout}")
        said = [text for text in result.stderr.splitlines() if text.startswith(PREFIX)]
        expect(len(said) == 1 and line in said[0], f"not one line with '{line}':\n{result.stderr}")
        print(said[0])

    def another_class(self):
        self.expect_same(self.run_in(profiled(self.counting.library, OTHER_CLASS)), "another class")

    def no_library(self):
        """The runtime tells, or nobody does: nothing of the profiler's runs."""
        result = self.run_in(profiled("/nonexistent/libclr-callcount.so", CALLCOUNT))
        expect(result.stdout == self.alone.stdout, f"it says something else:\n{result.stdout}")

    def refused_memory(self, period):
        result, report = self.counting.run(self.assembly, "200", CALLCOUNT_REFUSE=period)
        self.expect_same(result, "no memory for a method's new body")
        left = [method for method in report["methods"] if method.get("left") == "no memory for its body"]
        counted = [method for method in report["methods"] if "left" not in method]
        expect(left and not any(method["calls"] for method in left), "refused methods are not left as they are")
        expect(abs(len(left) - len(report["methods"]) / period) <= 1, f"{len(left)} are left, every {period}th refused")
        self.expect_counts_of(counted, result.stdout)

    def expect_counts_of(self, methods, output):
        said = dict(line.rsplit(" ", 1) for line in output.splitlines())
        calls = calls_by_name({"methods": methods}, "census.dll")
        wrong = [name for name, count in calls.items() if name in said and count != int(said[name])]
        expect(not wrong, f"wrong counts of {wrong}")

    def no_file_for_the_report(self):
        result, report = self.counting.run(self.assembly, "200", CALLCOUNT_REPORT="/nonexistent/report.json")
        expect(report is None, "there is a report")
        self.expect_same(result, "cannot be written to /nonexistent/report.json")

    def little_address_space(self):
        """Room for the runtime, and not for the pool."""
        limited = ["prlimit", f"--as={LITTLE}", self.counting.dotnet.command, self.assembly, "200"]
        small_heap = {"DOTNET_GCHeapHardLimit": "4000000"}
        if self.counting.dotnet.run(limited, small_heap).returncode:
            print(f"this runtime wants more than {LITTLE} bytes of address space by itself")
            return
        variables = profiled(self.counting.library, CALLCOUNT, CALLCOUNT_TOP=0) | small_heap
        self.expect_same(self.counting.dotnet.run(limited, variables), "no address space for a pool")

    def a_setting_that_makes_no_sense(self):
        result, _ = self.counting.run(self.assembly, "200", CALLCOUNT_POOL="ocean")
        self.expect_same(result, "CALLCOUNT_POOL=ocean is not known; zone is used")


def main(library, project, folder):
    counting = Counting(library, folder)
    mishaps = Mishaps(counting, counting.build(project))
    mishaps.another_class()
    mishaps.no_library()
    mishaps.refused_memory(1)
    mishaps.refused_memory(3)
    mishaps.little_address_space()
    mishaps.no_file_for_the_report()
    mishaps.a_setting_that_makes_no_sense()


if __name__ == "__main__":
    main(*sys.argv[1:])
