#include "exporter/patience.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// How long the last flush of a process waits for the answer to its try where one failed before.
constexpr std::chrono::milliseconds last_word{250};

bool has_failed_again(const Lane& lane, Trouble trouble, const Patience& patience,
                      SteadyTime now) noexcept {
  const auto route = static_cast<std::size_t>(lane.route);
  return trouble != Trouble::none && trouble == patience.failed_before[route] &&
         (lane.answers > patience.answers_before[route] ||
          now >= saturating_add(patience.began, last_word));
}

}  // namespace

bool is_in_vain(const Lane& lane, Trouble trouble, const Patience& patience, SteadyTime now,
                bool has_reached_a_server) noexcept {
  if (trouble == Trouble::nobody && !has_reached_a_server && now >= patience.until_without_server) {
    return true;
  }
  if (patience.is_last && has_failed_again(lane, trouble, patience, now)) return true;
  // Our own back-off is shortened for whoever waits; what the server, its refusal or a wrong
  // address makes us wait for is not.
  return !lane.is_in_flight && lane.pause != Pause::back_off && lane.not_before > patience.until;
}

SteadyTime next_review(const Patience& patience, SteadyTime now) noexcept {
  SteadyTime next = SteadyTime::max();
  for (const SteadyTime time :
       {patience.until_without_server,
        patience.is_last ? saturating_add(patience.began, last_word) : SteadyTime::max()}) {
    if (time > now && time < next) next = time;
  }
  return next;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
