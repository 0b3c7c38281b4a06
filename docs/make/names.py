# SPDX-License-Identifier: MIT
"""Where the names that the documents mention are defined: public functions in the manual, all else in the source."""
import collections
import pathlib
import re

import man_page

ROOT = man_page.ROOT
FOLDERS = ("src", "include", "examples", "stress")
TYPE = re.compile(r"^(?:typedef )?(?:struct|enum|union) ?(\w*) \{.*?^\} ?(\w*);", re.DOTALL | re.MULTILINE)
NAME = r"<code>(?:struct )?(?P<name>\w+)</code>"
FILE = r"<code>(?P<file>[\w/]+\.[ch])</code>"
MENTION = re.compile(rf"{NAME}(?P<between>,? \(?){FILE}|{NAME.replace('name', 'alone')}|{FILE.replace('file', 'only')}")
UNTOUCHED = re.compile(r"(<a\b.*?</a>|<h[1-6]\b.*?</h[1-6]>|<pre\b.*?</pre>)", re.DOTALL)


def definitions(text):
    """(name, line) of each function and type that is defined in a C file."""
    signature = None
    for number, line in enumerate(text.split("\n"), 1):
        if line and line[0] not in " {}#/*" and "(" in line:
            signature = re.search(r"(\w+)\(", line), number
        if line == "{" and signature and signature[0]:
            yield signature[0].group(1), signature[1]
    for found in TYPE.finditer(text):
        for name in [found.group(2)] if found.group(2) else [found.group(1), found.group(1) + "_t"]:
            yield name, text.count("\n", 0, found.start()) + 1


class Names:
    """Links for names and for names of files; `linked` has the files that they lead to."""

    def __init__(self):
        self.linked = set()
        self.defined = collections.defaultdict(dict)  # name -> path -> line
        self.files = collections.defaultdict(list)  # a file's name -> paths
        for path in sorted(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.[ch]")):
            relative = str(path.relative_to(ROOT))
            self.files[path.name].append(relative)
            for name, line in definitions(path.read_text(encoding="utf-8")):
                self.defined[name].setdefault(relative, line)
        self.manual = {name: page for page in man_page.pages() for name in page.names if page.section == "3"}

    def page_of(self, name):
        """The manual's page for a public function."""
        page = self.manual.get(name)
        return page and f"docs/man/{page.name}.3.html" + (f"#{name}" if len(page.names) > 1 else "")

    def place_of(self, name, file=None):
        """Where a name is defined; of several places, the one in the library."""
        places = self.defined.get(name, {})
        places = {path: line for path, line in places.items() if file is None or path.endswith("/" + file)}
        own = [path for path in places if path.startswith(("src/", "include/"))]
        if not own and (file or "_" in name):  # a lone word may be anybody's: what the examples call dlopen, say
            own = list(places)
        return f"{own[0]}.html#L{places[own[0]]}" if len(own) == 1 else None

    def file_of(self, file):
        paths = [path for path in self.files.get(pathlib.Path(file).name, []) if f"/{path}".endswith("/" + file)]
        own = [path for path in paths if path.startswith(("src/", "include/"))] or paths
        return f"{own[0]}.html" if len(own) == 1 else None

    def link(self, html, up):
        """The page's HTML with its names made links; `up` leads from the page to the site's top."""

        def anchor(place, code):
            if not place:
                return f"<code>{code}</code>"
            if not place.startswith("docs/man/"):
                self.linked.add(place.partition("#")[0].removesuffix(".html"))
            return f'<a class="name" href="{up}{place}"><code>{code}</code></a>'

        def replace(mention):
            if mention["name"]:
                place = self.place_of(mention["name"], mention["file"])
                file = place.partition("#")[0] if place else self.file_of(mention["file"])
                return anchor(place, mention["name"]) + mention["between"] + anchor(file, mention["file"])
            if mention["only"]:
                return anchor(self.file_of(mention["only"]), mention["only"])
            name = mention["alone"]
            return anchor(self.page_of(name) or self.place_of(name), name)

        parts = UNTOUCHED.split(html)
        return "".join(part if number % 2 else MENTION.sub(replace, part) for number, part in enumerate(parts))

    def link_manual(self, html, up):
        """References to other pages of the manual, as in lintel_alloc(3), made links."""
        pages = {(name, page.section): page for page in man_page.pages() for name in page.names}

        def replace(mention):
            name, section = mention.groups()
            page = pages.get((name, section))
            place = page and (self.page_of(name) if section == "3" else f"docs/man/{page.name}.{section}.html")
            return f'<a href="{up}{place}"><strong>{name}</strong>({section})</a>' if page else mention.group()

        return re.sub(r"<strong>([\w-]+)</strong>\((\d)\)", replace, html)
