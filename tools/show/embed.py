#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""embed.py OUTPUT FILE...: a C file with each FILE as a text, named after it: page.css becomes page_css."""
import pathlib
import sys


def main(output, *files):
    lines = ['#include "page_files.h"', ""]
    for path in map(pathlib.Path, files):
        numbers = [*path.read_bytes(), 0]
        rows = (", ".join(map(str, numbers[i : i + 24])) for i in range(0, len(numbers), 24))
        lines += [f"const char {path.name.replace('.', '_')}[] = {{", *(f"    {row}," for row in rows), "};", ""]
    pathlib.Path(output).write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
