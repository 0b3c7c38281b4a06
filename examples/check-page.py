#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-page.py PAGE ROOT [BUILD LIBDIR CC...]

Does what PAGE tells its reader to: puts each program that it shows (a block ```c FILE, FILE from the project's root) in
a folder, with BUILD installed under a scratch root, gives the commands of each session that compiles or runs something
there to a shell, and compares what they print. Numbers in hexadecimal and the libraries' directories may differ.
Without BUILD, lintel is installed already.
"""
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
HERE = re.compile(r"(?:\w+=\S* )*(?:cc|\./\S+) ")  # a command that needs nothing but the programs and lintel


def install(build, root):
    command = [os.environ["MESON"], "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", root]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def environment(root, libdir, scratch, compiler):
    """As on a machine with lintel installed, where the compiler is called cc."""
    cc = scratch / "cc"
    words = [shutil.which(word) or word for word in compiler]  # not by name: that might be cc again
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
    """What the page shows, with any number for each number and any directory for each library's."""
    numbers = re.sub(r"0x[0-9a-f]+", "0x[0-9a-f]+", re.escape(output))
    return re.sub(r"/\S*/(?=lib)", r"/\\S*/", numbers)


def commands_of(session):
    """Each command of a session, and what it prints."""
    for part in re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def run(command, expected, scratch, variables):
    print(f"$ {command}")
    where = {"cwd": scratch, "env": variables}
    output = subprocess.run(command, shell=True, check=True, stdout=subprocess.PIPE, text=True, **where).stdout
    print(output, end="")
    if not re.fullmatch(pattern_of(expected), output):
        sys.exit(f"the page shows\n{expected}")


def follow(blocks, root, scratch, variables):
    """Whatever the page tells to do. Returns how many commands that were."""
    count = 0
    for opening, content in blocks:
        language, _, name = opening.partition(" ")
        if language == "c" and (root / name).is_file():
            (scratch / pathlib.Path(name).name).write_text(content, encoding="utf-8")
        for command, expected in commands_of(content) if language == "console" else ():
            if HERE.match(command + " "):
                run(command, expected, scratch, variables)
                count += 1
    return count


def main(page, root, *build):
    blocks = BLOCK.findall(pathlib.Path(page).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as directory:
        installed, scratch = pathlib.Path(directory, "root"), pathlib.Path(directory, "work")
        scratch.mkdir()
        variables = os.environ
        if build:
            install(build[0], installed)
            variables = environment(installed, build[1], scratch, build[2:])
        if not follow(blocks, pathlib.Path(root), scratch, variables):
            sys.exit(f"{page} has nothing to run")


if __name__ == "__main__":
    main(*sys.argv[1:])
