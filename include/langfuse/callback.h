// A callable that owns its state, for the few places where the library keeps one.
//
// It replaces `std::function`, whose header adds twelve thousand lines to each call site.
// Move-only.
#pragma once

#include <type_traits>
#include <utility>

#include "langfuse/export.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

namespace internal {

// Callables that may be empty: pointers to functions, `std::function`.
template <class F, class = void>
struct IsNullable : std::false_type {};
template <class F>
struct IsNullable<F, decltype(void(std::declval<F&>() == nullptr))>
    : std::is_constructible<F, decltype(nullptr)> {};

}  // namespace internal

template <class Signature>
class Callback;

template <class Result, class... Args>
class Callback<Result(Args...)> {
 public:
  Callback() noexcept = default;

  // Takes any callable, which is copied or moved to the heap; throws what that throws. An empty
  // callable makes it empty.
  template <class F,
            class = std::enable_if_t<!std::is_same<std::decay_t<F>, Callback>::value &&
                                     std::is_invocable_r<Result, std::decay_t<F>&, Args...>::value>>
  Callback(F&& f) {
    if constexpr (internal::IsNullable<std::remove_reference_t<F>>::value) {
      if (f == nullptr) return;
    }
    object_ = new std::decay_t<F>(std::forward<F>(f));
    invoke_ = [](void* object, Args... args) -> Result {
      return (*static_cast<std::decay_t<F>*>(object))(std::forward<Args>(args)...);
    };
    destroy_ = [](void* object) { delete static_cast<std::decay_t<F>*>(object); };
  }

  Callback(Callback&& other) noexcept
      : object_(std::exchange(other.object_, nullptr)),
        invoke_(other.invoke_),
        destroy_(other.destroy_) {}
  Callback& operator=(Callback&& other) noexcept {
    Callback moved(std::move(other));
    std::swap(object_, moved.object_);
    std::swap(invoke_, moved.invoke_);
    std::swap(destroy_, moved.destroy_);
    return *this;
  }
  ~Callback() {
    if (object_ != nullptr) destroy_(object_);
  }

  explicit operator bool() const noexcept { return object_ != nullptr; }

  // REQUIRES: not empty.
  Result operator()(Args... args) const { return invoke_(object_, std::forward<Args>(args)...); }

 private:
  void* object_ = nullptr;
  Result (*invoke_)(void*, Args...) = nullptr;
  void (*destroy_)(void*) = nullptr;
};

}  // namespace LANGFUSE_ABI
}  // namespace langfuse
