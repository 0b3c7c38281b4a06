/* SPDX-License-Identifier: MIT
 *
 * rewrite: gives a method a body that counts its calls.
 */
#ifndef CALLCOUNT_REWRITE_H
#define CALLCOUNT_REWRITE_H

#include "modules.h"

/* Of every `period` allocations the last one is refused; 0: none is. For one thread, before the first. */
void rewrite_refuse(unsigned long period);

/* Rewrite the module's method `token`, unless that was done. Returns NULL, or why it is left as it is, in the call that
 * left it. Any thread. */
const char *rewrite_method(clr_info_t *info, loaded_module_t *module, clr_token_t token);

#endif
