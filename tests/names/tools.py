# SPDX-License-Identifier: MIT
"""What the checks by perf and by gdb have in common."""
import os
import shutil
import subprocess
import sys

SKIP = 77


def skip(reason):
    print(reason)
    sys.exit(SKIP)


def need(tool, package):
    if not shutil.which(tool):
        skip(f"no {tool} here ({package})")


def attempt(*command, **environment):
    """A command that was run, with what it said, standard error included."""
    return subprocess.run(command, env={**os.environ, **environment}, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", timeout=300, check=False)


def run(*command, **environment):
    """What a command said; it must succeed."""
    outcome = attempt(*command, **environment)
    if outcome.returncode:
        sys.exit(f"{' '.join(map(str, command))}: status {outcome.returncode}\n{outcome.stdout}")
    return outcome.stdout


class Findings:
    """What was expected of a text, and was not so."""

    def __init__(self):
        self.count = 0

    def expect(self, holds, what, text):
        if not holds:
            self.count += 1
            print(f"not so: {what}; but:\n{text}\n")

    def end(self):
        sys.exit(1 if self.count else 0)
