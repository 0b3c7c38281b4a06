/* SPDX-License-Identifier: MIT */
#include "svg.h"

#include <stdarg.h>

#include "text.h"

/* Colours that those who cannot tell red from green can tell apart; a dark set for those who read on black. */
static const char style[] =
    "<style>\n"
    "text{font:12px system-ui,'DejaVu Sans',Helvetica,Arial,sans-serif;fill:#1f2328}\n"
    ".paper{fill:#ffffff}\n"
    ".title{font-size:20px;font-weight:600}.head{font-size:14px;font-weight:600}.name{font-weight:600}\n"
    ".note{font-size:11px;fill:#59636e}.address{font:11px 'DejaVu Sans Mono',Consolas,monospace;fill:#59636e}\n"
    ".on{font-size:11px;fill:#ffffff}.in{font-size:11px;fill:#1f2328}.bad{font-weight:600;fill:#b35900}\n"
    "rect{shape-rendering:crispEdges}\n"
    ".image{fill:#3b5b92}.used{fill:#d9822b}.free{fill:#f7dfc2}.other{fill:#b9c0c8}.lane{fill:#f2f4f6}\n"
    ".grid{stroke:#dde2e7;stroke-width:1}.axis{stroke:#8b949e;stroke-width:1}\n"
    "@media (prefers-color-scheme:dark){\n"
    "text{fill:#e6edf3}.paper{fill:#0d1117}.note,.address{fill:#9aa4af}\n"
    ".on{fill:#ffffff}.in{fill:#1f2328}.bad{fill:#ffa657}\n"
    ".image{fill:#5b82c9}.used{fill:#e8973f}.free{fill:#a98a63}.other{fill:#4a525b}.lane{fill:#161b22}\n"
    ".grid{stroke:#262c34}.axis{stroke:#6e7681}\n"
    "}\n"
    "</style>\n";

static void write_escaped(const char *text, FILE *out)
{
    while (*text != '\0') {
        size_t length = text_character(text);

        if (length == 0 || (unsigned char)*text < 0x20)
            fputs("\xef\xbf\xbd", out);
        else if (*text == '<' || *text == '>' || *text == '&' || *text == '"')
            fprintf(out, "&#%d;", *text);
        else
            fwrite(text, 1, length, out);
        text += length > 0 ? length : 1;
    }
}

static void write_title(const char *title, FILE *out)
{
    fputs("<title>", out);
    write_escaped(title, out);
    fputs("</title>", out);
}

void svg_begin(FILE *out, double width, double height, const char *title)
{
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" "
            "role=\"img\">\n",
            width, height, width, height);
    write_title(title, out);
    fputc('\n', out);
    fputs(style, out);
    svg_rect(out, &(svg_rect_t){.width = width, .height = height, .look = "paper"});
}

void svg_end(FILE *out)
{
    fputs("</svg>\n", out);
}

void svg_rect(FILE *out, const svg_rect_t *rect)
{
    fprintf(out, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" class=\"%s\"", rect->x, rect->y,
            rect->width, rect->height, rect->look);
    if (rect->hover == NULL) {
        fputs("/>\n", out);
        return;
    }
    fputc('>', out);
    write_title(rect->hover, out);
    fputs("</rect>\n", out);
}

void svg_line(FILE *out, double x1, double y1, double x2, double y2, const char *look)
{
    fprintf(out, "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" class=\"%s\"/>\n", x1, y1, x2, y2, look);
}

void svg_text(FILE *out, double x, double y, const char *look, svg_anchor_t anchor, const char *format, ...)
{
    static const char *const anchors[] = {"start", "middle", "end"};
    char                     text[512];
    va_list                  arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    fprintf(out, "<text x=\"%.2f\" y=\"%.2f\" class=\"%s\" text-anchor=\"%s\">", x, y, look, anchors[anchor]);
    write_escaped(text, out);
    fputs("</text>\n", out);
}
