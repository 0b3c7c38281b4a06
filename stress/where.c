/* SPDX-License-Identifier: MIT */
#include "where.h"

#include <elfutils/libdwfl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Separate files of debugging information, and who has them on the network, are not asked for. */
static int find_no_debuginfo(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base, const char *file,
                             const char *link, GElf_Word checksum, char **found)
{
    (void)module, (void)data, (void)name, (void)base, (void)file, (void)link, (void)checksum, (void)found;
    return -1;
}

where_t *where_open(pid_t process)
{
    static const Dwfl_Callbacks callbacks = {.find_elf = dwfl_linux_proc_find_elf, .find_debuginfo = find_no_debuginfo};
    where_t                    *where = dwfl_begin(&callbacks);

    if (where == NULL || (dwfl_linux_proc_report(where, process) == 0 && dwfl_report_end(where, NULL, NULL) == 0))
        return where;
    dwfl_end(where);
    return NULL;
}

void where_close(where_t *where)
{
    if (where != NULL)
        dwfl_end(where);
}

static const char *last_part(const char *path)
{
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;

    return slash != NULL ? slash + 1 : path;
}

void where_tell(where_t *where, uintptr_t address, char *text, size_t size)
{
    Dwfl_Module *module = where != NULL ? dwfl_addrmodule(where, address) : NULL;
    const char  *name = module != NULL ? dwfl_module_addrname(module, address) : NULL;
    Dwfl_Line   *line = module != NULL ? dwfl_module_getsrc(module, address) : NULL;
    const char  *library = module != NULL ? dwfl_module_info(module, NULL, NULL, NULL, NULL, NULL, NULL, NULL) : NULL;
    const char  *file = NULL;
    int          number = 0;

    if (line != NULL)
        file = dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL);
    if (file != NULL)
        snprintf(text, size, "%s (%s:%d)", name != NULL ? name : "?", last_part(file), number);
    else
        snprintf(text, size, "%s (%s)", name != NULL ? name : "?", library != NULL ? last_part(library) : "?");
}

uintptr_t where_function(where_t *where, uintptr_t address)
{
    Dwfl_Module *module = where != NULL ? dwfl_addrmodule(where, address) : NULL;
    GElf_Off     offset = 0;
    GElf_Sym     symbol;
    const char  *name = module != NULL ? dwfl_module_addrinfo(module, address, &offset, &symbol, NULL, NULL, NULL)
                                       : NULL;

    return name != NULL ? address - offset : 0;
}
