// How long a caller of `flush` or `shutdown` waits.
#pragma once

#include <algorithm>
#include <chrono>

#include "model/clock.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

struct FlushLimit {
  // A time that the caller gave: it is used to its end, unless nothing can change before.
  FlushLimit(SteadyTime time) noexcept : deadline(time), deadline_without_server(time) {}
  static FlushLimit of_caller(std::chrono::nanoseconds timeout) noexcept {
    return saturating_add(std::chrono::steady_clock::now(), timeout);
  }

  // The time of a setting, for a call without a time.
  static FlushLimit of_setting(std::chrono::nanoseconds timeout) noexcept {
    constexpr std::chrono::nanoseconds without_server = std::chrono::seconds(2);
    FlushLimit limit = of_caller(timeout);
    limit.deadline_without_server = std::min(limit.deadline, limit.began + without_server);
    return limit;
  }

  // The time of a setting, at the end of the process: a trouble of an earlier failed flush is not
  // waited for again.
  static FlushLimit of_exit(std::chrono::nanoseconds timeout) noexcept {
    FlushLimit limit = of_setting(timeout);
    limit.is_last = true;
    return limit;
  }

  // By the steady clock.
  SteadyTime began = std::chrono::steady_clock::now();
  SteadyTime deadline;
  // The deadline while no request of this process was ever answered and no server is found at the
  // address.
  SteadyTime deadline_without_server;
  bool is_last = false;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
