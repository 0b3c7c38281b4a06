/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lintel/version.h>

#define TEXT_OF(number)                   #number
#define VERSION_TEXT(major, minor, patch) TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

enum { OPTION_JSON = 256, OPTION_HTML, OPTION_COLOR, OPTION_VERSION };

static const double least_delay = 0.1;
static const double most_delay = 3600;

static const struct option long_options[] = {
    {"once", no_argument, NULL, '1'},
    {"delay", required_argument, NULL, 'd'},
    {"regions", no_argument, NULL, 'r'},
    {"sort", required_argument, NULL, 's'},
    {"json", no_argument, NULL, OPTION_JSON},
    {"html", required_argument, NULL, OPTION_HTML},
    {"color", required_argument, NULL, OPTION_COLOR},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const char usage[] =
    "Usage: lintel-map [OPTION]... PID|FILE\n"
    "Show the modules of lintel in a process, their regions, how full they are and what is lost.\n"
    "\n"
    "PID is a process that lintel is in. Its memory is read while it runs: it is neither stopped nor asked. That\n"
    "takes the right to trace it: be its user, or root where kernel.yama.ptrace_scope is not 0. FILE is what the\n"
    "process printed itself (lintel_heap_print with LINTEL_JSON), or lintel-map did (--json); - is the standard\n"
    "input, and a name of digits alone is written ./123.\n"
    "\n"
    "On a terminal a process is shown until q is pressed or it ends; else, and of a file, it is printed once.\n"
    "\n"
    "Options:\n"
    "  -1, --once        print once and end, on a terminal too\n"
    "  -d, --delay S     seconds between two looks, 0.1 to 3600 (1)\n"
    "  -r, --regions     list the regions of each module\n"
    "  -s, --sort KEY    bytes, base, name, lost or failures first (bytes)\n"
    "      --json        print it as JSON\n"
    "      --html FILE   write it to FILE as a page, with a picture of the address space\n"
    "      --color WHEN  auto, always or never (auto: on a terminal, unless NO_COLOR is set)\n"
    "  -h, --help        print this\n"
    "      --version     print the version\n"
    "\n"
    "Columns: BODIES were handed out, of BYTES that callers asked for, out of RESERVED address space; FILL is bytes\n"
    "of reserved. SPARE bytes are set aside for later calls; those LOST nobody will get: rounding, mostly. FAIL\n"
    "calls were refused. Figures of a process that is busy are near, not exact.\n"
    "\n"
    "Exit status: 0; 1 the process or the file could not be read, or a page not be written, or the process ended\n"
    "while it was shown; 2 bad usage.\n";

static options_result_t wrong(const char *what, const char *value)
{
    fprintf(stderr, "lintel-map: %s '%s' (see --help)\n", what, value);
    return OPTIONS_WRONG;
}

/* Which of the names, whose list ends with NULL, the value is; -1 if none. */
static int index_of(const char *value, const char *const *names)
{
    for (int i = 0; names[i] != NULL; i++)
        if (strcmp(value, names[i]) == 0)
            return i;
    return -1;
}

static options_result_t parse_sort(options_t *options)
{
    int sort = index_of(optarg, (const char *const[]){"bytes", "base", "name", "lost", "failures", NULL});

    if (sort < 0)
        return wrong("--sort: none of bytes, base, name, lost and failures:", optarg);
    options->sort = (sort_t)sort;
    return OPTIONS_RUN;
}

static options_result_t parse_colour(options_t *options)
{
    int when = index_of(optarg, (const char *const[]){"never", "always", "auto", NULL});

    if (when < 0)
        return wrong("--color: none of auto, always and never:", optarg);
    if (when < 2)
        options->colour = when == 1;
    return OPTIONS_RUN;
}

static options_result_t parse_delay(options_t *options)
{
    char *rest;

    options->delay = strtod(optarg, &rest);
    if (rest == optarg || *rest != '\0' || !(options->delay >= least_delay && options->delay <= most_delay))
        return wrong("--delay: not seconds from 0.1 to 3600:", optarg);
    return OPTIONS_RUN;
}

static options_result_t parse_one(int option, options_t *options)
{
    switch (option) {
    case 'd':
        return parse_delay(options);
    case 's':
        return parse_sort(options);
    case OPTION_COLOR:
        return parse_colour(options);
    case '1':
        options->once = true;
        break;
    case 'r':
        options->regions = true;
        break;
    case OPTION_JSON:
        options->json = true;
        break;
    default:
        options->html = optarg;
        break;
    }
    return OPTIONS_RUN;
}

static options_result_t answer(int option)
{
    if (option == 'h')
        fputs(usage, stdout);
    else
        puts("lintel-map " VERSION_TEXT(LINTEL_VERSION_MAJOR, LINTEL_VERSION_MINOR, LINTEL_VERSION_PATCH));
    return OPTIONS_ANSWERED;
}

static options_result_t parse_subject(int argc, char **argv, options_t *options)
{
    if (optind == argc) {
        fputs("lintel-map: whose? Name a process by its number, or a file (see --help)\n", stderr);
        return OPTIONS_WRONG;
    }
    if (optind + 1 < argc)
        return wrong("one process or file at a time, not also", argv[optind + 1]);
    options->subject = argv[optind];
    if (options->subject[strspn(options->subject, "0123456789")] == '\0' && options->subject[0] != '\0') {
        unsigned long number = strtoul(options->subject, NULL, 10);

        if (number == 0 || number > INT_MAX)
            return wrong("no process has the number", options->subject);
        options->process = (pid_t)number;
    }
    return OPTIONS_RUN;
}

options_result_t options_parse(int argc, char **argv, options_t *options)
{
    int option;

    *options = (options_t){.delay = 1, .colour = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == NULL};
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":1d:rs:h", long_options, NULL)) != -1) {
        options_result_t result;

        if (option == ':')
            return wrong("a value is missing for", argv[optind - 1]);
        if (option == '?')
            return wrong("unknown option", argv[optind - 1]);
        if (option == 'h' || option == OPTION_VERSION)
            return answer(option);
        result = parse_one(option, options);
        if (result != OPTIONS_RUN)
            return result;
    }
    return parse_subject(argc, argv, options);
}
