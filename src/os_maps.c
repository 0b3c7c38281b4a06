/* SPDX-License-Identifier: MIT
 *
 * os_maps: the process's mappings, asked of the kernel one by one (PROCMAP_QUERY, Linux 6.11) or read as text.
 *
 * The file is opened for each walk: one kept open would be another process's after a fork, and anything's after the
 * host has closed "all" its descriptors.
 */
#include "os.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* From <linux/fs.h> of Linux 6.11. */
struct procmap_query {
    uint64_t size;
    uint64_t query_flags;
    uint64_t query_addr;
    uint64_t vma_start;
    uint64_t vma_end;
    uint64_t vma_flags;
    uint64_t vma_page_size;
    uint64_t vma_offset;
    uint64_t inode;
    uint32_t dev_major;
    uint32_t dev_minor;
    uint32_t vma_name_size;
    uint32_t build_id_size;
    uint64_t vma_name_addr;
    uint64_t build_id_addr;
};
#define PROCMAP_QUERY                      _IOWR('f', 17, struct procmap_query)
#define PROCMAP_QUERY_COVERING_OR_NEXT_VMA 0x10

static int query_next(const os_maps_t *maps, uintptr_t address, range_t *mapping)
{
    struct procmap_query query = {
        .size = sizeof(query), .query_flags = PROCMAP_QUERY_COVERING_OR_NEXT_VMA, .query_addr = address};

    if (ioctl(maps->file, PROCMAP_QUERY, &query))
        return errno == ENOENT ? -ENOENT : -EIO;
    *mapping = (range_t){query.vma_start, query.vma_end};
    return 0;
}

/* Returns the next byte of the text, -1 at its end, -2 if it cannot be read. */
static int text_byte(os_maps_t *maps)
{
    ssize_t count;

    if (maps->next == maps->count) {
        do
            count = read(maps->file, maps->text, sizeof(maps->text));
        while (count < 0 && errno == EINTR);
        if (count <= 0)
            return count ? -2 : -1;
        maps->next = 0;
        maps->count = (size_t)count;
    }
    return (unsigned char)maps->text[maps->next++];
}

static int hex_digit(int byte)
{
    return byte >= '0' && byte <= '9' ? byte - '0' : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* Reads a number and the byte that ends it. Returns 0; -ENOENT (end of the text before a number); -EIO. */
static int text_number(os_maps_t *maps, int terminator, uintptr_t *number)
{
    uintptr_t value = 0;
    int       digits = 0;
    int       byte = text_byte(maps);

    for (; hex_digit(byte) >= 0 && digits < 16; digits++, byte = text_byte(maps))
        value = value << 4 | (uintptr_t)hex_digit(byte);
    if (!digits && byte == -1)
        return -ENOENT;
    if (!digits || byte != terminator)
        return -EIO;
    *number = value;
    return 0;
}

/* A line reads "start-end permissions ...". */
static int text_line(os_maps_t *maps, range_t *mapping)
{
    range_t line;
    int     byte;
    int     result = text_number(maps, '-', &line.start);

    if (result)
        return result;
    if (text_number(maps, ' ', &line.end) || line.end <= line.start)
        return -EIO;
    while ((byte = text_byte(maps)) != '\n')
        if (byte < 0)
            return -EIO;
    *mapping = line;
    return 0;
}

static int text_next(os_maps_t *maps, uintptr_t address, range_t *mapping)
{
    while (maps->last.end <= address) {
        int result = text_line(maps, &maps->last);
        if (result)
            return result;
    }
    *mapping = maps->last;
    return 0;
}

int os_maps_next(os_maps_t *maps, uintptr_t address, range_t *mapping)
{
    int saved_errno = errno;
    int result = maps->source == OS_MAPS_QUERY ? query_next(maps, address, mapping) : text_next(maps, address, mapping);

    errno = saved_errno;
    return result;
}

int os_maps_open(os_maps_t *maps, os_maps_source_t source)
{
    range_t first;
    int     saved_errno = errno;

    maps->source = source;
    maps->last = (range_t){0, 0};
    maps->next = maps->count = 0;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &maps->cancel_state);
    maps->file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    errno = saved_errno;
    if (maps->file < 0) {
        pthread_setcancelstate(maps->cancel_state, NULL);
        return -ENOSYS;
    }
    /* Sandboxes may refuse the ioctl, or show an empty text. */
    if (os_maps_next(maps, 0, &first)) {
        os_maps_close(maps);
        return -ENOSYS;
    }
    return 0;
}

void os_maps_close(os_maps_t *maps)
{
    int saved_errno = errno;

    close(maps->file);
    errno = saved_errno;
    pthread_setcancelstate(maps->cancel_state, NULL);
}
