#include "langfuse/flush_async.h"

#include <memory>
#include <utility>

#include "pipeline/thread.h"

namespace langfuse {
inline namespace v0_1 {
namespace {

template <class Work>
std::future<FlushResult> on_a_thread(Work work) {
  const auto promise = std::make_shared<std::promise<FlushResult>>();
  std::future<FlushResult> future = promise->get_future();
  const bool has_started =
      internal::start_thread("langfuse-flush", [promise, work] { promise->set_value(work()); });
  if (!has_started) {
    FlushResult result;
    result.status = FlushStatus::pending;
    promise->set_value(result);
  }
  return future;
}

}  // namespace

std::future<FlushResult> flush_async() {
  return on_a_thread([] { return flush(); });
}

std::future<FlushResult> flush_async(Timeout timeout) {
  return on_a_thread([timeout] { return flush(timeout); });
}

std::future<FlushResult> shutdown_async() {
  return on_a_thread([] { return shutdown(); });
}

std::future<FlushResult> shutdown_async(Timeout timeout) {
  return on_a_thread([timeout] { return shutdown(timeout); });
}

}  // namespace v0_1
}  // namespace langfuse
