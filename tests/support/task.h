// What tests of coroutines are made of: tasks, and threads that they are resumed on.
#pragma once

#include <condition_variable>
#include <coroutine>
#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "langfuse/coroutine.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// In place of `TracedPromise`: a task type that knows nothing of the library.
class UntracedPromise {
 protected:
  template <class A>
  A traced(A awaiter) noexcept {
    return awaiter;
  }
};

// A lazy task that resumes who awaits it by symmetric transfer, as those of the usual libraries do.
template <class PromiseBase>
class [[nodiscard]] BasicTask {
 public:
  struct promise_type : PromiseBase {
    struct ResumesTheCaller {
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(
          std::coroutine_handle<promise_type> ended) const noexcept {
        return ended.promise().caller;
      }
      void await_resume() const noexcept {}
    };

    BasicTask get_return_object() noexcept {
      return BasicTask(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    auto initial_suspend() noexcept { return this->traced(std::suspend_always()); }
    auto final_suspend() noexcept { return this->traced(ResumesTheCaller()); }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { thrown = std::current_exception(); }

    std::coroutine_handle<> caller = std::noop_coroutine();
    std::exception_ptr thrown;
  };

  BasicTask(BasicTask&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  BasicTask& operator=(BasicTask&&) = delete;
  ~BasicTask() {
    if (handle_) handle_.destroy();
  }

  auto operator co_await() && noexcept {
    struct Start {
      std::coroutine_handle<promise_type> task;

      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) const noexcept {
        task.promise().caller = caller;
        return task;
      }
      void await_resume() const {
        if (task.promise().thrown) std::rethrow_exception(task.promise().thrown);
      }
    };
    return Start{handle_};
  }

  // Runs it until it is suspended for the first time.
  void start() const { handle_.resume(); }
  bool is_done() const { return handle_.done(); }

 private:
  explicit BasicTask(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}

  std::coroutine_handle<promise_type> handle_;
};

using Task = BasicTask<TracedPromise>;
using UntracedTask = BasicTask<UntracedPromise>;

// Threads with a queue each, so that a test says where a coroutine goes on.
class Workers {
 public:
  explicit Workers(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) workers_.push_back(std::make_unique<Worker>());
  }

  // `co_await workers.on(i)`: goes on on that thread.
  auto on(std::size_t index) {
    struct Switch {
      Worker& worker;

      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> waiting) const { worker.post(waiting); }
      void await_resume() const noexcept {}
    };
    return Switch{*workers_[index]};
  }

  // Runs `f` there and waits for it; gives back its result, or its exception.
  template <class F>
  auto run(std::size_t index, F f) {
    std::packaged_task<decltype(f())()> task(std::move(f));
    auto result = task.get_future();
    workers_[index]->post([&task] { task(); });
    return result.get();
  }

 private:
  class Worker {
   public:
    Worker() : thread_([this] { work(); }) {}
    ~Worker() {
      post(nullptr);
      thread_.join();
    }

    void post(std::function<void()> f) {
      const std::lock_guard<std::mutex> lock(mutex_);
      queue_.push_back(std::move(f));
      filled_.notify_one();
    }

   private:
    void work() {
      for (;;) {
        std::unique_lock<std::mutex> lock(mutex_);
        filled_.wait(lock, [this] { return !queue_.empty(); });
        const std::function<void()> f = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        if (!f) return;
        f();
      }
    }

    std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<std::function<void()>> queue_;  // guarded by mutex_; an empty one ends the thread
    std::thread thread_;
  };

  std::vector<std::unique_ptr<Worker>> workers_;
};

// `co_await event`: waits until `set`, which resumes whoever waits, right there.
class Event {
 public:
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) noexcept { waiting_ = waiting; }
  void await_resume() const noexcept {}

  void set() { std::exchange(waiting_, nullptr).resume(); }

 private:
  std::coroutine_handle<> waiting_;
};

// A coroutine that nobody awaits.
struct Detached {
  struct promise_type {
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

// Runs a task to its end, wherever that is, and waits for it; throws what it threw.
template <class AnyTask>
void run_to_end(AnyTask task) {
  std::promise<void> end;
  std::future<void> ended = end.get_future();
  [](AnyTask awaited, std::promise<void> done) -> Detached {
    try {
      co_await std::move(awaited);
    } catch (...) {
      done.set_exception(std::current_exception());
      co_return;
    }
    done.set_value();
  }(std::move(task), std::move(end));
  ended.get();
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
