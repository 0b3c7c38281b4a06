/* SPDX-License-Identifier: MIT
 *
 * options: the command line.
 */
#ifndef STRESS_OPTIONS_H
#define STRESS_OPTIONS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "scenario.h"

typedef struct {
    const char       *program;
    const scenario_t *scenario;
    size_t            threads;
    unsigned          seconds;
    uint64_t          seed;
    const char       *json; /* where to write it, or NULL */
    const char       *svg;
    const char       *page;
    char *const      *files;
    size_t            file_count;
} options_t;

typedef enum {
    OPTIONS_RUN,      /* go on */
    OPTIONS_ANSWERED, /* --help or --version: it has been printed */
    OPTIONS_WRONG     /* bad usage: it has been said on stderr in one line */
} options_result_t;

options_result_t options_parse(int argc, char **argv, options_t *options);

/* The command that runs the same again, on one line. */
void options_print_command(const options_t *options, FILE *out);

#endif
