/* SPDX-License-Identifier: MIT
 *
 * walk: from heap to heap, module to module, region to region through the memory of a process that goes on meanwhile.
 *
 * What a module has stays mapped while the module is there, and the process counts what it gives back before it does
 * (registry_departures). So modules are read a few at a time, from one place in the table that is never given back to
 * the next: where the count is the same afterwards, all that was read was there; else these few are read again.
 */
#ifndef MAP_WALK_H
#define MAP_WALK_H

#include "snapshot.h"

/* Read all heaps of a process. Returns 0; -ESRCH (no such process, or it has ended); -EPERM or -EACCES (it may not be
 * read); -ENOENT (no lintel in it); -EPROTO (snapshot->version is one that this program does not know); -EAGAIN (it
 * changes faster than it can be read); -ENOMEM. */
int walk_process(pid_t process, snapshot_t *snapshot);

#endif
