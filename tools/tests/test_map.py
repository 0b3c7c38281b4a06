#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""lintel-map on live processes and on files: test_map.py CASE LINTEL_MAP SUBJECT, one of the CASES at the end."""
import html.parser
import json
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile

SKIPPED = 77
FIGURES = ("regions", "reserved", "committed", "allocated", "allocations", "spare", "lost", "failures")
VOID = {"meta", "br"}


def expect(condition, what):
    if not condition:
        print("FAILED:", what)
        sys.exit(1)


class Subject:
    """The process to look at."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        expect(self.process.stdout.readline() == b"ready\n", "the subject starts")

    def order(self, order):
        """What it prints, up to its "done"."""
        self.process.stdin.write(order.encode() + b"\n")
        self.process.stdin.flush()
        lines = []
        while (line := self.process.stdout.readline()) != b"done\n":
            expect(line, "the subject lives")
            lines.append(line)
        return b"".join(lines)

    def books(self):
        """Both heaps' documents."""
        text, documents = self.order("books").decode(), []
        while text.strip():
            document, end = json.JSONDecoder().raw_decode(text.lstrip())
            documents.append(document)
            text = text.lstrip()[end:]
        return documents

    def end(self):
        self.process.stdin.close()
        expect(self.process.wait() == 0, "the subject ends well: nobody has disturbed it")


def run(program, *arguments, **options):
    return subprocess.run([program, *map(str, arguments)], capture_output=True, check=False, **options)


def must(program, *arguments):
    outcome = run(program, *arguments)
    expect(outcome.returncode == 0, f"{arguments}: {outcome.stderr.decode()}")
    return outcome.stdout.decode()


def permitted(program, subject):
    """Where even the own child's memory may not be read, there is nothing to test."""
    outcome = run(program, "--once", subject.process.pid)
    if outcome.returncode and b"not permitted" in outcome.stderr:
        print("skipped:", outcome.stderr.decode())
        sys.exit(SKIPPED)


def same(module, own, what):
    for name in (*FIGURES, "key", "base", "serial", "name", "open"):
        expect(module[name] == own[name], f"{name} of {what}: {module[name]}, and its own books say {own[name]}")
    expect(sorted(module["region_list"], key=str) == sorted(own["region_list"], key=str), f"the regions of {what}")


def compare(seen, books):
    own = {(module["key"], module["serial"]): module for document in books for module in document["module_list"]}
    expect(len(own) == len(seen["module_list"]), "as many modules as there are")
    for module in seen["module_list"]:
        same(module, own[module["key"], module["serial"]], module["name"])
    for figure in FIGURES:
        expect(seen[figure] == sum(document[figure] for document in books), f"the total of {figure}")


def test_live(program, subject):
    """The figures are the library's own, to the byte: of threads' chunks, a pool, code, failures, closed modules."""
    permitted(program, subject)
    for order in ("fail", "close 1"):
        compare(json.loads(must(program, "--json", subject.process.pid)), subject.books())
        subject.order(order)
    seen = json.loads(must(program, "--json", subject.process.pid))
    compare(seen, subject.books())
    expect(seen["process"] == subject.process.pid and seen["heaps"] == 2, "whose figures they are")
    expect({module["name"]: module["open"] for module in seen["module_list"]}["alpha"], "alpha is open")
    expect(sum(not module["open"] for module in seen["module_list"]) == 1, "one is closed and still used")
    expect(sum(module["failures"] for module in seen["module_list"]) == 1, "the failure is counted")


def test_closing(program, subject):
    """While modules come and go, those that stay are seen as they are, and no other names are made up."""
    permitted(program, subject)
    books = {module["key"]: module for document in subject.books() for module in document["module_list"]}
    subject.order("churn")
    churned = 0
    for _ in range(100):
        outcome = run(program, "--json", subject.process.pid)
        expect(outcome.returncode == 0, outcome.stderr.decode())
        modules = json.loads(outcome.stdout)["module_list"]
        staying = [module for module in modules if module["key"] in books]
        expect(len(staying) == len(books), "every module that stays is there")
        for module in staying:
            same(module, books[module["key"]], module["name"])
        others = [module for module in modules if module["key"] not in books]
        churned += len(others)
        for module in others:
            expect(module["name"] == "comes and goes", f"'{module['name']}' is nobody's name")
            expect(module["allocations"] <= 20 and 1020 <= int(module["key"], 16) < 1084, "what it has makes sense")
    expect(churned > 0, "some are seen on their way")


def test_file(program, subject):
    """A file that the library wrote, or lintel-map: the same table."""
    permitted(program, subject)
    with tempfile.TemporaryDirectory() as folder:
        written, own = pathlib.Path(folder, "map.json"), pathlib.Path(folder, "own.json")
        written.write_text(must(program, "--json", subject.process.pid), encoding="utf-8")
        own.write_text(json.dumps(subject.books()[0]), encoding="utf-8")
        live = must(program, subject.process.pid).splitlines()[1:]
        expect(must(program, written).splitlines()[1:] == live, "a file shows what the process does")
        rows = must(program, "--regions", own).splitlines()
        expect(any(row.startswith("alpha ") and "9,000" in row for row in rows), "alpha's row")
        expect(sum("used, " in row and " committed of " in row for row in rows) == sum(
            len(module["region_list"]) for module in json.loads(own.read_text())["module_list"]), "a row a region")
        piped = subprocess.run([program, "-"], input=own.read_bytes(), capture_output=True, check=False)
        expect(piped.returncode == 0 and b"alpha" in piped.stdout, "from the standard input")
        expect(max(map(len, live + rows)) <= 80, "no line over 80 columns")
        expect("\033" not in "".join(live), "no colour in a pipe")
        names = [row.split()[0] for row in must(program, "--sort", "base", written).splitlines()[4:]]
        expect(names[0] == "alpha" and names[-1] == "total", "by base")


def check_strangers(program, subject, stranger):
    """A lintel of another version, and another user's process."""
    tomorrow = Subject(stranger)
    outcome = run(program, tomorrow.process.pid)
    expect(outcome.returncode == 1 and b"version 9.8.7, whose memory" in outcome.stderr, f"a newer lintel: {outcome}")
    tomorrow.end()
    if os.geteuid() == 0:
        try:
            outcome = run(program, subject.process.pid, user=65534, group=65534, extra_groups=[])
        except PermissionError:  # the build tree is not for others
            return
        expect(outcome.returncode == 1 and b"not permitted" in outcome.stderr, f"another's process: {outcome}")


def test_errors(program, subject, stranger):
    """One line on stderr that says what is wrong; status 1 for what cannot be read, 2 for what was asked wrongly."""
    permitted(program, subject)
    with tempfile.TemporaryDirectory() as folder:
        texts = {"empty": "", "text": "no JSON", "list": "[]", "other": '{"version": "1"}', "cut": '{"module_list": [',
                 "odd": '{"module_list": [{"name": "x"}], "regions": 1}',
                 "negative": '{"module_list": [], "regions": -1}'}
        for name, text in texts.items():
            pathlib.Path(folder, name).write_text(text, encoding="utf-8")
        gone = subprocess.Popen(["true"])
        gone.wait()
        wrong = [([pathlib.Path(folder, name)], 1, "not JSON" if name in ("empty", "text", "cut") else
                  "lintel_heap_print") for name in texts]
        wrong += [
            ([pathlib.Path(folder, "missing")], 1, "No such file"), ([folder], 1, ""),
            ([gone.pid], 1, "no such process"), ([os.getpid()], 1, "no lintel in it"), ([0], 2, "'0'"),
            ([99999999999999999999], 2, "no process"), ([], 2, "--help"), ([1, 2], 2, "'2'"), (["-x"], 2, "'-x'"),
            (["--sort", "size", 1], 2, "'size'"), (["--delay", "0", 1], 2, "'0'"), (["--delay"], 2, "--delay"),
            (["--html", "/nowhere/at/all", subject.process.pid], 1, "/nowhere/at/all"),
            (["--html", "/dev/full", subject.process.pid], 1, "could not be written"),
        ]
        for arguments, status, words in wrong:
            outcome = run(program, *arguments)
            said = outcome.stderr.decode().splitlines()
            expect(outcome.returncode == status, f"status {status} for {arguments}, not {outcome.returncode}: {said}")
            expect(len(said) == 1 and said[0].startswith("lintel-map: ") and words in said[0], f"{arguments}: {said}")
        with open("/dev/full", "w", encoding="utf-8") as full:
            outcome = subprocess.run([program, str(subject.process.pid)], stdout=full, stderr=subprocess.PIPE,
                                     check=False)
        expect(outcome.returncode == 1 and b"could not be written" in outcome.stderr, "a full disk is noticed")
    check_strangers(program, subject, stranger)
    for word in ("--html", "--json", "PID", "Exit status"):
        expect(word in must(program, "--help"), f"{word} in --help")
    expect(must(program, "--version").startswith("lintel-map "), "--version")


class Page(html.parser.HTMLParser):
    """Collects what a page has, and what is wrong with it."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.outside, self.wrong, self.words = [], set(), set(), [], [], []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids |= {attributes["id"]} if "id" in attributes else set()
        self.links |= {attributes["href"]} if tag == "a" else set()
        self.outside += [tag] if tag in ("link", "img", "iframe", "object") or "src" in attributes else []
        self.open += [] if tag in VOID else [tag]

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data):
        self.words += [] if self.open and self.open[-1] in ("style", "script") else [data]


def check_page(text, ids, words):
    page = Page()
    page.feed(text)
    page.close()
    expect(not page.wrong and not page.open, f"well-formed: {page.wrong} {page.open}")
    expect(ids <= page.ids, f"{ids} are in the page: {page.ids}")
    expect(page.links == {f"#{part}" for part in ids - {'readout'}}, f"a link to each part: {page.links}")
    expect(not page.outside and not re.search(r"https?://|@import|url\(|fetch\(|XMLHttp", text), "nothing from outside")
    expect("prefers-color-scheme: dark" in text and "@media print" in text, "for the dark, and for paper")
    for word in words:
        expect(word in "".join(page.words), f"'{word}' is in the page")


def test_html(program, subject):
    """A page in one file, with whatever names modules have."""
    permitted(program, subject)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "map.html")
        must(program, "--html", path, subject.process.pid)
        check_page(path.read_text(encoding="utf-8"), {"space", "modules", "regions", "readout"},
                   ["alpha", 'b\u00e4r <&> "quoted" \\', "9,000", str(subject.process.pid)])


def test_report(program, subject):
    """lintel-stress's report is a page of the same kind."""
    with tempfile.TemporaryDirectory() as folder:
        for scenario, words in (("clone", ["libc.so"]), ("churn", [])):
            path = pathlib.Path(folder, scenario)
            must(program, "--scenario", scenario, "--seconds", 1, "--seed", 7, "--threads", 2, "--report", path)
            text = path.read_text(encoding="utf-8")
            ids = {part for part in ("figures", "space", "modules", "regions") if f'id="{part}"' in text}
            ids |= {"run", "throughput", "latency"} | ({"readout"} if "space" in ids else set())
            check_page(text, ids, [f"--scenario {scenario}", "--seed 7", "Every promise was kept", "99.99 %", *words])
            expect('class="bars"' in text, "calls were timed")
            expect(scenario != "clone" or {"space", "modules"} <= ids, "the modules are there")


def test_watching(program, subject):
    """On a terminal it goes on, with the terminal as it was before at the end: by q, or with the process."""
    permitted(program, subject)
    for ending in ("q", "process"):
        leader, follower = pty.openpty()
        shown, frames = b"", 0
        watcher = subprocess.Popen([program, "--delay", "0.1", str(subject.process.pid)], stdin=follower,
                                   stdout=follower, stderr=subprocess.PIPE)
        os.close(follower)
        while True:
            select.select([leader], [], [])
            try:
                shown += os.read(leader, 65536)
            except OSError:
                break
            if shown.count(b"\033[H") >= 3 and not frames:
                frames = shown.count(b"\033[H")
                if ending == "q":
                    os.write(leader, b"q")
                else:
                    subject.process.send_signal(signal.SIGKILL)
                    subject.process.wait()
        said = watcher.stderr.read().decode()
        os.close(leader)
        expect(watcher.wait() == (0 if ending == "q" else 1), f"how it ends: {said}")
        expect(frames >= 3 and b"alpha" in shown, "it looks again and again")
        expect(shown.rstrip().endswith(b"\033[?1049l"), "the screen is given back")
        expect(ending == "q" or "has ended" in said or "no lintel" in said, said)
    sys.exit(0)


def main(case, program, subject=None, *others):
    cases = {"live": test_live, "closing": test_closing, "file": test_file, "errors": test_errors, "html": test_html,
             "report": test_report, "watching": test_watching}
    process = Subject(subject) if subject else None
    cases[case](program, process, *others)
    if process:
        process.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
