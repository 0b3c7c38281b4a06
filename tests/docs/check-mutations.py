#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-mutations.py ROOT DOCUMENT BUILD: the document's table has the rows that ci/mutate --table prints, no more
and no fewer, and the tests that they name are tests of the build.
"""
import json
import pathlib
import re
import subprocess
import sys


def main(root, document, build):
    printed = subprocess.run([pathlib.Path(root, "ci/mutate"), "--table"], capture_output=True, text=True, check=True)
    text = pathlib.Path(document).read_text(encoding="utf-8").splitlines()
    rows = set(printed.stdout.splitlines())
    shown = {line for line in text if re.match(r"\|.*\| `[a-z-]+`: .*\|$", line)}
    tests = {test["name"] for test in json.loads(pathlib.Path(build, "meson-info/intro-tests.json").read_text())}
    findings = [f"missing: {row}" for row in sorted(rows - shown)]
    findings += [f"too many: {row}" for row in sorted(shown - rows)]
    for row in sorted(rows):
        named = re.findall(r"`([^`]+)`", row.rstrip("|").split("|")[-1])
        findings += [f"no test '{name}': {row}" for name in named if name not in tests]
    print("\n".join(f"{pathlib.Path(document).name}: {finding}" for finding in findings))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
