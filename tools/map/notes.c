/* SPDX-License-Identifier: MIT */
#include "notes.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "outline.h"
#include "process.h"

enum { HEAD_SIZE = 4096, MOST_NOTES = 1 << 16 };

static const char owner[] = "lintel";

static uint64_t rounded(uint64_t size, uint64_t align)
{
    return (size + align - 1) & ~(align - 1);
}

/* The outline, if one of the notes, which lie at `address` in the process, leads to it. */
static int search(const unsigned char *notes, size_t size, uint64_t address, uint64_t align, uint64_t *outline)
{
    Elf64_Nhdr note;

    for (uint64_t at = 0; at + sizeof(note) <= size;) {
        uint64_t name = at + sizeof(note);
        uint64_t content;
        int32_t  distance;

        memcpy(&note, notes + at, sizeof(note));
        content = at + rounded(sizeof(note) + note.n_namesz, align);
        if (content + note.n_descsz > size)
            return -ENOENT;
        if (note.n_type == OUTLINE_NOTE && note.n_namesz == sizeof(owner) && note.n_descsz == sizeof(distance) &&
            memcmp(notes + name, owner, sizeof(owner)) == 0) {
            memcpy(&distance, notes + content, sizeof(distance));
            *outline = address + content + (uint64_t)(int64_t)distance;
            return 0;
        }
        at = content + rounded(note.n_descsz, align);
    }
    return -ENOENT;
}

/* The notes of one segment. Returns as notes_find_outline. */
static int search_segment(pid_t process, const Elf64_Phdr *segment, uint64_t bias, uint64_t *outline)
{
    size_t         size = segment->p_memsz < MOST_NOTES ? segment->p_memsz : MOST_NOTES;
    unsigned char *notes = malloc(size + 1);
    int            error;

    if (notes == NULL)
        return -ENOMEM;
    error = process_read(process, bias + segment->p_vaddr, notes, size);
    if (error == 0)
        error = search(notes, size, bias + segment->p_vaddr, segment->p_align == 8 ? 8 : 4, outline);
    free(notes);
    return error == -EFAULT ? -ENOENT : error;
}

/* What is to be added to the image's own addresses. */
static uint64_t bias_of(const Elf64_Phdr *segments, size_t count, uint64_t base)
{
    for (size_t i = 0; i < count; i++)
        if (segments[i].p_type == PT_LOAD)
            return base - (segments[i].p_vaddr - segments[i].p_offset);
    return base;
}

int notes_find_outline(pid_t process, uint64_t base, uint64_t *outline)
{
    _Alignas(Elf64_Ehdr) unsigned char head[HEAD_SIZE];
    const Elf64_Ehdr                  *elf = (const Elf64_Ehdr *)(const void *)head;
    ssize_t                            size = process_read_some(process, base, head, sizeof(head));
    uint64_t                           bias;

    if (size < 0)
        return (int)size;
    if ((size_t)size < sizeof(*elf) || memcmp(elf->e_ident, ELFMAG, SELFMAG) != 0 ||
        elf->e_ident[EI_CLASS] != ELFCLASS64 || elf->e_phentsize != sizeof(Elf64_Phdr) || elf->e_phoff % 8 != 0 ||
        elf->e_phoff > (size_t)size || elf->e_phnum > ((size_t)size - elf->e_phoff) / sizeof(Elf64_Phdr))
        return -ENOENT;
    const Elf64_Phdr *segments = (const Elf64_Phdr *)(const void *)(head + elf->e_phoff);
    bias = bias_of(segments, elf->e_phnum, base);
    for (size_t i = 0; i < elf->e_phnum; i++) {
        int error = segments[i].p_type == PT_NOTE ? search_segment(process, &segments[i], bias, outline) : -ENOENT;

        if (error != -ENOENT)
            return error;
    }
    return -ENOENT;
}
