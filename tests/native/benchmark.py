# SPDX-License-Identifier: MIT
"""A little of everything: calls, classes, sorting, strings, regular expressions, JSON."""
import json
import re


class Item:
    def __init__(self, weight):
        self.weight = weight

    def __lt__(self, other):
        return self.weight < other.weight


def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def sieve(limit):
    flags = bytearray([1]) * limit
    for i in range(2, int(limit**0.5) + 1):
        if flags[i]:
            flags[i * i :: i] = bytes(len(flags[i * i :: i]))
    return sum(flags)


table = {str(i): [i, i * 1.5, {"key": i}] for i in range(500)}
print(fibonacci(15), sieve(5000))
print(len(json.dumps(table)), json.loads(json.dumps(table)) == table)
print(len(re.findall(r"(\d+)\w*", " ".join(table))), sorted(table, key=lambda key: -int(key))[:3])
print(min(Item(i * 7 % 101) for i in range(200)).weight, "".join(f"{i:03d}" for i in range(50))[:20])
