#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The static tracepoints: test_probes.py notes LIBRARY DOCUMENT, or test_probes.py bpftrace LIBRARY PROGRAM.

notes      the library has those of the document's table, with as many arguments, and none of them on the fast path
bpftrace   a program is traced by them, and they tell what happens in it
"""
import pathlib
import re
import shutil
import subprocess
import sys

SKIPPED = 77
FAST = ("lintel_alloc", "lintel_alloc_aligned", "lintel_find", "lintel_offset")


def expect(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def notes_of(library):
    """(name, address, arguments) of each probe."""
    note = re.compile(r"Provider: lintel\s+Name: (\w+)\s+Location: (0x\w+),.*\s+Arguments: (.*)")
    return [(name, int(address, 16), text.split()) for name, address, text in note.findall(
        output("readelf", "--notes", "--wide", library))]


def functions_of(library):
    """Where the functions of the fast path begin and end."""
    symbol = re.compile(r"^\s*\d+: (\w+)\s+(\d+) FUNC .* (\w+)(?:@.*)?$", re.MULTILINE)
    for address, size, name in symbol.findall(output("readelf", "--dyn-syms", "--wide", library)):
        if name in FAST:
            yield name, int(address, 16), int(address, 16) + int(size)


def test_notes(library, document):
    probes = notes_of(library)
    text = pathlib.Path(document).read_text(encoding="utf-8")
    table = dict(re.findall(r"^\| `(\w+)` \| ((?:`\w+`(?:, )?)+) \|", text, re.MULTILINE))
    expect(table and {name for name, _, _ in probes} == set(table), f"the table has the library's probes: {probes}")
    for name, _, arguments in probes:
        expect(len(arguments) == table[name].count("`") // 2, f"{name} has the arguments of the table: {arguments}")
    for name, start, end in functions_of(library):
        expect(not any(start <= address < end for _, address, _ in probes), f"no probe in {name}")


# Each kind is told once; the end comes with the last kind. Names and figures are those of the program.
SCRIPT = """
usdt:LIBRARY:lintel:module_open /@["module_open"] == 0/
    { @["module_open"] = 1; printf("module_open %s %d\\n", str(arg0), arg1); @seen++; }
usdt:LIBRARY:lintel:region_reserve /@["region_reserve"] == 0/
    { @["region_reserve"] = 1; printf("region_reserve %s %d\\n", str(arg0), arg3); @seen++; }
usdt:LIBRARY:lintel:region_grow /@["region_grow"] == 0/
    { @["region_grow"] = 1; printf("region_grow %s %d\\n", str(arg0), arg2 > arg1); @seen++; }
usdt:LIBRARY:lintel:region_commit /@["region_commit"] == 0/
    { @["region_commit"] = 1; printf("region_commit %d %d\\n", arg2 >= arg1, arg3 > 0); @seen++; }
usdt:LIBRARY:lintel:allocation_failure /@["allocation_failure"] == 0/
    { @["allocation_failure"] = 1; printf("allocation_failure %s %lu %d\\n", str(arg0), arg2, arg3); @seen++; }
usdt:LIBRARY:lintel:module_close /@["module_close"] == 0/
    { @["module_close"] = 1; printf("module_close %s %d\\n", str(arg0), arg1); @seen++; }
usdt:LIBRARY:lintel:module_end /@["module_end"] == 0/
    { @["module_end"] = 1; printf("module_end %s %d\\n", str(arg0), arg1); @seen++; }
usdt:LIBRARY:lintel:region_release /@["region_release"] == 0/
    { @["region_release"] = 1; printf("region_release %d\\n", arg2 > 0); @seen++; }
usdt:LIBRARY:lintel:region_release /@seen >= 8/ { exit(); }
"""
TOLD = {"module_open traced 4711", "region_reserve traced 65536", "region_grow traced 1", "region_commit 1 1",
        "allocation_failure traced 35184372088832 28", "module_close traced 4711", "module_end traced 4711",
        "region_release 1"}


def traces_at_all(library):
    """Why nothing can be traced here; None if something can."""
    if not shutil.which("bpftrace"):
        return "there is no bpftrace"
    script = f"uprobe:{library}:lintel_version {{ }} BEGIN {{ exit(); }}"
    outcome = subprocess.run(["bpftrace", "-e", script], capture_output=True, text=True, check=False)
    said = (outcome.stdout + outcome.stderr).strip().splitlines()
    return f"the kernel allows no probes: {said[-1] if said else ''}" if outcome.returncode else None


def test_bpftrace(library, program):
    library = str(pathlib.Path(library).resolve())
    reason = traces_at_all(library)
    if reason:
        print("skipped:", reason)
        return SKIPPED
    with subprocess.Popen([program], stdin=subprocess.PIPE) as subject:
        tracer = subprocess.run(["bpftrace", "-e", SCRIPT.replace("LIBRARY", library)], capture_output=True, text=True,
                                check=False, timeout=100)
        subject.stdin.close()
    told = {line for line in tracer.stdout.splitlines() if line.split(" ")[0] in {told.split(" ")[0] for told in TOLD}}
    expect(told == TOLD, f"every probe tells what is so: {told ^ TOLD}\n{tracer.stderr}")
    expect(subject.returncode == 0, "the program goes on as ever")
    return 0


if __name__ == "__main__":
    sys.exit({"notes": test_notes, "bpftrace": test_bpftrace}[sys.argv[1]](*sys.argv[2:]))
