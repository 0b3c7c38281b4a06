#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-atomics.py DOCUMENT SOURCES: the tables name every atomic word of the sources and every access to it.

A table's row starts with the word, `type.field`, or `name` where it stands alone. An access is the function followed
by what it does there, as in `bump_claim` `load_relaxed`, `fetch_add_acquire`. Nothing may be missing, and nothing named
that is not there.
"""
import pathlib
import re
import sys

OPERATION = r"(?:load|store|exchange|fetch_\w+?|cas)_(?:relaxed|acquire|release|acq_rel|seq_cst)"
ACCESS = re.compile(rf"\batomic_({OPERATION})\(\s*&?([\w>.\-]+)")
DECLARATION = re.compile(r"\b_Atomic(?:\([^)]*\)|\s+\w+)\s+(\w+)(?:\[\w+\])?(?: __attribute__\(\(\w+\)\))?(?:;| =)")
FUNCTION = re.compile(r"\b(\w+)\(")
MENTION = re.compile(rf"`(\w+)`((?:,? `{OPERATION}`)+)")


def without_comments(text):
    return re.sub(r"/\*.*?\*/", lambda comment: re.sub(r"[^\n]", " ", comment.group()), text, flags=re.DOTALL)


def words_of(text):
    """The atomic words that are declared, each with its type's name in front if it has one."""
    for struct in re.finditer(r"^(?:typedef )?struct (\w* ?)\{\n(.*?)^\} ?(\w*);", text, re.DOTALL | re.MULTILINE):
        name = struct.group(3) or struct.group(1).strip() + "_t"
        yield from (f"{name}.{field}" for field in DECLARATION.findall(struct.group(2)))
    yield from re.findall(rf"^(?:\s*(?:static|_Thread_local) )?{DECLARATION.pattern}", text, re.MULTILINE)


def accesses_of(text):
    """(field, function, operation) of each access; the field is what the expression ends in."""
    function, signature = None, ""
    for line in text.split("\n"):
        if line and not line[0].isspace() and line[0] not in "{}#":
            signature = line if "(" in line else signature
        if line == "{":
            function = FUNCTION.search(signature).group(1)
        for operation, expression in ACCESS.findall(line):
            yield re.split(r"->|\.", expression)[-1], function, operation


def rows_of(document):
    """(word, function, operation) of each mention in the document's tables."""
    for line in document.split("\n"):
        word = re.match(r"\| `([\w.]+)` \|", line)
        for function, operations in MENTION.findall(line) if word else ():
            for operation in re.findall(OPERATION, operations):
                yield word.group(1), function, operation


def findings(document, sources):
    texts = [without_comments(path.read_text(encoding="utf-8")) for path in sources]
    words = {word for text in texts for word in words_of(text)}
    fields = {word.split(".")[-1] for word in words}
    accesses = {access for text in texts for access in accesses_of(text)}
    rows = set(rows_of(document))
    tabled = {(word.split(".")[-1], function, operation) for word, function, operation in rows}
    anywhere = {(function, operation) for _, function, operation in rows}

    for word in sorted(words - {word for word, _, _ in rows}):
        yield f"`{word}` has no row"
    for word in sorted({word for word, _, _ in rows} - words):
        yield f"`{word}` is no atomic word of the sources"
    for field, function, operation in sorted(accesses):
        # Through a pointer the expression does not tell which word it is.
        if (field, function, operation) not in tabled and (field in fields or (function, operation) not in anywhere):
            yield f"`{function}` `{operation}` of {field} is not mentioned"
    for word, function, operation in sorted(rows):
        own = {field for field, *access in accesses if access == [function, operation]}
        if word.split(".")[-1] not in own and own <= fields:
            yield f"`{function}` does no `{operation}` of {word}"


def main(document, folder):
    sources = sorted(path for path in pathlib.Path(folder).iterdir() if path.suffix in {".c", ".h"})
    sources = [path for path in sources if path.name != "atomic.h"]
    found = list(findings(pathlib.Path(document).read_text(encoding="utf-8"), sources))
    print("\n".join(f"{document}: {finding}" for finding in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
