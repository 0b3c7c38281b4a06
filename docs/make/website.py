#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""website.py PANDOC FOLDER: builds the documentation as static pages in FOLDER: what docs/contents lists, and the files
of the source that its pages name.
"""
import html
import os
import pathlib
import re
import shutil
import string
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import contents
import listing
import man_page
import names

ROOT = contents.ROOT
MAKE = ROOT / "docs/make"
TARGET = re.compile(r'(<(?:a|img)\b[^>]*?\b(?:href|src)=")([^"]*)(")')
ELSEWHERE = re.compile(r"^(?:[a-z]+:|#|$)")


def up_from(address):
    return "../" * address.count("/")


class Site:
    """The pages, and what they lead to."""

    def __init__(self, pandoc, folder):
        self.pandoc, self.folder = pandoc, pathlib.Path(folder)
        self.entries = contents.read()
        self.by_path = {entry.path: entry for entry in self.entries}
        self.template = string.Template((MAKE / "page.html").read_text(encoding="utf-8"))
        self.names = names.Names()
        self.manual = {str(page.path.relative_to(ROOT)): page for page in man_page.pages()}
        self.wanted = {"src"}

    def address_of(self, path):
        """Where a file of the project is in the site. What is no page becomes one, save pictures."""
        if path in self.by_path:
            return self.by_path[path].address
        self.wanted.add(path)
        if path.endswith(".svg"):
            return path
        return f"{path}/index.html" if (ROOT / path).is_dir() else f"{path}.html"

    def lead(self, text, path):
        """The HTML made from the file at `path`, with its links as they are in the site."""

        def replace(found):
            target, _, anchor = html.unescape(found.group(2)).partition("#")
            if ELSEWHERE.match(found.group(2)):
                return found.group()
            whole = os.path.normpath(os.path.join(os.path.dirname(path), target))
            if not (ROOT / whole).exists():
                sys.exit(f"{path}: the link {target} leads nowhere")
            address = up_from(path) + self.address_of(whole) + (f"#{anchor}" if anchor else "")
            return found.group(1) + html.escape(address) + found.group(3)

        return TARGET.sub(replace, text)

    def convert(self, entry):
        """The HTML of a page's own text."""
        page = self.manual.get(entry.path)
        text = page.markdown() if page else (ROOT / entry.path).read_text(encoding="utf-8")
        command = [self.pandoc, "--to=html5", "--wrap=none", "--from=markdown-smart" if page else "--from=gfm"]
        command += ["--shift-heading-level-by=1"] if page else []
        # Pandoc reads its grammars of all languages before it colours one word.
        command += [] if re.search(r"^```c(?:pp)?\b", text, re.MULTILINE) else ["--no-highlight"]
        made = subprocess.run(command, input=text, text=True, check=True, stdout=subprocess.PIPE).stdout
        made = self.lead(made, entry.path)
        if page:
            made = f"<h1>{page.name}({page.section})</h1>\n" + self.names.link_manual(made, up_from(entry.address))
        return self.names.link(made, up_from(entry.address))

    def navigation(self, address):
        up, sections = up_from(address), {}
        for entry in self.entries:
            here = ' aria-current="page"' if entry.address == address else ""
            link = f'<li><a href="{up}{entry.address}"{here}>{html.escape(entry.title)}</a></li>'
            sections.setdefault(entry.section, []).append(link)
        return "\n".join(f"<h2>{title}</h2>\n<ul>\n{chr(10).join(links)}\n</ul>" for title, links in sections.items())

    def neighbours(self, entry):
        at, up = self.entries.index(entry), up_from(entry.address)
        before = [("&larr; ", "", other) for other in self.entries[max(0, at - 1) : at]]
        after = [("", " &rarr;", other) for other in self.entries[at + 1 : at + 2]]
        links = [f'<a href="{up}{to.address}">{left}{to.title}{right}</a>' for left, right, to in before + after]
        return f'<p class="neighbours">{" ".join(links)}</p>'

    def write(self, address, title, text, kind="", **parts):
        file = self.folder / address
        file.parent.mkdir(parents=True, exist_ok=True)
        values = {"outline": "", "neighbours": "", "contents": self.navigation(address), **parts}
        page = self.template.substitute(title=html.escape(title), up=up_from(address), text=text, kind=kind, **values)
        file.write_text(page, encoding="utf-8")

    def make_page(self, entry):
        text = arranged(self.convert(entry))
        kind = "manual" if entry.path in self.manual else "chapter"
        parts = {"outline": outline(text), "neighbours": self.neighbours(entry)}
        self.write(entry.address, entry.title, text, kind, **parts)

    def make_source(self, path):
        file = ROOT / path
        if path.endswith(".svg"):
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, self.folder / path)
        else:
            text = listing.of_folder(file, path) if file.is_dir() else listing.of_file(file, path)
            self.write(self.address_of(path), path, self.lead(text, path + "/"), "source")

    def make(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        shutil.copyfile(MAKE / "style.css", self.folder / "style.css")
        with ThreadPoolExecutor(2) as workers:
            list(workers.map(self.make_page, self.entries))
        self.wanted |= self.names.linked
        made = set()
        while self.wanted - made:
            path = min(self.wanted - made)
            self.make_source(path)
            made.add(path)
        print(f"{len(self.entries)} pages, {len(made)} files of the source: {self.folder}/index.html")


def outline(text):
    headings = re.findall(r'<h2 id="([^"]*)"[^>]*>(.*?)</h2>', text, re.DOTALL)
    if len(headings) < 3:
        return ""
    items = "\n".join(f'<li><a href="#{name}">{re.sub("<[^>]*>", "", title)}</a></li>' for name, title in headings)
    return f'<details class="outline"><summary>On this page</summary>\n<ul>\n{items}\n</ul>\n</details>'


def arranged(text):
    """Wide things in boxes of their own, which scroll."""

    def table(found):
        columns = found.group().partition("</tr>")[0].count("<th")
        cells = re.sub(r"<td>(?=[^<]{60})", '<td class="long">', found.group()) if columns < 7 else found.group()
        return f'<div class="table{" wide" if columns > 6 else ""}">\n{cells}\n</div>'

    def figure(found):
        image, source, caption = found.group(1), found.group(2), found.group(3)
        return f'<figure><a href="{source}">{image}</a>\n<figcaption>{caption}</figcaption></figure>'

    text = re.sub(r"<code>(-\w+)</code>", r'<code class="whole">\1</code>', text)
    text = re.sub(r"<colgroup>.*?</colgroup>\n", "", text, flags=re.DOTALL)
    text = re.sub(r"<table\b.*?</table>", table, text, flags=re.DOTALL)
    return re.sub(r'<p>(<img\s+src="([^"]*)"\s+alt="([^"]*)" />)</p>', figure, text)


if __name__ == "__main__":
    Site(*sys.argv[1:]).make()
