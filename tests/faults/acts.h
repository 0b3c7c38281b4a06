/* SPDX-License-Identifier: MIT
 *
 * acts: what a program does with lintel.
 */
#ifndef FAULTS_ACTS_H
#define FAULTS_ACTS_H

#include "world.h"

typedef void act_t(world_t *world, const lintel_heap_options_t *options);

act_t act_create, act_open_one, act_open_with_reserve, act_open_with_large_reserve, act_create_and_open;
act_t act_first_body, act_fill_first_region, act_grow, act_earn_chunks, act_refill, act_allocate_aligned;
act_t act_shrink, act_leave_spans, act_use_spans, act_close_and_open_again, act_earn_huge_pages, act_use_huge_pages;
act_t act_fill_to_the_guard, act_use_guard, act_leave_quarantine, act_use_quarantine;
act_t act_look, act_destroy, act_run_thread, act_fork_and_live, act_whole_life;

/* With code (acts_code.c): bodies are published, and called. */
act_t act_first_code, act_open_and_use_code, act_grow_code, act_earn_code_chunks, act_refill_code, act_publish_many;
act_t act_shrink_code, act_leave_code_spans, act_use_code_spans, act_reopen_code, act_prepare_code_fork;
act_t act_fork_with_code, act_whole_life_of_code, act_name;

/* With the service thread (acts_service.c). */
act_t act_ask_for_service, act_earn_service, act_be_served, act_prepare_next, act_drop_prepared, act_close_prepared;

#endif
