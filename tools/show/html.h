/* SPDX-License-Identifier: MIT
 *
 * html: what pages are made of. A page is one file: it refers to nothing outside.
 */
#ifndef SHOW_HTML_H
#define SHOW_HTML_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Text as it is to be seen, whatever is in it; in attributes too. */
void html_text(FILE *out, const char *text);

/* A part of the page that the head's links lead to. */
typedef struct {
    const char *id;
    const char *title;
} html_part_t;

/* The head, with a link to each part. */
void html_begin(FILE *out, const char *title, const char *subtitle, const html_part_t *parts, size_t count);
void html_end(FILE *out);

/* The parts, one after the other; the first line is its title. */
void html_part_begin(FILE *out, const html_part_t *part);
void html_part_end(FILE *out);

/* Figures that are to be seen first: between tiles_begin and tiles_end. */
void html_tiles_begin(FILE *out);
void html_tile(FILE *out, const char *value, const char *label);
void html_tiles_end(FILE *out);

#endif
