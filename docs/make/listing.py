# SPDX-License-Identifier: MIT
"""Files of the source as pages: a line of code is an anchor, #L12."""
import html
import re

IGNORED = re.compile(r"^(?:\..*|__pycache__|build.*)$")


def comments(text):
    """Each line, and what of it is comment, as HTML."""
    marked = re.sub(r"/\*.*?\*/", lambda found: re.sub(r"[^\n]+", "\1\\g<0>\2", found.group()), text, flags=re.DOTALL)
    for line in marked.split("\n"):
        yield html.escape(line).replace("\1", "<i>").replace("\2", "</i>")


def of_file(path, name):
    text = path.read_text(encoding="utf-8", errors="replace").rstrip("\n")
    lines = comments(text) if path.suffix in {".c", ".h", ".cpp"} else map(html.escape, text.split("\n"))
    numbered = "\n".join(f'<span id="L{number}">{line}</span>' for number, line in enumerate(lines, 1))
    return f"<h1>{html.escape(name)}</h1>\n<pre class=\"listing\">{numbered}\n</pre>"


def of_folder(path, name):
    """The files of a folder; its page leads to them."""
    entries = sorted((entry for entry in path.iterdir() if not IGNORED.match(entry.name)), key=lambda entry: entry.name)
    items = "\n".join(f'<li><a href="{entry.name}"><code>{entry.name}</code></a></li>' for entry in entries)
    return f"<h1>{html.escape(name)}</h1>\n<ul>\n{items}\n</ul>"
