/* SPDX-License-Identifier: MIT
 *
 * statistics [json|openmetrics]: a module above every image of this process, a few bodies above each, and the books.
 */
#define _GNU_SOURCE
#include <link.h>
#include <lintel/lintel.h>
#include <string.h>
#include <unistd.h>

static uintptr_t image_end(const struct dl_phdr_info *image)
{
    uintptr_t end = 0;

    for (ElfW(Half) i = 0; i < image->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &image->dlpi_phdr[i];
        if (segment->p_type == PT_LOAD && segment->p_vaddr + segment->p_memsz > end)
            end = segment->p_vaddr + segment->p_memsz;
    }
    return image->dlpi_addr + end;
}

static uintptr_t image_base(const struct dl_phdr_info *image)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

    /* Loadable segments are in ascending order. */
    for (ElfW(Half) i = 0; i < image->dlpi_phnum; i++)
        if (image->dlpi_phdr[i].p_type == PT_LOAD)
            return (image->dlpi_addr + image->dlpi_phdr[i].p_vaddr) & ~(page - 1);
    return 0;
}

static const char *image_name(const struct dl_phdr_info *image)
{
    const char *slash = strrchr(image->dlpi_name, '/');

    return slash ? slash + 1 : image->dlpi_name[0] ? image->dlpi_name : "this program";
}

/* Opens a module above the image and leaves it open; the heap ends it. Stops the walk where that fails. */
static int use_image(struct dl_phdr_info *image, size_t size, void *heap)
{
    lintel_module_t     *module;
    uintptr_t            base = image_base(image);
    lintel_module_desc_t desc = {.base = base, .image_size = image_end(image) - base, .name = image_name(image)};
    int                  result = lintel_module_open(heap, &desc, &module);

    (void)size;
    if (result)
        return result;
    for (size_t bytes = 1; bytes <= 100; bytes++)
        if (!lintel_alloc(module, bytes))
            result = -1;
    lintel_module_release(module);
    return result;
}

int main(int argc, char **argv)
{
    lintel_format_t format = LINTEL_TEXT;
    lintel_heap_t  *heap;

    if (argc > 1)
        format = strcmp(argv[1], "json") == 0 ? LINTEL_JSON : LINTEL_OPENMETRICS;
    if (lintel_heap_create(NULL, &heap))
        return 1;
    int result = dl_iterate_phdr(use_image, heap);
    if (result == 0)
        result = lintel_heap_print(heap, stdout, format);
    lintel_heap_destroy(heap);
    return result ? 1 : 0;
}
