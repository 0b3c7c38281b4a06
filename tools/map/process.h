/* SPDX-License-Identifier: MIT
 *
 * process: another process's memory, read while it runs: it is not stopped, and notices nothing.
 */
#ifndef MAP_PROCESS_H
#define MAP_PROCESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ranges.h"

enum { PROCESS_TITLE = 256 };

/* Copy `size` bytes. Returns 0; -EFAULT (not all of them are mapped); -EPERM; -ESRCH (the process is gone). */
int process_read(pid_t process, uint64_t address, void *bytes, size_t size);

/* Copy as many of `size` bytes as are mapped in one piece. Returns how many; or as process_read. */
ssize_t process_read_some(pid_t process, uint64_t address, void *bytes, size_t size);

/* Copy a text that ends with a zero, or its first `size` - 1 bytes. Returns as process_read. */
int process_read_text(pid_t process, uint64_t address, char *text, size_t size);

/* What is mapped, joined, and where the start of a file is mapped: images begin there. Returns 0; -ESRCH; -EACCES;
 * -ENOMEM. */
int process_mappings(pid_t process, ranges_t *mapped, ranges_t *files);

/* The command that it runs, for people; empty if it cannot be told. */
void process_title(pid_t process, char title[PROCESS_TITLE]);

#endif
