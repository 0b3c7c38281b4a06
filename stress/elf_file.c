/* SPDX-License-Identifier: MIT */
#include "elf_file.h"

#include <elf.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf_functions.h"

#if defined(__x86_64__)
enum { NATIVE_MACHINE = EM_X86_64 };
#elif defined(__aarch64__)
enum { NATIVE_MACHINE = EM_AARCH64 };
#endif

static const uint64_t largest_image = UINT64_C(1) << 32;
static const char     truncated[] = "truncated ELF file";
static const char     malformed[] = "malformed ELF file";

static bool lies_within(uint64_t offset, uint64_t size, uint64_t limit)
{
    return offset <= limit && size <= limit - offset;
}

/* libelf takes a file that ends within its header for none of its own. */
static const char *what_else(int fd)
{
    char magic[SELFMAG];

    if (pread(fd, magic, sizeof(magic), 0) == SELFMAG && memcmp(magic, ELFMAG, SELFMAG) == 0)
        return truncated;
    return "not an ELF file";
}

static const char *check_header(Elf *elf, uint64_t file_size)
{
    GElf_Ehdr header;

    if (gelf_getehdr(elf, &header) == NULL)
        return truncated;
    if (header.e_machine != NATIVE_MACHINE || header.e_ident[EI_CLASS] != ELFCLASS64)
        return "ELF file of another machine";
    if (header.e_type != ET_DYN && header.e_type != ET_EXEC)
        return "neither a shared library nor a program";
    if (!lies_within(header.e_phoff, (uint64_t)header.e_phnum * header.e_phentsize, file_size) ||
        !lies_within(header.e_shoff, (uint64_t)header.e_shnum * header.e_shentsize, file_size))
        return truncated;
    return NULL;
}

static const char *check_segment(const GElf_Phdr *entry, uint64_t file_size, uint64_t page)
{
    if (!lies_within(entry->p_offset, entry->p_filesz, file_size))
        return truncated;
    if (entry->p_filesz > entry->p_memsz || (entry->p_vaddr - entry->p_offset) % page != 0 ||
        !lies_within(entry->p_vaddr, entry->p_memsz, UINT64_MAX - page))
        return malformed;
    return NULL;
}

static void add_segment(elf_file_t *file, const GElf_Phdr *entry, uint64_t page)
{
    uint64_t start = entry->p_vaddr / page * page;
    uint64_t end = (entry->p_vaddr + entry->p_memsz + page - 1) / page * page;

    if (file->segment_count == 0 || start < file->start)
        file->start = start;
    if (end > file->end)
        file->end = end;
    file->segments[file->segment_count++] = (segment_t){
        .address = entry->p_vaddr,
        .size = entry->p_memsz,
        .file_offset = entry->p_offset,
        .file_size = entry->p_filesz,
        .readable = (entry->p_flags & PF_R) != 0,
        .executable = (entry->p_flags & PF_X) != 0,
    };
}

static const char *read_entries(Elf *elf, size_t entries, uint64_t file_size, elf_file_t *file)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

    for (size_t i = 0; i < entries; i++) {
        GElf_Phdr   entry;
        const char *complaint;

        if (gelf_getphdr(elf, (int)i, &entry) == NULL)
            return truncated;
        if (entry.p_type != PT_LOAD || entry.p_memsz == 0)
            continue;
        complaint = check_segment(&entry, file_size, page);
        if (complaint != NULL)
            return complaint;
        add_segment(file, &entry, page);
    }
    return NULL;
}

static const char *read_segments(Elf *elf, uint64_t file_size, elf_file_t *file)
{
    const char *complaint;
    size_t      entries;

    if (elf_getphdrnum(elf, &entries) != 0)
        return truncated;
    file->segments = calloc(entries + 1, sizeof(*file->segments));
    if (file->segments == NULL)
        return "out of memory";
    complaint = read_entries(elf, entries, file_size, file);
    if (complaint != NULL)
        return complaint;
    if (file->segment_count == 0)
        return "nothing in it to load";
    return file->end - file->start > largest_image ? "image of more than 4 GiB" : NULL;
}

const char *elf_file_read(int fd, elf_file_t *file)
{
    const char *complaint;
    struct stat status;
    Elf        *elf;

    *file = (elf_file_t){0};
    elf_version(EV_CURRENT);
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return "not a regular file";
    elf = elf_begin(fd, ELF_C_READ, NULL);
    if (elf == NULL)
        return what_else(fd);

    complaint = elf_kind(elf) == ELF_K_ELF ? check_header(elf, (uint64_t)status.st_size) : what_else(fd);
    if (complaint == NULL)
        complaint = read_segments(elf, (uint64_t)status.st_size, file);
    if (complaint == NULL)
        complaint = elf_functions_read(elf, file);
    elf_end(elf);
    if (complaint != NULL)
        elf_file_free(file);
    return complaint;
}

void elf_file_free(elf_file_t *file)
{
    free(file->segments);
    free(file->functions);
    *file = (elf_file_t){0};
}
