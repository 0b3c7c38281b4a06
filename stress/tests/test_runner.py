#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of the runner itself: test_runner.py usage|corpus|outputs PROGRAM, or test_runner.py lies LIAR."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

SVG_TEXT = "{http://www.w3.org/2000/svg}text"
HEADER = {"class": 4, "type": 16, "machine": 18, "phoff": 32, "shoff": 40, "phnum": 56, "shnum": 60}


def run(program, *arguments, lie=None):
    environment = dict(os.environ)
    if lie is not None:
        # Whatever the liar leaks is a lie too.
        environment |= {"LIE": lie, "ASAN_OPTIONS": environment.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}
    return subprocess.run([program, *arguments], capture_output=True, env=environment, check=False)


def expect(condition, what, outcome=None):
    if condition:
        return
    print("FAILED:", what)
    if outcome is not None:
        sys.stdout.write(f"status {outcome.returncode}\n{outcome.stdout.decode(errors='replace')}")
        sys.stdout.write(outcome.stderr.decode(errors="replace"))
    sys.exit(1)


def expect_one_line(outcome, words):
    """Bad usage: status 2, and one line on stderr that says what is wrong."""
    lines = outcome.stderr.decode(errors="replace").splitlines()
    expect(outcome.returncode == 2, f"status 2 for {outcome.args[1:]}", outcome)
    expect(len(lines) == 1 and lines[0].startswith("lintel-stress: "), "one line on stderr", outcome)
    expect(words in lines[0], f"'{words}' on stderr", outcome)


def test_usage(program):
    for arguments, words in [
        (["--threads", "0"], "'0'"),
        (["--threads", "4x"], "'4x'"),
        (["--threads", ""], "''"),
        (["--threads", " 4"], "' 4'"),
        (["--threads", "1025"], "'1025'"),
        (["--threads", "99999999999999999999"], "whole number"),
        (["--seconds", "0"], "'0'"),
        (["--seconds", "-1"], "'-1'"),
        (["--seconds", "1.5"], "'1.5'"),
        (["--seed", "0x"], "'0x'"),
        (["--seed", "18446744073709551616"], "whole number"),
        (["--scenario", "nothing"], "clone churn exhaust race publish many suspend interrupt"),
        (["--seed"], "needs a value"),
        (["--unheard-of"], "--unheard-of"),
        (["-x"], "-x"),
        (["--scenario", "race", "some-file"], "takes no files"),
        (["--json", "/nowhere/at/all"], "/nowhere/at/all"),
        (["--svg", "/"], "/: "),
        (["--report", "/"], "/: "),
    ]:
        expect_one_line(run(program, *arguments), words)
    shown = run(program, "--help")
    expect(shown.returncode == 0 and not shown.stderr, "--help", shown)
    for name in ("clone", "churn", "exhaust", "race", "publish", "many", "suspend", "interrupt"):
        expect(f"  {name} ".encode() in shown.stdout, f"{name} in --help", shown)
    version = run(program, "--version")
    expect(version.returncode == 0 and version.stdout.startswith(b"lintel-stress "), "--version", version)


def changed(image, field, value, size):
    start = HEADER[field]
    return image[:start] + value.to_bytes(size, "little") + image[start + size :]


def bad_files(image):
    """Name, content and complaint of files that are of no use."""
    yield "text", b"no library at all\n" * 100, "not an ELF file"
    yield "empty", b"", "not an ELF file"
    yield "cut-in-magic", image[:3], "not an ELF file"
    yield "cut-in-header", image[:40], "truncated"
    yield "cut-after-header", image[:64], "truncated"
    yield "cut-in-middle", image[: len(image) // 2], "truncated"
    yield "cut-at-end", image[:-1], "truncated"
    yield "other-machine", changed(image, "machine", 8, 2), "another machine"
    yield "other-class", changed(image, "class", 1, 1), "another machine"
    yield "object", changed(image, "type", 1, 2), "neither a shared library nor a program"
    yield "no-sections", changed(changed(image, "shoff", 0, 8), "shnum", 0, 2), "no symbol table"
    yield "no-segments", changed(image, "phnum", 0, 2), "nothing in it to load"
    yield "far-segments", changed(image, "phoff", 2**64 - 56, 8), "truncated"


def test_corpus(program):
    image = pathlib.Path(program).read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for name, content, complaint in bad_files(image):
            files.append(os.path.join(folder, name))
            pathlib.Path(files[-1]).write_bytes(content)
            expect_one_line(run(program, files[-1]), f"{files[-1]}: ")
            expect_one_line(run(program, files[-1]), complaint)
        expect_one_line(run(program, os.path.join(folder, "missing")), "No such file")
        expect_one_line(run(program, folder), "not a regular file")
        os.mkfifo(os.path.join(folder, "pipe"))
        expect_one_line(run(program, os.path.join(folder, "pipe")), "not a regular file")

        good = shutil.copy(program, os.path.join(folder, "good"))
        mixed = run(program, "--seconds", "1", *files, good)
        expect(mixed.returncode == 0, "the good file is used beside bad ones", mixed)
        expect(mixed.stderr.count(b"lintel-stress: ") == len(files), "each bad file is complained about", mixed)
        expect(b"good " in mixed.stdout, "the good file is in the table", mixed)


def expect_json(path, name):
    report = json.loads(path.read_text(encoding="utf-8"))
    modules, totals = report["modules"], report["totals"]
    expect(report["kept"] and report["seed"] == 7 and report["threads"] == 3, "the parameters")
    expect(any(module["name"] == name for module in modules), f"{name} among the modules")
    expect(any(module["name"] == "not-utf8-\ufffd\ufffd" for module in modules), "wrong UTF-8 is marked")
    for figure in ("bodies", "bytes", "reserved", "spare", "lost", "vmas", "region_count"):
        expect(totals[figure] == sum(module[figure] for module in modules), f"the total of {figure}")
    for module in modules:
        used = sum(region["used"] for region in module["regions"])
        expect(used == module["bytes"] + module["spare"] + module["lost"], f"the books of {module['name']}")
        expect(module["image_size"] <= module["nearest"] < module["farthest"] <= module["reach"], "the offsets")


def test_outputs(program):
    name = 'we"ird <&> \\ \u00e4\t'
    with tempfile.TemporaryDirectory() as folder:
        library = shutil.copy(program, os.path.join(folder, name))
        shutil.copy(program, os.path.join(os.fsencode(folder), b"not-utf8-\xff\xc3"))
        written, drawn = pathlib.Path(folder, "report.json"), pathlib.Path(folder, "picture.svg")
        outcome = run(program, "--seconds", "1", "--threads", "3", "--seed", "7", "--json", written, "--svg", drawn,
                      library, os.path.join(os.fsencode(folder), b"not-utf8-\xff\xc3"))
        expect(outcome.returncode == 0, "clone with odd names", outcome)
        expect(max(map(len, outcome.stdout.decode().splitlines())) <= 100, "no line over 100 columns", outcome)
        expect_json(written, name)
        texts = [text.text for text in xml.parse(drawn).iter(SVG_TEXT)]
        expect(any(text.startswith('we"ird <&>') for text in texts), "the name in the picture")
        full = run(program, "--seconds", "1", "--json", "/dev/full", library)
        expect(full.returncode == 2 and b"could not be written" in full.stderr, "a full disk is noticed", full)


def test_lies(liar):
    """Whatever promise is broken, the runner notices, names it, and tells how to repeat the run."""
    for scenario, lie, promises in [
        ("clone", "again", ["identical", "apart", "books"]),
        ("clone", "scribbled", ["identical"]),
        ("clone", "dirty", ["fresh"]),
        ("clone", "crooked", ["aligned"]),
        ("clone", "elsewhere", ["where", "region", "books"]),
        ("clone", "refused", ["place"]),
        ("clone", "wasted", ["books"]),
        ("clone", "unfound", ["find"]),
        ("clone", "misplaced", ["find"]),
        ("clone", "undead", ["gone"]),
        ("churn", "touched", ["for life"]),
        ("churn", "shut", ["open", "open again"]),
        ("exhaust", "refused", ["exhaust"]),
        ("exhaust", "again", ["books", "apart"]),
        ("race", "scribbled", ["intact"]),
        ("race", "wasted", ["books"]),
        ("many", "wasted", ["books"]),
    ]:
        outcome = run(liar, "--scenario", scenario, "--seconds", "1", "--seed", "42", *([liar] if scenario == "clone"
                      else []), lie=lie)
        said = outcome.stdout.decode(errors="replace")
        expect(outcome.returncode == 1, f"status 1 for {scenario} with {lie}", outcome)
        expect(any(f"  {promise}: " in said for promise in promises), f"{lie} is called {promises}", outcome)
        expect(f"--scenario {scenario}" in said.split("repeat with:")[-1] and "--seed 42" in said, "how to repeat it",
               outcome)


if __name__ == "__main__":
    {"usage": test_usage, "corpus": test_corpus, "outputs": test_outputs, "lies": test_lies}[sys.argv[1]](sys.argv[2])
