/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "functions.h"

static bool is_code(const image_t *image, uintptr_t address)
{
    range_t text;

    for (size_t i = 0; image_next_segment(image, PF_X, 0, &i, &text);)
        if (address >= text.start && address < text.end)
            return true;
    return false;
}

static bool add_symbol(const image_t *image, const GElf_Sym *symbol, const char *name, functions_t *functions)
{
    unsigned   type = GELF_ST_TYPE(symbol->st_info);
    uintptr_t  start = image->bias + symbol->st_value;
    char       bare[512];
    function_t function = {
        .name = bare, .start = start, .end = start + symbol->st_size, .fresh = true, .resolver = type == STT_GNU_IFUNC};

    if ((type != STT_FUNC && type != STT_GNU_IFUNC) || symbol->st_shndx == SHN_UNDEF || !is_code(image, start))
        return true;
    /* Some tables write the version behind the name. */
    snprintf(bare, sizeof(bare), "%.*s", (int)strcspn(name, "@"), name);
    return functions_add(functions, &function);
}

static bool read_table(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, const image_t *image,
                       functions_t *functions)
{
    Elf_Data *data = elf_getdata(section, NULL);
    GElf_Sym  symbol;

    if (data == NULL || header->sh_entsize == 0)
        return true;
    for (size_t i = 0; i < header->sh_size / header->sh_entsize; i++) {
        const char *name = gelf_getsym(data, (int)i, &symbol) ? elf_strptr(elf, header->sh_link, symbol.st_name) : NULL;

        if (name != NULL && !add_symbol(image, &symbol, name, functions))
            return false;
    }
    return true;
}

static bool read_tables(Elf *elf, const image_t *image, functions_t *functions)
{
    Elf_Scn  *section = NULL;
    GElf_Shdr header;

    while ((section = elf_nextscn(elf, section)) != NULL)
        if (gelf_getshdr(section, &header) != NULL && (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM) &&
            !read_table(elf, section, &header, image, functions))
            return false;
    return true;
}

/* Distributions keep what they strip from a file under its build identifier. */
static bool find_debug_file(const image_t *image, char *path, size_t capacity)
{
    for (size_t i = 0; i < image->segment_count; i++) {
        const ElfW(Phdr) *segment = &image->segments[i];
        const char *at = (const char *)(image->bias + segment->p_vaddr);
        const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)at;
        const uint8_t *identifier = (const uint8_t *)at + sizeof(*note) + sizeof("GNU");

        if (segment->p_type != PT_NOTE || segment->p_memsz < sizeof(*note) || note->n_type != NT_GNU_BUILD_ID)
            continue;
        int length = snprintf(path, capacity, "/usr/lib/debug/.build-id/%02x/", identifier[0]);
        for (size_t j = 1; j < note->n_descsz && (size_t)length + 9 < capacity; j++)
            length += snprintf(path + length, capacity - (size_t)length, "%02x", identifier[j]);
        snprintf(path + length, capacity - (size_t)length, ".debug");
        return true;
    }
    return false;
}

static bool read_debug_file(const image_t *image, functions_t *functions)
{
    char path[PATH_MAX];
    bool done = true;
    int  file = find_debug_file(image, path, sizeof(path)) ? open(path, O_RDONLY | O_CLOEXEC) : -1;

    if (file < 0)
        return true;
    Elf *elf = elf_begin(file, ELF_C_READ_MMAP, NULL);
    if (elf != NULL)
        done = read_tables(elf, image, functions);
    elf_end(elf);
    close(file);
    return done;
}

bool symbols_read(Elf *elf, const image_t *image, functions_t *functions)
{
    return read_tables(elf, image, functions) && read_debug_file(image, functions);
}
