/* SPDX-License-Identifier: MIT */
#include "elf_functions.h"

#include <elf.h>
#include <gelf.h>
#include <stdlib.h>

/* Whether [address, address + size) lies in readable text that comes from the file. */
static bool is_text(const elf_file_t *file, uint64_t address, uint64_t size)
{
    for (size_t i = 0; i < file->segment_count; i++) {
        const segment_t *segment = &file->segments[i];
        uint64_t         offset = address - segment->address;

        if (segment->readable && segment->executable && address >= segment->address && offset < segment->file_size &&
            size <= segment->file_size - offset)
            return true;
    }
    return false;
}

static bool is_function(const elf_file_t *file, const GElf_Sym *symbol)
{
    return GELF_ST_TYPE(symbol->st_info) == STT_FUNC && symbol->st_shndx != SHN_UNDEF && symbol->st_size > 0 &&
           is_text(file, symbol->st_value, symbol->st_size);
}

/* Make room for `more` functions. */
static bool grow(elf_file_t *file, size_t more)
{
    function_t *functions = realloc(file->functions, (file->function_count + more) * sizeof(*functions));

    if (functions == NULL)
        return false;
    file->functions = functions;
    return true;
}

/* Returns false when memory is short. A table that cannot be read counts as empty. */
static bool add_table(Elf_Scn *section, elf_file_t *file)
{
    Elf_Data *data = elf_getdata(section, NULL);
    size_t    entries = data != NULL && data->d_buf != NULL ? data->d_size / sizeof(Elf64_Sym) : 0;
    GElf_Sym  symbol;

    if (entries > 0 && !grow(file, entries))
        return false;
    for (size_t i = 0; i < entries; i++)
        if (gelf_getsym(data, (int)i, &symbol) != NULL && is_function(file, &symbol))
            file->functions[file->function_count++] = (function_t){.address = symbol.st_value, .size = symbol.st_size};
    return true;
}

static int by_address_longest_first(const void *left, const void *right)
{
    const function_t *a = left;
    const function_t *b = right;

    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    return (a->size < b->size) - (a->size > b->size);
}

/* One address can have many names; the longest symbol stands for them. */
static void keep_each_address_once(elf_file_t *file)
{
    size_t kept = 0;

    if (file->function_count == 0)
        return;
    qsort(file->functions, file->function_count, sizeof(file->functions[0]), by_address_longest_first);
    for (size_t i = 1; i < file->function_count; i++)
        if (file->functions[i].address != file->functions[kept].address)
            file->functions[++kept] = file->functions[i];
    file->function_count = kept + 1;
}

const char *elf_functions_read(Elf *elf, elf_file_t *file)
{
    Elf_Scn *section = NULL;
    size_t   tables = 0;

    while ((section = elf_nextscn(elf, section)) != NULL) {
        GElf_Shdr header;

        if (gelf_getshdr(section, &header) == NULL || (header.sh_type != SHT_SYMTAB && header.sh_type != SHT_DYNSYM))
            continue;
        tables++;
        if (!add_table(section, file))
            return "out of memory";
    }
    keep_each_address_once(file);
    if (tables == 0)
        return "no symbol table";
    return file->function_count == 0 ? "no functions in its symbol tables" : NULL;
}
