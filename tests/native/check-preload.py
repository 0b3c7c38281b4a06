#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-preload.py PROFILER PROGRAM LIBRARY: what the profiler does at its edges: libraries that come late, programs
that leave early, threads that cannot be stopped, names that are none, reports that cannot be written.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile


def require(holds, what):
    if not holds:
        sys.exit("not so: " + what)


class Bench:
    def __init__(self, profiler, command, folder):
        self.profiler, self.command, self.folder = profiler, command, folder
        self.report = os.path.join(folder, "report.json")

    def run(self, *arguments, **environment):
        """The finished process, and {library: its report}."""
        settings = {"NATIVE_CALLCOUNT_REPORT": self.report, "NATIVE_CALLCOUNT_TOP": "0"} | environment
        process = subprocess.run([*self.command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                 env=dict(os.environ, LD_PRELOAD=self.profiler) | settings)
        try:
            with open(self.report, encoding="utf-8") as file:
                found = json.load(file)["libraries"]
            os.remove(self.report)
        except FileNotFoundError:
            found = []
        return process, {library["name"].split(".")[0]: library for library in found}


def function(library, name):
    return next(function for function in library["functions"] if function["name"] == name)


def check_late(bench, plain):
    for way in ((), ("leave",), ("quick",), ("vfork",)):
        process, libraries = bench.run(*way, NATIVE_CALLCOUNT="liblate:libc")
        require(process.returncode == 0 and process.stdout == plain, f"the program is unharmed {way}")
        require(function(libraries["liblate"], "late_answer")["calls"] == 7, f"seven calls are counted {way}")
        # With libdw the profiler sorts and reads frames: none of that is the program's.
        require(function(libraries["libc"], "qsort")["calls"] == 0, "the profiler's own calls are not counted")
        for kind in ("code", "data"):
            require(libraries["liblate"][kind]["allocations"] > 0, f"the space report has {kind}")


def check_beside(bench, plain):
    """The program's own file says where the loader is to look for a bare name, and what $ORIGIN is."""
    program, library = bench.command
    for name in (os.path.basename(library), "$ORIGIN/" + os.path.basename(library)):
        beside = Bench(bench.profiler, [program, name], bench.folder)
        process, libraries = beside.run(NATIVE_CALLCOUNT="liblate:native-late")
        require(process.returncode == 0 and process.stdout == plain, f"the loader looks where the program says: {name}")
        require(function(libraries["liblate"], "late_answer")["calls"] == 7, f"what it finds there is counted: {name}")


def check_crowd(bench, plain):
    """Each load looks at all images, and has the loader keep what is instrumented, while the other thread loads."""
    with tempfile.TemporaryDirectory() as folder:
        others = [shutil.copy(bench.command[1], os.path.join(folder, name)) for name in ("one.so", "other.so")]
        process, libraries = bench.run("crowd", *others, NATIVE_CALLCOUNT="liblate")
    require(process.returncode == 0 and process.stdout == plain, "two threads load and unload")
    require(function(libraries["liblate"], "late_answer")["calls"] == 7, "what is named is counted among them")


def check_deaf(bench, plain):
    process, libraries = bench.run("deaf", NATIVE_CALLCOUNT="liblate")
    require(process.returncode == 0 and process.stdout == plain, "the program is unharmed where a thread is deaf")
    require("stopped" in function(libraries["liblate"], "late_answer")["left_alone"], "the reason is told")


def check_stuck(bench, plain):
    """The table waits for the standard error stream, which another thread has for good."""
    process, libraries = bench.run("stuck", NATIVE_CALLCOUNT="liblate", NATIVE_CALLCOUNT_TOP="3")
    require(process.returncode == 0 and process.stdout == plain, "the program ends")
    require("report ends here" in process.stderr, "that something is missing is told")
    require("liblate" in libraries, "what came before it is there")


def check_names(bench, plain):
    process, libraries = bench.run(NATIVE_CALLCOUNT="nothing:*nowhere*:")
    require(process.stdout == plain and not libraries and process.stderr == "", "names of nothing are no harm")
    process, libraries = bench.run(NATIVE_CALLCOUNT="*", NATIVE_CALLCOUNT_THREADS="4")
    require(process.stdout == plain, "all of the process at once, by four threads")
    require({"libc", "liblate", "libelf", "native-late"} <= set(libraries), "all is all")
    require("ld-linux-x86-64" not in libraries, "the loader is off limits")
    # A name that is not set at all, rather than an empty one.
    process = subprocess.run(["env", "-u", "NATIVE_CALLCOUNT", f"LD_PRELOAD={bench.profiler}", *bench.command],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    require(process.stdout == plain and "NATIVE_CALLCOUNT names no libraries" in process.stderr, "a hint, and no harm")


def check_reports(bench, plain):
    process, libraries = bench.run(NATIVE_CALLCOUNT="liblate", NATIVE_CALLCOUNT_REPORT="/nowhere/report",
                                   NATIVE_CALLCOUNT_TOP="3")
    require(process.returncode == 0 and process.stdout == plain and not libraries, "a report that cannot be written")
    require("could not be written to /nowhere/report" in process.stderr, "which is told")
    told = "late_answer" in process.stderr and "functions instrumented" in process.stderr
    require(told, "the table comes all the same")


def main(profiler, *command):
    plain = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    with tempfile.TemporaryDirectory() as folder:
        for check in (check_late, check_beside, check_crowd, check_deaf, check_stuck, check_names, check_reports):
            check(Bench(profiler, command, folder), plain)


if __name__ == "__main__":
    main(*sys.argv[1:])
