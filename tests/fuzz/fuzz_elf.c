/* SPDX-License-Identifier: MIT
 *
 * fuzz_elf: an input is an ELF file. Whatever it says, what the reader gives out lies within the file and its segments.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "../../stress/elf_file.h"
#include "fuzz.h"

static bool lies_within(uint64_t start, uint64_t size, uint64_t first, uint64_t end)
{
    return start >= first && start <= end && size <= end - start;
}

static bool is_in_segment(const elf_file_t *file, const function_t *function)
{
    for (size_t i = 0; i < file->segment_count; i++) {
        const segment_t *segment = &file->segments[i];
        if (segment->executable && segment->readable &&
            lies_within(function->address, function->size, segment->address, segment->address + segment->file_size))
            return true;
    }
    return false;
}

static void check(const elf_file_t *file, uint64_t size)
{
    expect(file->segment_count && file->function_count, "a file of use has segments and functions");
    for (size_t i = 0; i < file->segment_count; i++) {
        const segment_t *segment = &file->segments[i];
        expect(lies_within(segment->file_offset, segment->file_size, 0, size), "a segment lies in the file");
        expect(segment->file_size <= segment->size, "a segment has room for what is in the file");
        expect(lies_within(segment->address, segment->size, file->start, file->end), "a segment lies in the image");
    }
    for (size_t i = 0; i < file->function_count; i++) {
        expect(is_in_segment(file, &file->functions[i]), "a function lies in text");
        expect(!i || file->functions[i - 1].address < file->functions[i].address, "functions go up by address");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    elf_file_t file;
    int        fd = memfd_create("input", MFD_CLOEXEC);

    expect(fd >= 0 && write(fd, data, size) == (ssize_t)size, "a file in memory can be had");
    if (!elf_file_read(fd, &file)) {
        check(&file, size);
        elf_file_free(&file);
    }
    close(fd);
    return 0;
}
