/* SPDX-License-Identifier: MIT
 *
 * native_unit: cmocka with the headers it wants before it.
 */
#ifndef NATIVE_UNIT_H
#define NATIVE_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
