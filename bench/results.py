# SPDX-License-Identifier: MIT
"""A file of results: for each benchmark, the figures of every repetition. What is compared is compared within a
repetition, where the machine's mood was nearly the same, and the median taken over the repetitions."""
import json
import pathlib
import statistics

MALLOCS = ("glibc", "jemalloc", "mimalloc", "tcmalloc")


class Missing(Exception):
    """A figure that this run has not got."""


class Results:
    def __init__(self, content):
        self.content = content
        self.benchmarks = content["benchmarks"]

    @classmethod
    def read(cls, path):
        return cls(json.loads(pathlib.Path(path).read_text(encoding="utf-8")))

    def values(self, name, figure="ns"):
        """One value for each repetition."""
        try:
            return self.benchmarks[name][figure]
        except KeyError as missing:
            raise Missing(f"{name}: {figure}") from missing

    def has(self, name, figure="ns"):
        return figure in self.benchmarks.get(name, {})

    def median(self, name, figure="ns"):
        return statistics.median(self.values(name, figure))

    def best_of(self, measure, peers, rest, figure="ns"):
        """The least value among the peers that there are, in each repetition."""
        there = [f"{measure}/{peer}/{rest}" for peer in peers if self.has(f"{measure}/{peer}/{rest}", figure)]
        if not there:
            raise Missing(f"{measure}/*/{rest}: {figure}")
        return [min(values) for values in zip(*(self.values(name, figure) for name in there))]

    def count(self, *path):
        """A figure that does not depend on time, by its place in the counts."""
        place = self.content.get("counts") or {}
        for step in path:
            if step not in place:
                raise Missing("counts: " + "/".join(path))
            place = place[step]
        return place


def ratios(dividends, divisors):
    return [dividend / divisor for dividend, divisor in zip(dividends, divisors)]
