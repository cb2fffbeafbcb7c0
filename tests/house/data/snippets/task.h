// The reader's own, or another library's: a task type for coroutines.
#include <coroutine>
#include <string>
#include <utility>
#include <vector>

struct ResumesTheCaller {
  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<>) const noexcept;
  void await_resume() const noexcept {}
};

template <class T>
struct Task {
  struct promise_type {
    Task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    ResumesTheCaller final_suspend() noexcept { return {}; }
    void return_value(T given) { value = std::move(given); }
    void unhandled_exception() noexcept {}

    T value;
  };

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<>) const { return coroutine; }
  T await_resume() const { return std::move(coroutine.promise().value); }

  std::coroutine_handle<promise_type> coroutine;
};

Task<std::vector<std::string>> search(const std::string& question);
