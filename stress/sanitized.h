/* SPDX-License-Identifier: MIT
 *
 * sanitized: whether AddressSanitizer or ThreadSanitizer is built in. They have crash reports of their own, and memory
 * of their own that counts as ours.
 */
#ifndef STRESS_SANITIZED_H
#define STRESS_SANITIZED_H

#include <stdbool.h>

#ifndef __has_feature
#define __has_feature(name) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || __has_feature(address_sanitizer) ||               \
    __has_feature(thread_sanitizer)
static const bool sanitized = true;
#else
static const bool sanitized = false;
#endif

#endif
