/* SPDX-License-Identifier: MIT
 *
 * The version of these headers. lintel_version() gives the version of the library that is linked.
 */
#ifndef LINTEL_VERSION_H
#define LINTEL_VERSION_H

#define LINTEL_VERSION_MAJOR 0
#define LINTEL_VERSION_MINOR 1
#define LINTEL_VERSION_PATCH 0

/* The shared library's soversion: it grows when a program built against an older one could break. */
#define LINTEL_SOVERSION 0

#endif
