#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-live.py PROFILER PROGRAM RUNS: libraries are instrumented while threads run in them, by several threads at
once, and nothing goes wrong, run after run; what is called afterwards is counted, and a child counts its own.
"""
import json
import os
import subprocess
import sys
import tempfile

LIBRARIES = {"libz", "libdw", "libc"}


def libraries_in(folder, process):
    with open(os.path.join(folder, f"{process}.json"), encoding="utf-8") as file:
        return {library["name"].split(".")[0]: library for library in json.load(file)["libraries"]}


def calls_of(library, name):
    return sum(function.get("calls", 0) for function in library["functions"] if function["name"] == name)


def findings(profiler, program):
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, LD_PRELOAD=profiler, NATIVE_CALLCOUNT="nothing", NATIVE_CALLCOUNT_TOP="0",
                           NATIVE_CALLCOUNT_REPORT=os.path.join(folder, "%p.json"))
        process = subprocess.Popen([program], env=environment, stdout=subprocess.PIPE, text=True)
        output = process.communicate()[0]
        if process.returncode != 0:
            yield f"the program ended with {process.returncode}"
            return
        least, most, child, of_child = map(int, output.split())
        libraries = libraries_in(folder, process.pid)
        if set(libraries) != LIBRARIES:
            yield f"instrumented: {sorted(libraries)}"
        for name, library in libraries.items():
            left = [function for function in library["functions"] if "left_alone" in function]
            if any("stopped" in function["left_alone"] for function in left):
                yield f"{name}: a thread could not be stopped"
        counted = calls_of(libraries["libz"], "zlibVersion")
        if not least <= counted <= most:
            yield f"zlibVersion: {counted} calls, but there were {least} to {most}"
        counted = calls_of(libraries_in(folder, child)["libz"], "zlibVersion")
        if counted != of_child:
            yield f"zlibVersion in the child: {counted} calls, but there were {of_child}"


def main(profiler, program, runs):
    for run in range(int(runs)):
        broken = list(findings(profiler, program))
        if broken:
            print(f"run {run}:", *broken, sep="\n  ")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
