// One request, many threads: work on another thread becomes a child of the code that started it.
#include <condition_variable>
#include <cstdio>
#include <functional>
#include <future>
#include <mutex>
#include <queue>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "langfuse/langfuse.h"
#include "langfuse/tracing/context.h"
#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/propagation.h"

namespace {

// A pool of the program. Only `bind_context` is new: it carries the context.
class Pool {
 public:
  explicit Pool(int threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }
  ~Pool() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      is_ending_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void post(std::function<void()> work) {
    const std::lock_guard<std::mutex> lock(mutex_);
    queue_.push(langfuse::bind_context(std::move(work)));
    changed_.notify_one();
  }

 private:
  void work() {
    for (;;) {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait(lock, [this] { return is_ending_ || !queue_.empty(); });
      if (queue_.empty()) return;
      const std::function<void()> next = std::move(queue_.front());
      queue_.pop();
      lock.unlock();
      next();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::queue<std::function<void()>> queue_;  // guarded by mutex_, as what follows
  bool is_ending_ = false;
  std::vector<std::thread> threads_;
};

std::string search(const std::string& source) {
  auto step = langfuse::observe(langfuse::ObservationType::retriever);
  step.set_input(source);
  return source + ": 3 passages";
}

void answer(Pool& pool, const std::string& question) {
  // Other threads get it as well: each observation of the request has the user.
  const auto who =
      langfuse::propagate_attributes(langfuse::PropagatedAttributes().set_user_id("u-7"));
  auto step = langfuse::observe(langfuse::ObservationType::chain);
  step.set_input(question);

  // A pool whose queue binds the context.
  std::promise<std::string> from_pool;
  pool.post([&from_pool] { from_pool.set_value(search("wiki")); });

  // Anything else that takes a callable.
  std::future<std::string> from_async =
      std::async(std::launch::async, langfuse::bind_context([] { return search("mail"); }));
  std::thread by_hand(langfuse::bind_context([] { search("files"); }));

  by_hand.join();
  std::printf("%s, %s\n", from_pool.get_future().get().c_str(), from_async.get().c_str());
}

}  // namespace

int main() {
  langfuse::init();
  Pool pool(2);
  langfuse::run_with_flush(answer, pool, "How tall is the tallest oak?");
}
