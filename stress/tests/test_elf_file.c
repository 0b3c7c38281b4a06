/* SPDX-License-Identifier: MIT
 *
 * test_elf_file: whatever an ELF file says, what elf_file_read gives out lies within the file and its segments. This
 * program's own file is damaged in thousands of ways; without any damage, this program's main is among its functions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf_file.h"
#include "random.h"

enum { DAMAGED_FILES = 2000, MOST_DAMAGE = 16 };

/* This program's file. */
typedef struct {
    unsigned char *bytes;
    size_t         size;
} content_t;

static int read_own_file(void **state)
{
    static content_t content;
    struct stat      status;
    int              fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &status), 0);
    content.size = (size_t)status.st_size;
    content.bytes = malloc(content.size);
    assert_non_null(content.bytes);
    assert_int_equal(read(fd, content.bytes, content.size), content.size);
    close(fd);
    *state = &content;
    return 0;
}

static int forget_own_file(void **state)
{
    content_t *content = *state;

    free(content->bytes);
    return 0;
}

static int file_with(const unsigned char *bytes, size_t size)
{
    int fd = memfd_create("damaged", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), size);
    return fd;
}

static const segment_t *segment_of(const elf_file_t *file, const function_t *function)
{
    for (size_t i = 0; i < file->segment_count; i++) {
        const segment_t *segment = &file->segments[i];

        if (function->address - segment->address < segment->file_size && segment->executable && segment->readable)
            return segment;
    }
    return NULL;
}

/* As a caller will use it: each function's bytes come from the file. */
static void check_bounds(const elf_file_t *file, size_t file_size)
{
    for (size_t i = 0; i < file->segment_count; i++) {
        assert_true(file->segments[i].file_offset + file->segments[i].file_size <= file_size);
        assert_true(file->segments[i].address >= file->start);
        assert_true(file->segments[i].address + file->segments[i].size <= file->end);
    }
    for (size_t i = 0; i < file->function_count; i++) {
        const segment_t *segment = segment_of(file, &file->functions[i]);

        assert_non_null(segment);
        assert_true(file->functions[i].size > 0);
        assert_true(i == 0 || file->functions[i - 1].address < file->functions[i].address);
    }
}

/* Mostly in the tables that say where everything is. */
static void damage(random_t *random, unsigned char *bytes, size_t size)
{
    Elf64_Ehdr header;
    size_t     from = 0;
    size_t     span = size;

    memcpy(&header, bytes, sizeof(header));
    switch (random_below(random, 4)) {
    case 0:
        span = sizeof(header);
        break;
    case 1:
        from = header.e_phoff;
        span = (size_t)header.e_phnum * header.e_phentsize;
        break;
    case 2:
        from = header.e_shoff;
        span = (size_t)header.e_shnum * header.e_shentsize;
        break;
    default:
        break;
    }
    for (uint64_t left = random_between(random, 1, MOST_DAMAGE); left > 0; left--)
        bytes[from + random_below(random, span)] = (unsigned char)random_next(random);
}

static void test_own_file(void **state)
{
    const content_t *content = *state;
    int              fd = file_with(content->bytes, content->size);
    elf_file_t       file;

    assert_null(elf_file_read(fd, &file));
    check_bounds(&file, content->size);
    assert_true(file.function_count > 0);
    elf_file_free(&file);
    close(fd);
}

static void test_damaged_files(void **state)
{
    const content_t *content = *state;
    unsigned char   *bytes = malloc(content->size);
    random_t         random = random_stream(1, 0);
    size_t           refused = 0;

    assert_non_null(bytes);
    for (size_t i = 0; i < DAMAGED_FILES; i++) {
        elf_file_t file;
        int        fd;

        memcpy(bytes, content->bytes, content->size);
        damage(&random, bytes, content->size);
        fd = file_with(bytes, content->size);
        refused += elf_file_read(fd, &file) != NULL;
        check_bounds(&file, content->size);
        elf_file_free(&file);
        close(fd);
    }
    assert_true(refused > 0);
    free(bytes);
}

static void test_cut_files(void **state)
{
    const content_t *content = *state;
    random_t         random = random_stream(2, 0);

    for (size_t i = 0; i < DAMAGED_FILES / 10; i++) {
        size_t     size = random_below(&random, content->size);
        int        fd = file_with(content->bytes, size);
        elf_file_t file;

        assert_non_null(elf_file_read(fd, &file));
        close(fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_file),
        cmocka_unit_test(test_damaged_files),
        cmocka_unit_test(test_cut_files),
    };

    return cmocka_run_group_tests(tests, read_own_file, forget_own_file);
}
