/* SPDX-License-Identifier: MIT */
#include "jitdump.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "fork.h"
#include "os_file.h"

#define MAGIC   0x4a695444U
#define VERSION 1

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#else
#define MACHINE EM_AARCH64
#endif

typedef struct {
    uint32_t magic;
    uint32_t version;
    uint32_t size;
    uint32_t machine;
    uint32_t padding;
    uint32_t process;
    uint64_t time;
    uint64_t flags;
} header_t;

typedef enum { CODE_LOAD = 0, CODE_CLOSE = 3, CODE_UNWINDING_INFO = 4 } kind_t;

typedef struct {
    uint32_t kind;
    uint32_t size;
    uint64_t time;
} record_t;

/* Then the name, with its end, and the code. */
typedef struct {
    record_t record;
    uint32_t process;
    uint32_t thread;
    uint64_t address;
    uint64_t code;
    uint64_t code_size;
    uint64_t index;
} load_t;

/* Then the section and its header. */
typedef struct {
    record_t record;
    uint64_t size;
    uint64_t header_size;
    uint64_t mapped_size;
} unwinding_t;

/* What a name's parts are made of. */
typedef struct {
    unwinding_t unwinding;
    load_t      load;
} records_t;

#define PARTS 5

static_assert(PARTS * NAME_BATCH <= OS_FILE_PARTS, "a batch is one addition");

/* Between fork_hold and fork_release, or by the thread that forks. */
static struct {
    os_file_t file;
    void     *marker;
    uint64_t  count;      /* names in it */
    bool      will_close; /* at the process's end, and so will its children at theirs */
} dump;

static record_t record_of(kind_t kind, size_t size)
{
    return (record_t){kind, (uint32_t)size, os_nanoseconds()};
}

/* Only what ends the process in good order comes here: the format does not ask for more. */
static void close_dump(void)
{
    record_t record = record_of(CODE_CLOSE, sizeof(record));

    fork_hold();
    if (dump.file.inode)
        (void)os_file_add(&dump.file, &(os_bytes_t){&record, sizeof(record)}, 1);
    fork_release();
}

/* A file that perf would not learn of is of no use. */
static int start(void)
{
    header_t header = {MAGIC, VERSION, sizeof(header), MACHINE, 0, os_process(), os_nanoseconds(), 0};
    int      result = os_file_make_dump(&dump.file);

    if (result) {
        dump.file.inode = 0;
        return result;
    }
    result = os_file_add(&dump.file, &(os_bytes_t){&header, sizeof(header)}, 1);
    if (!result)
        result = os_file_mark(&dump.file, &dump.marker);
    if (result)
        os_file_remove_dump(&dump.file);
    dump.count = 0;
    if (!result && !dump.will_close)
        dump.will_close = !atexit(close_dump);
    return result;
}

/* What perf maps behind the code must not lie on another body: it takes the later of two for what is there. */
static unwinding_t unwinding_of(const name_t *name)
{
    size_t size = name->unwind_size.section + name->unwind_size.header;

    return (unwinding_t){record_of(CODE_UNWINDING_INFO, sizeof(unwinding_t) + size), size, name->unwind_size.header,
                         name->has_room ? size : 0};
}

static load_t load_of(const name_t *name, size_t name_size)
{
    size_t size = range_size(name->body);

    return (load_t){record_of(CODE_LOAD, sizeof(load_t) + name_size + size),
                    os_process(),
                    os_thread(),
                    name->body.start,
                    name->body.start,
                    size,
                    ++dump.count};
}

/* How to unwind comes before what it is of, and in the same write. */
static void write_records(const name_t *name, records_t *records, os_bytes_t *parts)
{
    size_t name_size = strlen(name->text) + 1;

    records->unwinding = unwinding_of(name);
    records->load = load_of(name, name_size);
    parts[0] = (os_bytes_t){&records->unwinding, records->unwinding.size ? sizeof(unwinding_t) : 0};
    parts[1] = (os_bytes_t){name->unwind, records->unwinding.size};
    parts[2] = (os_bytes_t){&records->load, sizeof(load_t)};
    parts[3] = (os_bytes_t){name->text, name_size};
    parts[4] = (os_bytes_t){(const void *)name->body.start, range_size(name->body)};
}

int jitdump_add(const name_t *const *names, unsigned count)
{
    records_t  records[NAME_BATCH];
    os_bytes_t parts[PARTS * NAME_BATCH];
    int        result = dump.file.inode ? 0 : start();

    if (result)
        return result;
    for (unsigned i = 0; i < count; i++)
        write_records(names[i], &records[i], parts + (size_t)PARTS * i);
    return os_file_add(&dump.file, parts, PARTS * count);
}

void jitdump_after_fork(void)
{
    if (dump.file.inode)
        os_file_unmark(dump.marker);
    dump.file.inode = 0;
}
