# SPDX-License-Identifier: MIT
"""The site's pages in their order: docs/contents, which has to name every Markdown file below docs/."""
import dataclasses
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


@dataclasses.dataclass
class Entry:
    """A page: the section it stands in, its source, and its name in the navigation."""

    section: str
    path: str
    title: str

    @property
    def address(self):
        return "index.html" if self.path == "README.md" else self.path.removesuffix(".md") + ".html"


def findings(entries):
    listed = [entry.path for entry in entries]
    there = {str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")}
    yield from (f"{path} is on no line" for path in sorted(there.difference(listed)))
    yield from (f"{path} does not exist" for path in listed if not (ROOT / path).is_file())
    yield from (f"{path} is on two lines" for path in sorted({path for path in listed if listed.count(path) > 1}))


def read():
    entries, section = [], None
    for line in (ROOT / "docs/contents").read_text(encoding="utf-8").splitlines():
        if not line.startswith(" "):
            section = line
            continue
        path, _, title = line.strip().partition(" ")
        entries.append(Entry(section, path, title.strip()))
    found = list(findings(entries))
    if found:
        sys.exit("\n".join(f"docs/contents: {finding}" for finding in found))
    return entries
