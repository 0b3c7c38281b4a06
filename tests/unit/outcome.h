/* SPDX-License-Identifier: MIT
 *
 * outcome: a test that cannot be run here is not a test that passed.
 */
#ifndef OUTCOME_H
#define OUTCOME_H

/* Leave the test that calls it, for a reason. */
_Noreturn void skip_because(const char *reason);

/* What a program exits with after cmocka's run: 77, and the reasons, if nothing failed but something was skipped. */
int exit_status(int failed);

#endif
