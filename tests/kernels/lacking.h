/* SPDX-License-Identifier: MIT
 *
 * lacking: what old-kernel takes away, by the kernel's numbers, as the headers here may be older.
 */
#ifndef LACKING_H
#define LACKING_H

#define LACKING_QUERY          0xc0686611U /* PROCMAP_QUERY: Linux 6.11 */
#define LACKING_POPULATE_READ  22          /* MADV_POPULATE_READ: 5.14 */
#define LACKING_POPULATE_WRITE 23          /* MADV_POPULATE_WRITE: 5.14 */
#define LACKING_NOEXEC         0x8U        /* MFD_NOEXEC_SEAL: 6.3 */
#define LACKING_EXEC           0x10U       /* MFD_EXEC: 6.3 */
#define LACKING_SET_VMA        0x53564d41  /* PR_SET_VMA: 5.17 */
#define LACKING_NOREPLACE      0x100000    /* MAP_FIXED_NOREPLACE: 4.17 */
/* and membarrier: 4.3, to synchronize cores 4.16 */

#endif
