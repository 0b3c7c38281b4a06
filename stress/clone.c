/* SPDX-License-Identifier: MIT
 *
 * clone: copies every function of every library in the corpus into memory above that library, from all threads in
 * random interleaving, then checks every promise for every copy. Round after round, each in a heap of its own.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "clone.h"
#include "corpus.h"
#include "latency.h"
#include "random.h"
#include "team.h"

enum { COUNT_BATCH = 256 };

/* The next piece to place, or NULL when all are taken or there is no point in going on. */
static piece_t *next_piece(clone_t *clone)
{
    /* relaxed: the number alone is shared; the pieces were there before the threads were. */
    size_t turn = atomic_fetch_add_explicit(&clone->next, 1, memory_order_relaxed);

    if (turn >= clone->piece_count || !verdict_is_good(&clone->run->verdict))
        return NULL;
    return &clone->pieces[clone->order[turn]];
}

static void place(clone_t *clone, piece_t *piece)
{
    const subject_t *owner = piece->owner;
    void            *copy = latency_alloc(owner->module, piece->size);

    if (copy == NULL) {
        verdict_broken(&clone->run->verdict, "place", "%s: no place for %zu bytes: %s", owner->name, piece->size,
                       strerror(errno));
        return;
    }
    if (!verify_fresh(&clone->run->verdict, owner, copy, piece->size, owner->align))
        return;
    memcpy(copy, piece->code, piece->size);
    piece->copy = copy;
}

static void clone_worker(void *shared, size_t index)
{
    clone_t *clone = shared;
    piece_t *piece;
    size_t   placed = 0;

    (void)index;
    while ((piece = next_piece(clone)) != NULL) {
        place(clone, piece);
        if (++placed % COUNT_BATCH == 0)
            progress_add(&clone->run->progress, COUNT_BATCH);
    }
    progress_add(&clone->run->progress, placed % COUNT_BATCH);
    lintel_thread_flush();
}

static bool open_subjects(clone_t *clone)
{
    for (size_t i = 0; i < clone->subject_count; i++) {
        subject_t *subject = &clone->subjects[i];

        if (!run_expect(clone->run, "open", subject->name, subject_open(clone->heap, subject)))
            return false;
    }
    return true;
}

/* A new order, and nothing placed. */
static void prepare_round(clone_t *clone, uint64_t round)
{
    random_t random = random_stream(clone->run->options->seed, round);

    for (size_t i = 0; i < clone->piece_count; i++) {
        clone->order[i] = (uint32_t)i;
        clone->pieces[i].copy = NULL;
    }
    random_shuffle(&random, clone->order, clone->piece_count);
    /* relaxed: the threads that count on it are made later. */
    atomic_store_explicit(&clone->next, 0, memory_order_relaxed);
}

static int place_and_check(clone_t *clone)
{
    run_t *run = clone->run;
    double seconds = 0;
    int    error = team_run(run->options->threads, clone_worker, clone, &run->progress, &seconds);

    if (error != 0 || !verdict_is_good(&run->verdict))
        return error;
    return clone_check_placed(clone, seconds);
}

static int clone_round(clone_t *clone, uint64_t round)
{
    int error = 0;

    prepare_round(clone, round);
    if (!run_expect(clone->run, "heap", "create", lintel_heap_create(NULL, &clone->heap)))
        return 0;
    if (open_subjects(clone))
        error = place_and_check(clone);
    lintel_heap_destroy(clone->heap);
    if (error != 0 || !verdict_is_good(&clone->run->verdict))
        return error;
    return clone_check_gone(clone);
}

/* List the image's functions from `pieces` on; returns how many. */
static size_t list_pieces(const image_t *image, const subject_t *owner, piece_t *pieces)
{
    for (size_t i = 0; i < image->elf.function_count; i++) {
        const function_t *function = &image->elf.functions[i];

        pieces[i] = (piece_t){.code = image_code(image, function), .size = function->size, .owner = owner};
    }
    return image->elf.function_count;
}

static subject_t *list_subjects(const corpus_t *corpus)
{
    subject_t *subjects = calloc(corpus->count + 1, sizeof(*subjects));

    for (size_t i = 0; subjects != NULL && i < corpus->count; i++) {
        const image_t *image = &corpus->images[i];

        subjects[i] = subject_above(image_name(image), image->base, image->size);
    }
    return subjects;
}

static int make_room(clone_t *clone, const corpus_t *corpus)
{
    size_t functions = corpus_functions(corpus);

    clone->subjects = list_subjects(corpus);
    clone->groups = calloc(corpus->count + 1, sizeof(*clone->groups));
    clone->pieces = calloc(functions + 1, sizeof(*clone->pieces));
    clone->bodies = calloc(functions + 1, sizeof(*clone->bodies));
    clone->order = calloc(functions + 1, sizeof(*clone->order));
    if (clone->subjects == NULL || clone->groups == NULL || clone->pieces == NULL || clone->bodies == NULL ||
        clone->order == NULL)
        return -ENOMEM;
    return 0;
}

static int clone_begin(clone_t *clone, const corpus_t *corpus)
{
    if (make_room(clone, corpus) != 0)
        return -ENOMEM;
    clone->subject_count = corpus->count;
    for (size_t i = 0; i < corpus->count; i++)
        clone->piece_count += list_pieces(&corpus->images[i], &clone->subjects[i], clone->pieces + clone->piece_count);
    return 0;
}

static void clone_end(clone_t *clone)
{
    free(clone->subjects);
    free(clone->groups);
    free(clone->pieces);
    free(clone->bodies);
    free(clone->order);
}

/* At least one round. */
static int clone_rounds(clone_t *clone)
{
    int error;

    printf("corpus: %zu images, %zu functions\n", clone->subject_count, clone->piece_count);
    fflush(stdout);
    run_begin(clone->run, "bodies", clone->piece_count);
    do {
        error = clone_round(clone, clone->run->report.rounds);
    } while (error == 0 && run_goes_on(clone->run));
    progress_end(&clone->run->progress);
    return error;
}

int clone_run(run_t *run)
{
    clone_t  clone = {.run = run};
    corpus_t corpus;
    int      error = corpus_gather(run->options->files, run->options->file_count, &corpus);

    if (error != 0)
        return error;
    error = clone_begin(&clone, &corpus);
    if (error == 0)
        error = clone_rounds(&clone);
    clone_end(&clone);
    corpus_free(&corpus);
    return error;
}
