/* SPDX-License-Identifier: MIT
 *
 * image_module: a module of the runtime's as lintel is to open it.
 */
#ifndef CLR_IMAGE_MODULE_H
#define CLR_IMAGE_MODULE_H

#include <lintel/lintel.h>

/* What to open for the image of `size` bytes, 0 if that is not known, at `base`: method bodies on 4 bytes, as the
 * runtime asks, whole within 4 GiB above the image. */
lintel_module_desc_t image_module(uintptr_t base, size_t size, uint64_t key, const char *name);

#endif
