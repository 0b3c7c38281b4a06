/* SPDX-License-Identifier: MIT */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "functions.h"

enum { STACK_POINTER = 7, RETURN_ADDRESS = 8 }; /* DWARF's number for rsp; the size of what a call pushes */

typedef struct {
    Elf           *elf;
    Elf_Data      *data;
    uint64_t       address; /* of the section */
    const image_t *image;
    Dwarf_CFI     *rules;
    functions_t   *functions;
} frames_t;

/* The next section after `section` of the kind of `wanted`: ".plt.got" is of kind ".plt". */
static Elf_Scn *find_section(Elf *elf, const char *wanted, Elf_Scn *section, GElf_Shdr *header)
{
    size_t length = strlen(wanted);
    size_t names;

    if (elf_getshdrstrndx(elf, &names) != 0)
        return NULL;
    while ((section = elf_nextscn(elf, section)) != NULL) {
        const char *name = gelf_getshdr(section, header) ? elf_strptr(elf, names, header->sh_name) : NULL;

        if (name != NULL && strncmp(name, wanted, length) == 0 && (name[length] == '\0' || name[length] == '.') &&
            header->sh_type != SHT_NOBITS)
            return section;
    }
    return NULL;
}

/* The stubs through which the image calls others are described too, and are no functions of it. */
static bool is_stub(Elf *elf, uint64_t address)
{
    Elf_Scn  *section = NULL;
    GElf_Shdr header;

    while ((section = find_section(elf, ".plt", section, &header)) != NULL)
        if (address >= header.sh_addr && address - header.sh_addr < header.sh_size)
            return true;
    return false;
}

/* Whether the address range of a frame description is written as compilers for x86-64 write it: 32-bit, relative to
 * itself. The letters before R in the augmentation each stand for one or more bytes of the augmentation's data. */
static bool is_relative_32(const Dwarf_CIE *common)
{
    const uint8_t *data = common->augmentation_data;
    const char    *letter = common->augmentation;

    if (letter == NULL || data == NULL || *letter != 'z')
        return false;
    while (*++letter != '\0') {
        if (*letter == 'R')
            return *data == (DW_EH_PE_pcrel | DW_EH_PE_sdata4);
        if (*letter == 'P')
            data += 1 + ((*data & 0x07) == DW_EH_PE_udata4 ? 4 : 8);
        else if (*letter == 'L')
            data++;
    }
    return false;
}

static void apply_rules(const frames_t *frames, uint64_t address, function_t *function)
{
    Dwarf_Frame *frame;
    Dwarf_Op    *rule;
    size_t       length;

    function->fresh = true;
    if (frames->rules == NULL || dwarf_cfi_addrframe(frames->rules, address, &frame) != 0)
        return;
    dwarf_frame_info(frame, NULL, NULL, &function->signal);
    if (dwarf_frame_cfa(frame, &rule, &length) == 0 && length > 0)
        function->fresh = length == 1 && rule->atom == DW_OP_bregx && rule->number == STACK_POINTER &&
                          rule->number2 == RETURN_ADDRESS;
    free(frame);
}

static bool add_frame(const frames_t *frames, const Dwarf_FDE *entry)
{
    const uint8_t *field = entry->start;
    int32_t        offset;
    uint32_t       size;
    function_t     function = {.described = true};

    if (entry->end - field < (ptrdiff_t)(sizeof(offset) + sizeof(size)))
        return true;
    memcpy(&offset, field, sizeof(offset));
    memcpy(&size, field + sizeof(offset), sizeof(size));
    uint64_t address = frames->address + (uint64_t)(field - (const uint8_t *)frames->data->d_buf) +
                       (uint64_t)(int64_t)offset;
    if (size == 0 || is_stub(frames->elf, address))
        return true;
    function.start = frames->image->bias + address;
    function.end = function.start + size;
    apply_rules(frames, address, &function);
    return functions_add(frames->functions, &function);
}

static bool read_section(const frames_t *frames, const unsigned char *identity)
{
    Dwarf_CFI_Entry entry;
    Dwarf_Off       next = 0;
    bool            readable = false;

    for (Dwarf_Off offset = 0;; offset = next) {
        int result = dwarf_next_cfi(identity, frames->data, true, offset, &next, &entry);

        if (result > 0 || next == (Dwarf_Off)-1 || next <= offset)
            return true;
        if (result < 0)
            continue;
        if (dwarf_cfi_cie_p(&entry))
            readable = is_relative_32(&entry.cie);
        else if (readable && !add_frame(frames, &entry.fde))
            return false;
    }
}

bool frames_read(Elf *elf, const image_t *image, functions_t *functions)
{
    GElf_Shdr            header;
    Elf_Scn             *section = find_section(elf, ".eh_frame", NULL, &header);
    const unsigned char *identity = (const unsigned char *)elf_getident(elf, NULL);
    frames_t             frames = {.elf = elf, .image = image, .functions = functions};

    if (section == NULL || identity == NULL)
        return true;
    frames.data = elf_getdata(section, NULL);
    frames.address = header.sh_addr;
    frames.rules = dwarf_getcfi_elf(elf);
    bool done = frames.data == NULL || read_section(&frames, identity);
    if (frames.rules != NULL)
        dwarf_cfi_end(frames.rules);
    return done;
}
