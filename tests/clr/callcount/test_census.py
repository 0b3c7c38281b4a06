#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""test_census.py LIBRARY PROJECT FOLDER: a program of many threads that says how often each of its methods was called,
under the profiler: it counted the same, to the last call, however the runtime compiles; every body lies above its
module; and the program says what it says without.
"""
import sys

from counting import Counting, expect, expect_calls, expect_places

WAYS = {
    "in tiers": {"DOTNET_TieredCompilation": "1"},
    "in tiers, at once": {"DOTNET_TieredCompilation": "1", "DOTNET_TC_BackgroundWorkerTimeoutMs": "0",
                          "DOTNET_TC_CallCountThreshold": "2", "DOTNET_TC_CallCountingDelayMs": "0"},
    "once": {"DOTNET_TieredCompilation": "0"},
    "without precompiled code": {"DOTNET_ReadyToRun": "0"},
}  # fmt: skip
MODULE = "census.dll"


def main(library, project, folder):
    counting = Counting(library, folder)
    assembly = counting.build(project)
    alone = counting.dotnet.run([counting.dotnet.command, assembly])
    expect(alone.returncode == 0, f"the program fails by itself:\n{alone.stderr}")
    for way, environment in WAYS.items():
        result, report = counting.run(assembly, environment=environment)
        expect(result.stdout == alone.stdout, f"compiled {way}, it says something else:\n{result.stdout}")
        expect(not result.stderr, f"compiled {way}, it has something to say: {result.stderr}")
        expect_calls(result.stdout, report, MODULE)
        expect_places(report)
        left = [method for method in report["methods"] if "left" in method]
        expect(not left, f"left as they are: {left}")
        bodies = sum(module["bodies"] for module in report["modules"])
        print(f"compiled {way}: all counts equal, {bodies} bodies")


if __name__ == "__main__":
    main(*sys.argv[1:])
