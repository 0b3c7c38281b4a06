# SPDX-License-Identifier: MIT
"""What a public header says of its functions and types: each declaration and the comment above it, taken apart."""
import dataclasses
import re

ITEM = re.compile(
    r"^(?:/\*(?P<comment>(?:(?!\*/).)*)\*/\n)?"
    r"(?:LINTEL_API (?P<function>[^;{]*);"
    r"|(?P<type>typedef [^\n]*;\n|typedef (?:struct|enum) \{\n.*?^\} \w+;)"
    r"|(?P<macros>(?:#define LINTEL_\w+ [^\n]*\n)+))",
    re.DOTALL | re.MULTILINE,
)
SAID = re.compile(r"(?P<description>.*?)(?:\bReturns (?P<returns>.*?))?(?P<threads>Any thread.*)", re.DOTALL)
PART = re.compile(
    r"(?P<blank>\n\s*(?=\n))|(?:^|\n) */\*(?P<above>.*?)\*/|/\*(?P<behind>.*?)\*/"
    r"|(?P<declared>[^\s/*;,][^;,\n/]*)",
    re.DOTALL,
)


@dataclasses.dataclass
class Function:
    """What it does (paragraphs), what it returns, and who may call it; the last two may be empty."""

    name: str
    declaration: str
    description: str
    returns: str = ""
    threads: str = ""


@dataclasses.dataclass
class Type:
    """A type, or some macros; of each member the declarations and what is said of them."""

    name: str
    declaration: str
    description: str
    members: list


def text_of(comment):
    """A comment's text without its frame."""
    return "\n".join(re.sub(r"^ *\* ?", "", line).rstrip() for line in (comment or "").split("\n")).strip("\n ")


def top_of(text):
    """What a header says at its top, without the first line, in C's comments or in C++'s."""
    comment = re.match(r"/\*(.*?)\*/", text, re.DOTALL)
    lines = re.match(r"(?://[^\n]*\n)*", text).group()
    said = text_of(comment.group(1)) if comment else re.sub("^// ?", "", lines, flags=re.MULTILINE)
    return said.partition("\n\n")[2].strip()


def function_of(comment, declaration):
    name = re.search(r"(\w+)\(", declaration).group(1)
    said = SAID.fullmatch(text_of(comment))
    if not said:
        return Function(name, " ".join(declaration.split()), text_of(comment))
    returns = " ".join((said["returns"] or "").split())
    threads = " ".join(said["threads"].split())
    return Function(name, " ".join(declaration.split()), said["description"].strip(), returns, threads)


def members_of(body):
    """A comment speaks for the declaration that it stands behind, or for those that follow it without a blank line."""
    members, speaks_on = [], False
    for part in PART.finditer(body):
        if part["blank"]:
            speaks_on = False
        elif part["above"]:
            members.append(([], text_of(part["above"])))
            speaks_on = True
        elif part["behind"]:
            members.append(([members[-1][0].pop()], text_of(part["behind"])))
        elif speaks_on:
            members[-1][0].append(" ".join(part["declared"].split()))
        else:
            members.append(([" ".join(part["declared"].split())], ""))
    return [member for member in members if member[0]]


def type_of(comment, declaration):
    body = re.search(r"\{\n?(.*)\}", declaration, re.DOTALL)
    name = re.search(r"(\w+);\s*$", declaration).group(1)
    has_lines = body and "\n" in body.group(1)
    return Type(name, declaration.strip(), text_of(comment), members_of(body.group(1)) if has_lines else [])


def macros_of(comment, lines):
    members = [
        ([f"{name} {re.sub('/[*].*[*]/', '', value).strip()}"], text_of("".join(re.findall(r"/\*(.*?)\*/", value))))
        for name, value in re.findall(r"#define (LINTEL_\w+) +([^\n]*)\n", lines)
    ]
    return Type(members[0][0][0].split()[0], lines.strip(), text_of(comment), members)


def parse(text):
    """(what is said at the top, the functions by name, the types by name)"""
    functions, types = {}, {}
    for item in ITEM.finditer(text):
        if item["function"]:
            function = function_of(item["comment"], item["function"])
            functions[function.name] = function
        elif item["type"]:
            found = type_of(item["comment"], item["type"])
            types[found.name] = found
        elif item["comment"]:
            found = macros_of(item["comment"], item["macros"])
            types[found.name] = found
    return top_of(text), functions, types
