#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""test_promtool.py PROGRAM: what lintel prints as OpenMetrics is what Prometheus reads.

Prometheus' own parser of OpenMetrics takes it into its database, from which every sample comes back (a time is put
behind each, which the database wants and a scrape brings along). `promtool check metrics`, which reads the older text
format, has nothing to say.
"""
import collections
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
TIME = 1700000000
FAMILIES = {"lintel_modules", "lintel_regions", "lintel_reserved_bytes", "lintel_committed_bytes",
            "lintel_allocated_bytes", "lintel_allocations", "lintel_spare_bytes", "lintel_lost_bytes",
            "lintel_failures"}


def run(*command, text=None):
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def expect(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")


def check_lint(text):
    outcome = run("promtool", "check", "metrics", text=text)
    said = outcome.stdout + outcome.stderr
    expect(outcome.returncode == 0 and not said, f"promtool check metrics: {outcome.returncode}: {said}")


def check_database(text):
    timed = re.sub(r"^([^#\n].*)$", rf"\1 {TIME}", text, flags=re.MULTILINE)
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "metrics")
        source.write_text(timed, encoding="utf-8")
        pathlib.Path(folder, "data/wal").mkdir(parents=True)
        outcome = run("promtool", "tsdb", "create-blocks-from", "openmetrics", str(source), folder + "/data")
        expect(outcome.returncode == 0, f"Prometheus reads it: {outcome.stdout}{outcome.stderr}")
        dumped = run("promtool", "tsdb", "dump", folder + "/data")
        expect(dumped.returncode == 0, dumped.stderr)
    back = collections.Counter(re.findall(r'^\{__name__="(\w+)".*\} (\S+) \d+$', dumped.stdout, re.MULTILINE))
    sent = collections.Counter(re.findall(r"^(\w+)(?:\{.*\})? (\S+)$", text, re.MULTILINE))
    expect(back == sent, f"every sample comes back: {back - sent} {sent - back}")
    expect({name for name, _ in sent} == FAMILIES, "every figure is among them")


def main(program):
    if not shutil.which("promtool"):
        print("skipped: there is no promtool (package prometheus)")
        return SKIPPED
    text = run(program, "openmetrics").stdout
    check_lint(text)
    expect(run("promtool", "check", "metrics", text=text.replace("# TYPE", "# TIPE x", 1).replace("} ", "} x", 1))
           .returncode == 1, "promtool notices what is wrong")
    check_database(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
