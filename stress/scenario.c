/* SPDX-License-Identifier: MIT */
#include "scenario.h"

#include <string.h>

const scenario_t scenarios[] = {
    {"clone", "copy every function of this machine's libraries into memory above them", 5, true, clone_run},
    {"churn", "open and close modules while other threads allocate in them", 3, false, churn_run},
    {"exhaust", "fill every byte within reach of a module with small bodies", 3, false, exhaust_run},
    {"race", "grow and commit tiny regions from all threads at once", 3, false, race_run},
    {"publish", "write, publish and call functions from all threads at once", 3, false, publish_run},
    {"many", "keep 100,000 modules open and tell what each costs", 3, false, many_run},
    {"suspend", "stop threads at every instruction of a call; the others get through", 20, false, suspend_run},
    {"interrupt", "interrupt every instruction of a call by handlers that allocate, or fork", 20, false, interrupt_run},
};

const size_t scenario_count = sizeof(scenarios) / sizeof(scenarios[0]);

const scenario_t *scenario_find(const char *name)
{
    for (size_t i = 0; i < scenario_count; i++)
        if (strcmp(scenarios[i].name, name) == 0)
            return &scenarios[i];
    return NULL;
}
