/* SPDX-License-Identifier: MIT */
#include "measure.h"

#include <stdio.h>

#include "failure.h"

static const measure_t *const measures[] = {
    &measure_warm, &measure_cold,  &measure_pages, &measure_latency, &measure_space, &measure_acquire,
    &measure_find, &measure_where, &measure_open,  &measure_close,   &measure_cycle,
};

const measure_t *measure_find_name(const char *name)
{
    for (size_t i = 0; i < sizeof(measures) / sizeof(measures[0]); i++)
        if (strcmp(measures[i]->name, name) == 0)
            return measures[i];
    failure("no measure '%s'", name);
}

void measure_counter(const char *name, double value)
{
    printf("counter %s %.17g\n", name, value);
}
