#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-readme.py README PROGRAM [BUILD LIBDIR CC...]

The README's first 25 lines after its title hold the whole of PROGRAM, the command that builds it and its output.
Does what they say: installs BUILD under a scratch root, gives the program to the command, and compares the output,
where numbers and the libraries' directories may differ. Without BUILD, lintel is installed already.
"""
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

LINES_AFTER_TITLE = 25


def blocks(readme):
    """Yields each fenced block's lines and the number of its last one."""
    lines, start = readme.read_text(encoding="utf-8").splitlines(), None
    for number, line in enumerate(lines):
        if not line.startswith("```"):
            continue
        if start is None:
            start = number + 1
        else:
            yield lines[start:number], number
            start = None


def install(build, root):
    command = [os.environ["MESON"], "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", root]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def environment(root, libdir, scratch, compiler):
    """As on a machine with lintel installed, where the compiler is called cc."""
    cc = scratch / "cc"
    words = [shutil.which(word) or word for word in compiler]  # not by name: that might be cc again, for ccache too
    cc.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n', encoding="utf-8")
    cc.chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{scratch}:{os.environ['PATH']}",
        "PKG_CONFIG_PATH": f"{root}{libdir}/pkgconfig",
        "PKG_CONFIG_SYSROOT_DIR": str(root),
        "PKG_CONFIG_ALLOW_SYSTEM_CFLAGS": "1",
        "PKG_CONFIG_ALLOW_SYSTEM_LIBS": "1",
        "LD_LIBRARY_PATH": f"{root}{libdir}",
    }


def pattern_of(output):
    """What the README shows, with any number for each number and any directory for each library's."""
    numbers = re.sub(r"0x[0-9a-f]+", "0x[0-9a-f]+", re.escape(output))
    return re.sub(r"/\S*/(?=lib)", r"/\\S*/", numbers)


def run(command, program, text, build):
    """What the command prints that the README shows."""
    with tempfile.TemporaryDirectory() as directory:
        root, scratch = pathlib.Path(directory, "root"), pathlib.Path(directory, "work")
        scratch.mkdir()
        variables = os.environ
        if build:
            install(build[0], root)
            variables = environment(root, build[1], scratch, build[2:])
        (scratch / pathlib.Path(program).name).write_text(text, encoding="utf-8")
        return subprocess.run(
            command, shell=True, check=True, cwd=scratch, env=variables, stdout=subprocess.PIPE, text=True
        ).stdout


def main(readme, program, *build):
    (shown, _), (session, end) = list(blocks(pathlib.Path(readme)))[:2]
    text = pathlib.Path(program).read_text(encoding="utf-8")
    if "\n".join(shown) + "\n" != text:
        sys.exit(f"{readme} does not show {program} as it is")
    if end > LINES_AFTER_TITLE + 1:
        sys.exit(f"the output ends {end - 1} lines after the title of {readme}, not within {LINES_AFTER_TITLE}")
    if not session[0].startswith("$ "):
        sys.exit(f"{readme} shows no command after the program")

    output = run(session[0][2:], program, text, build)
    expected = "\n".join(session[1:]) + "\n"
    if not re.fullmatch(pattern_of(expected), output):
        sys.exit(f"{readme} shows the output\n{expected}but it is\n{output}")
    print(output, end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
