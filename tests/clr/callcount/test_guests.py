#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""test_guests.py LIBRARY PROJECT FOLDER: assemblies that come and go, and some that were never in a file, under the
profiler: counts are exact, modules are let go of as they unload, and each kind lies where it is meant to.
"""
import sys

from counting import Counting, calls_by_name, expect, expect_places

ROUNDS = 30
EMITTED = "RefEmit_InMemoryManifestModule"


def expect_said(output, report):
    calls = calls_by_name(report, "guests.dll")
    calls["emitted"] = sum(calls_by_name(report, EMITTED).values())
    said = dict(line.rsplit(" ", 1) for line in output.splitlines())
    expect(said.pop("alive") == "0", f"contexts were not unloaded:\n{output}")
    wrong = [f"{name}: {count} calls, {calls.get(name)} counted" for name, count in said.items()
             if calls.get(name) != int(count)]  # fmt: skip
    expect(said and not wrong, "\n".join(wrong))


def main(library, project, folder):
    counting = Counting(library, folder)
    result, report = counting.run(counting.build(project), str(ROUNDS))
    modules = {module["module"]: module for module in report["modules"]}
    expect(not result.stderr, f"it has something to say: {result.stderr}")
    expect_said(result.stdout, report)
    expect_places(report)

    guests, emitted = modules["guests.dll"], modules[EMITTED]
    expect((guests["loads"], guests["unloads"]) == (2 * ROUNDS + 1, 2 * ROUNDS), f"not all came and went: {guests}")
    expect((emitted["loads"], emitted["unloads"]) == (ROUNDS, ROUNDS // 2), f"not all came and went: {emitted}")
    expect(not emitted["has_image"] and emitted["bodies"] == ROUNDS, f"an emitted module with an image: {emitted}")
    print(f"{guests['unloads']} modules came and went, {emitted['bodies']} were emitted, all counts equal")


if __name__ == "__main__":
    main(*sys.argv[1:])
