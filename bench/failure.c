/* SPDX-License-Identifier: MIT */
#include "failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void failure(const char *format, ...)
{
    va_list arguments;

    printf("error ");
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    fflush(stdout);
    _Exit(1);
}

void *must_allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);

    if (memory == NULL)
        failure("out of memory");
    return memory;
}
