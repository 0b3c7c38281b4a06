# SPDX-License-Identifier: MIT
"""dotnet: .NET programs for tests: built from tests/clr/programs and run with or without a profiler, in a home of their
own, without the network, and without leaving a process behind.
"""
import contextlib
import fcntl
import os
import pathlib
import re
import select
import shutil
import signal
import subprocess
import sys

PROGRAMS = pathlib.Path(__file__).resolve().parent / "programs"
SKIPPED = 77
QUIET = ("-nologo", "-v:quiet", "-nodeReuse:false", "-p:UseSharedCompilation=false")


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def fail(reason):
    print(f"failed: {reason}")
    sys.exit(1)


def expect(condition, reason):
    if not condition:
        fail(reason)


class Dotnet:
    """The SDK, and a folder below which everything happens."""

    def __init__(self, folder):
        self.command = shutil.which("dotnet") or skip("dotnet is not installed")
        self.folder = pathlib.Path(folder).resolve()
        for name in ("home", "tmp", "packages", "source"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.environment = self.isolated()
        version = subprocess.run([self.command, "--version"], env=self.environment, capture_output=True, text=True)
        if version.returncode:
            skip("no .NET SDK, only a runtime")
        self.framework = "net" + re.match(r"\d+", version.stdout).group() + ".0"

    def isolated(self):
        """An environment without the caller's settings of .NET, NuGet and MSBuild."""
        ours = ("DOTNET_", "COMPlus_", "CORECLR_", "NUGET_", "MSBUILD", "LINTEL_", "CALLCOUNT_", "ASPNETCORE_")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        environment |= {name: str(self.folder / "home") for name in ("HOME", "DOTNET_CLI_HOME")}
        environment |= {
            "TMPDIR": str(self.folder / "tmp"),  # where servers of the compiler leave their sockets
            "NUGET_PACKAGES": str(self.folder / "packages"),
            "DOTNET_CLI_TELEMETRY_OPTOUT": "1",
            "DOTNET_NOLOGO": "1",
            "DOTNET_SKIP_FIRST_TIME_EXPERIENCE": "1",
            "DOTNET_GENERATE_ASPNET_CERTIFICATE": "false",
            "DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE": "1",
            "DOTNET_CLI_USE_MSBUILD_SERVER": "0",
        }
        return environment

    def has_framework(self, name):
        listed = subprocess.run([self.command, "--list-runtimes"], env=self.environment, capture_output=True, text=True)
        return any(line.startswith(name + " ") for line in listed.stdout.splitlines())

    def build_command(self, project, artifacts, *arguments):
        """Nothing is restored from elsewhere: the only source of packages is an empty folder. Nor does the state of the
        repository around get into the result."""
        return [
            self.command, "build", project, *arguments,
            f"-p:ArtifactsPath={artifacts}", "-p:UseArtifactsOutput=true",
            f"-p:Framework={self.framework}", f"-p:RestoreSources={self.folder / 'source'}", "-p:NuGetAudit=false",
            "-p:EnableSourceControlManagerQueries=false", "-p:IncludeSourceRevisionInInformationalVersion=false",
        ]  # fmt: skip

    def program(self, name, **properties):
        """The path of the program `name`'s assembly, built if any of its sources is newer."""
        artifacts = self.folder / "programs"
        artifacts.mkdir(exist_ok=True)
        variant = "-".join([name, *(pathlib.Path(str(value)).name for value in properties.values())])
        folder = artifacts / variant
        assembly = folder / "bin" / name / "release" / (name + ".dll")
        with open(artifacts / (variant + ".lock"), "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # tests run side by side
            if not assembly.exists() or assembly.stat().st_mtime < newest_source(properties):
                self.build(name, folder, properties)
                os.utime(assembly)
        return assembly

    def build(self, name, artifacts, properties):
        named = [f"-p:{key}={value}" for key, value in properties.items()]
        command = self.build_command(str(PROGRAMS / name), artifacts, "-c", "release", *QUIET, *named)
        built = self.run(command)
        expect(built.returncode == 0, f"{name} does not build:\n{built.stdout}{built.stderr}")

    def run(self, command, environment=None, linger=0, **options):
        """A command and whatever it starts, to the end; subprocess.run's result. What it leaves behind has `linger`
        seconds to end by itself."""
        with self.started(command, environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options) as process:
            output, errors = process.communicate(timeout=600)
            await_end(members(process.pid), linger)
        return subprocess.CompletedProcess(command, process.returncode, output, errors)

    @contextlib.contextmanager
    def started(self, command, environment=None, **options):
        """The command as a process that leads a session; what is left of that in the end is ended."""
        process = subprocess.Popen(
            [str(part) for part in command],
            env=self.environment | (environment or {}),
            start_new_session=True,
            text=True,
            **options,
        )
        try:
            yield process
        finally:
            for left in members(process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(left, signal.SIGKILL)
            process.wait()


def await_end(processes, seconds):
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            handle = os.pidfd_open(process)
            select.select([handle], [], [], seconds)
            os.close(handle)


def newest_source(properties):
    sources = [*PROGRAMS.rglob("*"), *map(pathlib.Path, properties.values())]
    return max(source.stat().st_mtime for source in sources if source.is_file())


def members(session):
    """The processes of a session."""
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            if fields[0] != "Z" and int(fields[3]) == session:
                yield int(path.parent.name)
