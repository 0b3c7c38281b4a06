/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include <langinfo.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "stopwatch.h"
#include "text.h"

enum { BAR_WIDTH = 40 };

static const double bar_interval = 0.1;
static const double line_interval = 2.0;
static const double least_interval = 0.05;

void progress_begin(progress_t *progress, const char *label, const char *unit, double seconds, uint64_t least)
{
    progress->label = label;
    progress->unit = unit;
    progress->seconds = seconds;
    progress->least = least;
    progress->started = stopwatch_now();
    progress->drawn = progress->started;
    progress->terminal = isatty(STDERR_FILENO) == 1;
    progress->unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    /* relaxed: a figure for the eye; no other data follows from it, here and below. */
    atomic_store_explicit(&progress->done, 0, memory_order_relaxed);
    progress->samples[0] = (progress_sample_t){0};
    progress->sample_count = 1;
    progress->interval = least_interval;
}

/* Every second one goes where there are too many. */
static void thin_out(progress_t *progress)
{
    for (size_t i = 1; i < PROGRESS_SAMPLES / 2; i++)
        progress->samples[i] = progress->samples[2 * i];
    progress->sample_count = PROGRESS_SAMPLES / 2;
    progress->interval *= 2;
}

static void take_sample(progress_t *progress, double seconds, uint64_t done)
{
    if (seconds - progress->samples[progress->sample_count - 1].seconds < progress->interval)
        return;
    if (progress->sample_count == PROGRESS_SAMPLES)
        thin_out(progress);
    progress->samples[progress->sample_count++] = (progress_sample_t){seconds, done};
}

void progress_add(progress_t *progress, uint64_t count)
{
    /* relaxed: see progress_begin. */
    atomic_fetch_add_explicit(&progress->done, count, memory_order_relaxed);
}

/* Time or work, whichever is further behind. */
static double fraction_done(const progress_t *progress, uint64_t done)
{
    double by_time = (stopwatch_now() - progress->started) / progress->seconds;
    double by_work = progress->least > 0 ? (double)done / (double)progress->least : 1;
    double fraction = by_time < by_work ? by_time : by_work;

    return fraction < 1 ? fraction : 1;
}

static void draw_bar(const progress_t *progress, double fraction, uint64_t done)
{
    int filled = (int)(fraction * BAR_WIDTH);

    fprintf(stderr, "\r%-8s ", progress->label);
    for (int i = 0; i < BAR_WIDTH; i++)
        fputs(i < filled ? (progress->unicode ? "\u2588" : "#") : (progress->unicode ? "\u2591" : "."), stderr);
    fprintf(stderr, " %3.0f %%  %s %s\033[K", fraction * 100, text_count(done).s, progress->unit);
    fflush(stderr);
}

static void draw_line(const progress_t *progress, double fraction, uint64_t done)
{
    fprintf(stderr, "%s: %3.0f %%, %.0f s, %s %s\n", progress->label, fraction * 100,
            stopwatch_now() - progress->started, text_count(done).s, progress->unit);
}

void progress_draw(progress_t *progress)
{
    /* relaxed: see progress_begin. */
    uint64_t done = atomic_load_explicit(&progress->done, memory_order_relaxed);
    double   now = stopwatch_now();

    take_sample(progress, now - progress->started, done);
    if (now - progress->drawn < (progress->terminal ? bar_interval : line_interval))
        return;
    progress->drawn = now;
    if (progress->terminal)
        draw_bar(progress, fraction_done(progress, done), done);
    else
        draw_line(progress, fraction_done(progress, done), done);
}

void progress_end(progress_t *progress)
{
    if (progress->terminal)
        fputs("\r\033[K", stderr);
    fflush(stderr);
}

bool progress_time_is_up(const progress_t *progress)
{
    return stopwatch_now() - progress->started >= progress->seconds;
}
