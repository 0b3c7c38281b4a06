/* SPDX-License-Identifier: MIT */
#include "gdb_object.h"

#include <elf.h>
#include <string.h>

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#else
#define MACHINE EM_AARCH64
#endif

enum { SECTION_NONE, SECTION_TEXT, SECTION_SYMBOLS, SECTION_STRINGS, SECTION_NAMES, SECTION_UNWIND, SECTION_COUNT };
enum { SYMBOL_NONE, SYMBOL_BODY, SYMBOL_COUNT };

/* Names of sections, and where each is among them. */
static const char section_names[] = "\0.text\0.symtab\0.strtab\0.shstrtab\0.eh_frame";
enum { NAME_TEXT = 1, NAME_SYMBOLS = 7, NAME_STRINGS = 15, NAME_NAMES = 23, NAME_UNWIND = 33 };

/* What the section of unwinding and then the body's name follow. */
typedef struct {
    Elf64_Ehdr header;
    Elf64_Shdr sections[SECTION_COUNT];
    Elf64_Sym  symbols[SYMBOL_COUNT];
    char       names[sizeof(section_names)];
    _Alignas(UNWIND_ALIGN) unsigned char unwind[];
} object_t;

/* The empty string comes first. */
static size_t strings_size(const char *name)
{
    return 1 + strlen(name) + 1;
}

size_t gdb_object_size(const char *name, unwind_size_t unwind_size)
{
    return offsetof(object_t, unwind) + unwind_size.section + strings_size(name);
}

static Elf64_Shdr section_at(Elf64_Word name, Elf64_Word type, size_t offset, size_t size)
{
    return (Elf64_Shdr){.sh_name = name, .sh_type = type, .sh_offset = offset, .sh_size = size, .sh_addralign = 1};
}

/* The code is where it is; and so is what unwinds it, as far as its addresses go, without being loaded there. */
static void write_sections(range_t body, const char *name, unwind_size_t unwind_size, Elf64_Shdr *sections)
{
    size_t unwind = offsetof(object_t, unwind);

    sections[SECTION_TEXT] = section_at(NAME_TEXT, SHT_NOBITS, 0, range_size(body));
    sections[SECTION_TEXT].sh_flags = SHF_ALLOC | SHF_EXECINSTR;
    sections[SECTION_TEXT].sh_addr = body.start;
    sections[SECTION_SYMBOLS] = section_at(NAME_SYMBOLS, SHT_SYMTAB, offsetof(object_t, symbols),
                                           SYMBOL_COUNT * sizeof(Elf64_Sym));
    sections[SECTION_SYMBOLS].sh_entsize = sizeof(Elf64_Sym);
    sections[SECTION_SYMBOLS].sh_addralign = _Alignof(Elf64_Sym);
    sections[SECTION_SYMBOLS].sh_link = SECTION_STRINGS;
    sections[SECTION_SYMBOLS].sh_info = SYMBOL_BODY; /* the first that is not local */
    sections[SECTION_STRINGS] = section_at(NAME_STRINGS, SHT_STRTAB, unwind + unwind_size.section, strings_size(name));
    sections[SECTION_NAMES] = section_at(NAME_NAMES, SHT_STRTAB, offsetof(object_t, names), sizeof(section_names));
    if (unwind_size.section) {
        sections[SECTION_UNWIND] = section_at(NAME_UNWIND, SHT_PROGBITS, unwind, unwind_size.section);
        sections[SECTION_UNWIND].sh_addr = unwind_place(body);
        sections[SECTION_UNWIND].sh_addralign = UNWIND_ALIGN;
    }
}

static Elf64_Ehdr header_of(bool unwinds)
{
    return (Elf64_Ehdr){
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT, ELFOSABI_NONE},
        .e_type = ET_REL,
        .e_machine = MACHINE,
        .e_version = EV_CURRENT,
        .e_shoff = offsetof(object_t, sections),
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_shentsize = sizeof(Elf64_Shdr),
        .e_shnum = unwinds ? SECTION_COUNT : SECTION_UNWIND,
        .e_shstrndx = SECTION_NAMES,
    };
}

void gdb_object_write(range_t body, const char *name, const unsigned char *unwind, unwind_size_t unwind_size, void *to)
{
    object_t *object = to;

    object->header = header_of(unwind_size.section > 0);
    write_sections(body, name, unwind_size, object->sections);
    object->symbols[SYMBOL_BODY] = (Elf64_Sym){.st_name = 1,
                                               .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
                                               .st_shndx = SECTION_TEXT,
                                               .st_size = range_size(body)};
    memcpy(object->names, section_names, sizeof(section_names));
    memcpy(object->unwind, unwind, unwind_size.section);
    memcpy(object->unwind + unwind_size.section + 1, name, strlen(name));
}
