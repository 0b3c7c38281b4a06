/* SPDX-License-Identifier: MIT
 *
 * scenarios: what the explored threads do, each a protocol of lintel's and the invariants that are checked.
 */
#ifndef MODELS_SCENARIOS_H
#define MODELS_SCENARIOS_H

#include "explorer.h"

extern const scenario_t scenario_bump, scenario_bump_three;               /* B1 B2 B3 */
extern const scenario_t scenario_slab, scenario_slab_fresh;               /* S1 S2 */
extern const scenario_t scenario_spare, scenario_spare_three;             /* P1 P2 P3 */
extern const scenario_t scenario_spare_begin, scenario_spare_blocks;      /* P1 P2 P3 */
extern const scenario_t scenario_commit, scenario_commit_refused;         /* R1 R2 R3 R4 */
extern const scenario_t scenario_guard, scenario_quarantine;              /* R5 Q1 */
extern const scenario_t scenario_growth, scenario_growth_three;           /* M1 M2 M3 R4 */
extern const scenario_t scenario_last_room, scenario_tail;                /* M1 M2 M3 R4 */
extern const scenario_t scenario_prepared;                                /* M1 M2 M3 M4 R4 */
extern const scenario_t scenario_refused, scenario_lost_race;             /* M1 M2 M3 R4 */
extern const scenario_t scenario_leaving, scenario_chunk, scenario_pages; /* T1 T2 T3 */
extern const scenario_t scenario_handed_on;                               /* T1 T7 */
extern const scenario_t scenario_pages_left;                              /* T2 */
extern const scenario_t scenario_references, scenario_references_three;   /* G1 G2 G3 */
extern const scenario_t scenario_reopening;                               /* G1 G2 G3 */
extern const scenario_t scenario_reuse, scenario_reuse_alike;             /* S3 C2 */
extern const scenario_t scenario_reuse_code, scenario_reuse_across;       /* S3 K1 K4 */
extern const scenario_t scenario_shrink;                                  /* M1 M2 */
extern const scenario_t scenario_marks_told, scenario_marks_below;        /* K1 K2 K3 */
extern const scenario_t scenario_marks, scenario_marks_freed;             /* K1 K2 K3 */
extern const scenario_t scenario_marks_shrunk;                            /* K5 */
extern const scenario_t scenario_shrunk_across, scenario_shrunk_below;    /* K4 K5 */
extern const scenario_t scenario_marks_cleared, scenario_marks_seen;      /* K1 K3 */
extern const scenario_t scenario_blocks, scenario_crossing;               /* K1 K4 */
extern const scenario_t scenario_served, scenario_announced;              /* M4 */
extern const scenario_t scenario_forgotten;                               /* G3 */
extern const scenario_t scenario_marks_gone;                              /* S3 */
extern const scenario_t scenario_page_states;                             /* O2 */
extern const scenario_t scenario_code_open, scenario_code_spare;          /* O1 O2 O3 K1 */
extern const scenario_t scenario_code_shrink, scenario_code_both;         /* O1 O2 O3 K1 K2 */
extern const scenario_t scenario_code_returned, scenario_code_untaken;    /* K1 T6 */
extern const scenario_t scenario_code_find, scenario_code_chunk;          /* O1 O2 O3 K1 T6 */
extern const scenario_t scenario_code_longer;                             /* O1 O2 O3 K1 T6 */

#endif
