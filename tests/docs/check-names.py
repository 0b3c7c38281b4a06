#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-names.py ROOT DOCUMENT...: the names that the documents put in backticks are names of the source, and a name
that is followed by its file, as in `publish` (`module.c`) or `publish`, [src/module.c](...), stands in that file.
"""
import collections
import pathlib
import re
import sys

FOLDERS = ("include", "src", "bench", "stress", "tests", "tools", "examples", "ci")
NAME = re.compile(r"`(?:struct )?(\w*[a-z]_\w+|[a-z]\w*\.[ch])(?:\(\))?`")
NAME_AND_FILE = re.compile(r"`(\w+)`,? (?:\(?`|\[src/)(\w+\.[ch])[`\]]")


def findings(document, texts):
    text = document.read_text(encoding="utf-8")
    whole = "\n".join(texts.values())
    for name in sorted(set(NAME.findall(text))):
        if name not in texts and not re.search(rf"(?:\b|_){re.escape(name)}\b", whole):
            yield f"`{name}` is nowhere in the source"
    for name, file in sorted(set(NAME_AND_FILE.findall(text))):
        if file in texts and not re.search(rf"\b{name}\b", texts[file]):
            yield f"`{name}` does not stand in {file}"


def main(root, *documents):
    files = (path for folder in FOLDERS for path in pathlib.Path(root, folder).rglob("*") if path.is_file())
    texts = collections.defaultdict(str)
    for path in files:
        if path.suffix not in {".md", ".pyc", ".svg"} and "corpus" not in path.parts:
            texts[path.name] += path.read_text(encoding="utf-8")
    failed = False
    for document in map(pathlib.Path, documents):
        for finding in findings(document, texts):
            print(f"{document.name}: {finding}")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
