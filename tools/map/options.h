/* SPDX-License-Identifier: MIT
 *
 * options: the command line.
 */
#ifndef MAP_OPTIONS_H
#define MAP_OPTIONS_H

#include <stdbool.h>
#include <sys/types.h>

typedef enum { SORT_BYTES, SORT_BASE, SORT_NAME, SORT_LOST, SORT_FAILURES } sort_t;

typedef struct {
    const char *subject; /* as it was given */
    pid_t       process; /* 0: the subject is a file */
    double      delay;   /* seconds between two looks */
    bool        once;
    bool        regions;
    bool        json;
    bool        colour;
    sort_t      sort;
    const char *html; /* where to write it, or NULL */
} options_t;

typedef enum {
    OPTIONS_RUN,      /* go on */
    OPTIONS_ANSWERED, /* --help or --version: it has been printed */
    OPTIONS_WRONG     /* bad usage: it has been said on stderr in one line */
} options_result_t;

options_result_t options_parse(int argc, char **argv, options_t *options);

#endif
