#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""manual.py --list: the names of all manual pages, those that lead to another included.
manual.py --inputs: the files that they are made from.
manual.py PANDOC FOLDER: makes them in FOLDER.
"""
import pathlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import man_page

MAKE = pathlib.Path(__file__).resolve().parent


def aliases(page):
    """The files for the page's other names."""
    return [f"{name}.{page.section}" for name in page.names if name != page.name]


def version_and_date():
    """As the newest entry of NEWS has them; a version that is not released has no date."""
    first = (man_page.ROOT / "NEWS").read_text(encoding="utf-8").split("\n")[0]
    return re.match(r"(lintel [\d.]+) \((\d{4}-\d\d-\d\d)?", first).groups("")


def make(page, pandoc, folder):
    version, date = version_and_date()
    variables = {
        "title": page.name.upper(),
        "section": page.section,
        "date": date,
        "footer": version,
        "source": page.path.relative_to(man_page.ROOT),
    }
    command = [pandoc, "--from=markdown-smart", "--to=man", f"--template={MAKE}/page.roff"]
    command += [f"--lua-filter={MAKE}/roff.lua", *(f"--variable={name}={value}" for name, value in variables.items())]
    made = subprocess.run(command, input=page.markdown(), text=True, check=True, stdout=subprocess.PIPE).stdout
    # A heading begins a paragraph; one more is an error to some readers.
    text = re.sub(r"^(\.S[HS] .*\n)\.PP\n", r"\1", made, flags=re.MULTILINE)
    pathlib.Path(folder, f"{page.name}.{page.section}").write_text(text, encoding="utf-8")
    for alias in aliases(page):
        text = f".so man{page.section}/{page.name}.{page.section}\n"
        pathlib.Path(folder, alias).write_text(text, encoding="utf-8")


def inputs():
    sources = [page.path for page in man_page.pages()]
    shown = [man_page.ROOT / name for page in man_page.pages() for name in re.findall("^@file (.*)", page.source, re.M)]
    own = [path for path in MAKE.iterdir() if path.is_file()]
    return [*sources, *shown, *own, man_page.ROOT / "NEWS", *(man_page.ROOT / "include/lintel").glob("*.h*")]


def main(asked, *folder):
    pages = man_page.pages()
    if asked == "--list":
        print("\n".join(file for page in pages for file in [f"{page.name}.{page.section}", *aliases(page)]))
    elif asked == "--inputs":
        print("\n".join(map(str, inputs())))
    else:
        with ThreadPoolExecutor(2) as workers:
            list(workers.map(lambda page: make(page, asked, *folder), pages))


if __name__ == "__main__":
    main(*sys.argv[1:])
