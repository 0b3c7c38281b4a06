/* SPDX-License-Identifier: MIT
 *
 * names: what modules and methods are called, in UTF-8. Names that are too long are cut short.
 */
#ifndef CALLCOUNT_NAMES_H
#define CALLCOUNT_NAMES_H

#include "metadata.h"
#include "profiling.h"

enum { MOST_NAME = 2048 };

/* Write "Namespace.Type+Nested.Method" of the definition `method`, or its token if the metadata does not tell. */
void name_method(clr_metadata_import_t *metadata, clr_token_t method, char name[MOST_NAME]);

/* Write the module's file name without its folders, or, where it has none, the name in its metadata, which may be
 * NULL. */
void name_module(clr_info_t *info, clr_module_id_t module, clr_metadata_import_t *metadata, char name[MOST_NAME]);

#endif
