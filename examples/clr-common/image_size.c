/* SPDX-License-Identifier: MIT */
#include "image_size.h"

#include <string.h>

#include "bytes.h"

/* Offsets in ECMA-335 II.25 and the PE format. */
enum {
    FIRST_PAGE = 4096,

    DOS_PE_OFFSET = 0x3c,
    PE_SECTIONS = 6,
    PE_OPTIONAL_SIZE = 20,
    PE_OPTIONAL = 24,
    OPTIONAL_IMAGE_SIZE = 56,
    OPTIONAL_HEADERS_SIZE = 60,

    SECTION = 40,
    SECTION_RAW_SIZE = 16,
    SECTION_RAW_OFFSET = 20,
};

static size_t flat_size(const uint8_t *pe)
{
    const uint8_t *section = pe + PE_OPTIONAL + get_u16(pe + PE_OPTIONAL_SIZE);
    size_t         size = get_u32(pe + PE_OPTIONAL + OPTIONAL_HEADERS_SIZE);

    for (unsigned i = 0; i < get_u16(pe + PE_SECTIONS); i++, section += SECTION) {
        size_t end = (size_t)get_u32(section + SECTION_RAW_OFFSET) + get_u32(section + SECTION_RAW_SIZE);
        if (end > size)
            size = end;
    }
    return size;
}

size_t image_size(const uint8_t *base, bool flat)
{
    if (memcmp(base, "MZ", 2) != 0)
        return 0;
    uint32_t offset = get_u32(base + DOS_PE_OFFSET);
    if (offset > FIRST_PAGE - PE_OPTIONAL - OPTIONAL_HEADERS_SIZE - 4 || memcmp(base + offset, "PE\0", 4) != 0)
        return 0;
    const uint8_t *pe = base + offset;
    size_t sections_end = offset + PE_OPTIONAL + get_u16(pe + PE_OPTIONAL_SIZE) + get_u16(pe + PE_SECTIONS) * SECTION;
    if (sections_end > FIRST_PAGE)
        return 0;
    return flat ? flat_size(pe) : get_u32(pe + PE_OPTIONAL + OPTIONAL_IMAGE_SIZE);
}
