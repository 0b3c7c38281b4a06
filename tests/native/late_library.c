/* SPDX-License-Identifier: MIT
 *
 * late_library: what late loads.
 */
const char *late_answer(void);

const char *late_answer(void)
{
    return "loaded late";
}
