#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-perf.py PROGRAM: the real perf shows bodies by their names: by the map it finds by itself, and by the dump,
with their code, and the callers of a body that says how to unwind it. So it does in the child of a fork, of what the
child inherited and of its own.
"""
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

from tools import Findings, need, run, skip

CODE_CLOSE = 3  # the kind of a dump's last record
ROUNDS = "600000000"
SPINNING = "named spinning (body)"
# The body's code, by what perf's own file of it must hold.
CODE = [bytes.fromhex("48ffcf75fbc3"), bytes.fromhex("000400f1e1ffff54c0035fd6")]


def record(work, program, how, options, *arguments):
    """The file that perf wrote, and the process that ran the bodies."""
    data = work / "perf.data"
    said = run("perf", "record", "-q", "-e", "cpu-clock", *how, "-o", data, program, *arguments,
               LINTEL_OPTIONS=options, JITDUMPDIR=str(work))
    numbers = re.findall(r"^\d+$", said, re.MULTILINE)
    if not numbers:
        sys.exit(f"the program said nothing:\n{said}")
    return data, int(numbers[-1])


def report(data, *how):
    return run("perf", "report", "-i", data, "--stdio", "--no-children", *how)


def share(name, text):
    """The percentage that perf gives the symbol."""
    found = re.search(rf"^\s*(\d+\.\d+)%.*\] {re.escape(name)}\s*$", text, re.MULTILINE)
    return float(found.group(1)) if found else 0.0


def remove_maps(*processes):
    for process in processes:
        pathlib.Path(f"/tmp/perf-{process}.map").unlink(missing_ok=True)


def check_map(findings, work, program):
    data, process = record(work, program, [], "perf=map", "profiled", ROUNDS)
    text = report(data, "-g", "none")
    remove_maps(process)
    findings.expect(share(SPINNING, text) > 50, "the map names the body that took the time", text)


def inject(work, data):
    run("perf", "inject", "--jit", "-i", data, "-o", work / "jit.data")
    return work / "jit.data"


def check_dump(findings, work, program):
    how = ["-k", "mono", "--call-graph", "dwarf,1024"]
    data, process = record(work, program, how, "perf=jitdump", "profiled", ROUNDS)
    injected = inject(work, data)
    text = report(injected)
    findings.expect(share(SPINNING, text) > 50, "the dump names the body that took the time", text)
    findings.expect(re.search(rf"---{re.escape(SPINNING)}\s+caller_of_bodies\s+profiled\s+main", text),
                    "perf unwinds through the body", text)
    files = list(work.glob(f".debug/jit/lintel-*/jitted-{process}-*.so"))
    findings.expect(len(files) == 1 and any(code in files[0].read_bytes() for code in CODE),
                    "perf has the body's code", files)
    dump = next(work.glob(f".debug/jit/lintel-*/jit-{process}.dump")).read_bytes()
    findings.expect(struct.unpack("=II", dump[-16:-8]) == (CODE_CLOSE, 16), "the dump is closed at the end", dump[-16:])
    text = run("perf", "annotate", "-i", injected, "--stdio", "-s", SPINNING)
    findings.expect(re.search(r"\bret\b", text), "perf disassembles the body", text)


def check_fork(findings, work, program):
    for options, how in {"perf=map": [], "perf=jitdump": ["-k", "mono"]}.items():
        data, child = record(work, program, how, options, "forked", ROUNDS)
        if how:
            data = inject(work, data)
        text = report(data, "--pid", str(child))
        parents = re.findall(r"\d+", run("perf", "report", "-i", data, "--stdio", "-s", "pid", "-F", "pid"))
        remove_maps(child, *parents)
        for name in "named_inherited", "named_own":
            findings.expect(share(name, text) > 20, f"with {options} the child has {name}", text)


def main(program):
    need("perf", "linux-perf")
    findings = Findings()
    with tempfile.TemporaryDirectory(prefix="lintel-perf-") as folder:
        work = pathlib.Path(folder)
        tried = subprocess.run(["perf", "record", "-q", "-e", "cpu-clock", "-o", work / "trial", "true"],
                               capture_output=True, text=True, check=False)
        if tried.returncode:
            skip(f"perf cannot record here: {(tried.stderr or tried.stdout).strip()}")
        for check in check_map, check_dump, check_fork:
            check(findings, work, program)
    findings.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
