# SPDX-License-Identifier: MIT
"""A manual page as Markdown: its source in docs/man, with what the public headers say put in.

A line of a page's source may ask for that:

    @functions HEADER   synopsis, description, return values and threads of the functions that NAME lists
    @types NAME...      the types, or groups of macros, member by member
    @top HEADER         what the header says at its top
    @file FILE          the file, as a block of code
"""
import pathlib
import re
import textwrap

import header

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HEADERS = {path.name: header.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "include/lintel").glob("*.h*")}
FUNCTIONS = {name: function for _, functions, _ in HEADERS.values() for name, function in functions.items()}
TYPES = {name: found for _, _, types in HEADERS.values() for name, found in types.items()}
WORD = re.compile(r"`[^`\n]+`|\*?\b\w+\b|[\\*_<>\[\]^~#@|$]")
WIDTH = 72  # a terminal of 80 columns, less the page's margins


def marked(word, own):
    """A word of a comment in Markdown."""
    if word.startswith("`"):
        return word
    if word in FUNCTIONS:
        return f"**{word}**" + ("" if word in own else "(3)")
    if word in TYPES or re.fullmatch(r"LINTEL_\w+|E[A-Z]{3,}|[A-Z]+_[A-Z_]+", word):
        return f"**{word}**"
    if word.startswith("*") and len(word) > 1:
        return f"*\\{word}*"
    return re.sub(r"([\\*_<>\[\]^~#@|$])", r"\\\1", word)


def set_apart(text, own):
    """Code, or, if it tells what it names, a list of terms with an indented explanation each."""
    terms = re.split(r"^(\S.*)\n", text, flags=re.MULTILINE)[1:]
    if not all(terms) or any(term.endswith(";") for term in terms[::2]):
        return f"```\n{text}\n```"
    explained = zip(terms[::2], terms[1::2])
    return "\n\n".join(f"`{term}`\n:   {indented(markdown(textwrap.dedent(said), own))}" for term, said in explained)


def markdown(text, own=()):
    """A comment's text in Markdown; what is indented stays as it is."""
    paragraphs = []
    for paragraph in re.split(r"\n\s*\n", text):
        parts = re.split(r"^((?: {4,}[^\n]*(?:\n|$))+)", paragraph, flags=re.MULTILINE)
        for number, part in enumerate(parts):
            if number % 2:
                paragraphs.append(set_apart(textwrap.dedent(part.rstrip()), own))
            elif part.strip():
                paragraphs.append(WORD.sub(lambda word: marked(word.group(), own), part.strip()))
    return "\n\n".join(paragraphs)


def declared(function):
    """A declaration that fits a terminal."""
    start, _, arguments = function.declaration.partition("(")
    text = function.declaration + ";"
    if len(text) > WIDTH:
        text = start + "(" + f",\n{' ' * (len(start) + 1)}".join(arguments.split(", ")) + ";"
    return text if len(start) + max(map(len, arguments.split(", "))) < WIDTH else text.replace("(", "(\n    ", 1)


def described(functions, own, part):
    """A paragraph of each function, under its name where there are several."""
    said = [(function, markdown(getattr(function, part), own)) for function in functions]
    said = [(function, text) for function, text in said if text]
    if len(functions) == 1:
        return "\n\n".join(text for _, text in said)
    return "\n\n".join(f"## {function.name}\n\n{text}" for function, text in said)


def listed(functions, own, part):
    """Each function's name with a text behind it."""
    said = [(function.name, markdown(getattr(function, part), own)) for function in functions]
    return "\n\n".join(f"**{name}**\n:   {text}" for name, text in said if text)


def functions_of(names, file):
    functions = [HEADERS[file][1][name] for name in names]
    synopsis = "\n\n".join(declared(function) for function in functions)
    linking = "Link with **-llintel**: **pkg-config \\--libs lintel**."
    sections = {
        "SYNOPSIS": f"```c\n#include <lintel/{file}>\n\n{synopsis}\n```\n\n{linking}",
        "DESCRIPTION": described(functions, names, "description"),
        "RETURN VALUE": listed(functions, names, "returns"),
        "THREADS": listed(functions, names, "threads"),
    }
    return "\n\n".join(f"# {title}\n\n{text}" for title, text in sections.items() if text)


def member_text(declarations, text):
    term = ", ".join(f"`{each}`" for each in declarations)
    return f"{term}\n:   {indented(markdown(text))}" if text else term


def type_text(name):
    found = TYPES[name]
    members = "\n\n".join(member_text(*member) for member in found.members)
    declaration = "" if found.members else f"```c\n{found.declaration}\n```"
    return "\n\n".join(filter(None, [f"## {name}", markdown(found.description), declaration, members]))


def indented(text):
    return text.replace("\n", "\n    ")


def file_text(name):
    """Without the line on its license, which may stand in front of a comment on the file."""
    text = (ROOT / name).read_text(encoding="utf-8")
    text = re.sub(r"^(/\*|//) SPDX[^\n]*\n(?: \*|//)\n (?:\*|//) ", r"\1 ", text)
    text = re.sub(r"^/\* SPDX[^\n]*\*/\n|^// SPDX[^\n]*\n(?://\n)?", "", text)
    return f"```{pathlib.Path(name).suffix[1:]}\n{text.rstrip()}\n```"


class Page:
    """One page of the manual."""

    def __init__(self, path):
        self.path = path
        self.name, self.section = path.name[: -len(".md")].rsplit(".", 1)
        self.source = path.read_text(encoding="utf-8")
        names, _, self.purpose = self.source.split("\n")[2].partition(" - ")
        self.names = names.split(", ")

    def expand(self, line):
        asked, *arguments = line.split()
        if asked == "@functions":
            return functions_of(self.names, *arguments)
        if asked == "@types":
            return "\n\n".join(map(type_text, arguments))
        if asked == "@top":
            return markdown(HEADERS[arguments[0]][0])
        if asked == "@file":
            return file_text(arguments[0])
        return line

    def markdown(self):
        return "\n".join(self.expand(line) if line.startswith("@") else line for line in self.source.split("\n"))


def pages():
    return [Page(path) for path in sorted((ROOT / "docs/man").glob("*.md"))]
