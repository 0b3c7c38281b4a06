/* SPDX-License-Identifier: MIT */
#include "unwind.h"

#include <errno.h>
#include <string.h>

#include "eh_frame.h"

/* The registers that DWARF numbers so, and where the caller's stack and return address are throughout. */
#if defined(__x86_64__)
#define RETURN_ADDRESS    16
#define DEFINE_CFA        0x0c, 7, 8 /* the stack pointer and 8 */
#define RETURN_ADDRESS_AT 0x90, 1    /* at the CFA - 8 */
#else
#define RETURN_ADDRESS    30
#define DEFINE_CFA        0x0c, 31, 0 /* the stack pointer itself */
#define RETURN_ADDRESS_AT 0, 0        /* in its register still */
#endif

/* A CIE, and an FDE whose address and length, at these offsets, are still to be filled in. */
#define FRAMELESS_FDE     24
#define FRAMELESS_ADDRESS 32
#define FRAMELESS_LENGTH  36

static const unsigned char frameless[48] = {
    /* length, identifier, version, augmentation, alignments of code and data, return address, encoding */
    20, 0, 0, 0, 0, 0, 0, 0, 1, 'z', 'R', 0, 1, 0x78, RETURN_ADDRESS, 1, EH_FRAME_RELATIVE | EH_FRAME_SDATA4,
    /* instructions, and no operation at the end */
    DEFINE_CFA, RETURN_ADDRESS_AT, 0, 0,
    /* length, distance to the CIE */
    20, 0, 0, 0, 28, 0, 0, 0};

#define MOST_BYTES       ((size_t)1 << 30)
#define HEADER_BYTES     12
#define HEADER_ROW_BYTES 8

/* The section that was given, from its start. */
static eh_frame_t section_of(const lintel_unwind_t *unwind)
{
    return (eh_frame_t){unwind->eh_frame, unwind->eh_frame_size, 0};
}

/* Reads all entries. Returns how many FDEs there are; -EINVAL. */
static int count_entries(eh_frame_t *frame, range_t body)
{
    eh_frame_entry_t entry;
    int              count = 0;
    int              result;

    while (!(result = eh_frame_next(frame, &entry))) {
        if (entry.kind == EH_FRAME_FDE && !range_contains(body, entry.code))
            return -EINVAL;
        count += entry.kind == EH_FRAME_FDE;
    }
    return result == -ENOENT && count ? count : -EINVAL;
}

int unwind_measure(const lintel_unwind_t *unwind, range_t body, unwind_size_t *size)
{
    int count = 1;

    *size = (unwind_size_t){0, 0};
    if (!unwind || (!unwind->frameless && !unwind->eh_frame && !unwind->eh_frame_size))
        return 0;
    if (unwind->frameless ? unwind->eh_frame || unwind->eh_frame_size
                          : !unwind->eh_frame || unwind->eh_frame_size > MOST_BYTES)
        return -EINVAL;
    size->section = sizeof(frameless);
    if (!unwind->frameless) {
        eh_frame_t frame = section_of(unwind);
        count = count_entries(&frame, body);
        size->section = align_up(frame.next, UNWIND_ALIGN);
    }
    if (count > 0)
        size->header = HEADER_BYTES + (size_t)count * HEADER_ROW_BYTES;
    return count > 0 ? 0 : -EINVAL;
}

static void put(unsigned char *at, uint64_t value, size_t width)
{
    memcpy(at, &value, width);
}

/* Keeps the rows in order of code address, which is a signed displacement. */
static void add_row(unsigned char *rows, size_t count, int32_t code, int32_t entry)
{
    int32_t row[2] = {code, entry};
    size_t  at = count;

    for (int32_t before; at > 0; at--) {
        memcpy(&before, rows + (at - 1) * HEADER_ROW_BYTES, sizeof(before));
        if (before <= code)
            break;
        memcpy(rows + at * HEADER_ROW_BYTES, rows + (at - 1) * HEADER_ROW_BYTES, HEADER_ROW_BYTES);
    }
    memcpy(rows + at * HEADER_ROW_BYTES, row, sizeof(row));
}

/* Makes an FDE's code address relative to where the section is read, in as many bytes as it had (U1), and lists it. */
static void place_fde(const eh_frame_entry_t *fde, range_t body, unwind_size_t size, size_t row, unsigned char *to)
{
    uintptr_t place = unwind_place(body);
    uintptr_t header = place + size.section;

    put(to + fde->address, fde->code.start - (place + fde->address), fde->width);
    add_row(to + size.section + HEADER_BYTES, row, (int32_t)(fde->code.start - header),
            (int32_t)(place + fde->start - header));
}

static void place_encoding(const eh_frame_entry_t *cie, unsigned char *to)
{
    unsigned char *encoding = to + cie->encoding;
    unsigned       format = *encoding & 0x0f;
    bool           narrow = format == EH_FRAME_UDATA4 || format == EH_FRAME_SDATA4;

    *encoding = EH_FRAME_RELATIVE | (narrow ? EH_FRAME_SDATA4 : EH_FRAME_SDATA8);
}

static void write_frameless(range_t body, unwind_size_t size, unsigned char *to)
{
    eh_frame_entry_t fde = {EH_FRAME_FDE, FRAMELESS_FDE, 0, FRAMELESS_ADDRESS, sizeof(uint32_t), body};

    memcpy(to, frameless, sizeof(frameless));
    put(to + FRAMELESS_LENGTH, range_size(body), sizeof(uint32_t));
    place_fde(&fde, body, size, 0, to);
}

/* Goes over the entries as they came, and makes them right in the copy. */
static void write_copy(const lintel_unwind_t *unwind, range_t body, unwind_size_t size, unsigned char *to)
{
    eh_frame_t       frame = section_of(unwind);
    eh_frame_t       end = frame;
    eh_frame_entry_t entry;
    size_t           row = 0;

    (void)count_entries(&end, body);
    memcpy(to, frame.start, end.next);
    while (!eh_frame_next(&frame, &entry))
        if (entry.kind == EH_FRAME_FDE)
            place_fde(&entry, body, size, row++, to);
        else
            place_encoding(&entry, to);
}

/* Version; how the section's place, the count and the rows are written; the section's place; the count. */
static void write_header(unwind_size_t size, unsigned char *to)
{
    const unsigned char start[] = {1, EH_FRAME_RELATIVE | EH_FRAME_SDATA4, EH_FRAME_UDATA4, 0x30 | EH_FRAME_SDATA4};

    memcpy(to, start, sizeof(start));
    put(to + 4, (uint64_t)0 - size.section - 4, 4);
    put(to + 8, (size.header - HEADER_BYTES) / HEADER_ROW_BYTES, 4);
}

void unwind_write(const lintel_unwind_t *unwind, range_t body, unwind_size_t size, unsigned char *to)
{
    if (!size.section)
        return;
    if (unwind->frameless)
        write_frameless(body, size, to);
    else
        write_copy(unwind, body, size, to);
    write_header(size, to + size.section);
}
