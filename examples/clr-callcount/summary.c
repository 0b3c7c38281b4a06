/* SPDX-License-Identifier: MIT */
#include "summary.h"

#include <search.h>
#include <stddef.h>
#include <stdlib.h>

#include "names.h"

static_assert(offsetof(module_entry_t, name) == 0 && offsetof(method_entry_t, name) == 0, "entries begin with a name");

static int modules_by_name(const void *one, const void *other)
{
    return strcmp(((const module_entry_t *)one)->name, ((const module_entry_t *)other)->name);
}

static int methods_by_token(const void *one, const void *other)
{
    const method_entry_t *first = one;
    const method_entry_t *second = other;

    if (first->module != second->module)
        return first->module < second->module ? -1 : 1;
    return (first->token > second->token) - (first->token < second->token);
}

void summary_start(summary_t *summary)
{
    *summary = (summary_t){0};
    pthread_mutex_init(&summary->lock, NULL);
}

/* A copy of `wanted`, an entry of either kind, with a copy of the name. NULL without memory. */
static char **new_entry(const void *wanted, size_t size, const char *name)
{
    char **entry = malloc(size);

    if (!entry)
        return NULL;
    memcpy(entry, wanted, size);
    *entry = strdup(name); /* each kind begins with it */
    if (*entry)
        return entry;
    free(entry);
    return NULL;
}

static void *add_entry(void **tree, const void *wanted, size_t size, const char *name,
                       int (*compare)(const void *, const void *))
{
    char **entry = new_entry(wanted, size, name);

    if (!entry || tsearch(entry, tree, compare))
        return entry;
    free(*entry);
    free(entry);
    return NULL;
}

static module_entry_t *module_entry(summary_t *summary, const loaded_module_t *module)
{
    module_entry_t   wanted = {.name = module->name};
    module_entry_t **found = tfind(&wanted, &summary->modules, modules_by_name);

    return found ? *found : add_entry(&summary->modules, &wanted, sizeof(wanted), module->name, modules_by_name);
}

static method_entry_t *method_entry(summary_t *summary, const module_entry_t *entry, const loaded_module_t *module,
                                    clr_token_t token)
{
    char             name[MOST_NAME];
    method_entry_t   wanted = {.module = entry, .token = token};
    method_entry_t **found = tfind(&wanted, &summary->methods, methods_by_token);

    if (found)
        return *found;
    name_method(module->metadata, token, name);
    return add_entry(&summary->methods, &wanted, sizeof(wanted), name, methods_by_token);
}

static void add_placement(module_entry_t *entry, const placement_t *placement)
{
    placement_t *sum = &entry->placement;

    if (!placement->bodies)
        return;
    if (!sum->bodies || placement->nearest < sum->nearest)
        sum->nearest = placement->nearest;
    if (placement->farthest > sum->farthest)
        sum->farthest = placement->farthest;
    sum->bodies += placement->bodies;
    sum->bytes += placement->bytes;
    sum->within_2_gib += placement->within_2_gib;
    sum->within_4_gib += placement->within_4_gib;
}

static void add_bodies(module_entry_t *entry, loaded_module_t *module)
{
    if (!module->has_bodies)
        return;
    placement_t    placement = bodies_placement(&module->bodies);
    lintel_stats_t stats = bodies_stats(&module->bodies);

    entry->has_image = module->bodies.image.base != NULL;
    entry->lost += stats.lost;
    entry->reserved += stats.reserved;
    add_placement(entry, &placement);
}

/* Where the visitor of methods enters them. */
typedef struct {
    summary_t       *summary;
    loaded_module_t *module;
    module_entry_t  *entry;
} target_t;

static void add_method(const method_t *method, void *context)
{
    const target_t *target = context;
    uint64_t        calls = atomic_load_explicit(&method->calls, memory_order_relaxed); /* relaxed: a figure */
    method_entry_t *entry = method_entry(target->summary, target->entry, target->module, method->token);

    target->entry->calls += calls;
    target->entry->counted += method->state == METHOD_COUNTED;
    target->entry->left += method->state == METHOD_LEFT;
    if (entry) {
        entry->calls += calls;
        entry->reason = method->reason;
    } else {
        target->summary->incomplete = true;
    }
}

/* Caller holds the lock. */
static void add_module(summary_t *summary, loaded_module_t *module, bool unloads)
{
    target_t target = {summary, module, module_entry(summary, module)};

    module->is_entered = true;
    if (!target.entry) {
        summary->incomplete = true;
        return;
    }
    target.entry->loads++;
    target.entry->unloads += unloads;
    target.entry->flags = module->flags;
    add_bodies(target.entry, module);
    methods_visit(&module->methods, add_method, &target);
}

void summary_add(summary_t *summary, loaded_module_t *module, bool unloads)
{
    pthread_mutex_lock(&summary->lock);
    if (!module->is_entered)
        add_module(summary, module, unloads);
    pthread_mutex_unlock(&summary->lock);
}

/* What a walk over a tree fills. */
typedef struct {
    size_t       count;
    const void **entries; /* NULL: only count */
} array_t;

static void put_entry(const void *node, VISIT order, void *context)
{
    array_t *array = context;

    if (order != postorder && order != leaf)
        return;
    if (array->entries)
        array->entries[array->count] = *(const void *const *)node;
    array->count++;
}

static size_t entries_of(const void *tree, const void ***entries)
{
    array_t array = {0, NULL};

    twalk_r(tree, put_entry, &array);
    *entries = calloc(array.count + 1, sizeof(const void *));
    if (!*entries)
        return 0;
    array = (array_t){0, *entries};
    twalk_r(tree, put_entry, &array);
    return array.count;
}

static int most_called_first(const void *one, const void *other)
{
    const method_entry_t *first = *(const method_entry_t *const *)one;
    const method_entry_t *second = *(const method_entry_t *const *)other;

    if (first->calls != second->calls)
        return first->calls > second->calls ? -1 : 1;
    int names = strcmp(first->name, second->name);
    return names ? names : methods_by_token(first, second);
}

size_t summary_modules(const summary_t *summary, const module_entry_t ***modules)
{
    return entries_of(summary->modules, (const void ***)modules);
}

size_t summary_methods(const summary_t *summary, const method_entry_t ***methods)
{
    size_t count = entries_of(summary->methods, (const void ***)methods);

    if (count)
        qsort(*methods, count, sizeof(const method_entry_t *), most_called_first);
    return count;
}
