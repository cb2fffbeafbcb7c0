// Opt-in, C++20: a context that follows a coroutine.
//
// An observation that is open across a `co_await` would stay behind on its thread, and be missing
// on the thread where the coroutine goes on. So each coroutine gets a `ContextStack` of its own.
// The stack is left before the coroutine is suspended (so before anything can resume it), and
// entered again where it goes on. For your own task type, derive its promise from `TracedPromise`.
// In a coroutine of any other type, put a `CoroutineScope` on the first line. For Asio see
// `langfuse/asio.h`.
#pragma once

#include <concepts>
#include <coroutine>
#include <type_traits>
#include <utility>

#include "langfuse/export.h"
#include "langfuse/langfuse.h"
#include "langfuse/tracing/context_stack.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {
namespace internal {

template <class T>
concept Awaiter = requires(T& awaiter) {
  static_cast<bool>(awaiter.await_ready());
  awaiter.await_resume();
};
template <class T>
concept HasMemberCoAwait = requires(T&& awaitable) {
  static_cast<T&&>(awaitable).operator co_await();
};
template <class T>
concept HasFreeCoAwait = requires(T&& awaitable) {
  operator co_await(static_cast<T&&>(awaitable));
};
template <class T>
concept Awaitable = HasMemberCoAwait<T> || HasFreeCoAwait<T> || Awaiter<std::remove_reference_t<T>>;

// The awaiter of an awaitable, found as `co_await` finds it. It may be the awaitable itself.
template <Awaitable A>
decltype(auto) awaiter_of(A&& awaitable) {
  if constexpr (HasMemberCoAwait<A>) {
    return static_cast<A&&>(awaitable).operator co_await();
  } else if constexpr (HasFreeCoAwait<A>) {
    return operator co_await(static_cast<A&&>(awaitable));
  } else {
    return static_cast<A&&>(awaitable);
  }
}

// How an awaiter is held: a temporary that can be moved is held by value, because it may come from
// a function of the promise; any other by reference.
template <class A>
struct HeldAwaiter {
  using Given = decltype(awaiter_of(std::declval<A>()));  // T, T& or T&&
  using Type = std::conditional_t<std::is_rvalue_reference_v<Given> &&
                                      std::is_move_constructible_v<std::remove_reference_t<Given>>,
                                  std::remove_reference_t<Given>, Given>;
  // True where wrapping throws nothing, which `final_suspend` requires.
  static constexpr bool is_nothrow =
      std::is_reference_v<Given> && std::is_nothrow_constructible_v<Type, Given>;
};

// Behaves in `co_await` as the awaitable `A`, and leaves the stack while the coroutine waits.
template <class A>
class TracedAwaiter {
 public:
  TracedAwaiter(A&& awaitable, ContextStack& stack) noexcept(HeldAwaiter<A>::is_nothrow)
      : awaiter_(awaiter_of(static_cast<A&&>(awaitable))), stack_(stack) {}

  auto await_ready() noexcept(noexcept(std::declval<TracedAwaiter&>().awaiter_.await_ready())) {
    return awaiter_.await_ready();
  }

  // After the awaiter's own `await_suspend` begins, nothing here may touch the coroutine: it may
  // already run, and end, elsewhere. Not inline, because older compilers put the variables of an
  // inlined function into the frame of the coroutine
  // (https://github.com/llvm/llvm-project/issues/56301).
  template <class Promise>
  [[gnu::noinline]] LANGFUSE_LOCAL auto
  await_suspend(std::coroutine_handle<Promise> waiting) noexcept(
      noexcept(std::declval<TracedAwaiter&>().awaiter_.await_suspend(waiting))) {
    stack_.leave();
#if defined(__cpp_exceptions)
    if constexpr (!noexcept(awaiter_.await_suspend(waiting))) {
      try {
        return awaiter_.await_suspend(waiting);
      } catch (...) {
        stack_.enter();  // the coroutine goes on here, with the exception
        throw;
      }
    } else
#endif
    {
      return awaiter_.await_suspend(waiting);
    }
  }

  LANGFUSE_LOCAL decltype(auto) await_resume() noexcept(
      noexcept(std::declval<TracedAwaiter&>().awaiter_.await_resume())) {
    stack_.enter();
    return awaiter_.await_resume();
  }

 private:
  typename HeldAwaiter<A>::Type awaiter_;
  ContextStack& stack_;
};

}  // namespace internal

// Base of a promise: covers every `co_await` of its coroutines. A coroutine belongs to the context
// in which it was called, wherever it starts: in `co_await child()`, the child's observations
// become children of the caller's current one. The promise itself wraps the awaiters that never
// reach `await_transform`:
//
//   struct promise_type : langfuse::TracedPromise {
//     auto initial_suspend() noexcept { return traced(std::suspend_always()); }
//     auto final_suspend() noexcept { return traced(ResumesTheCaller()); }
//     auto yield_value(Item item) { ...; return traced(std::suspend_always()); }  // generators
//     ...
//
// A promise with an `await_transform` of its own returns `traced(...)` from it.
class TracedPromise {
 public:
  template <internal::Awaitable A>
  internal::TracedAwaiter<A> await_transform(A&& awaitable) noexcept(
      internal::HeldAwaiter<A>::is_nothrow) {
    return {static_cast<A&&>(awaitable), stack_};
  }

 protected:
  LANGFUSE_LOCAL TracedPromise() noexcept = default;
  LANGFUSE_LOCAL ~TracedPromise() = default;

  template <internal::Awaitable A>
  internal::TracedAwaiter<A> traced(A&& awaitable) noexcept(internal::HeldAwaiter<A>::is_nothrow) {
    return {static_cast<A&&>(awaitable), stack_};
  }

 private:
  ContextStack stack_;
};

// For the first line of a coroutine of any type. Each `co_await` then goes through `traced`:
//
//   Task<Answer> answer(Question question, langfuse::Context caller = langfuse::current_context())
//   {
//     const langfuse::CoroutineScope here(caller);
//     auto step = langfuse::observe();
//     auto passages = co_await here.traced(search(question));
//
// The defaulted parameter takes the caller's context. A coroutine that starts at once when it is
// called needs no such parameter. REQUIRES: the promise accepts awaiters of other libraries. A
// `co_await` without `traced` leaves the context behind on its thread until the coroutine ends, and
// the coroutine runs without it.
class [[nodiscard]] CoroutineScope {
 public:
  LANGFUSE_LOCAL explicit CoroutineScope(Context base = current_context()) noexcept
      : stack_(std::move(base)) {
    stack_.enter();
  }
  LANGFUSE_LOCAL ~CoroutineScope() = default;

  // Wraps an awaitable. REQUIRES: the result is awaited in the same expression.
  template <internal::Awaitable A>
  [[nodiscard]] internal::TracedAwaiter<A> traced(A&& awaitable) const
      noexcept(internal::HeldAwaiter<A>::is_nothrow) {
    return {static_cast<A&&>(awaitable), stack_};
  }

 private:
  mutable ContextStack stack_;
};

namespace internal {

template <class A>
class FlushingAwaiter {
 public:
  explicit FlushingAwaiter(A&& awaitable) : awaiter_(awaiter_of(static_cast<A&&>(awaitable))) {}

  auto await_ready() { return awaiter_.await_ready(); }
  template <class Promise>
  auto await_suspend(std::coroutine_handle<Promise> waiting) {
    return awaiter_.await_suspend(waiting);
  }
  LANGFUSE_LOCAL decltype(auto) await_resume() {
    const FlushGuard flush_guard;
    return awaiter_.await_resume();
  }

 private:
  typename HeldAwaiter<A>::Type awaiter_;
};

}  // namespace internal

// `co_await run_with_flush(task)` awaits the task, flushes, and returns the task's result or lets
// its exception through. The flush blocks the thread on which the coroutine goes on, at most for
// `Config::flush_timeout`, so use it for the outermost task of a program.
template <internal::Awaitable A>
[[nodiscard]] internal::FlushingAwaiter<A> run_with_flush(A&& task) {
  return internal::FlushingAwaiter<A>(static_cast<A&&>(task));
}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse
