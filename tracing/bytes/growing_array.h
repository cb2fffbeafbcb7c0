// A growable array of trivial elements that reports a lack of memory instead of throwing.
//
// Unlike `std::vector` it is usable by code that must not throw: room is requested first, and the
// request may fail.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <type_traits>
#include <utility>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

template <class T>
class GrowingArray {
  static_assert(std::is_trivially_copyable<T>::value && std::is_trivially_destructible<T>::value);

 public:
  GrowingArray() noexcept = default;
  GrowingArray(GrowingArray&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  GrowingArray& operator=(GrowingArray&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  ~GrowingArray() { std::free(data_); }

  // Makes room for `count` more elements. Returns where the next one goes; null when there is no
  // memory.
  T* reserve(std::size_t count) noexcept {
    if (!has_room(count) && !grow(count)) return nullptr;
    return data_ + size_;
  }
  // Whether there is room for them already.
  bool has_room(std::size_t count) const noexcept { return capacity_ - size_ >= count; }
  // Adds `count` elements that were written into reserved room.
  void commit(std::size_t count) noexcept { size_ += count; }

  void erase(std::size_t position, std::size_t count) noexcept {
    std::copy(data_ + position + count, data_ + size_, data_ + position);
    size_ -= count;
  }
  // Keeps the memory, unless it is more than `capacity_to_keep`.
  void clear(std::size_t capacity_to_keep) noexcept {
    size_ = 0;
    if (capacity_ <= capacity_to_keep) return;
    std::free(data_);
    data_ = nullptr;
    capacity_ = 0;
  }

  T* data() noexcept { return data_; }
  const T* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return capacity_; }
  bool empty() const noexcept { return size_ == 0; }
  T* begin() noexcept { return data_; }
  T* end() noexcept { return data_ + size_; }
  const T* begin() const noexcept { return data_; }
  const T* end() const noexcept { return data_ + size_; }

 private:
  bool grow(std::size_t count) noexcept {
    // `T` may be a pointer, and then the pointer's size is meant.
    // NOLINTBEGIN(bugprone-sizeof-expression)
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max() / sizeof(T) / 2;
    if (count > most - size_) return false;
    const std::size_t capacity = std::max({size_ + count, 2 * capacity_, std::size_t{16}});
    void* const memory = std::realloc(data_, capacity * sizeof(T));
    // NOLINTEND(bugprone-sizeof-expression)
    if (memory == nullptr) return false;
    data_ = static_cast<T*>(memory);
    capacity_ = capacity;
    return true;
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

inline std::string_view view(const GrowingArray<char>& text) noexcept {
  return {text.data(), text.size()};
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
