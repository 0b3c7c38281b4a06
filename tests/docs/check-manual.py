#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-manual.py ROOT PAGE LIBRARY [TOOL...]: the manual is complete and well made.

Each function that LIBRARY exports has a page in PAGE's folder, under its own name. Of each public function the header
says who may call it and what it returns; each public type and each of its members is told of. Each option that a
TOOL's --help lists is in the TOOL's page, and no other. Neither mandoc nor groff finds anything to say about a page.
"""
import pathlib
import re
import shutil
import subprocess
import sys


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def exported(library):
    symbols = output("nm", "--dynamic", "--defined-only", "--format=posix", library).splitlines()
    names = {line.split()[0].partition("@")[0] for line in symbols}
    return {name for name in names if name.startswith("lintel_")}


def missing_functions(library, pages):
    for name in sorted(exported(library)):
        if not (pages / f"{name}.3").exists():
            yield f"{name} has no page: name it in one of docs/man/*.3.md"


def missing_types(man_page):
    told = {name for page in man_page.pages() for line in re.findall("^@types (.*)", page.source, re.M)
            for name in line.split()}
    for name in sorted(man_page.TYPES.keys() - told):
        yield f"{name} is told of on no page"
    for name, found in man_page.TYPES.items():
        for members, said in found.members:
            if not said and "=" not in members[0] and name not in members[0]:
                yield f"the header says nothing of {', '.join(members)} in {name}"


def missing_words(man_page):
    for name, function in man_page.FUNCTIONS.items():
        if not function.threads:
            yield f"the header does not say who may call {name}"
        if not function.returns and not re.match(r"void \w|const char \*", function.declaration):
            yield f"the header does not say what {name} returns"


def wrong_options(tool, pages):
    name = pathlib.Path(tool).name
    sources = [page.source for page in pages if page.name == name]
    if not sources:
        yield f"{name} has no page: docs/man/{name}.1.md"
        return
    has = set(re.findall(r"^ +(?:-\w, +|)(--[\w-]+)", output(tool, "--help"), re.MULTILINE))
    shown = set(re.findall(r"^(?:\*\*-\w\*\*, )?\*\*\\(--[\w-]+)\*\*", sources[0], re.MULTILINE))
    yield from (f"{name}.1: {option} is not there" for option in sorted(has - shown))
    yield from (f"{name}.1: the tool has no {option}" for option in sorted(shown - has))


def badly_made(pages):
    """A version that is not released has no date, which is the one thing that mandoc may miss."""
    for page in sorted(pages.glob("*.[1-9]")):
        alias = re.match(r"\.so man\d/(\S+)", page.read_text(encoding="utf-8"))
        if alias:
            if not (pages / alias.group(1)).exists():
                yield f"{page.name} leads to {alias.group(1)}, which does not exist"
            continue
        for command in (["mandoc", "-Tlint", "-Wwarning"], ["man", "--warnings", "--encoding=UTF-8", "-l"]):
            done = subprocess.run([*command, page], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            said = [line for line in done.stdout.splitlines() if command[0] == "mandoc" or "warning" in line]
            yield from (line for line in said if "missing date" not in line)


def main(root, page, library, *tools):
    sys.path.insert(0, f"{root}/docs/make")
    import man_page

    folder = pathlib.Path(page).parent
    readers = shutil.which("mandoc") and shutil.which("man")
    found = [*missing_functions(library, folder), *missing_types(man_page), *missing_words(man_page)]
    found += [*(badly_made(folder) if readers else ())]
    found += [finding for tool in tools for finding in wrong_options(tool, man_page.pages())]
    print("\n".join(found))
    if not readers and not found:
        print("no mandoc or no man here: nobody reads the pages")
        return 77
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
