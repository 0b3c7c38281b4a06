/* SPDX-License-Identifier: MIT */
#include "terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static volatile sig_atomic_t asked_to_end;
static struct termios        before;
static bool                  has_keys;

static void ask_to_end(int signal)
{
    (void)signal;
    asked_to_end = 1;
}

/* It is enough that it interrupts the wait. */
static void notice(int signal)
{
    (void)signal;
}

void terminal_size(size_t *columns, size_t *rows)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return;
    *columns = size.ws_col > 0 ? size.ws_col : *columns;
    *rows = size.ws_row > 0 ? size.ws_row : *rows;
}

void terminal_begin(void)
{
    struct sigaction end = {.sa_handler = ask_to_end};
    struct sigaction resize = {.sa_handler = notice};
    struct termios   keys;

    sigaction(SIGINT, &end, NULL);
    sigaction(SIGTERM, &end, NULL);
    sigaction(SIGHUP, &end, NULL);
    sigaction(SIGWINCH, &resize, NULL);
    has_keys = isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &before) == 0;
    if (has_keys) {
        keys = before;
        keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
        tcsetattr(STDIN_FILENO, TCSANOW, &keys);
    }
    fputs("\033[?1049h\033[?25l", stdout);
}

void terminal_end(void)
{
    fputs("\033[?25h\033[?1049l", stdout);
    fflush(stdout);
    if (has_keys)
        tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

void terminal_frame(void)
{
    fputs("\033[H", stdout);
}

void terminal_show(void)
{
    fputs("\033[J", stdout);
    fflush(stdout);
}

bool terminal_wait(double seconds)
{
    struct pollfd keys = {.fd = has_keys ? STDIN_FILENO : -1, .events = POLLIN};
    char          key = 0;

    if (asked_to_end)
        return false;
    if (poll(&keys, 1, (int)(seconds * 1000)) > 0 && read(STDIN_FILENO, &key, 1) <= 0)
        has_keys = false;
    return !asked_to_end && key != 'q' && key != 'Q' && key != 3;
}
