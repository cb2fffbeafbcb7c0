// What an answer means for the batch that was sent, and how long to wait before the next try.
//
// Pure functions of the reply and of how often the same thing went wrong; the jitter comes from a
// seeded generator, and there is no clock in here. Waits are measured by the exporter.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>

#include "http/http_transport.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

enum class Verdict : std::uint8_t {
  delivered,
  retry,     // something is out of order for a while: the same batch again, after a back-off
  throttle,  // the server asks for less: the same, with a longer back-off
  hold,      // keys or address are wrong: keep the data, look again now and then
  split,     // too large for the way there: the batch in halves
  drop,      // this batch is refused for good
};

// Source: the server's trace route, OTLP/HTTP 1.x, and one deliberate deviation from the latter:
// 500 is tried again, because Langfuse answers it while its own storage hiccups. A 2xx is delivered
// if its body is empty, is protobuf by its content type, or begins, after white space, with `{`;
// otherwise it is a hold. A 207 counts as delivered here; the ingestion route says more in the body
// (`sort_events`).
Verdict classify(const HttpReply& reply) noexcept;

class RetryPolicy {
 public:
  explicit RetryPolicy(std::uint64_t seed) : random_(seed) {}

  // The wait before the next try after `failures` (at least 1) failures in a row: between nothing
  // and `min(30 s, 0.5 s * 2^(failures - 1))`, so that clients that failed together do not come
  // back together.
  std::chrono::nanoseconds back_off(int failures);

  // The same after `throttle`, but at least half of that ceiling and at least 1 s: a rate limit is
  // counted a minute at a time, and early tries only use it up.
  std::chrono::nanoseconds throttle(int failures);

  // The wait that a server asked for with `Retry-After` and up to a fifth more, in all at most
  // 300 s.
  std::chrono::nanoseconds requested(std::int64_t seconds);

  // The wait after the `times`-th (at least 1) `hold` with `status` in a row: 60 s; for 401 330 s,
  // doubled each time up to one hour. Langfuse remembers an unknown key for 300 s and begins anew
  // with each request that uses it: whoever asks sooner keeps itself locked out.
  static std::chrono::nanoseconds hold(int status, int times) noexcept;

 private:
  double uniform();  // in [0, 1)

  std::mt19937_64 random_;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
