#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check.py PROGRAM TRACER SOURCES counted|uncounted: takes every measure of every allocator once, as small as can be;
has the library's flags and files be what its users know; runs all of bench/run; and, of a build that is to be counted,
counts what is known beforehand."""
import importlib.machinery
import importlib.util
import json
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
PROGRAM, TRACER, SOURCES, COUNTED = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), sys.argv[4] == "counted"
sys.path.insert(0, str(SOURCES))
SMALL = {
    "warm": "bytes:64/bodies:4096", "cold": "bytes:real/total:1048576", "pages": "bytes:256/total:1048576",
    "latency": "bodies:4096/pace:100", "space": "bodies:200", "acquire": "modules:100/shuffled:1",
    "find": "modules:100/shuffled:1", "where": "modules:3/total:1048576", "open": "modules:10", "close": "modules:10",
    "cycle": "modules:10",
}
FRESH = {"cold", "pages", "latency", "space"}


def run(*command):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=300)


class Benchmarks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        listed = run(PROGRAM, "--benchmark_list_tests")
        cls.names = listed.stdout.split()
        print(listed.stderr, end="", file=sys.stderr)

    def test_lintel_is_in_every_measure(self):
        for measure in SMALL.keys() - {"pages"}:
            self.assertTrue(any(name.startswith(f"{measure}/lintel/") for name in self.names), measure)

    def test_every_measure_of_everybody(self):
        for measure, peer in sorted({tuple(name.split("/")[:2]) for name in self.names}):
            for threads in (1, 3):
                rounds = 1 if measure in FRESH else 2
                name = f"{measure}/{peer}/{SMALL[measure]}/threads:{threads}/rounds:{rounds}"
                lines = run(PROGRAM, "--worker", name).stdout.splitlines()
                with self.subTest(name, lines=lines):
                    self.assertEqual(lines[-1], "done")
                    seconds = [float(line.split()[1]) for line in lines if line.startswith("round ")]
                    self.assertEqual(len(seconds), rounds)
                    self.assertGreater(min(seconds), 0)

    def test_a_name_that_means_nothing(self):
        for name in ("warm", "warm/nobody/bytes:64", "nothing/lintel/bytes:64", "warm/lintel/bites:64",
                     "warm/lintel/bytes:many", "acquire/lintel/threads:1", "space/lintel/threads:1"):
            done = run(PROGRAM, "--worker", name)
            self.assertRegex(done.stdout, r"^error .*\w", name)
            self.assertEqual(done.returncode, 1, name)

    def test_flags_of_the_library(self):
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder, "out.json")
            done = run(PROGRAM, "--benchmark_filter=^cycle/lintel/modules:0/", "--benchmark_min_time=0.001",
                       "--benchmark_repetitions=2", "--benchmark_format=json", f"--benchmark_out={out}")
            self.assertEqual(done.returncode, 0, done.stderr)
            shown, kept = json.loads(done.stdout), json.loads(out.read_text(encoding="utf-8"))
        self.assertEqual(shown["benchmarks"], kept["benchmarks"])
        self.assertIn("lintel_version", shown["context"])
        kinds = [benchmark.get("aggregate_name", "run") for benchmark in kept["benchmarks"]]
        self.assertEqual(kinds, ["run", "run", "mean", "median", "stddev", "cv"])
        self.assertEqual(run(PROGRAM, "--benchmark_fliter=warm").returncode, 2)

    def test_the_floor_of_a_look_up(self):
        lines = run(PROGRAM, "--worker", "where/lintel/modules:2/total:1048576/rounds:1").stdout.splitlines()
        floor = [float(line.split()[2]) for line in lines if line.startswith("counter chase_ns ")]
        self.assertEqual(len(floor), 1)
        self.assertGreater(floor[0], 0)

    def test_space_counts_what_is_written(self):
        lines = run(PROGRAM, "--worker", "space/lintel/total:8388608/rounds:1").stdout.splitlines()
        counters = {line.split()[1]: float(line.split()[2]) for line in lines if line.startswith("counter ")}
        self.assertGreater(counters["bodies_resident_per_byte"], 1)
        self.assertGreaterEqual(counters["committed_per_byte"], counters["bodies_resident_per_byte"])
        self.assertGreaterEqual(counters["reserved_per_byte"], counters["committed_per_byte"])
        self.assertGreaterEqual(counters["waste_percent"], 0)


class Tracer(unittest.TestCase):
    def trace(self, name):
        done = run(TRACER, PROGRAM, "--worker", f"{name}/rounds:1/marked:1")
        if "tracing: " in done.stderr:
            self.skipTest(done.stderr)
        return [line for line in done.stdout.splitlines() if line.startswith("syscall")]

    def test_system_calls_are_counted(self):
        madvise = 28 if platform.machine() == "x86_64" else 233
        for threads in (1, 2):  # 1 MiB for each in steps of 256 KiB
            counts = self.trace(f"cold/kernel/bytes:64/total:{threads << 20}/threads:{threads}")
            self.assertEqual(counts[0], f"syscalls {4 * threads}")
            self.assertEqual(counts[1], f"syscall {madvise} {4 * threads}")


@unittest.skipUnless(COUNTED, "the instructions of this build are not to be counted")
@unittest.skipUnless(shutil.which("valgrind") and shutil.which("objdump"), "valgrind or objdump is not installed")
class Counts(unittest.TestCase):
    def test_atomics_are_counted(self):
        loader = importlib.machinery.SourceFileLoader("counts", str(SOURCES / "counts"))
        counts = importlib.util.module_from_spec(importlib.util.spec_from_loader("counts", loader))
        loader.exec_module(counts)
        counter = counts.Counter(pathlib.Path(PROGRAM).parent)
        for peer, threads, each in (("bump-call", 1, 0), ("fetch-add", 2, 1), ("mutex-bump", 1, 2)):
            job = f"warm/{peer}/bytes:64/threads:{threads}/bodies"
            instructions, atomics = counts.between(counter, job, 2048, 6144)
            self.assertGreater(instructions, 4096 * 5)
            self.assertEqual(atomics, 4096 * each, peer)


class Run(unittest.TestCase):
    def test_all_of_it(self):
        tree = pathlib.Path(PROGRAM).parent.parent
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder, "results.json")
            done = run(SOURCES / "run", "--build", tree, "--filter", "^open/lintel/modules:0/", "--repetitions", 2,
                       "--no-counts", "--output", out, "--pictures", folder)
            self.assertEqual(done.returncode, 0, done.stderr)
            results = json.loads(out.read_text(encoding="utf-8"))
        self.assertEqual(list(results["benchmarks"]), ["open/lintel/modules:0/threads:1"])
        self.assertEqual(len(results["benchmarks"]["open/lintel/modules:0/threads:1"]["ns"]), 2)
        self.assertIn("wanted", done.stdout)


class Judging(unittest.TestCase):
    def setUp(self):
        import targets
        from results import Results

        self.most, self.floor = targets.most, targets.Floor
        names = {"warm/lintel/bytes:64/threads:1": [2, 3, 9], "warm/jemalloc/bytes:64/threads:1": [4, 4, 4],
                 "warm/glibc/bytes:64/threads:1": [9, 9, 2], "warm/bump-call/bytes:64/threads:1": [1, 2, 3]}
        results = Results({"benchmarks": {name: {"ns": values} for name, values in names.items()}})
        self.results, self.judge = results, targets.judge
        self.lines = targets.judgements(results)
        self.rows = {row[0]: row for row in self.lines if not row[0].startswith("the floor")}

    def test_ratios_are_taken_within_a_repetition(self):
        row = self.rows["warm, 64 B, 1 thread: time / best malloc's, from hot lists"]
        self.assertEqual(row[2:], ["0.75", "0.5 - 4.5", "met"])

    def test_what_is_missed_is_said(self):
        self.assertEqual(self.rows["the same / a private bump's behind a call"][4], "MISSED")

    def test_a_floor_says_whether_a_target_could_be_met(self):
        def judged(ours, *floors):
            floors = [self.floor("it", lambda _, values=values: values) for values in floors]
            return [row[4] for row in self.judge(self.most("a ratio", "", 2, lambda _: ours, *floors), self.results)]

        self.assertEqual(judged([9, 3, 1]), ["MISSED"])
        self.assertEqual(judged([9, 3, 1], [1, 1, 9]), ["MISSED (floor meets it)", "in reach"])
        self.assertEqual(judged([9, 3, 1], [1, 3, 9]), ["MISSED (floor misses too)", "out of reach"])
        self.assertEqual(judged([9, 3, 1], [1], [3]), ["MISSED (floor misses too)", "in reach", "out of reach"])
        self.assertEqual(judged([1, 1, 1], [3]), ["met", "out of reach"])

    def test_a_floor_stands_behind_its_target(self):
        place = self.lines.index(self.rows["warm, 64 B, 1 thread: time / best malloc's, from hot lists"])
        first, second = self.lines[place + 1:place + 3]
        self.assertEqual(first, ["the floor: a private bump behind a call", "<= 0.75", "0.5", "0.25 - 1.5", "in reach"])
        self.assertEqual(second[0], "the floor: a private bump that keeps the contract")
        self.assertRegex(second[4], "^not measured")

    def test_what_is_not_measured_is_not_met(self):
        self.assertRegex(self.rows["instructions a call, the caller's too"][4], "^not measured")


class Model(unittest.TestCase):
    def test_contention(self):
        import scaling

        self.assertAlmostEqual(scaling.bodies_per_second(1, 2, 1, 10), 5e8)
        self.assertAlmostEqual(scaling.bodies_per_second(64, 2, 0, 10), 64 * 5e8)
        self.assertLess(scaling.bodies_per_second(10**6, 2, 1, 10), 1e8)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
