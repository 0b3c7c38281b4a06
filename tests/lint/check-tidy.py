#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-tidy.py CHECK SCRATCH BUILD PATTERN: clang-tidy, by CHECK (check.sh), of the files whose paths match.

BUILD's commands go to SCRATCH with one for each file, the first: clang-tidy would look at a file once for each program
that compiles it, src/ for the library and for the explorer, where it takes longest.
"""
import json
import pathlib
import subprocess
import sys


def one_command_for_each_file(build):
    commands = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    return list({command["file"]: command for command in reversed(commands)}.values())


def main(check, scratch, build, pattern):
    folder = pathlib.Path(scratch)
    folder.mkdir(parents=True, exist_ok=True)
    commands = one_command_for_each_file(pathlib.Path(build))
    (folder / "compile_commands.json").write_text(json.dumps(commands), encoding="utf-8")
    return subprocess.run([check, "run-clang-tidy", "-quiet", "-p", folder, pattern], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
