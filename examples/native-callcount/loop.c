/* SPDX-License-Identifier: MIT
 *
 * loop CALLS: calls a function of zlib that does next to nothing, and prints the nanoseconds that a call takes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <zlib.h>

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    unsigned long calls = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;

    if (calls == 0)
        return 2;
    double begin = now();
    for (unsigned long i = 0; i < calls; i++)
        zlibVersion();
    printf("%.3f\n", (now() - begin) / (double)calls);
    return 0;
}
