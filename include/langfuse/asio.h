// Opt-in: a context that follows the work of an Asio executor, above all `asio::awaitable`s.
//
//   asio::co_spawn(langfuse::context_executor(pool), answer(question), asio::detached);
//
// `asio::awaitable` accepts no awaiters but its own, so the executor does the work. Before each
// step of the coroutine it enters a `ContextStack` of its own, and it leaves that after the step,
// on whichever thread. Nothing changes in the coroutines, nor in those that they `co_await`. For
// Asio and Boost.Asio, from 1.18. Include either before this header, which includes none itself.
#pragma once

#include <exception>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>

#include "langfuse/export.h"
#include "langfuse/tracing/context_stack.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {
namespace internal {

template <class T, class = void>
struct HasExecutor : std::false_type {};
template <class T>
struct HasExecutor<T, std::void_t<decltype(std::declval<T&>().get_executor())>> : std::true_type {};

// Runs the steps that share a stack, one at a time. That is needed because a coroutine may be
// resumed on another thread before the step that suspended it has returned.
class ExecutorContext {
 public:
  LANGFUSE_LOCAL ExecutorContext() = default;
  LANGFUSE_LOCAL ~ExecutorContext() = default;
  ExecutorContext(const ExecutorContext&) = delete;
  ExecutorContext& operator=(const ExecutorContext&) = delete;

  // Calls `step` now. If another thread is in a step at this moment, that thread calls it
  // afterwards. An exception of a step leaves the `run` that called it.
  template <class F>
  LANGFUSE_LOCAL void run(F& step) {
    std::exception_ptr thrown;
    if (begin()) {
      thrown = call(step);
    } else {
      // Moves the step without holding the lock: its move constructor is the user's code.
      std::unique_ptr<Waiting> waiting = std::make_unique<WaitingStep<F>>(std::move(step));
      if (!begin_or_leave(waiting)) return;
      thrown = waiting->call_in(*this);
    }
    while (const std::unique_ptr<Waiting> next = next_or_end()) {
      std::exception_ptr also_thrown = next->call_in(*this);
      if (also_thrown == nullptr) continue;
      if (thrown != nullptr) std::terminate();  // only one can be thrown on
      thrown = std::move(also_thrown);
    }
    if (thrown != nullptr) std::rethrow_exception(std::move(thrown));
  }

 private:
  struct Waiting {
    Waiting() = default;
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    virtual ~Waiting() = default;
    virtual std::exception_ptr call_in(ExecutorContext& context) = 0;

    std::unique_ptr<Waiting> next;
  };
  template <class F>
  struct LANGFUSE_LOCAL WaitingStep final : Waiting {
    explicit WaitingStep(F&& given) : step(std::move(given)) {}
    std::exception_ptr call_in(ExecutorContext& context) override { return context.call(step); }

    F step;
  };

  bool begin() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return !std::exchange(is_running_, true);
  }

  // False when another thread will call the step.
  bool begin_or_leave(std::unique_ptr<Waiting>& step) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!std::exchange(is_running_, true)) return true;
    *end_ = std::move(step);
    end_ = &(*end_)->next;
    return false;
  }

  // Calls the step and returns its exception; null: none.
  template <class F>
  LANGFUSE_LOCAL std::exception_ptr call(F& step) {
    stack_.enter();
    std::exception_ptr thrown;
    try {
      std::move(step)();
    } catch (...) {
      thrown = std::current_exception();
    }
    stack_.leave();
    return thrown;
  }

  std::unique_ptr<Waiting> next_or_end() {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::unique_ptr<Waiting> next = std::move(first_);
    if (next == nullptr) {
      is_running_ = false;
    } else {
      first_ = std::move(next->next);
      if (first_ == nullptr) end_ = &first_;
    }
    return next;
  }

  ContextStack stack_;  // used by the thread that set `is_running_`
  std::mutex mutex_;
  bool is_running_ = false;  // guarded by mutex_, as the two members below
  std::unique_ptr<Waiting> first_;
  std::unique_ptr<Waiting>* end_ = &first_;
};

template <class F>
class ContextStep {
 public:
  template <class G>
  ContextStep(std::shared_ptr<ExecutorContext> context, G&& f)
      : context_(std::move(context)), f_(std::forward<G>(f)) {}

  LANGFUSE_LOCAL void operator()() { context_->run(f_); }

 private:
  std::shared_ptr<ExecutorContext> context_;
  F f_;
};

// Its return type holds any executor of the Asio that `E` belongs to.
#if defined(ASIO_ANY_IO_EXECUTOR_HPP)
template <class E,
          std::enable_if_t<std::is_constructible<::asio::any_io_executor, E>::value, int> = 0>
::asio::any_io_executor any_executor_for(const E& executor);
#endif
#if defined(BOOST_ASIO_ANY_IO_EXECUTOR_HPP)
template <class E, std::enable_if_t<std::is_constructible<::boost::asio::any_io_executor, E>::value,
                                    int> = 0>
::boost::asio::any_io_executor any_executor_for(const E& executor);
#endif
void any_executor_for(...);

}  // namespace internal

// The result of `context_executor`: an Asio executor with the properties of the one it was made
// from. `Any` (an `any_io_executor`) holds that one, as coroutines hold theirs. Copies share the
// context. It runs one function at a time, as a strand does and as a coroutine needs; a function
// that is submitted meanwhile runs after it.
template <class Any>
class ContextExecutor {
 public:
  // Not a constructor: Asio looks at constructors to find what converts to an executor.
  static ContextExecutor on(Any inner) {
    // A coroutine that is spawned in another one need not wait for that one's steps.
    const auto* const outer = inner.template target<ContextExecutor>();
    return {outer == nullptr ? std::move(inner) : outer->inner_,
            std::make_shared<internal::ExecutorContext>()};
  }

  template <class F>
  void execute(F&& f) const {
    inner_.execute(internal::ContextStep<std::decay_t<F>>(context_, std::forward<F>(f)));
  }

  // Required by Asio.
  template <class Property, class A = Any>
  auto query(const Property& property) const -> decltype(std::declval<const A&>().query(property)) {
    return inner_.query(property);
  }
  template <class Property, class A = Any,
            class = decltype(std::declval<const A&>().require(std::declval<const Property&>()))>
  ContextExecutor require(const Property& property) const {
    return {inner_.require(property), context_};
  }
  template <class Property, class A = Any,
            class = decltype(std::declval<const A&>().prefer(std::declval<const Property&>()))>
  ContextExecutor prefer(const Property& property) const {
    return {inner_.prefer(property), context_};
  }

  friend bool operator==(const ContextExecutor& a, const ContextExecutor& b) noexcept {
    return a.context_ == b.context_ && a.inner_ == b.inner_;
  }
  friend bool operator!=(const ContextExecutor& a, const ContextExecutor& b) noexcept {
    return !(a == b);
  }

 private:
  ContextExecutor(Any inner, std::shared_ptr<internal::ExecutorContext> context) noexcept
      : inner_(std::move(inner)), context_(std::move(context)) {}

  Any inner_;
  std::shared_ptr<internal::ExecutorContext> context_;
};

// Makes an executor that runs on `inner`, which is an executor or has one (a pool, an
// `io_context`). Its context begins with what is current here and now. Make one for each coroutine
// that you spawn, also for one spawned in a coroutine and for each operand of `&&` and `||`:
// coroutines that share an executor see each other's observations, and take turns. Throws only for
// lack of memory.
template <class Inner>
auto context_executor(Inner&& inner) {
  if constexpr (internal::HasExecutor<Inner>::value) {
    return context_executor(inner.get_executor());
  } else {
    using Any = decltype(internal::any_executor_for(inner));
    static_assert(!std::is_void<Any>::value,
                  "include <asio.hpp> or <boost/asio.hpp> before <langfuse/asio.h>, and pass an "
                  "executor of it");
    return ContextExecutor<Any>::on(Any(std::forward<Inner>(inner)));
  }
}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse
