#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-samples.py ROOT: what the documents show can be done.

A block of C is a file of the project, or part of one, that the build compiles (check-links.py compares them). A command
in a session is a shell's; what it names of the project, files, programs, their options, build options and suites of
tests, is there. The sessions that need nothing but lintel and a compiler are run by examples/check-page.py.
"""
import pathlib
import re
import shlex
import subprocess
import sys

BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SKIPPED = re.compile(r"^(?:build.*|subprojects|\.git)$")
OF_MESON = "'b_coverage' 'b_lundef' 'b_ndebug' 'b_sanitize' 'buildtype' 'default_library' 'prefix' 'werror'"
FIRST_LINES = 25  # of README.md, after its title: in them are the program and what it prints


def read(path):
    return path.read_text(encoding="utf-8", errors="replace")


def is_compiled(root, name):
    """Whether the build's description names the file, with or without its ending."""
    file = root / name
    folders = [folder for folder in file.parents if (folder / "meson.build").exists()]
    return bool(folders) and any(f"'{known}'" in read(folders[0] / "meson.build") for known in (file.name, file.stem))


def built_in(root, word):
    """The folder of the source that a program of a build tree, build/ or build/NAME/, is made from; None if none is."""
    parts = word.split("/")
    for folder in (root.joinpath(*parts[1:-1]), root.joinpath(*parts[2:-1])):
        stem = re.sub(r"^(?:lib|fuzz-)|\.so.*$", "", parts[-1])
        if (folder / "meson.build").exists() and re.search(rf"'(?:\w+-)?{stem}'", read(folder / "meson.build")):
            return folder
    return None


def options_of(root, program):
    """The text in which a program's options are spelt; of one that is not the project's, nothing is known."""
    if program.startswith("build/"):
        folder = built_in(root, program)
        return folder and "".join(read(file) for file in folder.glob("*.[ch]*"))
    return read(root / program) if (root / program).is_file() else None


def word_findings(root, word):
    option = re.match(r"-D(\w+)=", word)
    if re.match(r"(?:ci|bench|examples|tests|stress|src|docs)/", word) and not (root / word).exists():
        yield f"{word} is not there"
    elif option and f"'{option.group(1)}'" not in OF_MESON + read(root / "meson_options.txt"):
        yield f"the build has no option {option.group(1)}"


def command_findings(root, command):
    if subprocess.run(["bash", "-n", "-c", command], capture_output=True, check=False).returncode:
        yield "is no command"
        return
    words = shlex.split(command, comments=True)
    assigned = [re.sub(r"^\w+=(?:\$PWD/)?", "", word) for word in words if re.match(r"\w+=", word)]
    program = next((word for word in words if not re.match(r"\w+=", word)), "")
    suites = "".join(read(path) for path in root.glob("**/meson.build") if "subprojects" not in path.parts)
    built = [name for name in [*assigned, program] if name.startswith("build/")]
    yield from (f"{name} is not built" for name in built if not built_in(root, name))
    options = options_of(root, program)
    for word, following in zip(words, [*words[1:], ""]):
        yield from word_findings(root, word)
        option = re.match(r"--(?!benchmark_)[\w-]+", word)  # those are Google Benchmark's
        if option and options is not None and option.group() not in options:
            yield f"there is no {option.group()}"
        if re.fullmatch("--(?:no-)?suite", word) and f"suite: '{following}'" not in suites:
            yield f"there is no suite {following}"


def block_findings(root, opening, content):
    language, _, name = opening.partition(" ")
    name = name.removeprefix("part of ")
    if language in {"c", "cpp"} and not (name and is_compiled(root, name)):
        yield f"a block of C that no build compiles: {name or content.splitlines()[0]}"
    for command in re.findall(r"^\$ ((?:.*\\\n)*.*)", content, re.MULTILINE) if language == "console" else ():
        yield from (f"$ {command}: {finding}" for finding in command_findings(root, command))


def first_lines_findings(text):
    blocks = list(BLOCK.finditer(text))
    if len(blocks) < 2 or text.count("\n", 0, blocks[1].end()) > 1 + FIRST_LINES:
        yield f"its first program and what that prints are not within {FIRST_LINES} lines after the title"


def main(root):
    found = [("README.md", finding) for finding in first_lines_findings(read(root / "README.md"))]
    for path in sorted(root.rglob("*.md")):
        name = path.relative_to(root)
        for opening, content in () if SKIPPED.match(name.parts[0]) else BLOCK.findall(read(path)):
            found += [(name, finding) for finding in block_findings(root, opening, content)]
    print("\n".join(f"{name}: {finding}" for name, finding in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
