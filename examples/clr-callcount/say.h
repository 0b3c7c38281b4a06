/* SPDX-License-Identifier: MIT
 *
 * say: one line on stderr, whole, whatever else the program writes there.
 */
#ifndef CALLCOUNT_SAY_H
#define CALLCOUNT_SAY_H

__attribute__((format(printf, 1, 2))) void say(const char *format, ...);

#endif
