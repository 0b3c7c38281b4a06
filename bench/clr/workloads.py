# SPDX-License-Identifier: MIT
"""workloads: what .NET programs do while they are measured, under which profiler, and the figures that come of it."""
import pathlib
import shutil
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "clr"))
import landscape  # noqa: E402
import methods  # noqa: E402
from dotnet import PROGRAMS, Dotnet, expect  # noqa: E402
from profilers import CallCount  # noqa: E402

THREADS = (1, 2, 4, 8)
COMPILED = "System.Linq.Expressions"  # some 4,300 methods that are not generic
CYCLES, WARM = 60, 40  # what is given back is used again after 32 times
REQUESTS = 150

# Who is compared. Under the profiler, methods are not precompiled nor inlined: what that costs shows "compiled".
SETTINGS = {
    "none": None,
    "compiled": None,
    "runtime": {"CALLCOUNT_ALLOCATOR": "runtime"},
    "lintel": {"CALLCOUNT_ALLOCATOR": "lintel"},
}
POOLS = ("off", "pool", "zone")


class Bench:
    """Each measure gives figures by their names; `self.reports` are the profiler's of the last run."""

    def __init__(self, library, folder):
        self.dotnet = Dotnet(folder)
        self.profiler = CallCount(library, self.dotnet.folder / "reports")
        source = methods.write(self.dotnet.folder / "Measured.cs", 64, 300)
        self.plugin = self.dotnet.program("plugin", Methods=source)
        self.reports = []

    def environment(self, who, **settings):
        if SETTINGS[who] is None:
            return {"DOTNET_ReadyToRun": "0"} if who == "compiled" else {}
        return self.profiler.environment(**SETTINGS[who], **settings)

    def run(self, who, command, **settings):
        """The lines that the program prints, and the seconds that it ran."""
        environment = self.environment(who, **settings)
        start = time.perf_counter()
        result = self.dotnet.run([self.dotnet.command, *command], environment, linger=60)
        seconds = time.perf_counter() - start
        expect(result.returncode == 0, f"{command}: {result.stdout}{result.stderr}")
        self.reports = self.profiler.reports() if SETTINGS[who] else []
        return result.stdout.splitlines(), seconds

    def start_up(self, who, **settings):
        return {"seconds": self.run(who, [self.dotnet.program("answer")], **settings)[1]}

    def unload(self, who, **settings):
        command = [self.dotnet.program("unload"), self.plugin, WARM, CYCLES]
        lines, seconds = self.run(who, command, **settings)
        warm, end = ([int(word) for word in line.split()[2::2]] for line in lines[:2])
        return {"seconds": seconds, "space_kib": end[0] - warm[0], "resident_kib": end[1] - warm[1]}

    def compile(self, who, threads, **settings):
        lines, _ = self.run(who, [self.dotnet.program("compile"), COMPILED, threads], CALLCOUNT_CLOCK=1, **settings)
        count, seconds, resident = lines[0].split()
        figures = {"per_second": int(count) / float(seconds), "resident_kib": int(resident)}
        if self.reports:
            report = self.reports[0]
            figures["alloc_ns"] = report["alloc_nanoseconds"] / report["alloc_calls"]
            figures |= totals(self.reports)
        return figures

    def web(self, who, **settings):
        """Seconds for the first requests to a new server, one client."""
        return {"seconds": self.serve(who, lambda address: None, **settings)[0]}

    def serve(self, who, ask, **settings):
        """The seconds that the requests take, and what `ask` gets of the server's address after them."""
        command = [self.dotnet.command, self.dotnet.program("web"), self.plugin]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with self.dotnet.started(command, self.environment(who, **settings), **pipes) as server:
            address = server.stdout.readline().strip()
            start = time.perf_counter()
            for number in range(REQUESTS):
                fetch(f"{address}/{('text', 'order', 'fresh')[number % 3]}/{number}")
            seconds, asked = time.perf_counter() - start, ask(address)
            server.stdin.close()
            expect(server.wait(60) == 0, "the server failed")
        self.reports = self.profiler.reports() if SETTINGS[who] else []
        return seconds, asked

    def landscape(self, pool):
        """What the address space of a serving process is used for."""
        _, maps = self.serve("lintel", lambda address: fetch(f"{address}/maps"), CALLCOUNT_POOL=pool)
        return landscape.classify(maps.decode(), self.reports[0])

    def build(self, who, **settings):
        """Seconds of `dotnet build` of two small projects."""
        source, artifacts = self.dotnet.folder / "build-source", self.dotnet.folder / "build-artifacts"
        for folder in (source, artifacts):
            shutil.rmtree(folder, ignore_errors=True)
        for name in ("answer", "numbers"):
            shutil.copytree(PROGRAMS / name, source / name)
        shutil.copy(PROGRAMS / "Directory.Build.props", source)
        command = self.dotnet.build_command(
            str(source / "answer"), artifacts, "-v:quiet", "-nodeReuse:false", "-p:UseSharedCompilation=false"
        )
        return {"seconds": self.run(who, command[1:], **settings)[1]}


def fetch(address):
    with urllib.request.urlopen(address, timeout=60) as answer:
        return answer.read()


def totals(reports):
    """What the reports say of where the bodies of modules with an image lie."""
    placed = [entry for report in reports for entry in report["modules"] if entry["has_image"] and entry["bodies"]]
    names = ("bodies", "bytes", "lost", "within_2_gib", "within_4_gib")
    return {name: sum(entry[name] for entry in placed) for name in names}
