/* SPDX-License-Identifier: MIT
 *
 * image_size: how far a module's image reaches in memory, from its PE header.
 */
#ifndef CLR_IMAGE_SIZE_H
#define CLR_IMAGE_SIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes from the header at `base`: of the sections as they are loaded, or, if the image is mapped `flat`, as the file
 * has them. 0 if this is no such header. Only the first page is looked at. */
size_t image_size(const uint8_t *base, bool flat);

#endif
