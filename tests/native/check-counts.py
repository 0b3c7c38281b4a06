#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-counts.py PROFILER LIBRARIES INPUT COMMAND...: the profiler's counts are those of callgrind, for every function
of LIBRARIES in a run of COMMAND; the program's output is what it is without either.

What python does depends on addresses, and no two runs are quite the same. A function whose counts disagree is named,
and then both count in one and the same run, the profiler under callgrind: there they have to agree.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

import callgrind
import symbol_file

SKIP = 77
LEAST_SHARE = 0.95
# valgrind sets the second four for the program, which may read its environment: it finds as many without valgrind.
ENVIRONMENT = {"PATH": os.defpath, "PYTHONHASHSEED": "0", "GLIBCPP_FORCE_NEW": "1", "GLIBCXX_FORCE_NEW": "1",
               "LD_LIBRARY_PATH": "/usr/lib/debug", "PWD": "/", "NATIVE_CALLCOUNT_TOP": "0"}


def profiling(profiler, libraries, report):
    return ENVIRONMENT | {"LD_PRELOAD": profiler, "NATIVE_CALLCOUNT": libraries, "NATIVE_CALLCOUNT_REPORT": report}


def functions_in(report):
    """{library's file: {offset: function}}"""
    with open(report, encoding="utf-8") as file:
        found = json.load(file)["libraries"]
    return {os.path.realpath(library["path"]): {function["offset"]: function for function in library["functions"]}
            for library in found}


def name_of(offset, function):
    return function["name"] or f"+{offset:#x}"


def differing(functions, calls):
    """Offsets of functions that were counted otherwise than `calls` says."""
    return [offset for offset, function in functions.items() if function.get("calls", calls[offset]) != calls[offset]]


def tell(library, functions, calls, differing_ones):
    whole = [function for function in functions.values() if not function.get("part")]
    counted = [function for function in whole if "calls" in function]
    agree = sum(function["calls"] > 0 for function in counted if function["offset"] not in differing_ones)
    print(f"{os.path.basename(library)}: {len(counted)} of {len(whole)} functions instrumented; {agree} were called, "
          "as often as callgrind says")
    for function in whole:
        if "left_alone" in function and calls[function["offset"]]:
            print(f"  {name_of(function['offset'], function)}: left alone, {calls[function['offset']]} calls by "
                  f"callgrind: {function['left_alone']}")
    return [] if len(counted) >= LEAST_SHARE * len(whole) else [f"{library}: too few functions instrumented"]


def judge_differing(differing_ones, functions, calls, both):
    """What is broken among the functions that were counted otherwise than by callgrind. `both`: in one run."""
    profiled, counted = both
    for offset in differing_ones:
        text = (f"{name_of(offset, functions[offset])}: {functions[offset]['calls']} calls, callgrind counts "
                f"{calls[offset]} in its run")
        if profiled[offset]["calls"] == counted[offset]:
            print(f"  {text}; both count {counted[offset]} in a run of both")
        else:
            yield f"{text}; in a run of both {profiled[offset]['calls']} and {counted[offset]}"


def write_symbols(libraries, folder):
    for path, functions in libraries.items():
        named = [(offset, function["size"], name_of(offset, function)) for offset, function in functions.items()
                 if not function.get("part")]
        symbol_file.write(path, named, folder)


def check(profiler, libraries, given, command, folder):
    report, out = os.path.join(folder, "report.json"), os.path.join(folder, "callgrind.out")
    plain = subprocess.run(command, input=given, env=ENVIRONMENT, check=True, stdout=subprocess.PIPE).stdout
    environment = profiling(profiler, libraries, report)
    outputs = [subprocess.run(command, input=given, env=environment, check=True, stdout=subprocess.PIPE).stdout]
    found = functions_in(report)
    write_symbols(found, folder)
    without = environment | {"LD_PRELOAD": ""}
    outputs += [callgrind.run(command, out, folder, env=without, input=given)]
    calls = callgrind.calls_of(out)
    broken, both = [] if found else [f"{libraries}: the program has none of them"], None
    for library, functions in found.items():
        of_library = calls[os.path.basename(library)]
        differing_ones = differing(functions, of_library)
        broken += tell(library, functions, of_library, differing_ones)
        if differing_ones and both is None:
            outputs += [callgrind.run(command, out, folder, env=environment, input=given)]
            both = functions_in(report), callgrind.calls_of(out)
        if differing_ones:
            in_one_run = both[0][library], both[1][os.path.basename(library)]
            broken += judge_differing(differing_ones, functions, of_library, in_one_run)
    return broken + [f"the program's output is another: {output!r}" for output in outputs if output != plain]


def main(profiler, libraries, given, *command):
    for tool in ("valgrind", "objcopy", command[0]):
        if shutil.which(tool) is None:
            print(f"skipped: {tool} is not installed")
            return SKIP
    given = b"" if given == "-" else open(given, "rb").read()
    with tempfile.TemporaryDirectory() as folder:
        broken = check(profiler, libraries, given, command, folder)
    for one in broken:
        print("broken:", one)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
