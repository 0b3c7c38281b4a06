/* SPDX-License-Identifier: MIT
 *
 * calls: everything that lintel asks of its surroundings and may be refused, by the linker's --wrap: system calls as
 * the C library makes them, metadata, thread-specific keys, threads, liburcu's table. While they are watched they are
 * counted, one after the other whatever their kind, and the one that a fault names is refused. In a library of its own
 * because it is compiled without sanitizers: their runtime makes such calls too, before it is ready.
 */
#ifndef FAULTS_CALLS_H
#define FAULTS_CALLS_H

#include <stdbool.h>
#include <stddef.h>

/* One refusal. */
typedef struct {
    unsigned at;      /* the nth call that is watched, from 1; 0: none */
    unsigned variant; /* in which of the ways that there are for this call */
    bool     lasting; /* and in the same way all later ones of its kind */
} fault_t;

enum { MOST_FAULTS = 2 };

/* What came of it. */
typedef struct {
    unsigned    calls;   /* that were watched */
    unsigned    refused; /* of the faults, how many came to be */
    const char *calls_name[MOST_FAULTS];
    const char *ways_name[MOST_FAULTS];
    unsigned    ways[MOST_FAULTS]; /* in how many ways the call can be refused */
    bool        munmap_refused;    /* address space may stay behind */
    bool        memory_refused;    /* spare spans may not have been listed, or the pool's not taken back */
    unsigned    strays;            /* mappings that landed elsewhere and are still there */
    bool        space_hidden;      /* free address space looks taken, or is not shown, for good */
    bool        file_refused;      /* a file for code, or memory in its place */
    bool        truncate_refused;  /* to make a file shorter, or as long as code needs it */
    bool        limit_refused;     /* or its size, by what the limit is said to be */
    bool        execution_refused; /* a mapping that is executable, or its permission */
} calls_report_t;

/* What is to be refused, and where to say what came of it: memory that a child of a fork shares. */
void calls_plan(const fault_t planned[MOST_FAULTS], calls_report_t *told);

/* A kernel without PROCMAP_QUERY, whatever else is refused. */
void calls_hide_query(void);

/* From now on calls count; or no longer. */
void calls_watch(bool on);

/* Nothing counts or is refused any more, watched or not. */
void calls_end(void);

#endif
