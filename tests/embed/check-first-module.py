#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-first-module.py EXAMPLE LIBRARY: the example in Python calls what it wrote, and its books say so."""
import re
import subprocess
import sys

PRINTED = re.compile(r"a function at offset 0x[0-9a-f]+ above libc: 40 \+ 2 = 42\nmodule .*\nlibc .*\ntotal .*\n$")

example, library = sys.argv[1:]
result = subprocess.run([sys.executable, example, library], stdout=subprocess.PIPE, text=True, check=False)
if result.returncode or not PRINTED.match(result.stdout):
    sys.exit(f"status {result.returncode}; it printed:\n{result.stdout}")
# What cannot be had is an exception that says why.
result = subprocess.run(
    ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", sys.executable, "-B", example, library],
    stderr=subprocess.PIPE,
    text=True,
    check=False,
)
if "OSError: [Errno 27]" not in result.stderr:
    sys.exit(f"with a limit on files it said:\n{result.stderr}")
