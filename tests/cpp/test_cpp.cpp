// SPDX-License-Identifier: MIT
//
// lintel.hpp: what it promises beyond the functions below it. Who owns what, what is thrown, and containers above a
// module.
#include <lintel/lintel.hpp>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

extern const char __executable_start;

namespace {

void require(bool holds, const char *what)
{
    if (holds)
        return;
    std::printf("not so: %s\n", what);
    std::exit(1);
}

template <typename action_type> bool throws_error(int error, action_type action)
{
    try {
        action();
    } catch (const std::system_error &caught) {
        return caught.code() == std::error_code(error, std::generic_category());
    }
    return false;
}

template <typename action_type> bool throws_bad_alloc(action_type action)
{
    try {
        action();
    } catch (const std::bad_alloc &) {
        return true;
    }
    return false;
}

lintel::module_desc above_this_program(std::uint64_t key)
{
    lintel::module_desc desc = {};

    desc.base = reinterpret_cast<std::uintptr_t>(&__executable_start);
    desc.key = key;
    return desc;
}

void references_have_one_owner()
{
    static_assert(!std::is_copy_constructible_v<lintel::module> && !std::is_copy_constructible_v<lintel::heap>);
    static_assert(std::is_nothrow_move_constructible_v<lintel::module>);
    static_assert(std::is_nothrow_move_constructible_v<lintel::heap>);
    static_assert(!std::is_constructible_v<lintel::resource, lintel::module>, "not above a module that ends at once");

    lintel::heap   heap;
    lintel::module first = heap.open(above_this_program(1));
    lintel::module moved(static_cast<lintel::module &&>(first));
    require(moved && !first, "moving leaves nothing behind");
    require(heap.stats().modules == 1 && heap.acquire(1).get() == moved.get(), "a module is found by its key");
    require(!heap.acquire(2), "a key that is not open gives nothing");

    char *body = static_cast<char *>(moved.allocate(100));
    require(heap.close(1), "a module is closed");
    require(!heap.close(1), "once");
    require(!heap.acquire(1), "and not found any more");
    body[99] = 'x';
    require(moved.try_allocate(100) && heap.find(body)->key == 1, "a reference keeps a closed module");
    lintel_module_t *bare = moved.release();
    require(!moved && lintel_alloc(bare, 1), "release hands the reference over");
    moved = lintel::module(bare);
    moved = heap.open(above_this_program(3));
    require(heap.acquire(3).get() == moved.get(), "assigning takes the new reference");
    while (heap.stats().modules != 1) // and ends the one that was there: the closed module goes, by and by
        std::this_thread::yield();
    lintel::heap other = std::move(heap);
    require(other.acquire(3).get() == moved.get(), "heaps move");
}

void failures_are_thrown()
{
    lintel::heap         heap;
    lintel::module_desc  desc = above_this_program(1);
    lintel::heap_options wrong = {};

    wrong.pool_size = 4096;
    require(throws_error(EINVAL, [&] { lintel::heap refused(wrong); }), "a heap that cannot be is an error");
    desc.reach = 64 << 20;
    lintel::module module = heap.open(desc);
    require(throws_error(EEXIST, [&] { (void)heap.open(desc); }), "a key is opened once");
    require(throws_error(EINVAL, [&] { (void)module.allocate(0); }), "no bytes are an error");
    require(throws_error(EINVAL, [&] { (void)module.allocate(1, 3); }), "so is a bad alignment");
    require(throws_bad_alloc([&] { (void)module.allocate(1 << 30); }), "no room is bad_alloc");
    require(!module.try_allocate(1 << 30) && errno == ENOSPC, "or nullptr, for who asks for that");
    int elsewhere = 0;
    require(throws_error(ERANGE, [&] { (void)module.offset(&elsewhere); }), "an address elsewhere has no offset");
    require(throws_error(ERANGE, [&] { (void)module.writable(&elsewhere); }), "nor is it to be written by lintel");
    require(throws_error(ERANGE, [&] { module.publish(&elsewhere, 1); }), "nor published");
    require(!heap.find(&elsewhere), "nor found");
    lintel::resource above(module);
    require(throws_bad_alloc([&] { (void)above.allocate(1 << 30); }), "a resource throws bad_alloc");
    require(throws_bad_alloc([&] { (void)above.allocate(1, 8192); }), "for too large an alignment too");
}

void containers_lie_above_a_module()
{
    lintel::heap     heap;
    lintel::module   module = heap.open(above_this_program(1));
    lintel::module   second = heap.open(above_this_program(2));
    lintel::resource above(module), same(module), other(second);

    require(above.is_equal(above) && above == same && above != other, "resources of one module are equal");
    require(!above.is_equal(*std::pmr::new_delete_resource()), "and equal to no other");

    std::pmr::vector<std::pmr::string> texts(&above);
    for (int i = 0; i < 1000; i++)
        texts.emplace_back("a text that is too long for the string itself, number " + std::to_string(i));
    require(heap.find(texts.data())->key == 1 && heap.find(texts[999].data())->key == 1, "elements lie in bodies");
    require(module.offset(texts.data()) > 0, "above the image");

    std::pmr::map<int, std::pmr::string> names(&above);
    names[1] = "one";
    names.erase(1);
    std::uint64_t before = module.stats().allocated;
    texts.clear();
    texts.shrink_to_fit();
    require(module.stats().allocated == before, "nothing is freed by itself");
    void *nothing = above.allocate(0);
    require(nothing && nothing != above.allocate(0), "no bytes have an address of their own");
    require(reinterpret_cast<std::uintptr_t>(above.allocate(1, 4096)) % 4096 == 0, "alignment is kept");
}

void threads_share_a_resource()
{
    lintel::heap             heap;
    lintel::module           module = heap.open(above_this_program(1));
    lintel::resource         above(module);
    std::vector<std::thread> threads;

    for (int member = 0; member < 4; member++)
        threads.emplace_back([&above, member] {
            std::pmr::vector<int> numbers(&above);
            for (int i = 0; i < 5000; i++)
                numbers.push_back(member * 5000 + i);
            for (int i = 0; i < 5000; i++)
                require(numbers[static_cast<std::size_t>(i)] == member * 5000 + i, "threads do not share memory");
        });
    for (std::thread &thread : threads)
        thread.join();
}

#if defined(__x86_64__)
const unsigned char seven[] = {0xb8, 7, 0, 0, 0, 0xc3}; // mov eax, 7; ret
#else
const unsigned seven[] = {0x528000e0, 0xd65f03c0}; // mov w0, #7; ret
#endif

void code_is_written_and_runs()
{
    lintel::heap        heap;
    lintel::module_desc desc = above_this_program(1);

    desc.kind = LINTEL_CODE;
    lintel::module module = heap.open(desc);
    {
        lintel::code_writer writer(module, 4096);
        require(throws_error(EINVAL, [&] { writer.publish<int()>(); }), "nothing written is nothing to publish");
        const unsigned char *start = writer.address();
        writer.write(seven);
        require(writer.address() == start + sizeof(seven) && writer.size() == sizeof(seven), "what was written counts");
        auto *function = writer.publish<int()>();
        require(reinterpret_cast<const unsigned char *>(function) == start && function() == 7, "it runs where it is");
        require(throws_error(EINVAL, [&] { writer.publish<int()>(); }), "once");
        require(throws_error(ENOSPC, [&] { writer.write(seven); }), "after that there is nothing to write to");
    }
    require(module.stats().allocated == sizeof(seven), "what was not used was given back");
    {
        lintel::code_writer writer(module, 4096);
        char                large[4097] = {};
        require(throws_error(ENOSPC, [&] { writer.write(large); }) && writer.size() == 0, "all is written, or nothing");
    }
    require(module.stats().allocated <= sizeof(seven) + 16, "so was what was not published");
}

} // namespace

int main()
{
    try {
        references_have_one_owner();
        failures_are_thrown();
        containers_lie_above_a_module();
        threads_share_a_resource();
        code_is_written_and_runs();
    } catch (const std::exception &error) {
        std::printf("thrown: %s\n", error.what());
        return 1;
    }
}
