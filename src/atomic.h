/* SPDX-License-Identifier: MIT
 *
 * atomic: C11 atomics with the memory order in the name. The only file that spells memory_order_*.
 *
 * Every use says in one line which access it pairs with, or why nothing depends on its order. There are no
 * standalone fences between threads: ThreadSanitizer has no model of them.
 */
#ifndef LINTEL_ATOMIC_H
#define LINTEL_ATOMIC_H

#include <stdatomic.h>

#define atomic_load_relaxed(object) atomic_load_explicit((object), memory_order_relaxed)
#define atomic_load_acquire(object) atomic_load_explicit((object), memory_order_acquire)

#define atomic_store_relaxed(object, value) atomic_store_explicit((object), (value), memory_order_relaxed)
#define atomic_store_release(object, value) atomic_store_explicit((object), (value), memory_order_release)

#define atomic_exchange_relaxed(object, value) atomic_exchange_explicit((object), (value), memory_order_relaxed)
#define atomic_exchange_acquire(object, value) atomic_exchange_explicit((object), (value), memory_order_acquire)
#define atomic_exchange_acq_rel(object, value) atomic_exchange_explicit((object), (value), memory_order_acq_rel)

#define atomic_fetch_add_relaxed(object, value) atomic_fetch_add_explicit((object), (value), memory_order_relaxed)
#define atomic_fetch_add_acquire(object, value) atomic_fetch_add_explicit((object), (value), memory_order_acquire)
#define atomic_fetch_add_release(object, value) atomic_fetch_add_explicit((object), (value), memory_order_release)
#define atomic_fetch_add_acq_rel(object, value) atomic_fetch_add_explicit((object), (value), memory_order_acq_rel)
#define atomic_fetch_sub_relaxed(object, value) atomic_fetch_sub_explicit((object), (value), memory_order_relaxed)
#define atomic_fetch_sub_release(object, value) atomic_fetch_sub_explicit((object), (value), memory_order_release)
#define atomic_fetch_sub_acq_rel(object, value) atomic_fetch_sub_explicit((object), (value), memory_order_acq_rel)
#define atomic_fetch_and_acq_rel(object, value) atomic_fetch_and_explicit((object), (value), memory_order_acq_rel)
#define atomic_fetch_or_acq_rel(object, value)  atomic_fetch_or_explicit((object), (value), memory_order_acq_rel)

/* Keeps the compiler from moving accesses across, for the sake of this thread's own signal handlers; no instruction. */
#define atomic_order_for_signals() atomic_signal_fence(memory_order_seq_cst)

/* Compare-and-swap that fails only where the value differs. On failure *expected is the value found. */
#define atomic_cas_relaxed(object, expected, desired)                                                                  \
    atomic_compare_exchange_strong_explicit((object), (expected), (desired), memory_order_relaxed, memory_order_relaxed)
#define atomic_cas_acquire(object, expected, desired)                                                                  \
    atomic_compare_exchange_strong_explicit((object), (expected), (desired), memory_order_acquire, memory_order_acquire)
#define atomic_cas_release(object, expected, desired)                                                                  \
    atomic_compare_exchange_strong_explicit((object), (expected), (desired), memory_order_release, memory_order_relaxed)
#define atomic_cas_acq_rel(object, expected, desired)                                                                  \
    atomic_compare_exchange_strong_explicit((object), (expected), (desired), memory_order_acq_rel, memory_order_acquire)

#endif
