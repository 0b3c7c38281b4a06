#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-mirrors.py ROOT: what the models of tests/models say they mirror stands in the source: each function in the
file that is named, each invariant by its letter and number at the top of some header of src/.
"""
import pathlib
import re
import sys

FIELDS = ("Mirrors", "Checks", "Bug")
FUNCTIONS_OF_FILE = re.compile(r"([\w ]+?)\s*\((\w+\.[ch])\)")
INVARIANT = re.compile(r"^ \*   ([A-Z]\d+)  ", re.MULTILINE)


def findings(model, root, invariants):
    head = model.read_text(encoding="utf-8").split("*/")[0]
    fields = dict(re.findall(r"^ \* (\w+): (.*)$", head, re.MULTILINE))
    for field in (field for field in FIELDS if not fields.get(field)):
        yield f"the head has no '{field}: '"
    for functions, name in FUNCTIONS_OF_FILE.findall(fields.get("Mirrors", "")):
        file = root / "src" / name
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        for function in functions.split():
            if not re.search(rf"^[\w *]*\b{function}\([^;]*$", text, re.MULTILINE):
                yield f"{function} is no function of {name}"
    for invariant in set(fields.get("Checks", "").split()) - invariants:
        yield f"{invariant} is no invariant of the source"


def main(root):
    heads = [path.read_text(encoding="utf-8").split("*/")[0] for path in (root / "src").glob("*.h")]
    invariants = {invariant for head in heads for invariant in INVARIANT.findall(head)}
    found = [
        f"{model.name}: {finding}"
        for model in sorted((root / "tests/models").glob("*.pml"))
        for finding in findings(model, root, invariants)
    ]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
