#pragma once
#include <cstddef>
#include <type_traits>
#include <new>

#include "sim/isa.hpp"

namespace foldback::inline FOLDBACK_ISA {

/// A fixed-size array without initial values, made once per block and never inside the step loop. Not std::vector: its
/// members, instantiated for common types in units compiled for AVX-512, would replace everybody's.
template <class T>
class Workspace {
  public:
    explicit Workspace(std::size_t size = 0) : data_(size ? static_cast<T*>(::operator new(size * sizeof(T), alignment)) : nullptr) {}
    ~Workspace() { if (data_) ::operator delete(data_, alignment); }
    Workspace(Workspace&& other) noexcept : data_(other.data_) { other.data_ = nullptr; }
    Workspace(const Workspace&) = delete;
    Workspace& operator=(const Workspace&) = delete;
    Workspace& operator=(Workspace&&) = delete;

    T& operator[](std::size_t i) { return data_[i]; }
    const T& operator[](std::size_t i) const { return data_[i]; }
    T* data() { return data_; }
    const T* data() const { return data_; }

  private:
    static_assert(std::is_trivially_destructible_v<T>);
    static constexpr std::align_val_t alignment{64};
    T* data_;
};

}  // namespace foldback::inline FOLDBACK_ISA
