#include "exporter/retry_policy.h"

#include <algorithm>
#include <string>

#include "exporter/reply_body.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr nanoseconds first_ceiling = milliseconds(500);
constexpr nanoseconds highest_ceiling = seconds(30);
constexpr nanoseconds least_throttle = seconds(1);
constexpr std::int64_t most_requested_seconds = 300;

constexpr nanoseconds ceiling_after(int failures) noexcept {
  nanoseconds ceiling = first_ceiling;
  for (int i = 1; i < failures && ceiling < highest_ceiling; ++i) ceiling *= 2;
  return std::min(ceiling, highest_ceiling);
}

nanoseconds part_of(nanoseconds whole, double share) noexcept {
  return nanoseconds(static_cast<nanoseconds::rep>(static_cast<double>(whole.count()) * share));
}

// What Langfuse and OTLP receivers answer a batch that they take. Everything else is a captive
// portal, a login page, or the address of something else.
bool is_acceptance(const HttpReply& reply) noexcept {
  if (reply.body.empty() || is_protobuf(reply)) return true;
  const std::size_t begin = reply.body.find_first_not_of(" \t\r\n");
  return begin != std::string::npos && reply.body[begin] == '{';
}

}  // namespace

Verdict classify(const HttpReply& reply) noexcept {
  const int status = reply.status;
  if (!reply.error.empty() || status < 200 || status >= 600) return Verdict::retry;
  if (status < 300) return is_acceptance(reply) ? Verdict::delivered : Verdict::hold;
  if (status < 400) return Verdict::hold;
  switch (status) {
    case 401:
    case 403:
    case 404:
    case 405:
    case 407:  // from a proxy: as little about the data as the others
      return Verdict::hold;
    case 408:
    case 425:
      return Verdict::retry;
    case 413:
      return Verdict::split;
    case 429:
    case 503:
      return Verdict::throttle;
    default:
      return status < 500 ? Verdict::drop : Verdict::retry;
  }
}

nanoseconds RetryPolicy::back_off(int failures) {
  return part_of(ceiling_after(failures), uniform());
}

nanoseconds RetryPolicy::throttle(int failures) {
  const nanoseconds ceiling = ceiling_after(failures);
  return std::max(least_throttle, ceiling / 2 + part_of(ceiling / 2, uniform()));
}

nanoseconds RetryPolicy::requested(std::int64_t requested_seconds) {
  const nanoseconds wait =
      seconds(std::clamp<std::int64_t>(requested_seconds, 0, most_requested_seconds));
  return std::min<nanoseconds>(wait + part_of(wait / 5, uniform()),
                               seconds(most_requested_seconds));
}

nanoseconds RetryPolicy::hold(int status, int times) noexcept {
  if (status != 401) return seconds(60);
  nanoseconds wait = seconds(330);
  for (int i = 1; i < times && wait < std::chrono::hours(1); ++i) wait *= 2;
  return std::min<nanoseconds>(wait, std::chrono::hours(1));
}

double RetryPolicy::uniform() {
  // Our own conversion: the standard distributions differ from one library to the next.
  return static_cast<double>(random_() >> 11) * 0x1p-53;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
