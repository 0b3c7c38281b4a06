/* SPDX-License-Identifier: MIT
 *
 * os_code: where executable memory is not to be had, the answer says why. In children, under the real restrictions.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "machine_code.h"
#include "os.h"
#include "outcome.h"
#include "subject.h"
#include "surroundings.h"
#include "team.h"
#include "unit.h"

static subject_t subject;

static int start(void **state)
{
    lintel_module_desc_t desc = {.kind = LINTEL_CODE};

    (void)state;
    subject = subject_open(GIB, NULL, &desc);
    subject_free(&subject, 16 * MIB, 256 * MIB);
    return 0;
}

static int end(void **state)
{
    (void)state;
    subject_end(&subject);
    return 0;
}

static int open_another(void)
{
    lintel_module_desc_t desc = {
        .base = subject.arena.start, .image_size = os_page_size(), .key = 2, .kind = LINTEL_CODE};
    lintel_module_t *module;

    return lintel_module_open(subject.heap, &desc, &module);
}

static bool is_refused(size_t size, int error)
{
    errno = 0;
    return !lintel_alloc(subject.module, size) && errno == error;
}

/* Whether both opening and allocating say why, and bodies of data are still to be had. */
static bool all_say(int error)
{
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = os_page_size(), .key = 3};
    lintel_module_t     *data;

    return open_another() == -error && is_refused(100, error) && !lintel_module_open(subject.heap, &desc, &data) &&
           lintel_alloc(data, 100) && !lintel_module_close(subject.heap, 3);
}

/* glibc's has a type of its own in C. */
#ifdef __GLIBC__
typedef __rlimit_resource_t limit_t;
#else
typedef int limit_t;
#endif

static bool limit(limit_t resource, rlim_t value)
{
    struct rlimit limits;

    if (getrlimit(resource, &limits))
        return false;
    limits.rlim_cur = value;
    return !setrlimit(resource, &limits);
}

static bool without_file_size(void *context)
{
    (void)context;
    return limit(RLIMIT_FSIZE, 0) && all_say(EFBIG) && limit(RLIMIT_FSIZE, os_page_size() - 1) && all_say(EFBIG) &&
           limit(RLIMIT_FSIZE, RLIM_INFINITY) && lintel_alloc(subject.module, 100) && !open_another();
}

static bool with_little_file_size(void *context)
{
    bool well = limit(RLIMIT_FSIZE, 40 * KIB);

    (void)context;
    for (int i = 0; i < 20; i++)
        well = well && lintel_alloc(subject.module, 20 * KIB);
    return well && is_refused(100 * KIB, EFBIG) && lintel_alloc(subject.module, 20 * KIB);
}

static bool without_descriptors(void *context)
{
    (void)context;
    return limit(RLIMIT_NOFILE, 0) && all_say(EMFILE);
}

#if defined(__x86_64__)
#define THIS_ARCHITECTURE AUDIT_ARCH_X86_64
#else
#define THIS_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

/* From now on the call fails with `error`, if any bit of `bits` is set in its third argument, or in any case for 0. */
static bool bar(long call, uint32_t bits, int error)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, THIS_ARCHITECTURE, 0, 5),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits ? bits : UINT32_MAX, 0, bits ? 1 : 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};

    return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static bool can_bar(void *context)
{
    (void)context;
    return bar(SYS_memfd_create, 0, EPERM);
}

static bool barred(void *context)
{
    int error = *(int *)context;

    return bar(SYS_memfd_create, 0, error) && all_say(error == EACCES ? EACCES : ENOSYS);
}

static bool barred_after_a_body(void *context)
{
    char *body = lintel_alloc(subject.module, 100);

    (void)context;
    if (!body || !bar(SYS_memfd_create, 0, EPERM))
        return false;
    while (lintel_alloc(subject.module, 4 * KIB))
        continue;
    return errno == ENOSYS && lintel_writable(subject.module, body) && lintel_publish(subject.module, body, 100) == 0 &&
           lintel_alloc(subject.module, 100);
}

static bool not_executable(void *context)
{
    return bar(SYS_mmap, PROT_EXEC, *(int *)context) && all_say(EPERM);
}

static void a_file_size_limit_is_efbig(void **state)
{
    (void)state;
    need_maps_without_file_size();
    assert_true(child_says(without_file_size, NULL));
}

static void a_larger_one_makes_for_smaller_regions(void **state)
{
    (void)state;
    assert_true(child_says(with_little_file_size, NULL));
}

static void no_descriptor_is_emfile(void **state)
{
    (void)state;
    assert_true(child_says(without_descriptors, NULL));
}

static void a_barred_memfd_is_enosys_and_noexec_eacces(void **state)
{
    (void)state;
    if (!child_says(can_bar, NULL))
        skip_because("no seccomp filters here");
    for (const int *error = (const int[]){ENOSYS, EPERM, EACCES, EINVAL, 0}; *error; error++)
        assert_true(child_says(barred, (void *)error));
    assert_true(child_says(barred_after_a_body, NULL));
}

static void a_policy_against_execution_is_eperm(void **state)
{
    (void)state;
    if (!child_says(can_bar, NULL))
        skip_because("no seccomp filters here");
    for (const int *error = (const int[]){EPERM, EACCES, 0}; *error; error++)
        assert_true(child_says(not_executable, (void *)error));
}

/* Executable memory keeps no file open, and is nobody's after the module. */
static void no_descriptor_stays_open(void **state)
{
    int before = dup(0);
    int after;

    (void)state;
    close(before);
    assert_non_null(lintel_alloc(subject.module, MIB));
    after = dup(0);
    close(after);
    assert_int_equal(before, after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_size_limit_is_efbig, start, end),
        cmocka_unit_test_setup_teardown(a_larger_one_makes_for_smaller_regions, start, end),
        cmocka_unit_test_setup_teardown(no_descriptor_is_emfile, start, end),
        cmocka_unit_test_setup_teardown(a_barred_memfd_is_enosys_and_noexec_eacces, start, end),
        cmocka_unit_test_setup_teardown(a_policy_against_execution_is_eperm, start, end),
        cmocka_unit_test_setup_teardown(no_descriptor_stays_open, start, end),
    };

    return exit_status(cmocka_run_group_tests(tests, NULL, NULL));
}
