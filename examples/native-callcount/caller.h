/* SPDX-License-Identifier: MIT
 *
 * caller: opens a library in somebody else's name. The loader looks where the image of dlopen's caller says (its
 * DT_RUNPATH, its $ORIGIN), and takes the address that dlopen will return to for who that is.
 */
#ifndef NATIVE_CALLCOUNT_CALLER_H
#define NATIVE_CALLCOUNT_CALLER_H

#include <stdint.h>

typedef void *open_t(const char *file, int mode);

/* Calls `open` as the function that goes on at `caller` would: by way of a return instruction in that one's image.
 * Where there is none, it is called plainly. */
void *caller_open(uintptr_t caller, open_t *open, const char *file, int mode);

#endif
