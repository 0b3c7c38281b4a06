#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""test_web.py CALLCOUNT FOLDER: an ASP.NET Core application answers every request the same under the call-count
profiler as without, from several clients at once, while it loads and drops methods that are rewritten each time.
"""
import concurrent.futures
import pathlib
import random
import subprocess
import sys
import urllib.request

import methods
from dotnet import Dotnet, expect, skip
from profilers import CallCount

FRAMEWORK = "Microsoft.AspNetCore.App"
CLIENTS = 4
SEED = 20


def paths():
    yield from (f"/text/{number}" for number in range(0, 200, 5))
    yield from (f"/order/{number}" for number in range(40))
    yield from (f"/fresh/{number}" for number in range(40))


class Web:
    def __init__(self, folder):
        self.dotnet = Dotnet(folder)
        if not self.dotnet.has_framework(FRAMEWORK):
            skip(f"{FRAMEWORK} is not installed")
        self.program = self.dotnet.program("web")
        self.plugin = self.dotnet.program("plugin", Methods=methods.write(self.dotnet.folder / "Served.cs", 40, 20))

    def serve(self, environment, client):
        """What `client` makes of the address of a server that runs meanwhile."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with self.dotnet.started([self.dotnet.command, self.program, self.plugin], environment, **pipes) as server:
            made = client(server.stdout.readline().strip())
            server.stdin.close()
            expect(server.wait(60) == 0, f"the server ended with {server.returncode}")
        return made


def fetch(address, data=None):
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"} if data else {})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def ask_all(address, seed):
    """Every path's answer, in an order of its own; an order is also sent back, to be added up."""
    order = list(paths())
    random.Random(seed).shuffle(order)
    answers = {path: fetch(address + path) for path in order}
    totals = {"/total" + path: fetch(address + "/total", answers[path]) for path in order if path.startswith("/order")}
    return answers | totals


def ask_at_once(address):
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as clients:
        return list(clients.map(lambda number: ask_all(address, SEED + number), range(CLIENTS)))


def main(library, folder):
    web = Web(folder)
    profiler = CallCount(library, pathlib.Path(folder) / "web")
    plain = web.serve({}, lambda address: ask_all(address, SEED))
    for answers in web.serve(profiler.environment(), ask_at_once):
        differing = [path for path in plain if answers[path] != plain[path]]
        expect(not differing, f"{len(differing)} other answers, the first to {differing[:1]}")
    expect(len(profiler.reports()) == 1, "the profiler has not reported")
    print(f"{CLIENTS * len(plain)} requests answered, none otherwise than without the profiler")


main(*sys.argv[1:])
