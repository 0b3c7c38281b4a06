/* SPDX-License-Identifier: MIT
 *
 * where: what code an address of another process is: function, and line where it is known.
 */
#ifndef STRESS_WHERE_H
#define STRESS_WHERE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct Dwfl where_t;

/* What the process has loaded. Returns NULL if that cannot be told. */
where_t *where_open(pid_t process);

void where_close(where_t *where);

/* "function (file.c:12) in library", or as much of it as there is. */
void where_tell(where_t *where, uintptr_t address, char *text, size_t size);

/* The start of the function there, 0 if it is not known. */
uintptr_t where_function(where_t *where, uintptr_t address);

#endif
