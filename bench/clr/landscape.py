# SPDX-License-Identifier: MIT
"""landscape: what a .NET process uses its address space for, from its memory map and the profiler's report."""
import re

LINE = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)")
COLLECTOR = 8 << 30  # nothing else of a process without permissions is so large
RUNTIME = "libcoreclr.so"


def parse(maps):
    for line in maps.splitlines():
        start, end, permissions, path = LINE.match(line).groups()
        yield int(start, 16), int(end, 16), permissions, path.rpartition("/")[2]


def joined(ranges, slack=0):
    """Ranges in order, those that touch made one."""
    whole = []
    for start, end in sorted(ranges):
        if whole and start <= whole[-1][1] + slack:
            whole[-1][1] = max(whole[-1][1], end)
        else:
            whole.append([start, end])
    return whole


def runtimes_own(maps, runtime):
    """The range that the runtime reserves just below its library, for its images and code."""
    lower = ((start, end) for start, end, _, path in maps if end <= runtime and not path.endswith(".so"))
    below = joined(lower, 1 << 20)
    start, end = next(([start, end] for start, end in below if end > runtime - (1 << 20)), (runtime, runtime))
    return [max(start, runtime - (2 << 30)), end]


def classify(maps, report):
    """Ranges of each kind, as [start, end] from the runtime's library on, in bytes."""
    maps = list(parse(maps))
    runtime = min(start for start, _, _, path in maps if path == RUNTIME)
    regions = [(region["start"], region["reserved"]) for module in report["heap"]["module_list"]
               for region in module["region_list"]]  # fmt: skip
    found = {
        "collector": [(start, end) for start, end, access, path in maps
                      if access == "---p" and not path and end - start >= COLLECTOR],
        "runtime": [runtimes_own(maps, runtime)],
        "libraries": [(start, end) for start, end, _, path in maps if re.search(r"\.so[.0-9]*$", path)],
        "images": [(start, end) for start, end, _, path in maps if path.endswith(".dll")],
        "pool": pool_of(report),
        "bodies": [(int(start, 16), int(start, 16) + size) for start, size in regions],
    }  # fmt: skip
    found["far"] = far_images(report)
    return {kind: [[start - runtime, end - runtime] for start, end in joined(ranges, 1 << 18)]
            for kind, ranges in found.items()}  # fmt: skip


def far_images(report):
    """The first pages of those images that have bodies more than 4 GiB above."""
    for module in report["heap"]["module_list"]:
        base = int(module["base"], 16)
        if any(int(region["start"], 16) + region["reserved"] - base > 4 << 30 for region in module["region_list"]):
            yield base, base + 4096


def pool_of(report):
    """The pool is 2 GiB; see landing.h."""
    return [(report["pool"], report["pool"] + (2 << 30))] if report["pool"] else []
