#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""test_unload.py FOLDER CYCLES CALLCOUNT SHIM COPIER: a program that loads and unloads a plugin again and again takes
no more memory and address space under a profiler on lintel than it takes without one; on the runtime's own allocator,
whose bodies nobody frees, it does.
"""
import sys

import methods
from dotnet import Dotnet, expect
from profilers import COPIER, CallCount, profiled

METHODS, STATEMENTS = 64, 300  # about 200 KB of bodies
WARM = 40  # more than the ranges that lintel keeps from being used again at once
PLUGIN_KIB = METHODS * STATEMENTS * 10 // 1024
# Shares of what the bodies take. The collector's heap breathes by about 3 MiB, and a leak fills what malloc had free.
RETURNED = 1 / 4
LEAKED = 1 / 2


class Unloading:
    def __init__(self, folder, cycles):
        self.dotnet, self.cycles = Dotnet(folder), cycles
        source = methods.write(self.dotnet.folder / "Unloaded.cs", METHODS, STATEMENTS)
        self.program, self.plugin = self.dotnet.program("unload"), self.dotnet.program("plugin", Methods=source)

    def grown(self, name, environment):
        """By how many KiB the cycles after the first ones make address space and resident memory grow."""
        command = [self.dotnet.command, self.program, self.plugin, WARM, self.cycles]
        result = self.dotnet.run(command, environment)
        expect(result.returncode == 0, f"{name}: the program ended with {result.returncode}: {result.stderr}")
        lines = dict(line.split(" ", 1) for line in result.stdout.splitlines())
        warm, end = ([int(word) for word in lines[part].split()[1::2]] for part in ("warm", "end"))
        space, resident = (after - before for before, after in zip(warm, end))
        print(f"{name}: address space {space:+} KiB, resident {resident:+} KiB")
        return space, resident, lines["value"]


def main(folder, cycles, callcount, shim, copier):
    unloading = Unloading(folder, int(cycles))
    folder = unloading.dotnet.folder / "unload"
    profiler = CallCount(callcount, folder)
    report = {"COPIER_REPORT": folder / "copier.txt"}
    plain = unloading.grown("no profiler", {})
    leaking = unloading.grown("the runtime's allocator", profiler.environment(CALLCOUNT_ALLOCATOR="runtime"))
    bodies = PLUGIN_KIB * int(cycles)
    expect(leaking[1] - plain[1] > bodies * LEAKED, "the runtime's allocator does not leak: this shows nothing")
    for name, environment in (
        ("lintel", profiler.environment()),
        ("lintel by the shim", profiled(shim, COPIER, LINTEL_SHIM_PROFILER=copier, **report)),
    ):
        space, resident, value = unloading.grown(name, environment)
        expect(value == plain[2], f"{name}: the program came to {value}, not {plain[2]}")
        expect(resident - plain[1] < bodies * RETURNED, f"{name}: memory does not come back")
        expect(space - plain[0] < bodies * RETURNED, f"{name}: address space does not come back")


main(*sys.argv[1:])
