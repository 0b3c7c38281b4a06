/* SPDX-License-Identifier: MIT
 *
 * elf_functions: the functions that an ELF file's symbol tables (.symtab, .dynsym) tell of.
 */
#ifndef STRESS_ELF_FUNCTIONS_H
#define STRESS_ELF_FUNCTIONS_H

#include <libelf.h>

#include "elf_file.h"

/* Fill in the functions of `file`, whose segments are known. Returns NULL, or in plain words why there are none. */
const char *elf_functions_read(Elf *elf, elf_file_t *file);

#endif
