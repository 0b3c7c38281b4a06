/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <string.h>

text_t text_count(uint64_t count)
{
    char   digits[24];
    size_t length = (size_t)snprintf(digits, sizeof(digits), "%llu", (unsigned long long)count);
    text_t text = {0};
    char  *out = text.s;

    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            *out++ = ',';
        *out++ = digits[i];
    }
    return text;
}

text_t text_number(double number)
{
    text_t text;

    if (number >= 999.5)
        return text_count((uint64_t)(number + 0.5));
    snprintf(text.s, sizeof(text.s), "%.*f", number < 9.995 ? 2 : number < 99.95 ? 1 : 0, number);
    return text;
}

text_t text_bytes(uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double                   value = (double)bytes;
    size_t                   unit = 0;
    text_t                   text;

    while (value >= 999.5 && unit + 1 < sizeof(units) / sizeof(units[0])) {
        value /= 1024;
        unit++;
    }
    if (value == (double)(unsigned)value)
        snprintf(text.s, sizeof(text.s), "%u %s", (unsigned)value, units[unit]);
    else
        snprintf(text.s, sizeof(text.s), "%.16s %s", text_number(value).s, units[unit]);
    return text;
}

/* How many continuation bytes follow this first byte; -1 if no character starts so. */
static int continuation_bytes(unsigned char first)
{
    if (first < 0x80)
        return 0;
    if (first >= 0xc2 && first < 0xe0)
        return 1;
    if (first >= 0xe0 && first < 0xf0)
        return 2;
    return first >= 0xf0 && first < 0xf5 ? 3 : -1;
}

/* Overlong forms, surrogates and numbers past U+10FFFF show in the second byte. */
static int second_byte_fits(const unsigned char *c)
{
    return !(c[0] == 0xe0 && c[1] < 0xa0) && !(c[0] == 0xed && c[1] > 0x9f) && !(c[0] == 0xf0 && c[1] < 0x90) &&
           !(c[0] == 0xf4 && c[1] > 0x8f);
}

size_t text_character(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    int                  more = continuation_bytes(c[0]);

    if (c[0] == '\0' || more < 0 || (more > 0 && !second_byte_fits(c)))
        return 0;
    for (int i = 1; i <= more; i++)
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    return (size_t)more + 1;
}

/* Characters of `text`; a byte that is none counts as one. */
static size_t columns_of(const char *text)
{
    size_t columns = 0;

    for (; *text != '\0'; columns++) {
        size_t length = text_character(text);

        text += length > 0 ? length : 1;
    }
    return columns;
}

text_t text_fit(const char *text, size_t columns)
{
    size_t keep = columns_of(text) > columns ? columns - 2 : columns;
    text_t fitted = {0};
    size_t used = 0;

    for (size_t i = 0; i < keep && *text != '\0'; i++) {
        size_t length = text_character(text);

        if (used + length + 3 > sizeof(fitted.s))
            break;
        if (length == 0)
            fitted.s[used++] = '?';
        memcpy(fitted.s + used, text, length);
        used += length;
        text += length > 0 ? length : 1;
    }
    if (*text != '\0')
        memcpy(fitted.s + used, "..", sizeof(".."));
    return fitted;
}

void text_print_quoted(FILE *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=+,@%-";

    if (*word != '\0' && word[strspn(word, plain)] == '\0') {
        fputs(word, out);
        return;
    }
    fputc('\'', out);
    for (; *word != '\0'; word++) {
        if (*word == '\'')
            fputs("'\\''", out);
        else
            fputc(*word, out);
    }
    fputc('\'', out);
}
