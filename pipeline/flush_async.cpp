#include "langfuse/flush_async.h"

#include <chrono>
#include <memory>
#include <utility>

#include "pipeline/client.h"
#include "pipeline/thread.h"

namespace langfuse {
inline namespace v0_1 {
namespace {

using internal::Client;
using internal::SteadyTime;

// Has a thread of its own call `operation` of the client that is in force now, however late that
// thread may begin.
std::future<FlushResult> on_a_thread(FlushResult (Client::*operation)(SteadyTime) noexcept,
                                     std::chrono::nanoseconds timeout) {
  const auto promise = std::make_shared<std::promise<FlushResult>>();
  std::future<FlushResult> future = promise->get_future();
  Client* const client = Client::current_or_null();
  if (client == nullptr) {
    promise->set_value({});
    return future;
  }
  const SteadyTime deadline = internal::saturating_add(std::chrono::steady_clock::now(), timeout);
  const bool has_started =
      internal::start_thread("langfuse-flush", [promise, client, operation, deadline] {
        promise->set_value((client->*operation)(deadline));
      });
  if (!has_started) {
    FlushResult result;
    result.status = FlushStatus::pending;
    promise->set_value(result);
  }
  return future;
}

std::chrono::nanoseconds default_of(Seconds internal::Settings::*timeout) {
  const Client* const client = Client::current_or_null();
  return client == nullptr
             ? std::chrono::nanoseconds(0)
             : std::chrono::duration_cast<std::chrono::nanoseconds>(client->settings().*timeout);
}

}  // namespace

std::future<FlushResult> flush_async() {
  return on_a_thread(&Client::flush, default_of(&internal::Settings::flush_timeout));
}

std::future<FlushResult> flush_async(Timeout timeout) {
  return on_a_thread(&Client::flush, std::chrono::nanoseconds(timeout.nanoseconds()));
}

std::future<FlushResult> shutdown_async() {
  return on_a_thread(&Client::shutdown, default_of(&internal::Settings::shutdown_timeout));
}

std::future<FlushResult> shutdown_async(Timeout timeout) {
  return on_a_thread(&Client::shutdown, std::chrono::nanoseconds(timeout.nanoseconds()));
}

}  // namespace v0_1
}  // namespace langfuse
