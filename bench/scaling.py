#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bench/scaling.py RESULTS.json: bodies a second on more cores than there are, by the model of docs/scaling.md."""
import argparse
import statistics
import sys

sys.dont_write_bytecode = True
from results import Missing, Results  # noqa: E402

CORES = (1, 2, 16, 64, 128)
CONTENDED = (10, 24)  # nanoseconds that a contended fetch-add keeps the word's cache line from all others


def bodies_per_second(cores, own_time, atomics, contended):
    """Every read-modify-write of every core waits for those of all the others."""
    waiting = atomics * cores * contended if cores > 1 else 0
    return cores / (own_time + waiting) * 1e9


def rows(results):
    for peer in ("fetch-add", "lintel"):
        own_time = results.median(f"warm/{peer}/bytes:64/threads:1")
        kind = "cold" if peer == "lintel" else "warm"
        atomics = results.count("atomics_per_body", f"{kind}/{peer}/bytes:64")
        yield peer, own_time, atomics


def table(results):
    lines = ["| | ns a body, alone | read-modify-writes a body | "
             + " | ".join(f"{cores} core{'s' if cores > 1 else ''}" for cores in CORES) + " |"]
    lines.append("|---" * (3 + len(CORES)) + "|")
    for peer, own_time, atomics in rows(results):
        cells = []
        for cores in CORES:
            slow, fast = (bodies_per_second(cores, own_time, atomics, cost) / 1e6 for cost in CONTENDED[::-1])
            cells.append(f"{slow:.0f}" if f"{slow:.0f}" == f"{fast:.0f}" else f"{slow:.0f} - {fast:.0f}")
        lines.append(f"| {peer} | {own_time:.2f} | {atomics:.4g} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def check(results):
    """What two threads really did."""
    for peer in ("fetch-add", "lintel"):
        found = results.values(f"warm/{peer}/bytes:64/threads:2")
        yield f"{peer}: two threads measured: {1e3 / statistics.median(found):.0f} million bodies a second"


def main():
    parser = argparse.ArgumentParser(description="Bodies of 64 bytes, in millions a second, by the model.")
    parser.add_argument("results")
    results = Results.read(parser.parse_args().results)
    try:
        print(table(results))
        print("\n".join(check(results)))
    except Missing as missing:
        sys.exit(f"scaling: not in these results: {missing}")


if __name__ == "__main__":
    main()
