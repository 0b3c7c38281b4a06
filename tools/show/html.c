/* SPDX-License-Identifier: MIT */
#include "html.h"

#include "page_files.h"
#include "text.h"

void html_text(FILE *out, const char *text)
{
    while (*text != '\0') {
        size_t length = text_character(text);

        if (length == 0 || (unsigned char)*text < 0x20 || *text == 0x7f)
            fputs("\xef\xbf\xbd", out);
        else if (*text == '<' || *text == '>' || *text == '&' || *text == '"')
            fprintf(out, "&#%d;", *text);
        else
            fwrite(text, 1, length, out);
        text += length > 0 ? length : 1;
    }
}

void html_begin(FILE *out, const char *title, const char *subtitle, const html_part_t *parts, size_t count)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
          out);
    html_text(out, title);
    fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<header>\n<h1>", page_css);
    html_text(out, title);
    fputs("</h1>\n<p class=\"note\">", out);
    html_text(out, subtitle);
    fputs("</p>\n<nav>", out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "<a href=\"#%s\">%s</a>\n", parts[i].id, parts[i].title);
    fputs("</nav>\n</header>\n<main>\n", out);
}

void html_end(FILE *out)
{
    fprintf(out, "</main>\n<script>\n%s</script>\n</body>\n</html>\n", page_js);
}

void html_part_begin(FILE *out, const html_part_t *part)
{
    fprintf(out, "<section id=\"%s\">\n<h2>%s</h2>\n", part->id, part->title);
}

void html_part_end(FILE *out)
{
    fputs("</section>\n", out);
}

void html_tiles_begin(FILE *out)
{
    fputs("<div class=\"tiles\">\n", out);
}

void html_tile(FILE *out, const char *value, const char *label)
{
    fprintf(out, "<div class=\"tile\"><b>%s</b><span>%s</span></div>\n", value, label);
}

void html_tiles_end(FILE *out)
{
    fputs("</div>\n", out);
}
