# SPDX-License-Identifier: MIT
"""callgrind: runs a program under valgrind's callgrind and tells how often each function was called."""
import collections
import os
import re
import subprocess

CALLS = re.compile(r"calls=(\d+) (0x[0-9a-f]+)")


def calls_of(path):
    """{library's file name: {offset: calls}} of what callgrind wrote, with --dump-instr=yes and nothing compressed."""
    calls = collections.defaultdict(collections.Counter)
    here = there = None
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("ob="):
                here = there = os.path.basename(line[3:].strip())
            elif line.startswith("cob="):
                there = os.path.basename(line[4:].strip())
            elif line.startswith("calls="):
                count, offset = CALLS.match(line).groups()
                calls[there][int(offset, 16)] += int(count)
                there = here
    return calls


def run(command, out, debug_files, **options):
    """What `command` writes, run under callgrind, which writes to `out`, knows the symbols in the folder `debug_files`,
    and expects code to change."""
    return subprocess.run(
        ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}", "--dump-instr=yes", "--compress-pos=no",
         "--compress-strings=no", "--separate-recs=1", "--smc-check=all", f"--extra-debuginfo-path={debug_files}",
         "--allow-mismatched-debuginfo=yes", *command],
        check=True, stdout=subprocess.PIPE, **options).stdout
