#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-statistics.py PROGRAM: the example prints the same books as a table, as JSON and as OpenMetrics."""
import json
import os
import re
import shlex
import subprocess
import sys

BODIES, BYTES = 100, 5050  # what the example allocates above each image


EMULATOR = shlex.split(os.environ.get("MESON_EXE_WRAPPER", ""))  # of a cross build


def output(*command):
    return subprocess.run([*EMULATOR, *command], check=True, stdout=subprocess.PIPE, text=True).stdout


def require(holds, what):
    if not holds:
        sys.exit("not so: " + what)


def check_json(text):
    books = json.loads(text)
    modules = books["module_list"]
    require(len(modules) == books["modules"] >= 3, "the program, the C library and the dynamic linker are modules")
    for module in modules:
        require(module["allocations"] == BODIES and module["allocated"] == BYTES, f"all bodies of {module['name']}")
        taken = sum(region["used"] for region in module["region_list"])
        require(
            module["allocated"] + module["spare"] + module["lost"] == taken,
            f"allocated + spare + lost of {module['name']} is what its regions handed out",
        )
    for figure in ("regions", "reserved", "committed", "allocated", "allocations", "spare", "lost", "failures"):
        require(books[figure] == sum(module[figure] for module in modules), f"{figure} is the sum over the modules")
    return len(modules)


def check_text(text, modules):
    lines = text.splitlines()
    require(lines[0].split()[:4] == ["module", "base", "regions", "reserved"], "the table has a heading")
    require(len(lines) == modules + 2, "the table has a line per module and the total")
    require(f" {modules} modules" in lines[-1] and f" {modules * BYTES} " in lines[-1], "the last line sums up")


def check_openmetrics(text, modules):
    sample = re.compile(r'(lintel_\w+)(\{module="[^"]*",base="0x\w+",key="0x\w+",serial="\d+"\})? \d+')
    names = []
    for line in text.splitlines():
        if not line.startswith("#"):
            require(sample.fullmatch(line), "this line is a sample: " + line)
            names.append(sample.fullmatch(line).group(1))
    for family in ("lintel_allocated_bytes", "lintel_allocations"):
        require(names.count(family) == modules, f"every module has a sample of {family}")
    require(text.endswith("\n# EOF\n"), "the exposition ends in # EOF")


def main(program):
    modules = check_json(output(program, "json"))
    check_text(output(program), modules)
    check_openmetrics(output(program, "openmetrics"), modules)


if __name__ == "__main__":
    main(*sys.argv[1:])
