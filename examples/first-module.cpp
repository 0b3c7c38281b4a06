// SPDX-License-Identifier: MIT
//
// first-module: containers whose elements lie above the C library, and a function that was not there before.
#include <dlfcn.h>
#include <lintel/lintel.hpp>

#include <cstdio>
#include <string>
#include <vector>

// int answer() { return 42; }
#if defined(__x86_64__)
static const unsigned char answer[] = {0xb8, 42, 0, 0, 0, 0xc3}; // mov eax, 42; ret
#else
static const unsigned answer[] = {0x52800540, 0xd65f03c0}; // mov w0, #42; ret
#endif

static std::uintptr_t libc_base()
{
    Dl_info libc;

    return dladdr(stdout, &libc) ? reinterpret_cast<std::uintptr_t>(libc.dli_fbase) : 0;
}

static void run()
{
    lintel::heap        heap;
    lintel::module_desc desc = {};

    desc.base = libc_base();
    lintel::module                data = heap.open(desc);
    lintel::resource              above(data);
    std::pmr::vector<std::string> names({"lintel", "above", "an opening"}, &above);
    std::pmr::string              text("a string that is too long to lie in the object itself", &above);
    std::printf("%zu names at offset %#llx, a text at %#llx\n", names.size(),
                static_cast<long long>(data.offset(names.data())), static_cast<long long>(data.offset(text.data())));

    desc.key = 1;
    desc.kind = LINTEL_CODE;
    lintel::module      code = heap.open(desc);
    lintel::code_writer writer(code, 64);
    auto               *function = writer.write(answer).publish<int()>();
    std::printf("a function at offset %#llx says %d\n",
                static_cast<long long>(code.offset(reinterpret_cast<const void *>(function))), function());
}

int main()
{
    try {
        run();
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
