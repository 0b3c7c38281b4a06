# SPDX-License-Identifier: MIT
"""What lintel is to reach, and whether it does, from a file of results. As a program: targets.py RESULTS.json"""
import statistics
import sys
from typing import Callable, NamedTuple

sys.dont_write_bytecode = True
from results import MALLOCS, Missing, Results, ratios  # noqa: E402


MOST_CODE = "where/lintel/modules:10000/total:1073741824/threads:1"
LEAST_CODE = "where/lintel/modules:1/total:16777216/threads:1"


class Floor(NamedTuple):
    """What can do no better than this, whoever writes it, by the same measure."""
    what: str
    figures: Callable  # of the results: one for each repetition


class Target(NamedTuple):
    what: str
    wanted: str
    limit: float
    at_most: bool
    figures: Callable
    floors: tuple

    def is_met(self, figures):
        median = statistics.median(figures)
        return median <= self.limit if self.at_most else median >= self.limit


def least(what, unit, limit, figures, *floors):
    return Target(what, f">= {limit:g}{unit}", limit, False, figures, floors)


def most(what, unit, limit, figures, *floors):
    return Target(what, f"<= {limit:g}{unit}", limit, True, figures, floors)


def beside_best_malloc(measure, peer, rest, figure="ns"):
    """lintel's figure in those of the best malloc."""
    return lambda results: ratios(
        results.values(f"{measure}/{peer}/{rest}", figure), results.best_of(measure, MALLOCS, rest, figure)
    )


def faster_than_mallocs(measure, peer, rest):
    return lambda results: ratios(
        results.best_of(measure, MALLOCS, rest), results.values(f"{measure}/{peer}/{rest}")
    )


def beside(one, other):
    return lambda results: ratios(results.values(one), results.values(other))


def crowded(peer):
    """The least throughput of 8, 16 and 64 threads, in that of two."""
    def figures(results):
        two, *many = (results.values(f"warm/{peer}/bytes:64/threads:{threads}") for threads in (2, 8, 16, 64))
        return [base / max(others) for base, *others in zip(two, *many)]

    return figures


def largest(measure, peer, totals, rest, figure):
    def figures(results):
        there = [results.values(f"{measure}/{peer}/total:{total}/{rest}", figure) for total in totals
                 if results.has(f"{measure}/{peer}/total:{total}/{rest}", figure)]
        if not there:
            raise Missing(f"{measure}/{peer}")
        return [max(values) for values in zip(*there)]

    return figures


def count(*path):
    return lambda results: [results.count(*path)]


def latency_targets(pace, bodies, words):
    rest = f"bodies:{bodies}/pace:{pace}/threads:1"
    ahead = "memory that another thread populates from the first body on, without a pause"
    for peer, limits in (("lintel", (2, 2)), ("lintel:service=1", (0.5, 1.5))):
        with_service = ", service=1" if peer != "lintel" else ""
        for figure, limit in zip(("p99.9", "p99.99"), limits):
            floor = Floor(ahead, beside_best_malloc("latency", "kernel-ahead", rest, figure))
            yield most(f"{figure} of allocate and write, {words}{with_service} / best malloc", "", limit,
                       beside_best_malloc("latency", peer, rest, figure), *([floor] if with_service else []))


def cold_targets(size):
    rest = f"bytes:{size}/threads:1"
    for peer, kernel, pages, limit in (("lintel:huge=0", "kernel", "4 KiB", 1.25),
                                       ("lintel:huge=1", "kernel-huge", "huge", 2.5)):
        yield least(f"cold, {size} B: throughput / best malloc's, {pages} pages", "", limit,
                    faster_than_mallocs("cold", peer, rest),
                    Floor(f"the kernel's {pages} pages, written", faster_than_mallocs("cold", kernel, rest)))
    yield most(f"cold, {size} B: time / the kernel's for the same 4 KiB pages", "", 1.25,
               beside(f"cold/lintel:huge=0/{rest}", f"pages/kernel/{rest}"))


def targets():
    yield most("warm, 64 B, 1 thread: time / best malloc's, from hot lists", "", 0.75,
               beside_best_malloc("warm", "lintel", "bytes:64/threads:1"),
               Floor("a private bump behind a call", beside_best_malloc("warm", "bump-call", "bytes:64/threads:1")),
               Floor("a private bump that keeps the contract",
                     beside_best_malloc("warm", "contract", "bytes:64/threads:1")))
    yield most("the same / best malloc's, from lists of 16 MiB", "", 0.75,
               beside_best_malloc("warm", "lintel", "bytes:64/hold:256/threads:1"))
    yield most("the same / a private bump's behind a call", "", 1.6,
               beside("warm/lintel/bytes:64/threads:1", "warm/bump-call/bytes:64/threads:1"),
               Floor("a private bump that keeps the contract",
                     beside("warm/contract/bytes:64/threads:1", "warm/bump-call/bytes:64/threads:1")))
    instructions = "instructions_per_body"
    yield most("instructions a call, the caller's too", "", 40, count(instructions, "warm/lintel/bytes:64"),
               Floor("a private bump that keeps the contract", count(instructions, "warm/contract/bytes:64")))
    yield least("warm, 64 B: throughput of 2 threads / of 1", "", 1.8,
                beside("warm/lintel/bytes:64/threads:1", "warm/lintel/bytes:64/threads:2"),
                Floor("a module for each thread, which share nothing",
                      beside("warm/lintel-apart/bytes:64/threads:1", "warm/lintel-apart/bytes:64/threads:2")),
                Floor("a private bump behind a call",
                      beside("warm/bump-call/bytes:64/threads:1", "warm/bump-call/bytes:64/threads:2")))
    yield least("2 threads in one module / in a module each", "", 0.9,
                beside("warm/lintel-apart/bytes:64/threads:2", "warm/lintel/bytes:64/threads:2"))
    yield least("warm, 64 B: throughput of 8, 16, 64 threads (least) / of 2", "", 0.9, crowded("lintel"),
                Floor("a private bump behind a call", crowded("bump-call")))
    yield most("read-modify-writes a body of 64 B, past 4 MiB", "", 1 / 50,
               count("atomics_per_body", "cold/lintel/bytes:64"))
    yield most("read-modify-writes a body of real size, warm", "", 1 / 20,
               count("atomics_per_body", "warm/lintel/bytes:real"))
    for size, words in (("64", "64 B"), ("real", "real sizes")):
        yield most(f"warm, {words}, 1 thread: time of code / of data", "", 1.2,
                   beside(f"warm/lintel-code/bytes:{size}/threads:1", f"warm/lintel/bytes:{size}/threads:1"),
                   Floor("a private bump that keeps the contract",
                         beside(f"warm/contract-code/bytes:{size}/threads:1", f"warm/contract/bytes:{size}/threads:1")))
    for threads in (1, 4):
        yield most(f"system calls a MiB, 64 B, {threads} thread{'s' if threads > 1 else ''}, past 16 MiB", "", 8,
                   count("syscalls_per_mib", f"lintel/bytes:64/threads:{threads}", "all"))
    for peer, words in (("lintel", "futex calls among them"), ("lintel:service=1", "futex calls with service=1")):
        yield most(words, "", 0, count("syscalls_per_mib", f"{peer}/bytes:64/threads:4", "futex"))
    for size in (64, 256):
        yield from cold_targets(size)
    yield least("dladdr with 10,000 libraries / lintel_find with 10,000 modules and 1 GiB of code", "", 10,
                beside("where/glibc/modules:10000/threads:1", MOST_CODE))
    yield most("lintel_find, with 10,000 modules and 1 GiB / with one and 16 MiB", "", 2, beside(MOST_CODE, LEAST_CODE),
               Floor("one load that waits, in as much memory as the marks",
                     lambda results: ratios(results.values(MOST_CODE, "chase_ns"),
                                            results.values(LEAST_CODE, "chase_ns"))))
    yield most("lintel_find, with 10,000 modules and 1 GiB / one load that waits", "", 2,
               lambda results: ratios(results.values(MOST_CODE), results.values(MOST_CODE, "chase_ns")))
    yield from latency_targets(0, 1048576, "one after the other")
    yield from latency_targets(2000, 262144, "2 us apart")
    yield most("waste beyond alignment, real sizes, 16 threads, 16 MiB", " %", 1.5,
               largest("space", "lintel", (16777216,), "threads:16", "waste_percent"))
    yield most("waste beyond alignment, 200 bodies", " %", 3,
               lambda results: results.values("space/lintel/bodies:200/threads:1", "waste_percent"))
    yield most("resident / handed out, real sizes, from 4 MiB on, huge=0", "", 1.05,
               largest("space", "lintel:huge=0", (4194304, 16777216, 67108864), "threads:1",
                       "bodies_resident_per_byte"))


def measured(figures, results):
    """The figures, or nothing where this run has not got them."""
    try:
        return figures(results)
    except Missing:
        return []


def verdict(target, figures, results):
    if target.is_met(figures):
        return "met"
    floors = [there for there in (measured(floor.figures, results) for floor in target.floors) if there]
    if not floors:
        return "MISSED"
    return "MISSED (floor meets it)" if all(map(target.is_met, floors)) else "MISSED (floor misses too)"


def row(what, target, figures, results, say):
    """A row of the table; `say` has the last word on figures that there are."""
    try:
        found = figures(results)
    except Missing as missing:
        return [what, target.wanted, "-", "-", f"not measured ({missing})"]
    spread = f"{min(found):.3g} - {max(found):.3g}" if len(found) > 1 else ""
    return [what, target.wanted, f"{statistics.median(found):.3g}", spread, say(found)]


def judge(target, results):
    """The target's row, and behind it one for each of its floors."""
    yield row(target.what, target, target.figures, results, lambda found: verdict(target, found, results))
    for floor in target.floors:
        yield row(f"the floor: {floor.what}", target, floor.figures, results,
                  lambda found: "in reach" if target.is_met(found) else "out of reach")


def judgements(results):
    return [line for target in targets() for line in judge(target, results)]


def table(results):
    rows = [["target", "wanted", "median", "min - max", ""]] + judgements(results)
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)) + "  " + row[4] for row in rows]
    return "\n".join(line.rstrip() for line in lines)


if __name__ == "__main__":
    print(table(Results.read(sys.argv[1])))
