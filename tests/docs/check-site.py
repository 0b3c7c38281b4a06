#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-site.py FOLDER: every link of the pages in FOLDER leads to a file and an anchor in it, nothing is loaded from
elsewhere, and every page can be reached from the first.
"""
import html.parser
import pathlib
import re
import sys
import urllib.parse

LOADED = {("link", "href"), ("img", "src"), ("script", "src"), ("iframe", "src"), ("source", "src"), ("object", "data")}


class Page(html.parser.HTMLParser):
    """The anchors of a page, and its links as (tag, target)."""

    def __init__(self, path):
        super().__init__()
        self.path, self.anchors, self.links, self.has_title = path, [], [], False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        self.has_title |= tag == "title"
        for name, value in attrs:
            if name == "id":
                self.anchors.append(value)
            if name in {"href", "src", "data"}:
                self.links.append((tag, name, value))


def target_of(page, link):
    """The file and the anchor that a link leads to."""
    place, anchor = urllib.parse.urldefrag(link)
    file = (page.path.parent / urllib.parse.unquote(place)).resolve() if place else page.path
    return file, anchor


def link_findings(pages, page):
    for tag, name, link in page.links:
        if re.match(r"[a-z]+:", link):
            if (tag, name) in LOADED and not link.startswith("data:"):
                yield f"loads {link}"
            continue
        file, anchor = target_of(page, link)
        if not file.is_file():
            yield f"the link {link} leads nowhere"
        elif anchor and (file not in pages or anchor not in pages[file].anchors):
            yield f"the link {link} leads to no anchor of {file.name}"


def page_findings(pages, page):
    yield from link_findings(pages, page)
    yield from (f"two elements are called {name}" for name in sorted(set(page.anchors))
                if page.anchors.count(name) > 1)
    if not page.has_title:
        yield "has no title"


def reached(pages, first):
    seen, waiting = set(), [first]
    while waiting:
        page = waiting.pop()
        if page not in seen and page in pages:
            seen.add(page)
            waiting += [target_of(pages[page], link)[0] for _, _, link in pages[page].links if ":" not in link]
    return seen


def main(folder):
    root = pathlib.Path(folder).resolve()
    pages = {path: Page(path) for path in sorted(root.rglob("*.html"))}
    found = [(path, finding) for path, page in pages.items() for finding in page_findings(pages, page)]
    found += [(path, "no page leads here") for path in sorted(pages.keys() - reached(pages, root / "index.html"))]
    found += [(path, f"loads {address}") for path in root.rglob("*.css")
              for address in re.findall(r"url\(([^)]*)|@import (.*)", path.read_text(encoding="utf-8"))]
    for path, finding in found:
        print(f"{path.relative_to(root)}: {finding}")
    print(f"{len(pages)} pages, {sum(len(page.links) for page in pages.values())} links")
    return 1 if found or not pages else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
