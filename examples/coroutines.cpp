// C++20 coroutines that are suspended on one thread and resumed on another: each keeps its place in
// the trace.
#include <condition_variable>
#include <coroutine>
#include <exception>
#include <latch>
#include <mutex>
#include <queue>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "langfuse/coroutine.h"
#include "langfuse/langfuse.h"
#include "langfuse/tracing/observe.h"

namespace {

// A task type of the program. Only the base class and the two calls of `traced` are new.
class Task {
 public:
  struct promise_type : langfuse::TracedPromise {
    struct ResumesTheCaller {
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(
          std::coroutine_handle<promise_type> ended) const noexcept {
        return ended.promise().caller;
      }
      void await_resume() const noexcept {}
    };

    Task get_return_object() {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    auto initial_suspend() noexcept { return traced(std::suspend_always()); }
    auto final_suspend() noexcept { return traced(ResumesTheCaller()); }
    void return_value(std::string text) { result = std::move(text); }
    void unhandled_exception() { thrown = std::current_exception(); }

    std::coroutine_handle<> caller = std::noop_coroutine();
    std::string result;
    std::exception_ptr thrown;
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  auto operator co_await() && {
    struct Start {
      std::coroutine_handle<promise_type> task;

      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) const noexcept {
        task.promise().caller = caller;
        return task;
      }
      std::string await_resume() const {
        if (task.promise().thrown) std::rethrow_exception(task.promise().thrown);
        return std::move(task.promise().result);
      }
    };
    return Start{handle_};
  }

  void start() const { handle_.resume(); }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}

  std::coroutine_handle<promise_type> handle_;
};

// Two threads that resume suspended coroutines.
class Scheduler {
 public:
  Scheduler() {
    for (int i = 0; i < 2; ++i) threads_.emplace_back([this] { work(); });
  }
  ~Scheduler() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      is_ending_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // `co_await scheduler.turn()` resumes on one of the threads, in the order of the calls.
  auto turn() {
    struct Turn {
      Scheduler& scheduler;

      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> waiting) const {
        const std::lock_guard<std::mutex> lock(scheduler.mutex_);
        scheduler.ready_.push(waiting);
        scheduler.changed_.notify_one();
      }
      void await_resume() const noexcept {}
    };
    return Turn{*this};
  }

 private:
  void work() {
    for (;;) {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait(lock, [this] { return is_ending_ || !ready_.empty(); });
      if (ready_.empty()) return;
      const std::coroutine_handle<> next = ready_.front();
      ready_.pop();
      lock.unlock();
      next.resume();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::queue<std::coroutine_handle<>> ready_;  // guarded by mutex_, as what follows
  bool is_ending_ = false;
  std::vector<std::thread> threads_;
};

Task ask_model(Scheduler& scheduler, std::string question) {
  auto call = langfuse::observe("chat", langfuse::ObservationType::generation);
  call.set_model("example-model").set_input(question);
  for (int token = 0; token < 5; ++token) co_await scheduler.turn();  // as from a network
  call.set_usage("output", 5);
  co_return "42 metres";
}

Task answer(Scheduler& scheduler, std::string question) {
  auto step = langfuse::observe("answer", langfuse::ObservationType::chain);
  step.set_input(question);
  co_await scheduler.turn();
  std::string text = co_await ask_model(scheduler, question);  // a child, wherever it runs
  step.set_output(text);
  co_return text;
}

Task handle_request(Scheduler& scheduler, std::string question, std::latch& unanswered) {
  std::string text = co_await answer(scheduler, std::move(question));
  unanswered.count_down();
  co_return text;
}

}  // namespace

int main() {
  langfuse::init();
  langfuse::run_with_flush([] {
    std::latch unanswered(2);
    std::vector<Task> requests;
    Scheduler scheduler;
    for (const char* question : {"How tall is the tallest oak?", "How old is it?"}) {
      requests.push_back(handle_request(scheduler, question, unanswered));
      requests.back().start();
    }
    unanswered.wait();
  });
}
