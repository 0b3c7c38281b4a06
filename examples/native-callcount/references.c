/* SPDX-License-Identifier: MIT */
#include "references.h"

#include <Zydis/Zydis.h>
#include <stdlib.h>
#include <string.h>

/* Addresses that functions with computed jumps take: those of their jump tables, and others. */
typedef struct {
    uintptr_t *starts;
    size_t     count;
    size_t     capacity;
    bool       short_of_memory;
} tables_t;

typedef struct {
    const function_t   *function;
    const references_t *references;
    uintptr_t           at; /* the instruction */
    uintptr_t           next;
    bool                computed_jump; /* the function has one */
    tables_t           *tables;
} place_t;

static bool is_text(const references_t *references, uintptr_t address)
{
    return address >= references->text.start && address < references->text.end;
}

static void mark(const references_t *references, uintptr_t address, unsigned how)
{
    if (is_text(references, address))
        references->marks[address - references->text.start] |= (uint8_t)how;
}

unsigned references_at(const references_t *references, uintptr_t address)
{
    return is_text(references, address) ? references->marks[address - references->text.start] : 0;
}

static void mark_branch(const place_t *place, const ZydisDecodedInstruction *instruction)
{
    uintptr_t target = place->next + (uintptr_t)instruction->raw.imm[0].value.s;
    bool      within = target >= place->function->start && target < place->function->end;

    if (instruction->mnemonic == ZYDIS_MNEMONIC_CALL)
        mark(place->references, target, REFERENCE_CALL);
    else if (target == place->function->start)
        mark(place->references, target, REFERENCE_JUMP | REFERENCE_LOOP);
    else if (within || instruction->mnemonic == ZYDIS_MNEMONIC_JMP)
        mark(place->references, target, REFERENCE_JUMP);
    else
        mark(place->references, target, REFERENCE_JUMP | REFERENCE_BRANCH);
}

static bool takes_address(const ZydisDecodedInstruction *instruction)
{
    return instruction->mnemonic == ZYDIS_MNEMONIC_LEA && instruction->raw.modrm.mod == 0 &&
           instruction->raw.modrm.rm == 5;
}

/* Through a register: a switch, or a call that is the function's last act. */
static bool is_computed_jump(const ZydisDecodedInstruction *instruction)
{
    return instruction->mnemonic == ZYDIS_MNEMONIC_JMP && !instruction->raw.imm[0].is_relative &&
           instruction->raw.modrm.mod == 3;
}

static void read_instruction(place_t *place, const ZydisDecodedInstruction *instruction)
{
    if (instruction->raw.imm[0].is_relative)
        mark_branch(place, instruction);
    else if (takes_address(instruction))
        mark(place->references, place->next + (uintptr_t)instruction->raw.disp.value, REFERENCE_ADDRESS);
    else if (is_computed_jump(instruction))
        place->computed_jump = true;
}

static void collect_table(place_t *place, const ZydisDecodedInstruction *instruction)
{
    tables_t *tables = place->tables;

    if (!takes_address(instruction) || tables->short_of_memory)
        return;
    if (tables->count == tables->capacity) {
        size_t     capacity = tables->capacity ? 2 * tables->capacity : 256;
        uintptr_t *starts = realloc(tables->starts, capacity * sizeof(*starts));

        tables->short_of_memory = starts == NULL;
        if (starts == NULL)
            return;
        tables->starts = starts;
        tables->capacity = capacity;
    }
    tables->starts[tables->count++] = place->next + (uintptr_t)instruction->raw.disp.value;
}

static void read_function(const ZydisDecoder *decoder, place_t *place,
                          void (*read)(place_t *place, const ZydisDecodedInstruction *instruction))
{
    uintptr_t end = place->function->end < place->references->text.end ? place->function->end
                                                                       : place->references->text.end;

    for (place->at = place->function->start; place->at < end; place->at = place->next) {
        ZydisDecodedInstruction instruction;
        ZyanStatus status = ZydisDecoderDecodeInstruction(decoder, NULL, (const void *)place->at, end - place->at,
                                                          &instruction);

        place->next = place->at + (ZYAN_SUCCESS(status) ? instruction.length : 1);
        if (ZYAN_SUCCESS(status))
            read(place, &instruction);
    }
}

static int by_address(const void *left, const void *right)
{
    uintptr_t a = *(const uintptr_t *)left;
    uintptr_t b = *(const uintptr_t *)right;

    return (a > b) - (a < b);
}

static void read_table(const references_t *references, range_t table)
{
    int32_t offset;

    for (uintptr_t at = table.start; at + sizeof(offset) <= table.end; at += sizeof(offset)) {
        memcpy(&offset, (const void *)at, sizeof(offset));
        uintptr_t target = table.start + (uintptr_t)(intptr_t)offset;
        if (!is_text(references, target))
            return;
        mark(references, target, REFERENCE_TABLE);
    }
}

/* Compilers for x86-64 write a switch's jump table as 32-bit offsets from the table itself, whose address an lea of the
 * function takes. It ends at the latest where another one begins. What is taken for one and is not does no harm: some
 * function may be left alone in vain. */
static void read_tables(const image_t *image, const references_t *references, tables_t *tables)
{
    range_t data;

    qsort(tables->starts, tables->count, sizeof(tables->starts[0]), by_address);
    for (size_t i = 0; image_next_segment(image, PF_R, PF_W, &i, &data);)
        for (size_t j = 0; j < tables->count; j++) {
            uintptr_t start = tables->starts[j];
            uintptr_t next = j + 1 < tables->count ? tables->starts[j + 1] : data.end;

            if (start >= data.start && start < data.end)
                read_table(references, (range_t){start, next < data.end ? next : data.end});
        }
}

/* Words of the image's data that hold addresses of its text: pointers to functions, and labels whose address is taken.
 * The loader has relocated them already. */
static void read_data(const image_t *image, const references_t *references)
{
    range_t   data;
    uintptr_t word;

    for (size_t i = 0; image_next_segment(image, PF_R, PF_X, &i, &data);) {
        uintptr_t at = (data.start + sizeof(word) - 1) & ~(sizeof(word) - 1);

        for (; at + sizeof(word) <= data.end; at += sizeof(word)) {
            memcpy(&word, (const void *)at, sizeof(word));
            mark(references, word, REFERENCE_ADDRESS);
        }
    }
}

static bool find_text(const image_t *image, range_t *text)
{
    range_t segment;

    *text = (range_t){UINTPTR_MAX, 0};
    for (size_t i = 0; image_next_segment(image, PF_X, 0, &i, &segment);) {
        text->start = segment.start < text->start ? segment.start : text->start;
        text->end = segment.end > text->end ? segment.end : text->end;
    }
    return text->end > text->start;
}

static void read_functions(const functions_t *functions, const references_t *references, tables_t *tables)
{
    ZydisDecoder decoder;

    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    for (size_t i = 0; i < functions->count; i++) {
        place_t place = {.function = &functions->entries[i], .references = references, .tables = tables};

        if (place.function->inside)
            continue;
        read_function(&decoder, &place, read_instruction);
        if (place.computed_jump)
            read_function(&decoder, &place, collect_table);
    }
}

const char *references_read(const image_t *image, const functions_t *functions, references_t *references)
{
    tables_t tables = {0};

    if (!find_text(image, &references->text))
        return "it has no text";
    references->marks = calloc(references->text.end - references->text.start, 1);
    if (references->marks == NULL)
        return "out of memory";
    read_functions(functions, references, &tables);
    if (tables.count > 0)
        read_tables(image, references, &tables);
    read_data(image, references);
    free(tables.starts);
    return tables.short_of_memory ? "out of memory" : NULL;
}

void references_free(references_t *references)
{
    free(references->marks);
    *references = (references_t){0};
}
