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
using internal::FlushLimit;

// Has a thread of its own call `operation` of the client that is in force now, with a limit that
// counts from now, however late that thread may begin.
template <class MakeLimit>
std::future<FlushResult> on_a_thread(FlushResult (Client::*operation)(const FlushLimit&) noexcept,
                                     MakeLimit make_limit) {
  const auto promise = std::make_shared<std::promise<FlushResult>>();
  std::future<FlushResult> future = promise->get_future();
  Client* const client = Client::current_or_successor();
  if (client == nullptr) {
    promise->set_value({});
    return future;
  }
  const FlushLimit limit = make_limit(client->settings());
  const bool has_started = internal::start_thread(
      "langfuse-flush",
      [promise, client, operation, limit] { promise->set_value((client->*operation)(limit)); });
  if (!has_started) promise->set_value(client->not_flushed());
  return future;
}

auto of_setting(Seconds internal::Settings::*timeout) {
  return [timeout](const internal::Settings& settings) {
    return FlushLimit::of_setting(
        std::chrono::duration_cast<std::chrono::nanoseconds>(settings.*timeout));
  };
}

auto of_caller(Timeout timeout) {
  return [timeout](const internal::Settings&) {
    return FlushLimit::of_caller(std::chrono::nanoseconds(timeout.nanoseconds()));
  };
}

}  // namespace

std::future<FlushResult> flush_async() {
  return on_a_thread(&Client::flush, of_setting(&internal::Settings::flush_timeout));
}

std::future<FlushResult> flush_async(Timeout timeout) {
  return on_a_thread(&Client::flush, of_caller(timeout));
}

std::future<FlushResult> shutdown_async() {
  return on_a_thread(&Client::shutdown, of_setting(&internal::Settings::shutdown_timeout));
}

std::future<FlushResult> shutdown_async(Timeout timeout) {
  return on_a_thread(&Client::shutdown, of_caller(timeout));
}

}  // namespace v0_1
}  // namespace langfuse
