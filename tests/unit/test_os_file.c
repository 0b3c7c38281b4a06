/* SPDX-License-Identifier: MIT
 *
 * os_file: files are made where others can write too, in processes whose hosts do as they like, on disks that fill up.
 */
#include "os_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "names_subject.h"
#include "unit.h"

enum { ODD_ERRNO = 12345 };

/* Where the disk is full: so many more bytes are taken. */
static bool   is_full;
static size_t bytes_left;

ssize_t __real_writev(int file, const struct iovec *parts, int count);
ssize_t __wrap_writev(int file, const struct iovec *parts, int count);

ssize_t __wrap_writev(int file, const struct iovec *parts, int count)
{
    if (!is_full)
        return __real_writev(file, parts, count);
    ssize_t written = bytes_left ? write(file, parts[0].iov_base, bytes_left) : -1;
    if (written < 0)
        errno = ENOSPC;
    bytes_left = 0;
    return written;
}

/* Where nobody says when the process began. */
static bool is_start_hidden;

ssize_t __real_read(int status, void *buffer, size_t size);
ssize_t __wrap_read(int status, void *buffer, size_t size);

ssize_t __wrap_read(int status, void *buffer, size_t size)
{
    return is_start_hidden ? -1 : __real_read(status, buffer, size);
}

static os_file_t file;
static char      path[32];

static void know_path(void)
{
    snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)getpid());
}

static int add(const char *words)
{
    return os_file_add(&file, &(os_bytes_t){words, strlen(words)}, 1);
}

static void make(const char *words)
{
    FILE *made = fopen(path, "we");

    assert_non_null(made);
    fputs(words, made);
    fclose(made);
}

static void alone(void)
{
    struct stat status;

    errno = ODD_ERRNO;
    assert_int_equal(os_file_open_map(&file), 0);
    assert_int_equal(add("one "), 0);
    assert_int_equal(add("two"), 0);
    assert_int_equal(errno, ODD_ERRNO);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_string_equal(names_take_map(), "one two");
}

static void link_planted(void)
{
    char target[64];

    snprintf(target, sizeof(target), "%s.target", path);
    for (int exists = 0; exists < 2; exists++) {
        assert_int_equal(symlink(target, path), 0);
        assert_int_equal(os_file_open_map(&file), -EEXIST);
        assert_int_equal(access(target, F_OK), exists - 1);
        assert_int_equal(unlink(path), 0);
        close(open(target, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    }
    assert_int_equal(link(target, path), 0); /* a second name of a file of ours */
    assert_int_equal(os_file_open_map(&file), -EEXIST);
    assert_int_equal(unlink(path) + unlink(target), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(os_file_open_map(&file), -EEXIST);
    assert_int_equal(rmdir(path), 0);
}

static void others(void)
{
    if (geteuid()) {
        names_take_map();
        return;
    }
    make("theirs\n");
    assert_int_equal(chown(path, 65534, 65534), 0);
    assert_int_equal(os_file_open_map(&file), -EEXIST);
    assert_string_equal(names_take_map(), "theirs\n");
}

static void another_producer(void)
{
    make("theirs\n");
    assert_int_equal(os_file_open_map(&file), 0);
    assert_int_equal(add("ours\n"), 0);
    assert_string_equal(names_take_map(), "theirs\nours\n");
}

static void make_long_ago(const char *words)
{
    struct timespec long_ago[2] = {{1000000000, 0}, {1000000000, 0}};

    make(words);
    assert_int_equal(utimensat(AT_FDCWD, path, long_ago, 0), 0);
}

/* Before this process was forked, and long after the system began. */
static time_t before_fork;

static void just_former_process(void)
{
    struct timespec before[2] = {{before_fork - 1, 0}, {before_fork - 1, 0}};

    make("stale\n");
    assert_int_equal(utimensat(AT_FDCWD, path, before, 0), 0);
    assert_int_equal(os_file_open_map(&file), 0);
    assert_int_equal(add("ours\n"), 0);
    assert_string_equal(names_take_map(), "ours\n");
}

static void former_process(void)
{
    make_long_ago("stale\n");
    assert_int_equal(os_file_open_map(&file), 0);
    assert_int_equal(add("ours\n"), 0);
    assert_string_equal(names_take_map(), "ours\n");
}

/* Nothing is thrown away for what is not known. */
static void ageless_process(void)
{
    make_long_ago("perhaps ours\n");
    is_start_hidden = true;
    assert_int_equal(os_file_open_map(&file), 0);
    is_start_hidden = false;
    assert_int_equal(add("ours\n"), 0);
    assert_string_equal(names_take_map(), "perhaps ours\nours\n");
}

static void replaced(void)
{
    char moved[80];

    snprintf(moved, sizeof(moved), "%s.moved", path);
    assert_int_equal(os_file_open_map(&file), 0);
    assert_int_equal(rename(path, moved), 0);
    assert_int_equal(add("lost\n"), -ENOENT);
    make("another\n");
    assert_int_equal(add("lost\n"), -ESTALE);
    assert_int_equal(unlink(moved), 0);
    assert_string_equal(names_take_map(), "another\n");
}

/* No descriptor of ours is left for a host to close, or to give to a file of its own. */
static void descriptors(void)
{
    int   before = dup(0);
    void *marker;

    close(before);
    assert_int_equal(os_file_open_map(&file), 0);
    assert_int_equal(add("one\n"), 0);
    assert_int_equal(os_file_mark(&file, &marker), 0);
    os_file_unmark(marker);
    int after = dup(0);
    close(after);
    assert_int_equal(before, after);
    names_take_map();
}

static void limited(void)
{
    struct rlimit usual;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &usual), 0);
    assert_int_equal(os_file_open_map(&file), 0);
    struct rlimit limit = {10, usual.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(add("12345\n"), 0);
    assert_int_equal(add("6789\n"), -EFBIG);
    assert_int_equal(add("678\n"), 0);
    assert_int_equal(add("\n"), -EFBIG);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &usual), 0);
    assert_string_equal(names_take_map(), "12345\n678\n");
}

static void full(void)
{
    assert_int_equal(os_file_open_map(&file), 0);
    assert_int_equal(add("whole\n"), 0);
    is_full = true;
    bytes_left = 3;
    assert_int_equal(add("half a line\n"), -ENOSPC);
    assert_int_equal(add("none of it\n"), -ENOSPC);
    is_full = false;
    assert_int_equal(add("again\n"), 0);
    assert_string_equal(names_take_map(), "whole\nagain\n");
}

static void long_path(void)
{
    static char words[OS_FILE_PATH];

    memset(words, 'd', sizeof(words) - 1);
    assert_int_equal(setenv("JITDUMPDIR", words, 1), 0);
    assert_int_equal(os_file_make_dump(&file), -ENAMETOOLONG);
}

/* The directory is made, and the file in it refused. */
static void no_descriptor(void)
{
    struct rlimit usual;
    char          folder[] = "/tmp/lintel-unit-XXXXXX";

    assert_non_null(mkdtemp(folder));
    assert_int_equal(setenv("JITDUMPDIR", folder, 1), 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    struct rlimit none = {0, usual.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int result = os_file_make_dump(&file);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
    assert_int_equal(result, -EMFILE);
    assert_int_equal(chdir(folder) + rmdir(".debug/jit") + rmdir(".debug") + rmdir(folder), 0);
}

static void (*work)(void);

static void with_path(void)
{
    know_path();
    work();
}

static void check(void (*what)(void))
{
    work = what;
    before_fork = time(NULL);
    names_apart(with_path);
}

static void a_map_is_the_owners(void **state)
{
    (void)state;
    check(alone);
}

static void what_others_put_there_is_not_touched(void **state)
{
    (void)state;
    check(link_planted);
    check(others);
}

static void a_file_of_this_process_is_added_to_and_a_former_ones_replaced(void **state)
{
    (void)state;
    check(another_producer);
    check(former_process);
    check(just_former_process);
    check(ageless_process);
}

static void a_file_is_told_by_its_inode(void **state)
{
    (void)state;
    check(replaced);
    check(descriptors);
}

static void what_does_not_fit_is_refused_whole(void **state)
{
    (void)state;
    check(limited);
    check(full);
}

static void a_dump_that_is_refused_leaves_no_directory(void **state)
{
    (void)state;
    check(long_path);
    check(no_descriptor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_map_is_the_owners),
        cmocka_unit_test(what_others_put_there_is_not_touched),
        cmocka_unit_test(a_file_of_this_process_is_added_to_and_a_former_ones_replaced),
        cmocka_unit_test(a_file_is_told_by_its_inode),
        cmocka_unit_test(what_does_not_fit_is_refused_whole),
        cmocka_unit_test(a_dump_that_is_refused_leaves_no_directory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
