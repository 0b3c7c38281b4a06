#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""test_build.py CALLCOUNT FOLDER: `dotnet build` of two C# projects, with everything that it starts under the
call-count profiler, makes the same files as without: once with each part of the build engine and the compiler in a
process of its own, and once with the compiler's server.
"""
import pathlib
import shutil
import sys

from dotnet import PROGRAMS, Dotnet, expect
from profilers import CallCount

COMPILER = "Microsoft.CodeAnalysis.CSharp.dll"
ENGINE = "Microsoft.Build.dll"
ZONE_SIZE = 1 << 30  # landing.h
UNORDERED = ".cache"  # the build engine's notes for itself, which differ from one build to the next

# A server would outlive the build; it is asked to end so that its profiler comes to the end too.
BUILD_AND_END_SERVER = """
"$@"; status=$?
CORECLR_ENABLE_PROFILING=0 "$0" build-server shutdown --vbcscompiler >&2
exit $status
"""


class Project:
    """Copies of the sources and the results at the same place each time, since compilers write paths into files."""

    def __init__(self, dotnet):
        self.dotnet = dotnet
        self.source, self.artifacts = dotnet.folder / "build" / "source", dotnet.folder / "build" / "artifacts"
        shutil.rmtree(self.source, ignore_errors=True)
        for name in ("answer", "numbers"):
            shutil.copytree(PROGRAMS / name, self.source / name)
        shutil.copy(PROGRAMS / "Directory.Build.props", self.source)

    def build(self, environment, *arguments):
        """What is built, by the names of the files."""
        shutil.rmtree(self.artifacts, ignore_errors=True)
        command = self.dotnet.build_command(
            str(self.source / "answer"), self.artifacts, "-nologo", "-v:quiet", "-nodeReuse:false", "-m:2", *arguments
        )
        command = ["sh", "-c", BUILD_AND_END_SERVER, self.dotnet.command, *command]
        built = self.dotnet.run(command, environment, linger=60)
        expect(built.returncode == 0, f"the build failed with {built.returncode}:\n{built.stdout}{built.stderr}")
        made = [path for path in self.artifacts.rglob("*") if path.is_file() and path.suffix != UNORDERED]
        return {path.relative_to(self.artifacts): path.read_bytes() for path in made}


def bodies_of(reports, module):
    return sum(entry["bodies"] for report in reports for entry in report["modules"] if entry["module"] == module)


def check(project, profiler, name, plain, server, **settings):
    built = project.build(profiler.environment(**settings), f"-p:UseSharedCompilation={server}")
    reports = profiler.reports()
    differing = {path for path in plain.keys() | built.keys() if plain.get(path) != built.get(path)}
    expect(not differing, f"{name}: not the same: {sorted(map(str, differing))}")
    for part in (COMPILER, ENGINE):
        expect(bodies_of(reports, part) > 100, f"{name}: {part} was not under the profiler")
    expect_places(name, reports)
    expect_landed(name, reports)
    print(f"{name}: {len(built)} files the same, from {len(reports)} processes")


def expect_places(name, reports):
    """Every body above its module, and all but one in a thousand within 4 GiB."""
    placed = [entry for report in reports for entry in report["modules"] if entry["has_image"] and entry["bodies"]]
    below = [entry["module"] for entry in placed if entry["nearest"] <= 0]
    expect(not below, f"{name}: bodies below their modules: {below}")
    bodies, within = (sum(entry[count] for entry in placed) for count in ("bodies", "within_4_gib"))
    expect(within >= bodies * 0.999, f"{name}: only {within} of {bodies} bodies are within 4 GiB")
    print(f"{name}: {within} of {bodies} bodies within 4 GiB above their modules")


def expect_landed(name, reports):
    """No image lies below the landing zone, where the collector's reservation is, and those that would, in it."""
    above = [int(module["base"], 16) - report["zone"]
             for report in reports for module in report["heap"]["module_list"]]  # fmt: skip
    expect(all(report["zone"] for report in reports) and min(above) >= 0, f"{name}: images below the landing zone")
    landed = sum(distance < ZONE_SIZE for distance in above)
    expect(landed, f"{name}: no image has landed in the zone")
    print(f"{name}: {landed} of {len(above)} images in the landing zone, none below")


def main(library, folder):
    dotnet = Dotnet(folder)
    profiler = CallCount(library, dotnet.folder / "build" / "reports")
    project = Project(dotnet)
    plain = project.build({}, "-p:UseSharedCompilation=false")
    expect(pathlib.Path("bin/answer/debug/answer.dll") in plain, f"the build made only {list(plain)}")
    check(project, profiler, "processes of their own", plain, "false", MSBUILDNOINPROCNODE=1)
    check(project, profiler, "compiler's server", plain, "true")


main(*sys.argv[1:])
