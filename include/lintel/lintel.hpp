// SPDX-License-Identifier: MIT
//
// lintel for C++17: heaps and modules that end by themselves, and a std::pmr::memory_resource above a module.
//
// A thin layer over <lintel/lintel.h>, in which each function has its full documentation; nothing of it is in the
// library. Functions that C programs learn a failure of by a negative errno throw std::system_error with that error,
// in std::generic_category(); those that give memory throw std::bad_alloc where there is none (errno says which: ENOSPC
// or ENOMEM), as containers expect it. What is marked noexcept throws nothing.
//
//     lintel::heap     heap;
//     lintel::module   module = heap.open({.base = base});  // C++20; in C++17 fill a lintel::module_desc in
//     lintel::resource resource(module);
//     std::pmr::vector<int> numbers(&resource);             // its elements lie above the image
#ifndef LINTEL_LINTEL_HPP
#define LINTEL_LINTEL_HPP

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <memory_resource>
#include <new>
#include <optional>
#include <system_error>
#include <type_traits>

#include <lintel/lintel.h>

namespace lintel {

using heap_options = lintel_heap_options_t;
using module_desc = lintel_module_desc_t;
using stats = lintel_stats_t;
using location = lintel_location_t;

// The greatest alignment that a body can be asked for.
inline constexpr std::size_t max_align = 4096;

namespace detail {

inline void check(int result, const char *what)
{
    if (result < 0)
        throw std::system_error(-result, std::generic_category(), what);
}

struct destroy_heap {
    void operator()(lintel_heap_t *heap) const noexcept { lintel_heap_destroy(heap); }
};

struct release_module {
    void operator()(lintel_module_t *module) const noexcept { lintel_module_release(module); }
};

} // namespace detail

// One reference to a module: its bodies stay as long as the module is open or somebody has one. It can be moved and
// not copied; `share` makes another. A moved-from or default-constructed one refers to nothing, and is good only to be
// assigned to, to be tested and to end. It must end before its heap does.
class module {
public:
    module() noexcept = default;

    // Takes over a reference that C code got.
    explicit module(lintel_module_t *reference) noexcept : reference_(reference) {}

    // The module for C functions; the reference stays here.
    lintel_module_t *get() const noexcept { return reference_.get(); }

    // Gives the reference to the caller, who ends it with lintel_module_release.
    [[nodiscard]] lintel_module_t *release() noexcept { return reference_.release(); }

    explicit operator bool() const noexcept { return reference_ != nullptr; }

    // A body of `size` bytes, zeroed, at the module's alignment, which stays as long as the module. Throws
    // std::bad_alloc; std::system_error (EINVAL: size 0, or no module). Lock-free.
    [[nodiscard]] void *allocate(std::size_t size) const { return given(lintel_alloc(get(), size)); }

    // The same at a multiple of `align`, a power of two up to max_align.
    [[nodiscard]] void *allocate(std::size_t size, std::size_t align) const
    {
        return given(lintel_alloc_aligned(get(), size, align));
    }

    // The same, with nullptr and errno for a failure.
    [[nodiscard]] void *try_allocate(std::size_t size) const noexcept { return lintel_alloc(get(), size); }

    // Gives the end of a body back, from `new_size` on. Returns how many bytes that were.
    std::size_t shrink(void *body, std::size_t old_size, std::size_t new_size) const noexcept
    {
        return lintel_shrink(get(), body, old_size, new_size);
    }

    // Where to write a body: elsewhere for code. Throws std::system_error (ERANGE, EACCES).
    void *writable(const void *body) const
    {
        void *address = lintel_writable(get(), body);
        if (!address)
            throw std::system_error(errno, std::generic_category(), "lintel_writable");
        return address;
    }

    // Has written code run wherever it is jumped to. Throws std::system_error (ERANGE, ENOMEM, EPERM).
    void publish(const void *body, std::size_t size) const
    {
        detail::check(lintel_publish(get(), body, size), "lintel_publish");
    }

    // A body's distance from the image's base. Throws std::system_error (ERANGE).
    std::int64_t offset(const void *body) const
    {
        std::int64_t distance = lintel_offset(get(), body);
        if (distance < 0)
            throw std::system_error(static_cast<int>(-distance), std::generic_category(), "lintel_offset");
        return distance;
    }

    lintel::stats stats() const
    {
        lintel::stats figures;
        detail::check(lintel_module_stats(get(), &figures), "lintel_module_stats");
        return figures;
    }

private:
    static void *given(void *body)
    {
        if (body)
            return body;
        if (errno == EINVAL)
            throw std::system_error(EINVAL, std::generic_category(), "lintel_alloc");
        throw std::bad_alloc();
    }

    std::unique_ptr<lintel_module_t, detail::release_module> reference_;
};

// A registry of modules. It can be moved and not copied. When it ends all modules' memory goes: no lintel::module or
// lintel::resource of it may be used any more, and each lintel::module has to end before it.
class heap {
public:
    // Throws std::system_error (EINVAL, ENOMEM, ENOSPC).
    explicit heap(const heap_options &options = {})
    {
        lintel_heap_t *made;
        detail::check(lintel_heap_create(&options, &made), "lintel_heap_create");
        heap_.reset(made);
    }

    // The heap for C functions.
    lintel_heap_t *get() const noexcept { return heap_.get(); }

    // Opens a module; it stays open, and can be acquired by its key, until it is closed. Throws std::system_error
    // (EINVAL, EEXIST, ENOSPC, ENOMEM; for code also why executable memory is not to be had). May block.
    [[nodiscard]] module open(const module_desc &desc) const
    {
        lintel_module_t *opened;
        detail::check(lintel_module_open(get(), &desc, &opened), "lintel_module_open");
        return module(opened);
    }

    // One more reference to the open module of `key`, or one to nothing if there is no such module. Wait-free after the
    // thread's first call.
    [[nodiscard]] module acquire(std::uint64_t key) const noexcept
    {
        return module(lintel_module_acquire(get(), key));
    }

    // Closes the module of `key`; references held keep working. Returns whether there was one. May block.
    bool close(std::uint64_t key) const noexcept { return lintel_module_close(get(), key) == 0; }

    // To whose body an address belongs, if to any. In signal handlers too. Wait-free.
    [[nodiscard]] std::optional<location> find(const void *address) const noexcept
    {
        location found;
        if (lintel_find(get(), address, &found) != 0)
            return std::nullopt;
        return found;
    }

    lintel::stats stats() const
    {
        lintel::stats figures;
        detail::check(lintel_heap_stats(get(), &figures), "lintel_heap_stats");
        return figures;
    }

private:
    std::unique_ptr<lintel_heap_t, detail::destroy_heap> heap_;
};

// Memory for polymorphic allocators, out of a module of kind LINTEL_DATA. Nothing is freed by itself: deallocate does
// nothing, as with std::pmr::monotonic_buffer_resource; the memory goes with the module. Unlike that one it is for any
// number of threads at once, and lock-free. It borrows the module, which has to stay longer than what uses it.
class resource : public std::pmr::memory_resource {
public:
    explicit resource(const module &above) noexcept : module_(above.get()) {}
    explicit resource(module &&) = delete;

    lintel_module_t *get() const noexcept { return module_; }

private:
    // Throws std::bad_alloc, also for an alignment over max_align.
    void *do_allocate(std::size_t size, std::size_t align) override
    {
        void *body = lintel_alloc_aligned(module_, size ? size : 1, align);
        if (!body)
            throw std::bad_alloc();
        return body;
    }

    void do_deallocate(void *, std::size_t, std::size_t) noexcept override {}

    // Two are equal if what one gave the other could take back.
    bool do_is_equal(const std::pmr::memory_resource &other) const noexcept override
    {
#if defined(__cpp_rtti)
        auto same = dynamic_cast<const resource *>(&other);
        return same && same->module_ == module_;
#else
        return this == &other;
#endif
    }

    lintel_module_t *module_;
};

// A body of code that is being written, piece by piece, and then published: what was not used of it is given back. One
// that ends unpublished keeps one unit of it. It borrows the module.
class code_writer {
public:
    // Throws as module::allocate and module::writable.
    code_writer(const module &above, std::size_t capacity)
        : module_(&above), body_(above.allocate(capacity)),
          begin_(static_cast<unsigned char *>(above.writable(body_))), capacity_(capacity)
    {
    }

    code_writer(module &&, std::size_t) = delete;
    code_writer(const code_writer &) = delete;
    code_writer &operator=(const code_writer &) = delete;

    ~code_writer()
    {
        if (begin_)
            module_->shrink(body_, capacity_, 1);
    }

    // Where the code will run: displacements are reckoned from here.
    const unsigned char *address() const noexcept { return static_cast<const unsigned char *>(body_) + size_; }

    std::size_t size() const noexcept { return size_; }
    std::size_t room() const noexcept { return begin_ ? capacity_ - size_ : 0; }

    // Appends bytes. Throws std::system_error (ENOSPC) where they do not fit, and writes none.
    code_writer &write(const void *bytes, std::size_t count)
    {
        if (count > room())
            throw std::system_error(ENOSPC, std::generic_category(), "lintel::code_writer");
        std::memcpy(begin_ + size_, bytes, count);
        size_ += count;
        return *this;
    }

    // Appends a value as it lies in memory: an instruction, an operand.
    template <typename value_type> code_writer &write(const value_type &value)
    {
        static_assert(std::is_trivially_copyable_v<value_type>, "it has to lie in memory as the processor reads it");
        return write(&value, sizeof(value));
    }

    // Publishes what was written, once, and returns it as a pointer to a function of the given type. Throws as
    // module::publish, after which it can be tried again; EINVAL if nothing was written.
    template <typename function_type> function_type *publish()
    {
        if (!size_ || !begin_)
            throw std::system_error(EINVAL, std::generic_category(), "lintel::code_writer");
        module_->shrink(body_, capacity_, size_);
        capacity_ = size_;
        module_->publish(body_, size_);
        begin_ = nullptr;
        return reinterpret_cast<function_type *>(body_);
    }

private:
    const module  *module_;
    void          *body_;
    unsigned char *begin_; // where to write; nullptr once published
    std::size_t    capacity_;
    std::size_t    size_ = 0;
};

} // namespace lintel

#endif
