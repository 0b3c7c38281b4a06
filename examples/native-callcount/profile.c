/* SPDX-License-Identifier: MIT */
#include "profile.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/auxv.h>

#include "patch.h"
#include "threads.h"

enum { THREADS_LIMIT = 64 };

/* What one call of profile_add has found, for its threads to share. */
typedef struct {
    const char     *names;
    library_t      *first; /* of those that nobody has begun with, in list order: the rest of the list */
    size_t          found;
    pthread_mutex_t lock;
} harvest_t;

static lintel_heap_t  *heap;
static library_t      *libraries;
static library_t     **last = &libraries;
static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;

static void hold(void)
{
    pthread_mutex_lock(&list_lock);
    patches_hold();
}

static void release(void)
{
    patches_release();
    pthread_mutex_unlock(&list_lock);
}

/* A child counts its own calls. */
static void begin_child(void)
{
    release();
    profile_clear();
}

int profile_start(void)
{
    int result = lintel_heap_create(NULL, &heap);

    return result ? result : -pthread_atfork(hold, release, begin_child);
}

const lintel_heap_t *profile_heap(void)
{
    return heap;
}

static bool is_known(const image_t *image)
{
    for (const library_t *library = libraries; library != NULL; library = library->next)
        if (library->image.base == image->base)
            return true;
    return false;
}

/* The loader runs before everything and amid everything; the profiler itself is nobody's subject. */
static bool is_off_limits(const image_t *image)
{
    return image_is_among(image, "ld-linux-x86-64:linux-vdso:libnative-callcount:liblintel");
}

static int take_on(const image_t *image, void *context)
{
    harvest_t *harvest = context;
    library_t *library;

    if (image->size == 0 || !image_is_among(image, harvest->names) || is_off_limits(image) || is_known(image))
        return 0;
    library = calloc(1, sizeof(*library));
    if (library == NULL)
        return 1;
    library->image = *image;
    library->image.name = library->image.path + (image->name - image->path);
    *last = library;
    last = &library->next;
    if (harvest->found++ == 0)
        harvest->first = library;
    return 0;
}

static library_t *next_of(harvest_t *harvest)
{
    library_t *library = NULL;

    pthread_mutex_lock(&harvest->lock);
    if (harvest->found > 0) {
        library = harvest->first;
        harvest->first = library->next;
        harvest->found--;
    }
    pthread_mutex_unlock(&harvest->lock);
    return library;
}

static void *work(void *context)
{
    library_t *library;

    while ((library = next_of(context)) != NULL)
        if (library->problem == NULL)
            library_instrument(library, heap);
    return NULL;
}

static void work_together(harvest_t *harvest, size_t threads)
{
    pthread_t others[THREADS_LIMIT];
    size_t    count = 0;

    while (count + 1 < threads && count < THREADS_LIMIT && count + 1 < harvest->found &&
           pthread_create(&others[count], NULL, work, harvest) == 0)
        count++;
    work(harvest);
    while (count > 0)
        pthread_join(others[--count], NULL);
}

/* The program itself has no name to open it by, and never goes. */
static bool is_program(const image_t *image)
{
    return (uintptr_t)image->segments == getauxval(AT_PHDR);
}

/* That takes the loader's lock, which another thread may have while it waits for the end of a visit to the images: so
 * not in the middle of one. Meanwhile the image may have gone. */
static void keep_loaded(library_t *library)
{
    const struct link_map *map = dlopen(library->image.path, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);

    if ((map != NULL && map->l_addr == library->image.bias) || is_program(&library->image))
        return;
    library->problem = "it was unloaded again";
    pthread_mutex_lock(&list_lock);
    library->image.base = 0; /* what comes to its place is another one */
    pthread_mutex_unlock(&list_lock);
}

static void keep_all_loaded(const harvest_t *harvest)
{
    library_t *library = harvest->first;

    for (size_t i = 0; i < harvest->found; i++, library = library->next)
        keep_loaded(library);
}

size_t profile_add(const char *names, size_t threads)
{
    harvest_t harvest = {.names = names, .lock = PTHREAD_MUTEX_INITIALIZER};

    pthread_mutex_lock(&list_lock);
    images_visit(take_on, &harvest);
    size_t found = harvest.found;
    pthread_mutex_unlock(&list_lock);
    keep_all_loaded(&harvest);
    work_together(&harvest, threads);
    return found;
}

static void for_each(void (*action)(library_t *library))
{
    for (library_t *library = libraries; library != NULL; library = library->next)
        action(library);
}

size_t profile_add_loaded(const char *names)
{
    bool alone = threads_alone();

    if (alone)
        for_each(library_take_counts);
    size_t found = profile_add(names, 1);
    if (alone)
        for_each(library_put_counts);
    return found;
}

void profile_clear(void)
{
    for_each(library_clear_counts);
}

const library_t *profile_stop(void)
{
    for_each(library_take_counts);
    return libraries;
}
