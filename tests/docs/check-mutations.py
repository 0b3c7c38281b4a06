#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-mutations.py ROOT DOCUMENT BUILD: the document's table has the rows that ci/mutate --table prints, no more
and no fewer, the tests that they name are tests of the build, and each patch of tests/mutations applies to the source.
"""
import json
import pathlib
import re
import subprocess
import sys


def applies(root, patch):
    command = ["patch", "--dry-run", "--batch", "--forward", "-p1", "-i", patch]
    return subprocess.run(command, cwd=root, capture_output=True, check=False).returncode == 0


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
    patches = sorted(pathlib.Path(root, "tests/mutations").glob("*.patch"))
    findings += [f"does not apply: {patch.name}" for patch in patches if not applies(root, patch)]
    print("\n".join(f"{pathlib.Path(document).name}: {finding}" for finding in findings))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
