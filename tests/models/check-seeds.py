#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-seeds.py EXPLORE SEEDS SOURCES: every access of the explored source that has an order, and every
read-modify-write, is broken on purpose; the scenario that SEEDS names for it has to notice.

    weaken FUNCTION OPERATION: SCENARIO     the access gets no order
    tear FUNCTION: SCENARIO                 the function's read-modify-writes come apart into a load and a store
    unseen weaken FUNCTION OPERATION: why no scenario can tell; likewise for tear

A line for each, and none for what is not there. Ends with how many are caught.
"""
import importlib.util
import pathlib
import subprocess
import sys

EXPLORED = (
    "bump.h", "cache.c", "cache.h", "cache_idle.c", "cache_page.c", "cache_page.h", "code.c", "codemap.c", "find.c",
    "guard.c", "module.c", "module.h", "module_growth.c", "module_unused.c", "quarantine.c", "region.c", "registry.c",
    "service.c", "slab.c", "slab.h", "space.c", "spare.c", "starts.c", "starts.h", "starts_find.c",
)
MISSED = (0, 2, 3)  # nothing found; no such scenario; the access was never made


def atomics_of(sources):
    """What check-atomics.py finds: each function with each of its accesses."""
    path = pathlib.Path(__file__).resolve().parent.parent / "docs/check-atomics.py"
    spec = importlib.util.spec_from_file_location("check_atomics", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in EXPLORED:
        text = module.without_comments((sources / name).read_text(encoding="utf-8"))
        yield from ((function, operation) for _, function, operation in module.accesses_of(text))


def seeds_of(sources):
    for function, operation in atomics_of(sources):
        if not operation.endswith("relaxed"):
            yield f"weaken {function} {operation}"
        if not operation.startswith(("load", "store")):
            yield f"tear {function}"


def is_caught(explore, seed, scenario):
    kind, function, *operation = seed.split()
    what = f"{function}:{operation[0]}" if operation else function
    done = subprocess.run([explore, f"--{kind}", what, scenario], capture_output=True, check=False)
    return done.returncode not in MISSED


def main(explore, table, sources):
    lines = [line for line in pathlib.Path(table).read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    rows = dict(line.split(": ", 1) for line in lines)
    wanted = set(seeds_of(pathlib.Path(sources)))
    failures = [f"{seed}: no line" for seed in sorted(wanted) if seed not in rows and f"unseen {seed}" not in rows]
    failures += [f"{row}: no such access" for row in rows if row.removeprefix("unseen ") not in wanted]
    caught = 0
    for seed, scenario in rows.items():
        if seed.startswith("unseen "):
            continue
        if is_caught(explore, seed, scenario):
            caught += 1
        else:
            failures.append(f"{seed}: {scenario} does not notice")
    print("\n".join(failures))
    print(f"{caught} of {len(wanted)} seeded bugs caught, {len(wanted) - caught} left with a reason or a failure")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
