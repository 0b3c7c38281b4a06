/* SPDX-License-Identifier: MIT */
#include "eh_frame.h"

#include <errno.h>
#include <string.h>

#define LENGTH_BYTES 4
#define LONG_LENGTH  0xffffffff
#define NO_ENCODING  0xff

/* What is left to read. */
typedef struct {
    const unsigned char *at;
    const unsigned char *end;
    bool                 broken; /* more was asked for than there is */
} reader_t;

static uint64_t read_number(reader_t *reader, size_t width)
{
    uint64_t value = 0;

    if ((size_t)(reader->end - reader->at) < width) {
        reader->broken = true;
        return 0;
    }
    memcpy(&value, reader->at, width); /* both architectures are little-endian */
    reader->at += width;
    return value;
}

/* A number in groups of 7 bits; none that is met here is over 64 bits. */
static uint64_t read_leb(reader_t *reader)
{
    uint64_t value = 0;
    uint64_t byte = 0x80;

    for (unsigned shift = 0; byte & 0x80 && shift < 64; shift += 7) {
        byte = read_number(reader, 1);
        value |= (byte & 0x7f) << shift;
    }
    return value;
}

/* Bytes of a pointer; 0 for encodings that are not understood. */
static size_t width_of(unsigned encoding)
{
    switch (encoding & 0x0f) {
    case EH_FRAME_UDATA4:
    case EH_FRAME_SDATA4:
        return 4;
    case EH_FRAME_ABSOLUTE:
    case EH_FRAME_UDATA8:
    case EH_FRAME_SDATA8:
        return 8;
    default:
        return 0;
    }
}

/* One letter's data of a CIE's augmentation. Returns whether it was the encoding of code addresses. */
static bool read_letter(reader_t *reader, char letter)
{
    size_t width;

    switch (letter) {
    case 'R':
        return true;
    case 'L':
        (void)read_number(reader, 1);
        return false;
    case 'P':
        width = width_of((unsigned)read_number(reader, 1));
        reader->broken |= width == 0;
        (void)read_number(reader, width);
        return false;
    case 'S':
    case 'B':
        return false;
    default:
        reader->broken = true;
        return false;
    }
}

/* Where a CIE, from behind its identifier, has its encoding; NULL if it has none, or cannot be read. */
static const unsigned char *find_encoding(reader_t reader)
{
    uint64_t    version = read_number(&reader, 1);
    const char *letters = (const char *)reader.at;
    const char *end = memchr(letters, 0, (size_t)(reader.end - reader.at));

    if ((version != 1 && version != 3) || !end || *letters != 'z')
        return NULL;
    reader.at = (const unsigned char *)end + 1;
    (void)read_leb(&reader); /* the code's alignment, the data's, the return address's register */
    (void)read_leb(&reader);
    (void)(version == 1 ? read_number(&reader, 1) : read_leb(&reader));
    (void)read_leb(&reader); /* the length of what follows */
    for (letters++; *letters && !reader.broken; letters++)
        if (read_letter(&reader, *letters))
            return reader.at < reader.end ? reader.at : NULL;
    return NULL;
}

/* The entry's bytes behind its length, at `offset`. Returns 0; -ENOENT; -EINVAL. */
static int open_entry(const eh_frame_t *frame, size_t offset, reader_t *reader)
{
    *reader = (reader_t){frame->start + offset, frame->start + frame->size, false};
    if (offset == frame->size)
        return -ENOENT;
    uint64_t length = read_number(reader, LENGTH_BYTES);
    if (reader->broken || length == LONG_LENGTH || length > (size_t)(reader->end - reader->at))
        return -EINVAL;
    if (!length)
        return -ENOENT;
    reader->end = reader->at + length;
    return 0;
}

/* The encoding that an FDE's CIE has, which lies `distance` before `field`. */
static unsigned encoding_of(const eh_frame_t *frame, size_t field, uint64_t distance)
{
    reader_t reader;

    if (distance > field || open_entry(frame, field - distance, &reader) || read_number(&reader, 4) != 0)
        return NO_ENCODING;
    const unsigned char *encoding = reader.broken ? NULL : find_encoding(reader);
    return encoding ? *encoding : NO_ENCODING;
}

static uintptr_t decode(const unsigned char *at, uint64_t value, unsigned encoding)
{
    if (width_of(encoding) == 4 && (encoding & 0x0f) == EH_FRAME_SDATA4)
        value = (uint64_t)(int64_t)(int32_t)(uint32_t)value;
    return encoding & EH_FRAME_RELATIVE ? (uintptr_t)at + value : value;
}

/* An FDE, from behind its identifier. */
static int read_fde(const eh_frame_t *frame, reader_t reader, unsigned encoding, eh_frame_entry_t *entry)
{
    const unsigned char *at = reader.at;

    entry->kind = EH_FRAME_FDE;
    entry->address = (size_t)(at - frame->start);
    entry->width = width_of(encoding);
    if (!entry->width || encoding & ~0x1fU)
        return -EINVAL;
    entry->code.start = decode(at, read_number(&reader, entry->width), encoding);
    entry->code.end = add_saturating(entry->code.start, read_number(&reader, entry->width));
    return reader.broken ? -EINVAL : 0;
}

int eh_frame_next(eh_frame_t *frame, eh_frame_entry_t *entry)
{
    reader_t reader;
    int      result = open_entry(frame, frame->next, &reader);

    if (result)
        return result;
    entry->start = frame->next;
    frame->next = (size_t)(reader.end - frame->start);
    size_t   field = (size_t)(reader.at - frame->start);
    uint64_t identifier = read_number(&reader, 4);
    if (reader.broken)
        return -EINVAL;
    if (identifier)
        return read_fde(frame, reader, encoding_of(frame, field, identifier), entry);

    const unsigned char *encoding = find_encoding(reader);
    entry->kind = EH_FRAME_CIE;
    entry->encoding = encoding ? (size_t)(encoding - frame->start) : 0;
    return encoding ? 0 : -EINVAL;
}
