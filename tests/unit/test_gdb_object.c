/* SPDX-License-Identifier: MIT
 *
 * gdb_object: libelf reads back what was written.
 */
#include "gdb_object.h"

#include <gelf.h>
#include <string.h>

#include "unit.h"

#define BODY ((range_t){0x7f0012345010, 0x7f0012345075})

enum { MOST = 4096 };

static _Alignas(8) unsigned char memory[MOST];

/* The section of that name, or NULL. */
static Elf_Scn *find(Elf *elf, const char *name, GElf_Shdr *header)
{
    Elf_Scn *section = NULL;
    size_t   names;

    assert_int_equal(elf_getshdrstrndx(elf, &names), 0);
    while ((section = elf_nextscn(elf, section))) {
        assert_non_null(gelf_getshdr(section, header));
        if (!strcmp(elf_strptr(elf, names, header->sh_name), name))
            return section;
    }
    return NULL;
}

static Elf *read_back(const char *name, const unsigned char *unwind, unwind_size_t size)
{
    size_t object_size = gdb_object_size(name, size);

    memset(memory, 0, sizeof(memory));
    memset(memory + object_size, 0x5a, 16);
    gdb_object_write(BODY, name, unwind, size, memory);
    for (int i = 0; i < 16; i++)
        assert_int_equal(memory[object_size + (size_t)i], 0x5a);
    elf_version(EV_CURRENT);
    Elf *elf = elf_memory((char *)memory, object_size);
    assert_non_null(elf);
    assert_int_equal(elf_kind(elf), ELF_K_ELF);
    return elf;
}

static void assert_text_and_symbol(Elf *elf, const char *name)
{
    GElf_Shdr text = {0};
    GElf_Shdr symbols = {0};
    GElf_Sym  symbol;
    Elf_Scn  *section = find(elf, ".text", &text);
    size_t    index = elf_ndxscn(section);

    assert_int_equal(text.sh_type, SHT_NOBITS);
    assert_int_equal(text.sh_flags, SHF_ALLOC | SHF_EXECINSTR);
    assert_int_equal(text.sh_addr, BODY.start);
    assert_int_equal(text.sh_size, range_size(BODY));
    section = find(elf, ".symtab", &symbols);
    assert_int_equal(symbols.sh_entsize, sizeof(Elf64_Sym));
    assert_int_equal(symbols.sh_size, 2 * sizeof(Elf64_Sym));
    assert_non_null(gelf_getsym(elf_getdata(section, NULL), 1, &symbol));
    assert_string_equal(elf_strptr(elf, symbols.sh_link, symbol.st_name), name);
    assert_int_equal(symbol.st_value, 0);
    assert_int_equal(symbol.st_size, range_size(BODY));
    assert_int_equal(symbol.st_shndx, index);
    assert_int_equal(GELF_ST_TYPE(symbol.st_info), STT_FUNC);
    assert_int_equal(GELF_ST_BIND(symbol.st_info), STB_GLOBAL);
}

static void a_body_has_its_place_and_its_name(void **state)
{
    GElf_Ehdr header;
    GElf_Shdr section = {0};
    Elf      *elf = read_back("a name, of some length", (const unsigned char *)"", (unwind_size_t){0, 0});

    (void)state;
    assert_non_null(gelf_getehdr(elf, &header));
    assert_int_equal(header.e_type, ET_REL);
#if defined(__x86_64__)
    assert_int_equal(header.e_machine, EM_X86_64);
#else
    assert_int_equal(header.e_machine, EM_AARCH64);
#endif
    assert_text_and_symbol(elf, "a name, of some length");
    assert_null(find(elf, ".eh_frame", &section));
    elf_end(elf);
}

static void what_unwinds_it_comes_along(void **state)
{
    static unsigned char told[128];
    lintel_unwind_t      unwind = {.frameless = 1};
    unwind_size_t        size;
    GElf_Shdr            header = {0};

    (void)state;
    assert_int_equal(unwind_measure(&unwind, BODY, &size), 0);
    unwind_write(&unwind, BODY, size, told);
    Elf     *elf = read_back("x", told, size);
    Elf_Scn *section = find(elf, ".eh_frame", &header);
    assert_text_and_symbol(elf, "x");
    assert_non_null(section);
    assert_int_equal(header.sh_addr, unwind_place(BODY));
    assert_int_equal(header.sh_flags & SHF_ALLOC, 0); /* or it would lie on a neighbour */
    assert_int_equal(header.sh_size, size.section);
    assert_memory_equal(elf_getdata(section, NULL)->d_buf, told, size.section);
    elf_end(elf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_has_its_place_and_its_name),
        cmocka_unit_test(what_unwinds_it_comes_along),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
