/* SPDX-License-Identifier: MIT
 *
 * A library that takes static thread-local storage, of which a program has some thousand bytes for what it loads
 * late.
 */
static _Thread_local long taken __attribute__((tls_model("initial-exec")));

long *filler_touch(void);

long *filler_touch(void)
{
    return &taken;
}
