/* SPDX-License-Identifier: MIT */
#include "say.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define PREFIX "callcount: "

enum { MOST_BYTES = 1024 };

void say(const char *format, ...)
{
    char    line[MOST_BYTES] = PREFIX;
    size_t  start = sizeof(PREFIX) - 1;
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(line + start, sizeof(line) - start - 1, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    size_t end = start + (size_t)length;
    if (end > sizeof(line) - 2)
        end = sizeof(line) - 2;
    line[end] = '\n';
    if (write(STDERR_FILENO, line, end + 1) < 0)
        return; /* there is nobody to tell */
}
