/* SPDX-License-Identifier: MIT
 *
 * explored_atomic: stands where src/atomic.h stands when lintel's own source is compiled for the explorer. Every access
 * becomes a call that says what is accessed, how, and in which function. Included before everything else; its guard
 * keeps src/atomic.h out.
 */
#ifndef LINTEL_ATOMIC_H
#define LINTEL_ATOMIC_H

#include <stdatomic.h>
#include <string.h>

#include "memory.h"

/* The type of the object without _Atomic. */
#define EXPLORED_TYPE(object) __typeof__(atomic_load_explicit((object), memory_order_relaxed))

#define EXPLORED(object, operation, acquires, releases)                                                                \
    (&(access_t){(const volatile void *)(object), sizeof *(object), #object, __func__, operation, acquires, releases})

#define EXPLORED_LOAD(object, operation, acquires)                                                                     \
    ((EXPLORED_TYPE(object))explored_load(EXPLORED(object, operation, acquires, false)))

#define EXPLORED_STORE(object, operation, value, releases)                                                             \
    explored_store(EXPLORED(object, operation, false, releases), (uintptr_t)(value))

#define EXPLORED_UPDATE(object, operation, update, value, acquires, releases)                                          \
    __extension__({                                                                                                    \
        uint64_t before_ = explored_update(EXPLORED(object, operation, acquires, releases), update,                    \
                                           (uintptr_t)(value));                                                        \
        (EXPLORED_TYPE(object)) before_;                                                                               \
    })

#define EXPLORED_CAS(object, operation, expected, desired, acquires, releases)                                         \
    __extension__({                                                                                                    \
        uint64_t found_ = (uintptr_t) * (expected);                                                                    \
        bool     done_ = explored_cas(EXPLORED(object, operation, acquires, releases), &found_, (uintptr_t)(desired)); \
        *(expected) = (EXPLORED_TYPE(object))found_;                                                                   \
        done_;                                                                                                         \
    })

#define atomic_load_relaxed(object) EXPLORED_LOAD(object, "load_relaxed", false)
#define atomic_load_acquire(object) EXPLORED_LOAD(object, "load_acquire", true)

#define atomic_store_relaxed(object, value) EXPLORED_STORE(object, "store_relaxed", value, false)
#define atomic_store_release(object, value) EXPLORED_STORE(object, "store_release", value, true)

#define atomic_exchange_relaxed(object, value)                                                                         \
    EXPLORED_UPDATE(object, "exchange_relaxed", UPDATE_SET, value, false, false)
#define atomic_exchange_acquire(object, value)                                                                         \
    EXPLORED_UPDATE(object, "exchange_acquire", UPDATE_SET, value, true, false)

#define atomic_exchange_acq_rel(object, value)                                                                         \
    EXPLORED_UPDATE(object, "exchange_acq_rel", UPDATE_SET, value, true, true)
#define atomic_fetch_add_release(object, value)                                                                        \
    EXPLORED_UPDATE(object, "fetch_add_release", UPDATE_ADD, value, false, true)
#define atomic_fetch_add_relaxed(object, value)                                                                        \
    EXPLORED_UPDATE(object, "fetch_add_relaxed", UPDATE_ADD, value, false, false)
#define atomic_fetch_add_acquire(object, value)                                                                        \
    EXPLORED_UPDATE(object, "fetch_add_acquire", UPDATE_ADD, value, true, false)
#define atomic_fetch_add_acq_rel(object, value)                                                                        \
    EXPLORED_UPDATE(object, "fetch_add_acq_rel", UPDATE_ADD, value, true, true)
#define atomic_fetch_sub_relaxed(object, value)                                                                        \
    EXPLORED_UPDATE(object, "fetch_sub_relaxed", UPDATE_SUBTRACT, value, false, false)
#define atomic_fetch_sub_release(object, value)                                                                        \
    EXPLORED_UPDATE(object, "fetch_sub_release", UPDATE_SUBTRACT, value, false, true)
#define atomic_fetch_and_acq_rel(object, value)                                                                        \
    EXPLORED_UPDATE(object, "fetch_and_acq_rel", UPDATE_AND, value, true, true)
#define atomic_fetch_or_acq_rel(object, value) EXPLORED_UPDATE(object, "fetch_or_acq_rel", UPDATE_OR, value, true, true)

#define atomic_cas_relaxed(object, expected, desired)                                                                  \
    EXPLORED_CAS(object, "cas_relaxed", expected, desired, false, false)
#define atomic_cas_acquire(object, expected, desired)                                                                  \
    EXPLORED_CAS(object, "cas_acquire", expected, desired, true, false)
#define atomic_cas_release(object, expected, desired)                                                                  \
    EXPLORED_CAS(object, "cas_release", expected, desired, false, true)
#define atomic_cas_acq_rel(object, expected, desired) EXPLORED_CAS(object, "cas_acq_rel", expected, desired, true, true)

/* There are no signals here. */
#define atomic_order_for_signals() ((void)0)

/* What the source zeroes are bodies: checked as plain writes. */
#define memset(memory, byte, size) plain_set((memory), (byte), (size))

#endif
