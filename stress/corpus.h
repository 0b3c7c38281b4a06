/* SPDX-License-Identifier: MIT
 *
 * corpus: the real images that the runner works above: what the process has loaded, files named by the user, and,
 * where none are named, the biggest shared libraries to be found on the machine.
 */
#ifndef STRESS_CORPUS_H
#define STRESS_CORPUS_H

#include <stddef.h>

#include "image.h"

typedef struct {
    image_t *images; /* by base address */
    size_t   count;
    size_t   capacity;
} corpus_t;

/* A file that is of no use is complained about on stderr and skipped. Returns 0, -ENOMEM, or -ENOEXEC when files were
 * named and none was of use. */
int corpus_gather(char *const *files, size_t file_count, corpus_t *corpus);

size_t corpus_functions(const corpus_t *corpus);

void corpus_free(corpus_t *corpus);

#endif
