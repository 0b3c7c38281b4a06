# SPDX-License-Identifier: MIT
"""What a run was made on and of."""
import os
import pathlib
import platform
import re
import shutil
import subprocess

PACKAGES = ("libc6", "libjemalloc2", "libmimalloc2.0", "libtcmalloc-minimal4", "libtcmalloc-minimal4t64",
            "libasmjit-dev", "libbenchmark-dev", "liburcu8", "valgrind")


def read(path, otherwise=""):
    try:
        return pathlib.Path(path).read_text(encoding="utf-8").strip()
    except OSError:
        return otherwise


def output(*command):
    """The first line a command writes; nothing where there is no such command, or it fails."""
    if not shutil.which(command[0]):
        return ""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.split("\n")[0] if done.returncode == 0 else ""


def processor():
    found = re.search(r"^model name\s*: (.*)$", read("/proc/cpuinfo"), re.M)
    return found.group(1) if found else platform.machine()


def facts():
    cores = len(os.sched_getaffinity(0))
    found = re.search(r"^MemTotal:\s*(\d+)", read("/proc/meminfo"), re.M)
    slug = re.sub(r"[^a-z0-9]+", "-", processor().lower()).strip("-")
    return {
        "name": f"{slug}-{cores}-cores",
        "processor": processor(),
        "cores": cores,
        "memory_gib": round(int(found.group(1)) / (1 << 20), 1) if found else None,
        "virtual": "hypervisor" in read("/proc/cpuinfo"),
        "kernel": platform.release(),
        "system": re.sub(r'^PRETTY_NAME="(.*)"$', r"\1", output("grep", "^PRETTY_NAME=", "/etc/os-release")),
        "transparent_huge_pages": read("/sys/kernel/mm/transparent_hugepage/enabled"),
        "load_before": os.getloadavg()[0],
    }


def versions(root):
    found = {
        "lintel": output("git", "-C", str(root), "describe", "--always", "--dirty", "--tags"),
        "compiler": output("cc", "--version"),
    }
    for package in PACKAGES:
        version = output("dpkg-query", "-W", "-f", "${Version}", package)
        if version:
            found[package] = version
    return found
