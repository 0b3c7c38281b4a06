/* SPDX-License-Identifier: MIT */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Open the file and read what it holds; the caller closes *fd. */
static const char *open_file(const char *path, image_t *image, int *fd)
{
    struct stat status;
    const char *complaint;

    *image = (image_t){0};
    /* Not to wait for the other end where the path is a pipe. */
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*fd < 0)
        return strerror(errno);
    complaint = elf_file_read(*fd, &image->elf);
    if (complaint == NULL && (fstat(*fd, &status) != 0 || (image->path = strdup(path)) == NULL))
        complaint = strerror(errno);
    if (complaint != NULL) {
        elf_file_free(&image->elf);
        close(*fd);
        return complaint;
    }
    image->device = status.st_dev;
    image->inode = status.st_ino;
    image->size = image->elf.end - image->elf.start;
    return NULL;
}

/* Map one segment's bytes from the file. Read-only will do: they are copied, never run. What a segment has beyond its
 * file bytes (.bss) stays reserved; no function lies there. */
static bool map_segment(const image_t *image, const segment_t *segment, int fd)
{
    size_t    lead = segment->address % (size_t)sysconf(_SC_PAGESIZE);
    uintptr_t start = image->base + (segment->address - lead - image->elf.start);

    if (segment->file_size == 0 || !segment->readable)
        return true;
    return mmap((void *)start, segment->file_size + lead, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd,
                (off_t)(segment->file_offset - lead)) != MAP_FAILED;
}

static const char *map_segments(image_t *image, int fd)
{
    void *reserved = mmap(NULL, image->size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (reserved == MAP_FAILED)
        return strerror(errno);
    image->base = (uintptr_t)reserved;
    image->ours = true;
    for (size_t i = 0; i < image->elf.segment_count; i++)
        if (!map_segment(image, &image->elf.segments[i], fd))
            return strerror(errno);
    return NULL;
}

const char *image_map(const char *path, image_t *image)
{
    const char *complaint;
    int         fd;

    complaint = open_file(path, image, &fd);
    if (complaint != NULL)
        return complaint;
    complaint = map_segments(image, fd);
    close(fd);
    if (complaint != NULL)
        image_close(image);
    return complaint;
}

/* Whether the file still is what was loaded: a newer one may lie there by now. */
static bool is_same_layout(const struct dl_phdr_info *loaded, const elf_file_t *elf)
{
    size_t found = 0;

    for (size_t i = 0; i < loaded->dlpi_phnum; i++) {
        const ElfW(Phdr) *entry = &loaded->dlpi_phdr[i];

        if (entry->p_type != PT_LOAD || entry->p_memsz == 0)
            continue;
        if (found == elf->segment_count || elf->segments[found].address != entry->p_vaddr ||
            elf->segments[found].size != entry->p_memsz || elf->segments[found].file_size != entry->p_filesz)
            return false;
        found++;
    }
    return found == elf->segment_count;
}

const char *image_adopt(const struct dl_phdr_info *loaded, const char *path, image_t *image)
{
    const char *complaint;
    int         fd;

    complaint = open_file(path, image, &fd);
    if (complaint != NULL)
        return complaint;
    close(fd);
    if (!is_same_layout(loaded, &image->elf)) {
        image_close(image);
        return "changed on disk since it was loaded";
    }
    image->base = loaded->dlpi_addr + image->elf.start;
    return NULL;
}

void image_close(image_t *image)
{
    if (image->ours)
        munmap((void *)image->base, image->size);
    elf_file_free(&image->elf);
    free(image->path);
    *image = (image_t){0};
}

const char *image_name(const image_t *image)
{
    const char *slash = strrchr(image->path, '/');

    return slash != NULL ? slash + 1 : image->path;
}

const unsigned char *image_code(const image_t *image, const function_t *function)
{
    return (const unsigned char *)(image->base + (function->address - image->elf.start));
}
