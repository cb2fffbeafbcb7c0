// What an answer means for the batch that was sent, and how long to wait before the next try.
//
// Pure functions of the reply and of the number of failures. The jitter comes from a seeded
// generator, and no clock is read here. The exporter measures the waits.
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
  retry,     // a temporary failure: send the batch again, after a back-off
  throttle,  // the server asks for less: send it again, after a longer back-off
  hold,      // keys or address are wrong: keep the batch, try again now and then
  split,     // too large for the path to the server: send it in halves
  drop,      // this batch is refused for good
};

// The meaning of `reply`. A 2xx is delivered if its body is empty, is protobuf by its content type,
// or begins, after white space, with `{`; otherwise it is a hold. A 207 counts as delivered here;
// `sort_events` reads its body. A 500 is tried again, because Langfuse answers it during short
// faults of its storage; that is a deliberate deviation from OTLP. Source: the server's trace
// route, OTLP/HTTP 1.x.
Verdict classify(const HttpReply& reply) noexcept;

class RetryPolicy {
 public:
  explicit RetryPolicy(std::uint64_t seed) : random_(seed) {}

  // The wait after `failures` (at least 1) failures in a row: random, from 0 to `min(30 s, 0.5 s *
  // 2^(failures - 1))`, so that clients that failed together do not come back together.
  std::chrono::nanoseconds back_off(int failures);

  // The wait after `failures` answers of `throttle` in a row: as `back_off`, but at least half of
  // its upper bound, and at least 1 s. A rate limit is counted per minute, and early tries only use
  // it up.
  std::chrono::nanoseconds throttle(int failures);

  // The wait that a server asked for with `Retry-After`, plus up to a fifth; at most 300 s.
  std::chrono::nanoseconds requested(std::int64_t seconds);

  // The wait after the `times`-th (at least 1) `hold` with `status` in a row. For 401 it is 330 s,
  // doubled each time, at most one hour. For any other status it is 60 s. Langfuse remembers an
  // unknown key for 300 s, and starts anew with each request that uses it, so a client that asks
  // sooner stays locked out.
  static std::chrono::nanoseconds hold(int status, int times) noexcept;

 private:
  double uniform();  // in [0, 1)

  std::mt19937_64 random_;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
