/* SPDX-License-Identifier: MIT
 *
 * worker: the process that a benchmark is taken in. It is told the benchmark's name, says "ready ITEMS BYTES" (what a
 * round comes to), then answers every line "round" on its stdin with a line "round SECONDS", and the end of input with
 * a line "counter NAME VALUE" for each further figure and "done". What goes wrong it says as "error REASON".
 */
#ifndef BENCH_WORKER_H
#define BENCH_WORKER_H

/* `arguments` are the program's: "--worker" and the name. Returns the process's exit status. */
int worker_main(char **arguments);

#endif
