/* SPDX-License-Identifier: MIT
 *
 * jitdump: what is written is what the format's specification says, in a directory of its own; and a dump that perf
 * would not learn of is not left behind.
 */
#include <elf.h>
#include <errno.h>
#include <ftw.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "names_subject.h"
#include "scripted_os.h"
#include "team.h"
#include "unit.h"

/* As the specification has them. */
typedef struct {
    uint32_t magic, version, size, machine, padding, process;
    uint64_t time, flags;
} header_t;

typedef struct {
    uint32_t kind, size;
    uint64_t time;
} record_t;

typedef struct {
    record_t record;
    uint32_t process, thread;
    uint64_t address, code, code_size, index;
    char     name[];
} load_t;

typedef struct {
    record_t      record;
    uint64_t      size, header_size, mapped_size;
    unsigned char data[];
} unwinding_t;

enum { LOAD = 0, CLOSE = 3, UNWINDING = 4 };

static char folder[] = "/tmp/lintel-jitdump-XXXXXX";
static char pattern[256];
static _Alignas(8) unsigned char text[MOST_TEXT];

/* A process's dump, its path in `path`; its length, 0 if there is none. */
static size_t read_dump_of(pid_t process, char *path, size_t capacity)
{
    glob_t found;
    size_t length = 0;

    snprintf(pattern, sizeof(pattern), "%s/.debug/jit/lintel-*/jit-%d.dump", folder, (int)process);
    if (!glob(pattern, 0, NULL, &found)) {
        FILE *file = fopen(found.gl_pathv[0], "re");
        assert_int_equal(found.gl_pathc, 1);
        snprintf(path, capacity, "%s", found.gl_pathv[0]);
        length = fread(text, 1, sizeof(text), file);
        fclose(file);
    }
    globfree(&found);
    return length;
}

static size_t read_dump(char *path, size_t capacity)
{
    return read_dump_of(getpid(), path, capacity);
}

static void assert_header(const header_t *header)
{
    assert_int_equal(header->magic, 0x4a695444);
    assert_int_equal(header->version, 1);
    assert_int_equal(header->size, 40);
#if defined(__x86_64__)
    assert_int_equal(header->machine, EM_X86_64);
#else
    assert_int_equal(header->machine, EM_AARCH64);
#endif
    assert_int_equal(header->process, getpid());
    assert_int_equal(header->flags, 0);
    assert_true(header->time > 0);
}

static void assert_load(const load_t *load, const void *body, uint64_t index, const char *name)
{
    size_t expected = sizeof(*load) + strlen(name) + 1 + load->code_size;

    assert_int_equal(load->record.kind, LOAD);
    assert_int_equal(load->record.size, expected);
    assert_int_equal(load->process, getpid());
    assert_int_equal(load->thread, gettid());
    assert_ptr_equal(load->address, body);
    assert_ptr_equal(load->code, body);
    assert_int_equal(load->index, index);
    assert_string_equal(load->name, name);
    assert_memory_equal(load->name + strlen(name) + 1, body, load->code_size);
}

static void records(void)
{
    lintel_unwind_t frameless = {.frameless = 1};
    char            path[256];
    struct stat     status;
    subject_t       subject = names_open(LINTEL_PERF_JITDUMP, false);
    char           *first = names_body(&subject, 64, 0x11);
    char           *second = names_body(&subject, 512, 0x22);

    assert_int_equal(lintel_name(subject.module, first, 63, "first"), 0);
    assert_int_equal(lintel_name_unwindable(subject.module, second, 500, "second", &frameless), 0);
    assert_int_equal(lintel_name_unwindable(subject.module, second, 100, "third", &frameless), 0);
    size_t length = read_dump(path, sizeof(path));
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_header((const header_t *)(const void *)text);

    size_t        at = sizeof(header_t);
    const load_t *load = (const void *)(text + at);
    assert_load(load, first, 1, "first");
    assert_int_equal(load->code_size, 63);
    at += load->record.size;
    for (uint64_t index = 2; index <= 3; index++) {
        unwinding_t unwinding;
        memcpy(&unwinding, text + at, sizeof(unwinding));
        assert_int_equal(unwinding.record.kind, UNWINDING);
        assert_int_equal(unwinding.record.size, sizeof(unwinding) + unwinding.size);
        assert_int_equal(unwinding.size, 48 + 20);
        assert_int_equal(unwinding.header_size, 20);
        assert_int_equal(text[at + sizeof(unwinding) + 8], 1); /* the version of a CIE */
        /* Behind the second there is no room for it: the body ends. */
        assert_int_equal(unwinding.mapped_size, index == 2 ? 0 : 68);
        at += unwinding.record.size;
        memmove(text, text + at, length - at);
        length -= at;
        at = 0;
        load = (const void *)text;
        assert_load(load, second, index, index == 2 ? "second" : "third");
        at += load->record.size;
    }
    assert_int_equal(at, length);
    subject_end(&subject);
}

static void records_are_as_specified(void **state)
{
    (void)state;
    names_apart(records);
}

static void refusals(void)
{
    char      path[256];
    subject_t subject = names_open(LINTEL_PERF_JITDUMP, true);
    void     *body = names_body(&subject, 64, 1);

    script_answer(OS_FILE_MAKE_DUMP, 1, 1, -EACCES);
    assert_int_equal(lintel_name(subject.module, body, 64, "refused"), -EACCES);
    script_answer(OS_FILE_ADD, 1, 1, -ENOSPC);
    assert_int_equal(lintel_name(subject.module, body, 64, "refused"), -ENOSPC);
    script_answer(OS_FILE_MARK, 1, 1, -EPERM);
    assert_int_equal(lintel_name(subject.module, body, 64, "refused"), -EPERM);
    assert_int_equal(read_dump(path, sizeof(path)), 0);
    assert_int_equal(names_in_gdb(), 0);

    assert_int_equal(lintel_name(subject.module, body, 64, "accepted"), 0);
    script_answer(OS_FILE_ADD, 1, 1, -ENOSPC);
    assert_int_equal(lintel_name(subject.module, body, 64, "refused"), -ENOSPC);
    assert_int_equal(lintel_name(subject.module, body, 64, "accepted"), 0);
    assert_int_equal(read_dump(path, sizeof(path)), sizeof(header_t) + 2 * (sizeof(load_t) + 9 + 64));
    assert_int_equal(names_in_gdb(), 2);
    subject_end(&subject);
}

static void a_refused_dump_is_not_left_behind(void **state)
{
    (void)state;
    names_apart(refusals);
}

/* Executable and not writable. */
static bool is_marked(const char *path)
{
    char  line[512];
    bool  is_mapped = false;
    FILE *maps = fopen("/proc/self/maps", "re");

    while (fgets(line, sizeof(line), maps))
        is_mapped |= strstr(line, path) && strstr(line, " r-xp ");
    fclose(maps);
    return is_mapped;
}

static void mapped(void)
{
    char      path[256];
    subject_t subject = names_open(LINTEL_PERF_JITDUMP, false);

    assert_int_equal(lintel_name(subject.module, names_body(&subject, 64, 1), 64, "body"), 0);
    assert_true(read_dump(path, sizeof(path)) > 0);
    assert_true(is_marked(path));
    subject_end(&subject);
}

static void perf_learns_of_it_by_a_mapping(void **state)
{
    (void)state;
    names_apart(mapped);
}

static subject_t inherited;
static char      parents_path[256];

/* Of what it inherited too, and the parent's file has nothing to do with it any more. */
static bool dumps_its_own(void *context)
{
    char path[256];

    (void)context;
    return !lintel_name(inherited.module, names_body(&inherited, 64, 3), 64, "third") &&
           read_dump(path, sizeof(path)) == sizeof(header_t) + 3 * (sizeof(load_t) + 64) + 6 + 7 + 6 &&
           is_marked(path) && strcmp(path, parents_path) != 0 && !is_marked(parents_path);
}

static void forking(void)
{
    inherited = names_open(LINTEL_PERF_JITDUMP, false);
    assert_int_equal(lintel_name(inherited.module, names_body(&inherited, 64, 1), 64, "first"), 0);
    assert_int_equal(lintel_name(inherited.module, names_body(&inherited, 64, 2), 64, "second"), 0);
    size_t length = read_dump(parents_path, sizeof(parents_path));
    assert_true(child_says(dumps_its_own, NULL));
    assert_int_equal(read_dump(parents_path, sizeof(parents_path)), length);
    assert_true(is_marked(parents_path));
    subject_end(&inherited);
}

static void a_child_has_a_dump_of_its_own(void **state)
{
    (void)state;
    names_apart(forking);
}

static void end_in_good_order(void)
{
    subject_t subject = names_open(LINTEL_PERF_JITDUMP, false);

    assert_int_equal(lintel_name(subject.module, names_body(&subject, 64, 1), 64, "body"), 0);
    subject_end(&subject);
    exit(0);
}

static void the_last_record_says_that_the_process_ended(void **state)
{
    size_t   length = sizeof(header_t) + sizeof(load_t) + 5 + 64;
    char     path[256];
    record_t last;
    int      status;

    (void)state;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child)
        end_in_good_order();
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(read_dump_of(child, path, sizeof(path)), length + sizeof(last));
    memcpy(&last, text + length, sizeof(last));
    assert_int_equal(last.kind, CLOSE);
    assert_int_equal(last.size, sizeof(last));
    assert_true(last.time > 0);
}

/* One record, of what has a copy. */
static bool dumps_what_it_has(void *body)
{
    char          path[256];
    size_t        length = read_dump(path, sizeof(path));
    const load_t *load = (const void *)(text + sizeof(header_t));

    if (length != sizeof(header_t) + sizeof(load_t) + sizeof("behind") + 64)
        return false;
    assert_header((const header_t *)(const void *)text);
    assert_load(load, body, 1, "behind");
    return true;
}

/* The oldest name has its file refused, the next one is of code that is not copied. */
static void forking_in_part(void)
{
    subject_t listed = names_open(LINTEL_PERF_MAP, false);
    subject_t dumped = names_open(LINTEL_PERF_JITDUMP, false);
    void     *lost = names_body(&dumped, 64 * KIB, 1);
    void     *behind = names_body(&dumped, 64, 2);

    assert_int_equal(lintel_name(listed.module, names_body(&listed, 64, 3), 64, "listed"), 0);
    assert_int_equal(lintel_name(dumped.module, lost, 64, "lost"), 0);
    assert_int_equal(lintel_name(dumped.module, behind, 64, "behind"), 0);
    script_answer(OS_CODE_COPY, 1, 1, -ENOMEM);
    script_answer(OS_FILE_OPEN_MAP, 1, FOREVER, -EACCES);
    assert_true(child_says(dumps_what_it_has, behind));
    assert_non_null(names_take_map());
    subject_end(&dumped);
    subject_end(&listed);
}

static void a_child_dumps_what_it_has(void **state)
{
    (void)state;
    names_apart(forking_in_part);
}

static int start(void **state)
{
    (void)state;
    return mkdtemp(folder) && !setenv("JITDUMPDIR", folder, 1) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    return remove(path);
}

static int end(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_as_specified),
        cmocka_unit_test(a_refused_dump_is_not_left_behind),
        cmocka_unit_test(perf_learns_of_it_by_a_mapping),
        cmocka_unit_test(a_child_has_a_dump_of_its_own),
        cmocka_unit_test(the_last_record_says_that_the_process_ended),
        cmocka_unit_test(a_child_dumps_what_it_has),
    };

    return cmocka_run_group_tests(tests, start, end);
}
