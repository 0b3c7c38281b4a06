# SPDX-License-Identifier: MIT
"""methods: C# source of many methods, for the plugin in tests/clr/programs."""

METHOD = """
    public static int Method{number}(int value)
    {{
{statements}
        return value;
    }}
"""


def source(count, statements):
    """A class of `count` methods of about 6 bytes of IL for each statement, and one, Run, that calls each of them."""
    lines = "\n".join(f"        value = value * {3 + 2 * line} + {line % 120};" for line in range(statements))
    methods = "".join(METHOD.format(number=number, statements=lines) for number in range(count))
    calls = "\n".join(f"        value = Method{number}(value) ^ {number};" for number in range(count))
    run = f"\n    public static int Run(int value)\n    {{\n{calls}\n        return value;\n    }}\n"
    return f"public static class Methods\n{{{methods}{run}}}\n"


def write(path, count, statements):
    """Write the source to `path`, unless that is what is there. Returns the path."""
    text = source(count, statements)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
    return path
