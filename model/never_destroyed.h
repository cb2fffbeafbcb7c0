// Objects that live as long as the process, because exit hooks and late threads use them after all
// destructors have run.
#pragma once

#include <new>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// A `T` in static storage, made at first use and never destroyed. Unlike one made by `new`, it
// needs no memory, so a function that must not throw can use it:
//
//   static NeverDestroyed<std::mutex> mutex;
//   return mutex.get();
template <class T>
class NeverDestroyed {
 public:
  NeverDestroyed() noexcept(noexcept(T())) : object_(new (&storage_[0]) T()) {}
  NeverDestroyed(const NeverDestroyed&) = delete;
  NeverDestroyed& operator=(const NeverDestroyed&) = delete;

  T& get() noexcept { return *object_; }

 private:
  alignas(T) unsigned char storage_[sizeof(T)];
  T* const object_;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
