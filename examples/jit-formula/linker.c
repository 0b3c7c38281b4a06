/* SPDX-License-Identifier: MIT */
#include "linker.h"

#include <dlfcn.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

enum { SECTIONS = 32 };

typedef struct {
    Elf        *elf;
    void       *library;
    size_t      count;
    GElf_Shdr   headers[SECTIONS];
    Elf_Data   *data[SECTIONS];
    size_t      offsets[SECTIONS]; /* in the body; those of sections that are not loaded are 0 */
    Elf_Data   *symbols;
    size_t      symbol_names; /* the section of their names */
    size_t      size;
    body_t      body;
    linked_t   *linked;
    obstacle_t *obstacle;
} work_t;

/* Code and constants; what describes the frames would be for unwinding, which formulas do not need. */
static bool is_loaded(const GElf_Shdr *header)
{
    return header->sh_type == SHT_PROGBITS && (header->sh_flags & SHF_ALLOC) != 0;
}

static bool lay_out(work_t *work)
{
    Elf_Scn *section = NULL;

    while ((section = elf_nextscn(work->elf, section)) != NULL) {
        size_t     index = elf_ndxscn(section);
        GElf_Shdr *header = index < SECTIONS ? gelf_getshdr(section, &work->headers[index]) : NULL;

        if (header == NULL)
            return false;
        work->data[index] = elf_getdata(section, NULL);
        work->count = index + 1;
        if (header->sh_type == SHT_SYMTAB) {
            work->symbols = work->data[index];
            work->symbol_names = header->sh_link;
        }
        if (!is_loaded(header))
            continue;
        work->offsets[index] = (work->size + header->sh_addralign - 1) & ~(header->sh_addralign - 1);
        work->size = work->offsets[index] + header->sh_size;
    }
    return work->symbols != NULL && work->size > 0;
}

static void copy_sections(const work_t *work)
{
    for (size_t i = 1; i < work->count; i++)
        if (is_loaded(&work->headers[i]) && work->headers[i].sh_size > 0)
            memcpy(work->body.write + work->offsets[i], work->data[i]->d_buf, work->headers[i].sh_size);
}

/* Where a symbol will be: in the body, or in the library. */
static uintptr_t resolve(const work_t *work, const GElf_Sym *symbol, const char *name)
{
    if (symbol->st_shndx != SHN_UNDEF && symbol->st_shndx < work->count)
        return (uintptr_t)work->body.run + work->offsets[symbol->st_shndx] + symbol->st_value;
    return (uintptr_t)dlsym(work->library, name);
}

/* Writes the 32-bit displacement from the field at `offset` of the body. */
static bool apply(work_t *work, size_t offset, const GElf_Rela *relocation)
{
    GElf_Sym    symbol;
    const char *name = gelf_getsym(work->symbols, (int)GELF_R_SYM(relocation->r_info), &symbol)
                           ? elf_strptr(work->elf, work->symbol_names, symbol.st_name)
                           : NULL;
    uintptr_t   target = name != NULL ? resolve(work, &symbol, name) : 0;
    int64_t     distance = (int64_t)(target + (uintptr_t)relocation->r_addend - (uintptr_t)(work->body.run + offset));
    int32_t     displacement = (int32_t)distance;

    if (symbol.st_shndx == SHN_UNDEF) {
        work->linked->calls++;
        if (llabs(distance) > llabs(work->linked->farthest))
            work->linked->farthest = distance;
    }
    if (target == 0 || displacement != distance) {
        *work->obstacle = (obstacle_t){name, target != 0 ? distance : 0};
        return false;
    }
    memcpy(work->body.write + offset, &displacement, sizeof(displacement));
    return true;
}

static bool relocate_section(work_t *work, size_t index)
{
    size_t    target = work->headers[index].sh_info;
    size_t    count = work->headers[index].sh_size / work->headers[index].sh_entsize;
    GElf_Rela relocation;

    if (target >= work->count || !is_loaded(&work->headers[target]))
        return true;
    for (size_t i = 0; i < count; i++) {
        if (gelf_getrela(work->data[index], (int)i, &relocation) == NULL)
            return false;
        if (GELF_R_TYPE(relocation.r_info) != R_X86_64_PLT32 && GELF_R_TYPE(relocation.r_info) != R_X86_64_PC32)
            return false;
        if (!apply(work, work->offsets[target] + relocation.r_offset, &relocation))
            return false;
    }
    return true;
}

static bool find_function(work_t *work)
{
    GElf_Sym symbol;

    for (int i = 0; gelf_getsym(work->symbols, i, &symbol) != NULL; i++) {
        const char *name = elf_strptr(work->elf, work->symbol_names, symbol.st_name);
        if (name == NULL || strcmp(name, "formula") != 0 || GELF_ST_TYPE(symbol.st_info) != STT_FUNC)
            continue;
        uintptr_t address = resolve(work, &symbol, name);
        work->linked->body = work->body;
        memcpy(&work->linked->function, &address, sizeof(address));
        return true;
    }
    return false;
}

static bool link_elf(work_t *work, memory_t *memory)
{
    if (work->elf == NULL || !lay_out(work) || !memory_take(memory, work->size, &work->body))
        return false;
    copy_sections(work);
    for (size_t i = 1; i < work->count; i++)
        if (work->headers[i].sh_type == SHT_RELA && !relocate_section(work, i))
            return false;
    return find_function(work) && memory_publish(memory, &work->body);
}

bool link_object(const char *object, size_t size, void *library, memory_t *memory, linked_t *linked,
                 obstacle_t *obstacle)
{
    work_t work = {.library = library, .linked = linked, .obstacle = obstacle};

    elf_version(EV_CURRENT);
    *obstacle = (obstacle_t){0};
    *linked = (linked_t){0};
    work.elf = elf_memory((char *)object, size);
    bool done = link_elf(&work, memory);
    elf_end(work.elf);
    return done;
}
