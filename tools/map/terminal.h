/* SPDX-License-Identifier: MIT
 *
 * terminal: a screen of its own, as long as somebody watches.
 */
#ifndef MAP_TERMINAL_H
#define MAP_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* How large standard output is; what is not known stays as it is. */
void terminal_size(size_t *columns, size_t *rows);

/* Take the screen, and have keys come one by one; terminal_end gives both back. */
void terminal_begin(void);
void terminal_end(void);

/* Start a picture in place of the last one; show it. */
void terminal_frame(void);
void terminal_show(void);

/* Wait for so many seconds, or less if the window changes. Returns false once q was pressed, or a signal asked for the
 * end. */
bool terminal_wait(double seconds);

#endif
