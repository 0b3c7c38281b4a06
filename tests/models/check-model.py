#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-model.py MODEL THREADS: Spin goes through all that the model can do with so many threads, and finds nothing;
then again with the model's seeded bug, and finds it. Skipped (77) where there is no Spin.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIP = 77


def run(*command, cwd):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def explore(model, threads, bug):
    """(errors, states, whether all of them were visited)"""
    with tempfile.TemporaryDirectory() as folder:
        run("spin", f"-DTHREADS={threads}", *(["-DBUG"] if bug else []), "-a", str(model), cwd=folder)
        run("cc", "-O1", "-w", "-DSAFETY", "-DCOLLAPSE", "-DMEMLIM=4096", "-o", "pan", "pan.c", cwd=folder)
        said = run("./pan", "-m1000000", "-w22", cwd=folder)
    errors = int(re.search(r"errors: (\d+)", said).group(1))
    states = int(float(re.search(r"([\d.e+]+) states, stored", said).group(1)))
    return errors, states, not re.search(r"Search not completed|max search depth too small|out of memory", said)


def main(model, threads):
    if not shutil.which("spin"):
        print("skipped: spin is not installed")
        return SKIP
    errors, states, complete = explore(model, threads, bug=False)
    print(f"{model.name}: {threads} threads, {states} states, {errors} errors", flush=True)
    if errors or not complete:
        print("all of it was to be visited, and nothing found")
        return 1
    errors, states, _ = explore(model, threads, bug=True)
    print(f"{model.name}: with its seeded bug, {errors} errors after {states} states")
    return 0 if errors else 1


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]))
