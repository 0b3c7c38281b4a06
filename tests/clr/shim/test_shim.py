#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""test_shim.py SHIM COPIER FOLDER: a profiler that knows nothing of lintel, run with the shim and without, does the
same; with the shim, every one of its bodies lies above its module, within 4 GiB. What is missing or wrong stops the
profiler, with a line that says so, and never the program.
"""
import collections
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from dotnet import Dotnet, expect  # noqa: E402
from profilers import COPIER, profiled  # noqa: E402

OTHER_CLSID = "{C0B1E500-0000-4000-8000-00000000BAD0}"
REACH = 1 << 32

Body = collections.namedtuple("Body", "module base address size")


def read_report(path):
    """The bodies that the profiler replaced until it was told of the end, and what it said then."""
    text, separator, end = path.read_text(encoding="utf-8").partition("end ")
    expect(separator, "the profiler did not come to its end")
    end = end.partition("\n")[0]
    split = (line.split() for line in text.splitlines())
    return [Body(name, int(base, 16), int(address, 16), int(size)) for name, base, address, size in split], end


def above(body):
    return body.base < body.address and body.address + body.size - 1 - body.base < REACH


class Runs:
    def __init__(self, shim, copier, folder):
        self.dotnet = Dotnet(folder)
        self.assembly = self.dotnet.program("answer")
        self.shim, self.copier = shim, copier
        self.report = self.dotnet.folder / "copier.txt"
        self.heap = self.dotnet.folder / "shim.json"

    def run(self, environment):
        result = self.dotnet.run([self.dotnet.command, self.assembly], environment)
        expect(result.returncode == 0, f"the program ended with {result.returncode}: {result.stderr}")
        return result

    def through_shim(self, clsid=COPIER, **settings):
        settings = {"LINTEL_SHIM_PROFILER": self.copier, "LINTEL_SHIM_REPORT": self.heap} | settings
        return self.run(profiled(self.shim, clsid, COPIER_REPORT=self.report, **settings))


def check_same(runs):
    plain = runs.run({})
    alone = runs.run(profiled(runs.copier, COPIER, COPIER_REPORT=runs.report))
    bodies_alone, end_alone = read_report(runs.report)
    expect(alone.stdout == plain.stdout.replace("answer is 42", "answer is 43"), f"alone, it said {alone.stdout}")
    shimmed = runs.through_shim()
    bodies, end = read_report(runs.report)
    expect(shimmed.stdout == alone.stdout, f"with the shim the program said {shimmed.stdout}{shimmed.stderr}")
    expect(end == end_alone == "module_events=0 mask=1", f"the profiler heard {end}, alone {end_alone}")
    own, own_alone = ({(body.module, body.size) for body in some if body.module in ("answer.dll", "numbers.dll")}
                      for some in (bodies, bodies_alone))  # fmt: skip
    expect(own == own_alone, "with the shim the profiler replaced other methods")
    print(f"alone: {len(bodies_alone)} bodies, {sum(map(above, bodies_alone))} of them above their modules")
    return bodies


def check_places(runs, bodies):
    astray = [body for body in bodies if not above(body)]
    expect(len(bodies) > 100, f"only {len(bodies)} bodies")
    expect(not astray, f"{len(astray)} of {len(bodies)} bodies are not above their modules: {astray[:3]}")
    heap = json.loads(runs.heap.read_text(encoding="utf-8"))
    expect(heap["left_to_the_runtime"] == heap["far"] == 0, f"the shim says {heap}")
    expect(heap["opened"] == len({body.module for body in bodies}), f"the shim opened {heap['opened']} modules")
    print(f"with the shim: {len(bodies)} bodies, all of them above their modules")


def check_faults(runs):
    faults = [
        ("no profiler named", {"LINTEL_SHIM_PROFILER": ""}, "does not name a profiler"),
        ("no such library", {"LINTEL_SHIM_PROFILER": "/nowhere.so"}, "cannot be loaded"),
        ("not a profiler", {"LINTEL_SHIM_PROFILER": "libm.so.6"}, "no DllGetClassObject"),
        ("another class", {"LINTEL_SHIM_CLSID": OTHER_CLSID}, "no such class"),
        ("no class id", {"LINTEL_SHIM_CLSID": COPIER[:-1]}, "no class id in braces"),
    ]
    for name, settings, message in faults:
        result = runs.through_shim(**settings)
        told = [line for line in result.stderr.splitlines() if line.startswith("lintel-clr-shim: ")]
        expect(len(told) == 1 and message in told[0], f"{name}: stderr was {result.stderr}")
        expect("answer is 42" in result.stdout, f"{name}: the program said {result.stdout}")
    given = runs.through_shim(clsid=OTHER_CLSID, LINTEL_SHIM_CLSID=COPIER)
    expect("answer is 43" in given.stdout, "LINTEL_SHIM_CLSID is not what the profiler was asked for")


def main(shim, copier, folder):
    runs = Runs(shim, copier, folder)
    check_places(runs, check_same(runs))
    check_faults(runs)


main(*sys.argv[1:])
