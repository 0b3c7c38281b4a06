/* SPDX-License-Identifier: MIT
 *
 * lintel-map: shows the modules of lintel in a process that knows nothing of it, or of a file.
 */
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "document.h"
#include "options.h"
#include "order.h"
#include "page.h"
#include "table.h"
#include "terminal.h"
#include "walk.h"

enum { EXIT_SHOWN = 0, EXIT_UNREAD = 1, EXIT_USAGE = 2 };

static void print_ptrace_scope(void)
{
    FILE *file = fopen("/proc/sys/kernel/yama/ptrace_scope", "re");
    char  scope = '0';

    if (file == NULL)
        return;
    if (fread(&scope, 1, 1, file) == 1 && scope != '0')
        fprintf(stderr, "; kernel.yama.ptrace_scope is %c: that takes root here", scope);
    fclose(file);
}

/* Why a process could not be read, in one line. */
static void complain_of_process(const options_t *options, const snapshot_t *snapshot, int error)
{
    fprintf(stderr, "lintel-map: %s: ", options->subject);
    switch (error) {
    case -ESRCH:
        fputs("no such process, or it has ended", stderr);
        break;
    case -EPERM:
    case -EACCES:
        fputs("not permitted to read its memory: it is another user's, or protects itself", stderr);
        print_ptrace_scope();
        break;
    case -ENOENT:
        fputs("there is no lintel in it, or one from before lintel-map", stderr);
        break;
    case -EPROTO:
        fprintf(stderr, "its lintel is version %s, whose memory this lintel-map cannot read", snapshot->version);
        break;
    case -EAGAIN:
        fputs("its modules come and go faster than they can be read", stderr);
        break;
    default:
        fputs(strerror(-error), stderr);
        break;
    }
    fputc('\n', stderr);
}

/* Returns whether there is something to show; if not, it has been said why. */
static bool take(const options_t *options, snapshot_t *snapshot)
{
    char words[DOCUMENT_WORDS] = "";
    int  error = options->process > 0 ? walk_process(options->process, snapshot)
                                      : document_read(options->subject, snapshot, words);

    if (error != 0 && options->process > 0)
        complain_of_process(options, snapshot, error);
    else if (error != 0)
        fprintf(stderr, "lintel-map: %s: %s\n", options->subject, words);
    return error == 0;
}

static bool write_page(const snapshot_t *snapshot, const char *path)
{
    FILE *file = fopen(path, "we");
    bool  failed;

    if (file == NULL) {
        fprintf(stderr, "lintel-map: %s: %s\n", path, strerror(errno));
        return false;
    }
    page_write(snapshot, file);
    failed = ferror(file) != 0;
    failed = fclose(file) != 0 || failed;
    if (failed)
        fprintf(stderr, "lintel-map: %s: could not be written\n", path);
    return !failed;
}

static void print(const options_t *options, snapshot_t *snapshot, size_t rows)
{
    table_style_t style = {
        .columns = TABLE_COLUMNS,
        .rows = rows,
        .regions = options->regions,
        .colour = options->colour,
        .unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
    };
    size_t unused;

    if (isatty(STDOUT_FILENO))
        terminal_size(&style.columns, rows > 0 ? &style.rows : &unused);
    order_modules(snapshot, options->sort);
    table_print(snapshot, &style, stdout);
}

static int show_once(const options_t *options)
{
    snapshot_t snapshot;
    bool       shown;

    if (!take(options, &snapshot))
        return EXIT_UNREAD;
    shown = options->html == NULL || write_page(&snapshot, options->html);
    if (options->json)
        shown = document_write(&snapshot, stdout) == 0 && shown;
    else if (options->html == NULL)
        print(options, &snapshot, 0);
    snapshot_free(&snapshot);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return shown ? EXIT_SHOWN : EXIT_UNREAD;
    fputs("lintel-map: standard output could not be written\n", stderr);
    return EXIT_UNREAD;
}

/* Looks again. What changes too fast stays as it was. Returns as walk_process. */
static int look_again(const options_t *options, snapshot_t *snapshot)
{
    snapshot_t next;
    int        error = walk_process(options->process, &next);

    if (error == -EAGAIN)
        return 0;
    snapshot_free(snapshot);
    *snapshot = next;
    return error;
}

static int show_live(const options_t *options)
{
    enum { USUAL_ROWS = 24 };
    snapshot_t snapshot;
    int        error = 0;

    if (!take(options, &snapshot))
        return EXIT_UNREAD;
    terminal_begin();
    do {
        terminal_frame();
        print(options, &snapshot, USUAL_ROWS);
        terminal_show();
        if (!terminal_wait(options->delay))
            break;
        error = look_again(options, &snapshot);
    } while (error == 0);
    terminal_end();
    if (error != 0)
        complain_of_process(options, &snapshot, error);
    snapshot_free(&snapshot);
    return error == 0 ? EXIT_SHOWN : EXIT_UNREAD;
}

int main(int argc, char **argv)
{
    options_t options;

    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C");
    switch (options_parse(argc, argv, &options)) {
    case OPTIONS_ANSWERED:
        return EXIT_SHOWN;
    case OPTIONS_WRONG:
        return EXIT_USAGE;
    default:
        break;
    }
    if (options.process > 0 && isatty(STDOUT_FILENO) && !options.once && !options.json && options.html == NULL)
        return show_live(&options);
    return show_once(&options);
}
