/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lintel/lintel.h>

#include "random.h"
#include "text.h"

enum { LEAST_DEFAULT_THREADS = 4, MOST_THREADS = 1024, MOST_SECONDS = 24 * 60 * 60 };

enum {
    OPTION_SCENARIO = 256,
    OPTION_THREADS,
    OPTION_SECONDS,
    OPTION_SEED,
    OPTION_JSON,
    OPTION_SVG,
    OPTION_REPORT,
    OPTION_VERSION
};

static const struct option long_options[] = {
    {"scenario", required_argument, NULL, OPTION_SCENARIO},
    {"threads", required_argument, NULL, OPTION_THREADS},
    {"seconds", required_argument, NULL, OPTION_SECONDS},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"json", required_argument, NULL, OPTION_JSON},
    {"svg", required_argument, NULL, OPTION_SVG},
    {"report", required_argument, NULL, OPTION_REPORT},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const char usage_head[] = "Usage: lintel-stress [OPTION]... [FILE]...\n"
                                 "Put lintel under load from many threads and check every promise it makes.\n"
                                 "\n"
                                 "Scenarios:\n";

static const char usage_tail[] =
    "\n"
    "Options:\n"
    "  --scenario NAME  which of them to run (clone)\n"
    "  --threads N      how many threads, 1 to 1024 (as many as CPUs, at least 4)\n"
    "  --seconds S      how long to go on, 1 to 86400 (given above); the round that is running is finished\n"
    "  --seed N         where the random numbers start: a seed that was printed repeats that run (random)\n"
    "  --json FILE      write all results to FILE as JSON\n"
    "  --svg FILE       draw to FILE where the images and the memory above them lie, and how full it is\n"
    "  --report FILE    write all of it to FILE as a page for a browser, with throughput and latency; times one\n"
    "                   allocation in 16\n"
    "  --help, -h       print this\n"
    "  --version        print the version\n"
    "\n"
    "FILE: ELF shared libraries for clone to use, besides those loaded in any case. Where none is named, it\n"
    "takes the biggest dozen that it finds on the machine.\n"
    "\n"
    "Exit status: 0 every promise was kept; 1 one was broken, with the command that repeats the run; 2 bad\n"
    "usage, or the run could not be made.\n";

static void print_usage(void)
{
    fputs(usage_head, stdout);
    for (size_t i = 0; i < scenario_count; i++)
        printf("  %-8s %s (%u s)\n", scenarios[i].name, scenarios[i].purpose, scenarios[i].seconds);
    fputs(usage_tail, stdout);
}

/* A whole number, decimal or 0x, in [least, most]; says on stderr what is wrong with anything else. */
static bool parse_number(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *number)
{
    bool               hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char        *digits = text + (hexadecimal ? 2 : 0);
    char              *rest;
    unsigned long long value;

    errno = 0;
    value = strtoull(digits, &rest, hexadecimal ? 16 : 10);
    /* strtoull takes blanks, a sign and a second "0x" as well. */
    if (digits[0] == '\0' || digits[strspn(digits, "0123456789abcdefABCDEF")] != '\0' || *rest != '\0' || errno != 0 ||
        value < least || value > most) {
        fprintf(stderr, "lintel-stress: --%s: '%s' is not a whole number from %llu to %llu\n", option, text,
                (unsigned long long)least, (unsigned long long)most);
        return false;
    }
    *number = value;
    return true;
}

static bool parse_scenario(const char *name, const scenario_t **scenario)
{
    const scenario_t *found = scenario_find(name);

    if (found == NULL) {
        fprintf(stderr, "lintel-stress: --scenario: '%s' is none of", name);
        for (size_t i = 0; i < scenario_count; i++)
            fprintf(stderr, " %s", scenarios[i].name);
        fputc('\n', stderr);
        return false;
    }
    *scenario = found;
    return true;
}

static bool parse_count(const char *option, const char *text, uint64_t most, unsigned *count)
{
    uint64_t number;

    if (!parse_number(option, text, 1, most, &number))
        return false;
    *count = (unsigned)number;
    return true;
}

static bool parse_threads(const char *text, size_t *threads)
{
    unsigned count;

    if (!parse_count("threads", text, MOST_THREADS, &count))
        return false;
    *threads = count;
    return true;
}

static bool parse_one(int option, options_t *options)
{
    switch (option) {
    case OPTION_SCENARIO:
        return parse_scenario(optarg, &options->scenario);
    case OPTION_THREADS:
        return parse_threads(optarg, &options->threads);
    case OPTION_SECONDS:
        return parse_count("seconds", optarg, MOST_SECONDS, &options->seconds);
    case OPTION_SEED:
        return parse_number("seed", optarg, 0, UINT64_MAX, &options->seed);
    case OPTION_JSON:
        options->json = optarg;
        return true;
    case OPTION_REPORT:
        options->page = optarg;
        return true;
    default:
        options->svg = optarg;
        return true;
    }
}

static options_result_t complain(int option, char **argv)
{
    const char *word = argv[optind - 1];

    if (option == ':')
        fprintf(stderr, "lintel-stress: %s needs a value (see --help)\n", word);
    else if (optopt != 0 && strncmp(word, "--", 2) != 0)
        fprintf(stderr, "lintel-stress: unknown option -%c (see --help)\n", optopt);
    else
        fprintf(stderr, "lintel-stress: unknown option %s (see --help)\n", word);
    return OPTIONS_WRONG;
}

static options_result_t answer(int option)
{
    if (option == 'h')
        print_usage();
    else
        printf("lintel-stress %s\n", lintel_version());
    return OPTIONS_ANSWERED;
}

static size_t default_threads(void)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);

    if (online < LEAST_DEFAULT_THREADS)
        return LEAST_DEFAULT_THREADS;
    return online < MOST_THREADS ? (size_t)online : MOST_THREADS;
}

/* What the options have to be once all are known. */
static options_result_t finish(int argc, char **argv, options_t *options)
{
    options->files = argv + optind;
    options->file_count = (size_t)(argc - optind);
    if (options->seconds == 0)
        options->seconds = options->scenario->seconds;
    if (options->file_count == 0 || options->scenario->takes_files)
        return OPTIONS_RUN;
    fprintf(stderr, "lintel-stress: scenario %s takes no files, but '%s' was given\n", options->scenario->name,
            options->files[0]);
    return OPTIONS_WRONG;
}

options_result_t options_parse(int argc, char **argv, options_t *options)
{
    int option;

    *options = (options_t){
        .program = argv[0],
        .scenario = &scenarios[0],
        .threads = default_threads(),
        .seed = random_fresh_seed(),
    };
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
        if (option == '?' || option == ':')
            return complain(option, argv);
        if (option == 'h' || option == OPTION_VERSION)
            return answer(option);
        if (!parse_one(option, options))
            return OPTIONS_WRONG;
    }
    return finish(argc, argv, options);
}

void options_print_command(const options_t *options, FILE *out)
{
    text_print_quoted(out, options->program);
    fprintf(out, " --scenario %s --threads %zu --seconds %u --seed %llu", options->scenario->name, options->threads,
            options->seconds, (unsigned long long)options->seed);
    for (size_t i = 0; i < options->file_count; i++) {
        /* A name that starts with a dash is no option. */
        fputs(options->files[i][0] == '-' ? " ./" : " ", out);
        text_print_quoted(out, options->files[i]);
    }
    fputc('\n', out);
}
