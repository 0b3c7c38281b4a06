/* SPDX-License-Identifier: MIT */
#include "crash.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sanitized.h"

static char   message[4096];
static size_t message_length;

/* The handler is gone by now: the signal comes again on return, and does what it did before. */
static void tell(int signal_number)
{
    ssize_t ignored = write(STDERR_FILENO, message, message_length);

    (void)ignored;
    (void)signal_number;
}

static void write_message(const options_t *options)
{
    FILE *out = fmemopen(message, sizeof(message) - 1, "w");

    if (out == NULL)
        return;
    fputs("\nlintel-stress: crashed; repeat with:\n  ", out);
    options_print_command(options, out);
    fclose(out);
    message_length = strlen(message);
}

void crash_prepare(const options_t *options)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    struct sigaction action = {.sa_handler = tell, .sa_flags = (int)SA_RESETHAND};

    /* A sanitizer has a better story to tell. */
    if (sanitized)
        return;
    write_message(options);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sigaction(signals[i], &action, NULL);
}
