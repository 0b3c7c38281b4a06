#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-jit.py PROGRAM: with memory above the library, all programs link and give what they should; anywhere else in a
process with a large heap, the calls do not reach.
"""
import re
import subprocess
import sys

RESULT = re.compile(r"(\d+) programs by 8 threads: (\d+) linked, (\d+) not; (\d+) gave wrong results\n"
                    r"(\d+) calls by rel32")


def result(*command):
    process = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    return process.returncode, process.stdout, [int(number) for number in RESULT.search(process.stdout).groups()]


def main(program):
    status, output, (programs, linked, _, wrong, calls) = result(program, "lintel")
    if status != 0 or not programs == linked > 0 or wrong or not calls >= linked:
        sys.exit("above the library:\n" + output)
    status, output, (programs, linked, failed, _, _) = result(program, "anywhere")
    if status == 0 or linked or programs != failed or "and a call reaches 2 GiB" not in output:
        sys.exit("anywhere:\n" + output)


if __name__ == "__main__":
    main(*sys.argv[1:])
