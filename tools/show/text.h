/* SPDX-License-Identifier: MIT
 *
 * text: how numbers and names are shown to people.
 */
#ifndef SHOW_TEXT_H
#define SHOW_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A short text by value: text_bytes(n).s lasts until the end of the full expression. */
typedef struct {
    char s[64];
} text_t;

/* 1,234,567 */
text_t text_count(uint64_t count);

/* 964 B, 12.4 KiB, 213 MiB; 64 KiB if it is that exactly. */
text_t text_bytes(uint64_t bytes);

/* 3.21, 12.4, 5,678: three digits, or all of them in front of the point. */
text_t text_number(double number);

/* `text` in at most `columns` (at most 56) characters, the cut marked by "..". */
text_t text_fit(const char *text, size_t columns);

/* Bytes of the valid UTF-8 character at `text`, 0 if there is none (a wrong sequence, or the end). */
size_t text_character(const char *text);

/* As one word of a shell command. */
void text_print_quoted(FILE *out, const char *word);

#endif
