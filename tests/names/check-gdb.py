#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-gdb.py PROGRAM LIBRARY: the real gdb knows bodies by their names: stops in them, goes from inside them to their
callers, and forgets them with the module; also of a library that was stripped.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from tools import Findings, attempt, need, run, skip

SETTINGS = ["set breakpoint pending on", "set debuginfod enabled off", "set confirm off", "set pagination off"]
CALLERS = r"caller_of_bodies .*\n#2 .*debugged .*\n#3 .*main "


def debug(program, options, *commands, **environment):
    arguments = [word for command in [*SETTINGS, *commands] for word in ("-ex", command)]
    return attempt("gdb", "-q", "-nx", "-batch", *arguments, program, LINTEL_OPTIONS=options, **environment).stdout


def check_stop(findings, program):
    """In pages of their own bodies can be written by gdb; else its breakpoints have to be the processor's."""
    for options, command in ("gdb=1,code=flip", "break"), ("gdb=1", "hbreak"):
        text = debug(program, options, f"{command} named_leaf", "run debugged", "backtrace")
        if re.search("(Could not|Cannot) insert hardware", text):
            print(f"the processor's breakpoints are not to be had here: {command} was not tried")
            continue
        findings.expect(re.search(rf"#0 .* in named_leaf \(\)\n#1 .*{CALLERS}", text),
                        f"with {options}, {command} stops in a frameless body, and its callers are known", text)


def check_unwind(findings, program, options, **environment):
    text = debug(program, options, "break called_back", "run debugged", "backtrace", "continue", "backtrace",
                 "info functions ^named_", **environment)
    for process in re.findall(r"^\d+$", text, re.MULTILINE):
        pathlib.Path(f"/tmp/perf-{process}.map").unlink(missing_ok=True)
    findings.expect(re.search(r"#0 .*\bcalled_back .*\n#1 .* in named_framed \(\)\n#2 .*debugged .*\n#3 .*main ", text),
                    f"with {options} the callers of a body with a frame are known ({environment})", text)
    listed = text.split('matching regular expression "^named_"')[-1]
    findings.expect("named_leaf" not in listed and "named_framed" not in listed,
                    "gdb forgets bodies with their module", text)


def check_off(findings, program):
    text = debug(program, "", "break called_back", "run debugged", "backtrace")
    findings.expect("named_framed" not in text, "gdb is not told where that is not asked for", text)


def check_attach(findings, program):
    with subprocess.Popen([program, "attached"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "LINTEL_OPTIONS": "gdb=1"}) as process:
        number = process.stdout.readline().strip()
        text = debug(program, "", f"attach {number}", "info functions ^named_", "detach")
        process.stdin.close()
    if "ptrace:" in text:
        print(f"gdb cannot attach here, which was not tried: {text}")
        return
    findings.expect("named_before" in text, "gdb knows what was named before it came", text)


def main(program, library):
    need("gdb", "gdb")
    findings = Findings()
    trial = debug(program, "", "run attached </dev/null")
    if "exited normally" not in trial:
        skip(f"gdb cannot run a program here: {trial}")
    check_stop(findings, program)
    check_unwind(findings, program, "gdb=1")
    check_unwind(findings, program, "gdb=1,perf=map")
    check_off(findings, program)
    check_attach(findings, program)
    with tempfile.TemporaryDirectory(prefix="lintel-gdb-") as folder:
        stripped = pathlib.Path(folder, "liblintel.so")
        shutil.copy(library, stripped)
        run("strip", stripped)
        check_unwind(findings, program, "gdb=1", LD_PRELOAD=str(stripped))
    findings.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
