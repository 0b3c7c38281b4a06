#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-links.py ROOT: in every Markdown file of the project, links to files and headings lead somewhere, and a block
that is marked with a file's name, as in ```c examples/first-module.c, holds that file word for word, or some lines of
it, as in ```c part of examples/first-module.c.
"""
import pathlib
import re
import sys

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ELSEWHERE = re.compile(r"^[a-z]+:")
SKIPPED = re.compile(r"^(?:build.*|subprojects|\.git)$")


def documents(root):
    for path in sorted(root.rglob("*.md")):
        if not SKIPPED.match(path.relative_to(root).parts[0]):
            yield path


def prose_and_blocks(text):
    """The text without its fenced blocks, and the blocks as (what follows the fence, content)."""
    return BLOCK.sub("", text), BLOCK.findall(text)


def anchors(path):
    """What a heading's link is: lower case, dashes for blanks, no punctuation."""
    prose, _ = prose_and_blocks(path.read_text(encoding="utf-8"))
    for heading in re.findall(r"^#+ (.*)$", prose, re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def link_findings(path, prose):
    for target in LINK.findall(prose):
        if ELSEWHERE.match(target):
            continue
        name, _, anchor = target.partition("#")
        file = path.parent / name if name else path
        if not file.exists():
            yield f"the link {target} leads nowhere"
        elif anchor and anchor not in anchors(file):
            yield f"the link {target} leads to no heading of {file.name}"


def block_findings(root, blocks):
    for opening, content in blocks:
        _, _, name = opening.partition(" ")
        if not name:
            continue
        file = root / name.removeprefix("part of ")
        if not file.exists():
            yield f"a block is marked as {name}, which does not exist"
            continue
        text = file.read_text(encoding="utf-8")
        if content != text and (file == root / name or "\n" + content not in text):
            yield f"the block marked as {name} differs from it"


def main(root):
    failed = False
    for path in documents(root):
        prose, blocks = prose_and_blocks(path.read_text(encoding="utf-8"))
        for finding in [*link_findings(path, prose), *block_findings(root, blocks)]:
            print(f"{path.relative_to(root)}: {finding}")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
