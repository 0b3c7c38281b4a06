/* SPDX-License-Identifier: MIT
 *
 * crash: when the program dies of a signal, tell how to repeat the run first.
 */
#ifndef STRESS_CRASH_H
#define STRESS_CRASH_H

#include "options.h"

void crash_prepare(const options_t *options);

#endif
