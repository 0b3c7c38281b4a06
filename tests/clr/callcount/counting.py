# SPDX-License-Identifier: MIT
"""counting: programs under clr-callcount, and its reports."""
import fcntl
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from dotnet import QUIET, Dotnet, expect  # noqa: E402
from profilers import CALLCOUNT, profiled  # noqa: E402

FOUR_GIB = 1 << 32


class Counting:
    """The profiler `library` and an SDK that works below `folder`."""

    def __init__(self, library, folder):
        self.library = library
        self.dotnet = Dotnet(folder)

    def build(self, project):
        """The assembly of the project, a .csproj, built if any of its sources is newer."""
        project = pathlib.Path(project).resolve()
        artifacts = self.dotnet.folder / project.stem
        assembly = artifacts / "bin" / project.stem / "release" / f"{project.stem}.dll"
        newest = max(source.stat().st_mtime for source in project.parent.iterdir())
        with open(f"{artifacts}.lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # tests run side by side
            if not assembly.exists() or assembly.stat().st_mtime < newest:
                built = self.dotnet.run(self.dotnet.build_command(str(project), artifacts, "-c", "release", *QUIET))
                expect(built.returncode == 0, f"{project} does not build:\n{built.stdout}{built.stderr}")
                os.utime(assembly)
        return assembly

    def run(self, assembly, *arguments, environment=None, **settings):
        """Run it under the profiler, with the tables left out. Gives the process's result and the report."""
        report = self.dotnet.folder / f"{os.getpid()}.json"
        report.unlink(missing_ok=True)
        settings = {"CALLCOUNT_TOP": 0, "CALLCOUNT_REPORT": report} | settings
        variables = profiled(self.library, CALLCOUNT, **settings) | (environment or {})
        result = self.dotnet.run([self.dotnet.command, assembly, *arguments], variables)
        expect(result.returncode == 0, f"it fails under the profiler:\n{result.stdout}{result.stderr}")
        return result, take(report) if report.exists() else None


def take(report):
    content = json.loads(report.read_text(encoding="utf-8"))
    report.unlink()
    return content


def calls_by_name(report, module):
    """Calls of the module's methods; overloads are one."""
    calls = {}
    for method in report["methods"]:
        if method["module"] == module:
            calls[method["method"]] = calls.get(method["method"], 0) + method["calls"]
    return calls


def expect_calls(output, report, module):
    """What the program says, a method and a number on each line, is what was counted."""
    calls = calls_by_name(report, module)
    said = dict(line.rsplit(" ", 1) for line in output.splitlines())
    expect(said, "the program says nothing")
    wrong = [f"{name}: {count} calls, {calls.get(name)} counted" for name, count in said.items()
             if calls.get(name) != int(count)]  # fmt: skip
    expect(not wrong, "\n".join(wrong))


def expect_places(report):
    """Every body of a module with an image lies above it, within 4 GiB."""
    for module in report["modules"]:
        if module["has_image"] and module["bodies"]:
            expect(0 < module["nearest"] <= module["farthest"], f"not above its image: {module}")
            expect(module["within_4_gib"] == module["bodies"], f"not within 4 GiB: {module}")
            expect(module["farthest"] < FOUR_GIB, f"not within 4 GiB: {module}")
            expect(module["bytes"] >= 26 * module["bodies"], f"bodies without a prologue: {module}")


__all__ = ["CALLCOUNT", "Counting", "calls_by_name", "expect", "expect_calls", "expect_places", "profiled"]
